"""An import that is interrupted, and the same command again."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.load import checkpoint, merge
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.models import ImportReject, ImportRun

from .conftest import Import
from .hostile import SIRENS, file, rows


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """interrupt(Staging, "add", 2): for the block, the second call of the function is never made: Ctrl-C instead."""

    @contextmanager
    def patched(owner: object, name: str, call: int = 1) -> Iterator[None]:
        made = 0
        real = getattr(owner, name)

        def function(*args: Any, **kwargs: Any) -> Any:
            nonlocal made
            made += 1
            if made == call:
                raise KeyboardInterrupt
            return real(*args, **kwargs)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):  # noqa: PT012
            patch.setattr(owner, name, function)
            yield

    return patched


def test_the_same_command_continues_after_the_last_block(
    import_file: Import, small_blocks: None, interrupt: Any, printed: StringIO
) -> None:
    data = file(rows(*range(200)))
    with interrupt(Staging, "add", 3):
        import_file(data)
    assert not Entreprise.objects.exists()
    assert ImportRun.objects.get().status == "failed"
    assert "Stopped. Run the same command again: it continues where this one stopped." in printed.getvalue()
    report = import_file(data)
    assert (report["records"], report["created"], ImportRun.objects.get().status) == (200, 200, "done")
    assert 0 < report["resumed_from"] < 200
    sentence = f"Continuing run {report['run_id']}: {report['resumed_from']} records are staged."
    assert sentence in printed.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_stop_in_the_middle_of_a_statement_is_a_stop_and_no_lost_database(
    import_file: Import, printed: StringIO
) -> None:
    def stop_in_the_merge(execute: Any, statement: Any, *others: Any) -> Any:
        if "MERGE" in str(statement) or "INSERT INTO enterprise_entreprise" in str(statement):
            connection.connection.pgconn.send_query(b"SELECT pg_sleep(60)")  # so busy is the session then
            raise KeyboardInterrupt
        return execute(statement, *others)

    with connection.execute_wrapper(stop_in_the_merge), pytest.raises(KeyboardInterrupt):
        import_file(file(rows(*range(20))))
    assert "Stopped. Run the same command again: it continues where this one stopped." in printed.getvalue()
    connection.close()
    assert import_file(file(rows(*range(20))))["created"] == 20


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_an_import_stopped_before_its_merge_reads_nothing_again(
    import_file: Import, interrupt: Any, end: str
) -> None:
    data = file(rows(*range(50))[:-1], end.encode())
    with interrupt(merge, "merge"):
        import_file(data)
    report = import_file(data)
    assert (report["resumed_from"], report["records"], report["created"]) == (50, 50, 50)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_lines_of_rejects_are_right_also_after_an_interruption(
    import_file: Import, small_blocks: None, interrupt: Any, end: str
) -> None:
    data = file(*(rows(number, end=end) + f"x{end}".encode() for number in range(200)), end=end)
    with interrupt(Staging, "add", 5):
        import_file(data, "--max-reject-rate", "1")
    report = import_file(data, "--max-reject-rate", "1")
    assert (report["created"], report["rejected"]) == (200, 200)
    assert report["resumed_from"]
    assert list(ImportReject.objects.values_list("line", flat=True)) == list(range(3, 403, 2))
    offsets = list(ImportReject.objects.values_list("offset", flat=True))
    assert all(data[offset:].startswith(b"x" + end.encode()) for offset in offsets)


def test_the_rejects_file_has_those_of_before_the_interruption_too(
    import_file: Import, small_blocks: None, interrupt: Any, tmp_path: Path
) -> None:
    data = file(*(rows(number) + b"x\n" for number in range(200)))
    flags = ("--max-reject-rate", "1", "--rejects", str(tmp_path / "rejects.csv"))
    with interrupt(Staging, "add", 5):
        import_file(data, *flags)
    import_file(data, *flags)
    lines = [line.split(",")[0] for line in (tmp_path / "rejects.csv").read_text().splitlines()]
    assert lines == ["line", *map(str, range(3, 403, 2))]


def test_a_changed_file_is_started_over_and_a_changed_pipe_refused(
    import_file: Import, small_blocks: None, interrupt: Any, tmp_path: Path, printed: StringIO
) -> None:
    one, other = file(rows(*range(200))), file(rows(*range(100, 300)))
    with interrupt(Staging, "add", 3):
        import_file(one)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(other,))
    writer.start()
    with pytest.raises(
        CommandError, match=r"not begin like that of the interrupted import.*--restart"
    ) as caught:
        import_file(pipe)
    writer.join()
    assert caught.value.returncode == 2
    assert import_file(other)["created"] == 200
    assert (
        "The file is not the one of the interrupted import: starting from its beginning."
        in printed.getvalue()
    )
    assert sorted(ImportRun.objects.values_list("status", flat=True)) == ["done", "failed"]


@pytest.mark.parametrize("flags", [("--restart",), ("--skip-rows", "3"), ("--max-rows", "150")])
def test_other_options_are_another_import(
    import_file: Import, small_blocks: None, interrupt: Any, flags: tuple[str, ...]
) -> None:
    data = file(rows(*range(200)))
    with interrupt(Staging, "add", 3):
        import_file(data)
    report = import_file(data, *flags)
    assert report["resumed_from"] is None
    assert report["created"] == {"--restart": 200, "--skip-rows": 197, "--max-rows": 150}[flags[0]]


@pytest.mark.parametrize(
    "flags", [("--skip-rows", "70"), ("--max-rows", "90"), ("--skip-rows", "70", "--max-rows", "90")]
)
def test_records_are_skipped_and_limited_the_same_with_an_interruption(
    import_file: Import, small_blocks: None, interrupt: Any, flags: tuple[str, ...]
) -> None:
    data = file(*(rows(number) + b"\n" for number in range(200)))
    expected = import_file(data, *flags)
    sirens = set(Entreprise.objects.values_list("siren", flat=True))
    Entreprise.objects.all().delete()
    with interrupt(Staging, "add", 2):
        import_file(data, *flags)
    report = import_file(data, *flags)
    assert report["resumed_from"]
    for count in ("records", "created", "blank", "skipped"):
        assert report[count] == expected[count]
    assert set(Entreprise.objects.values_list("siren", flat=True)) == sirens


@pytest.mark.parametrize("place", [(Staging, "create"), (checkpoint, "create"), (Staging, "add")])
def test_a_start_over_that_is_interrupted_itself_leaves_nothing_wrong_to_continue(
    import_file: Import, small_blocks: None, interrupt: Any, place: tuple[Any, str]
) -> None:
    data = file(rows(*range(200)))
    with interrupt(Staging, "add", 3):
        import_file(data)
    with interrupt(*place):
        import_file(data, "--restart")
    assert import_file(data)["created"] == 200
    assert Entreprise.objects.count() == 200


def test_staged_rows_that_went_missing_are_noticed_and_a_start_over_fixes_it(
    import_file: Import, interrupt: Any
) -> None:
    data = file(rows(*range(50)))
    with interrupt(merge, "merge"):
        import_file(data)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM importing_staging WHERE siren = %s", [SIRENS[7]])
    with pytest.raises(CommandError, match=r"50 companies should be staged, 49 are.*--restart"):
        import_file(data)
    assert not Entreprise.objects.exists()
    assert import_file(data, "--restart")["created"] == 50


def test_a_dry_run_between_takes_nothing_from_the_interrupted_import(
    import_file: Import, small_blocks: None, interrupt: Any
) -> None:
    data = file(rows(*range(200)))
    with interrupt(Staging, "add", 3):
        import_file(data)
    assert import_file(data, "--dry-run")["created"] == 200
    assert import_file(file(rows(7)), "--dry-run")["created"] == 1
    assert import_file(data)["resumed_from"]


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_that_comes_late_does_not_leave_the_run_as_running(
    import_file: Import, interrupt: Any
) -> None:
    """Under load the cancellation of a statement that had ended reached the server, and hit the next one."""
    late: list[str] = []

    def cancelled_once(execute: Any, statement: str, *others: Any) -> Any:
        if statement.startswith('UPDATE "importing_importrun"') and '"report"' in statement and not late:
            late.append(statement)
            raise OperationalError("canceling statement due to user request")
        return execute(statement, *others)

    with connection.execute_wrapper(cancelled_once), interrupt(Staging, "add", 1):
        import_file(file(rows(*range(20))))
    assert late
    assert ImportRun.objects.get().status == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_merge_that_does_more_than_was_staged_is_undone(
    import_file: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merge.merge
    monkeypatch.setattr(merge, "merge", lambda *given, **named: real(*given, **named)._replace(created=21))
    with pytest.raises(CommandError, match=r"20 records were read but 20 accounted for.*please report this"):
        import_file(file(rows(*range(20))))
    assert not Entreprise.objects.exists()
    assert ImportRun.objects.get().status == "failed"
