"""manage.py import_history, as an operator reads it."""

import json
from datetime import UTC, datetime
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foxreviews.core.locks import advisory_lock
from foxreviews.importing.history import table
from foxreviews.importing.models import LOCK, ImportRun

pytestmark = pytest.mark.django_db


def history(*flags: str) -> str:
    shown = StringIO()
    call_command("import_history", *flags, stdout=shown)
    return shown.getvalue()


def add(source: str = "data/entreprises.csv", status: str = "done", **report: Any) -> ImportRun:
    return ImportRun.objects.create(
        source=source,
        status=status,
        report=report,
        started_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
        finished_at=datetime(2026, 1, 31, 23, 31, tzinfo=UTC),
    )


LARGE = {
    "records": 4_000_000,
    "created": 3_999_000,
    "updated": 0,
    "unchanged": 0,
    "rejected": 1_000,
    "seconds": 61.4,
}


def test_runs_come_newest_first_in_local_time_with_their_counts() -> None:
    first = add(**LARGE)
    second = add(**LARGE | {"created": 0, "updated": 39_990, "unchanged": 3_959_010, "seconds": 9.96})
    heading, *rows = history().splitlines()
    assert heading.split() == [
        "run", "Paris", "time", "file", "status", "records", "created", "updated", "unchanged", "rejected", "took",
    ]  # fmt: skip
    expected = "2026-02-01 00:30 entreprises.csv done 4,000,000"  # Paris is an hour ahead
    assert [" ".join(row.split()) for row in rows] == [
        f"{second.pk} {expected} 0 39,990 3,959,010 1,000 10.0 s",
        f"{first.pk} {expected} 3,999,000 0 0 1,000 0:01:01",
    ]


def test_columns_stand_below_their_headings() -> None:
    add(**LARGE)
    add(source="a.csv", status="failed")
    heading, *rows = history().splitlines()
    for name in ("records", "created", "rejected"):
        end = heading.index(name) + len(name)
        assert all(row[end - 1] != " " and row[end] == " " for row in rows), (name, rows)


@pytest.mark.parametrize("width", [80, 100])
def test_runs_of_millions_fit_a_terminal(width: int) -> None:
    add(source="exports/" + "entreprises" * 4 + ".csv", **LARGE | {"unchanged": 3_959_010, "updated": 39_990})
    lines = table(ImportRun.objects.all(), width)
    assert max(map(len, lines)) <= width
    assert "entreprises" * 4 + ".csv" in lines[2], "the file has a line of its own"


def test_a_usual_run_of_millions_has_one_line_on_a_hundred_columns() -> None:
    add(**LARGE)
    assert len(table(ImportRun.objects.all(), 100)) == 2


def test_a_killed_run_has_no_counts() -> None:
    add(status="failed")
    row = history().splitlines()[1]
    assert row.split()[-6:] == ["–"] * 6


def test_a_run_is_running_only_while_an_import_runs() -> None:
    add(status="running")
    with advisory_lock(LOCK, message=""):
        assert " running " in history()
    row = history().splitlines()[1]
    assert " interrupted " in row
    assert row.split()[-1] == "–", "its clock has stopped"
    assert json.loads(history("--json"))[0]["status"] == "interrupted"


def test_a_run_that_failed_has_taken_its_time(import_rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count(0, 100)
    monkeypatch.setattr("foxreviews.importing.ledger.time.monotonic", lambda: float(next(ticks)))
    with pytest.raises(CommandError):
        import_rows(*["x,UN,,75015,Paris,62.01Z"] * 30)
    assert ImportRun.objects.get().report["seconds"] >= 100


def test_both_files_of_the_register_and_standard_input_are_named() -> None:
    add(source="/srv/StockUniteLegale.zip and /srv/StockEtablissement.zip")
    add(source="-")
    shown = history()
    assert "StockUniteLegale.zip and StockEtablissement.zip" in shown
    assert "standard input" in shown
    assert "/srv" not in shown


def test_last_shows_so_many() -> None:
    for _ in range(3):
        add()
    assert len(history("--last", "2").splitlines()) == 3
    with pytest.raises(CommandError, match="at least 1"):
        history("--last", "0")


def test_json_is_for_machines() -> None:
    run = add(**LARGE)
    assert json.loads(history("--json")) == [
        {
            "run": run.pk,
            "started_at": "2026-01-31T23:30:00+00:00",
            "finished_at": "2026-01-31T23:31:00+00:00",
            "file": "data/entreprises.csv",
            "status": "done",
            "duplicates": None,
            "blank": None,
            "skipped": None,
            **LARGE,
        }
    ]


def test_before_the_first_import_it_says_how_to_start() -> None:
    assert (
        history()
        == "Nothing has been imported yet: .venv/bin/python manage.py import_entreprises_bulk FILE\n"
    )
    assert json.loads(history("--json")) == []


def test_a_real_import_is_listed_and_a_dry_run_is_not(import_rows: Any) -> None:
    import_rows("732829320,UN,,75015,Paris,62.01Z")
    import_rows("732829320,UN,,75015,Paris,62.01Z", flags=("--dry-run",))
    row = history().splitlines()[1:]
    assert len(row) == 1
    assert "entreprises.csv" in row[0]
