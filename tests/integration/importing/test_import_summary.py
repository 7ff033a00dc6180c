"""What an operator reads when an import ends."""

import logging
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper

from foxreviews.core.progress import Reporter
from foxreviews.importing.errors import TooManyRejects
from foxreviews.importing.models import ImportRun

HEADER = "siren,nom,adresse,code_postal,ville_nom,naf_code\n"
GOOD = "732829320,UN,,75015,Paris,62.01Z\n"
WRONG = "732829321,DEUX,,75015,Paris,62.01Z\n"


@pytest.fixture
def shown(db: None, tmp_path: Path, settings: Any) -> Any:
    """shown(text, *flags): what the command prints, without the times."""
    settings.LOG_DIR = tmp_path / "logs"
    file = tmp_path / "entreprises.csv"

    def run(text: str, *flags: str) -> list[str]:
        file.write_text(HEADER + text)
        printed = StringIO()
        call_command("import_entreprises_bulk", str(file), *flags, stdout=printed)
        return [line.rstrip() for line in printed.getvalue().splitlines()]

    return run


def test_counts_are_aligned_and_only_those_that_are_not_nought(shown: Any) -> None:
    lines = shown(GOOD + GOOD + WRONG)
    first = lines.index("          3  records")
    assert lines[first : first + 4] == [
        "          3  records",
        "          1  created",
        "          1  duplicates: an earlier record has the same SIREN",
        "          1  rejected",
    ]
    assert not any("blank" in line or "skipped" in line for line in lines)


def test_each_reason_has_its_first_record_as_an_example(shown: Any) -> None:
    lines = shown(GOOD + WRONG + WRONG + "356000000,,,75015,Paris,62.01Z\n")
    at = lines.index("Rejected because of:")
    assert lines[at + 1 : at + 5] == [
        "          2  siren-key",
        "             line 3, siren: 732829321,DEUX,,75015,Paris,62.01Z",
        "          1  nom-missing",
        "             line 5, nom: 356000000,,,75015,Paris,62.01Z",
    ]


def test_a_long_or_hostile_example_stays_on_its_line(shown: Any) -> None:
    lines = shown(GOOD + f"732829321,\x1b[31m[bold]{'X' * 300},,75015,Paris,62.01Z\n")
    (example,) = [line for line in lines if "line 3" in line]
    assert example.endswith("XX…")
    assert len(example) <= 80
    assert "\x1b" not in example
    assert "[bold]" in example


def test_values_left_out_are_distinguished_from_rejects(shown: Any) -> None:
    lines = shown("732829320,UN,,7501x,Paris,62.01Z\n")
    assert "Rejected because of:" not in lines
    at = lines.index("Values left out because of:")
    assert lines[at + 1] == "          1  code-postal-malformed"


def test_it_says_where_the_rejected_records_are(shown: Any, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    assert f"The rejected records are in {rejects}." in shown(GOOD + WRONG, "--rejects", str(rejects))
    lines = shown(GOOD + WRONG)
    run = ImportRun.objects.latest("id").pk
    assert f"All rejected records are in the admin, under run {run}; --rejects FILE writes them." in lines
    assert "To see all rejected records: add --rejects FILE." in shown(GOOD + WRONG, "--dry-run")
    assert not any("rejected" in line for line in shown(GOOD))


def test_after_a_dry_run_it_gives_the_command_that_loads(
    shown: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = shown(GOOD, "--dry-run")
    assert "          1  would be created" in lines
    assert lines[-1] == "Nothing was written. To load the file: the same command without --dry-run."
    typed = ["python", "manage.py", "import_entreprises_bulk", "my file.csv", "--dry-run", "--force"]
    monkeypatch.setattr(sys, "orig_argv", typed)
    assert shown(GOOD, "--dry-run")[-1] == (
        "Nothing was written. To load the file: "
        "python manage.py import_entreprises_bulk 'my file.csv' --force"
    )


def test_after_a_load_it_gives_the_next_command(shown: Any) -> None:
    assert ".venv/bin/python manage.py verify" in shown(GOOD)[-1]
    assert ".venv/bin/python manage.py search_catchup --follow" in shown(GOOD)[-2]


def test_the_log_has_the_counts_and_the_sentences(
    shown: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logging.getLogger("foxreviews.log.import")
    monkeypatch.setattr(log, "handlers", [caplog.handler])
    shown(GOOD + WRONG)
    assert "2 records, 1 created, 1 rejected" in caplog.messages
    assert shown(GOOD)[-1] in caplog.messages


def test_a_refused_run_keeps_what_was_read_and_that_nothing_came_of_it(import_file: Any) -> None:
    with pytest.raises(Exception, match="Nothing was merged") as refused:
        import_file(HEADER + GOOD + WRONG, "--max-reject-rate", "0.1")
    assert isinstance(refused.value.__cause__, TooManyRejects)
    report = ImportRun.objects.get(status="failed").report
    assert (report["records"], report["rejected"], report["created"]) == (2, 1, 0)
    assert report["reject_examples"]["siren-key"]["line"] == 3


def test_a_bar_is_drawn_in_one_place_also_through_the_output_of_a_django_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    reporter = Reporter(OutputWrapper(terminal))
    with reporter.stage("Reading", 1000) as stage:
        for _ in range(20):
            stage.advance(50)
            reporter._bars.refresh()  # type: ignore[union-attr]
    pictures = terminal.getvalue()
    assert pictures.count("Reading: ") > 20
    assert pictures.count("\n") <= 2
