"""What a check found, as people read it."""

import io
from typing import Any

from rich.console import Console

from foxreviews.core.errors import as_typed
from foxreviews.core.findings import Finding, Severity, show, worst
from foxreviews.core.progress import Reporter

WELL = Finding("disk", Severity.OK, "80 GB free")
SLOW = Finding("memory", Severity.WARNING, "128 MB", why="It is little.", fix="manage.py tune")
BROKEN = Finding("index", Severity.ERROR, "invalid", why="It is not used.", fix="REINDEX INDEX [a]")


def shown(*findings: Finding) -> list[str]:
    out = io.StringIO()
    show(findings, Console(file=out, width=100))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_worst_comes_first_with_why_and_its_fix() -> None:
    assert shown(WELL, SLOW, BROKEN) == [
        "✗ error    index   invalid",
        "                   It is not used.",
        "                   → REINDEX INDEX [a]",
        "! warning  memory  128 MB",
        "                   It is little.",
        "                   → .venv/bin/python manage.py tune",
        "✓ ok       disk    80 GB free",
        "1 of 3 hold. Next: REINDEX INDEX [a]",
    ]


def test_where_all_hold_there_is_nothing_to_do_next() -> None:
    assert shown(WELL)[-1] == "1 of 1 hold."


def test_what_could_not_be_judged_counts_neither_way() -> None:
    unknown = Finding("disk", Severity.NOTE, "cannot be seen from here")
    assert shown(WELL, unknown)[-1] == "1 of 1 hold. 1 more is a note."
    assert shown(WELL, unknown, unknown)[-1] == "1 of 1 hold. 2 more are notes."


def test_the_worst_of_nothing_is_well() -> None:
    assert worst([]) is Severity.OK
    assert worst([WELL, BROKEN, SLOW]) is Severity.ERROR


def test_machines_read_the_severity_as_a_word() -> None:
    assert SLOW.as_json()["severity"] == "warning"


def test_a_fix_is_pasted_as_one_line_however_narrow_the_terminal() -> None:
    out = io.StringIO()
    long = Finding(
        "index", Severity.ERROR, "invalid", fix=f"manage.py localdb psql -c 'REINDEX INDEX {'x' * 90}'"
    )
    show([long], Console(file=out, width=80))
    assert f".venv/bin/python {long.fix}" in out.getvalue()


def test_commands_are_shown_as_they_can_be_pasted() -> None:
    assert as_typed("First: manage.py migrate") == "First: .venv/bin/python manage.py migrate"
    assert (
        as_typed("manage.py localdb stop && manage.py localdb start").count(".venv/bin/python manage.py ")
        == 2
    )
    assert as_typed(".venv/bin/python manage.py verify") == ".venv/bin/python manage.py verify"


def test_where_a_wrapper_is_installed_commands_are_named_by_it(settings: Any) -> None:
    settings.MANAGE_COMMAND = "foxreviews"
    assert as_typed("First: manage.py migrate") == "First: foxreviews migrate"
    out = io.StringIO()
    Reporter(out).line("Next: manage.py verify")
    assert out.getvalue() == "Next: foxreviews verify\n"
