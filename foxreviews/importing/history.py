"""The runs of the ledger, for a terminal or as JSON."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone

from foxreviews.core.locks import is_locked
from foxreviews.importing.models import LOCK, ImportRun

COUNTS = ("records", "created", "updated", "unchanged", "rejected")
UNKNOWN = "–"  # a run that was killed has left no counts
INTERRUPTED = "interrupted"
RIGHT = ("run", *COUNTS, "took")


def status(run: ImportRun) -> str:
    """As the ledger has it; «interrupted» where that is «running» and no import runs: it was killed."""
    if run.status == ImportRun.Status.RUNNING and not is_locked(LOCK):
        return INTERRUPTED
    return str(run.status)


def facts(run: ImportRun) -> dict[str, Any]:
    """The run as plain values: times are ISO 8601, counts null where it was killed."""
    return {
        "run": run.pk,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "file": run.source,
        "status": status(run),
        **{name: run.report.get(name) for name in (*COUNTS, "duplicates", "blank", "skipped", "seconds")},
    }


def reasons(run: ImportRun) -> dict[str, int]:
    """How many records were rejected for which reason, by the run's report."""
    of_register: dict[str, Any] = run.report.get("establishments", {})
    return {**run.report.get("rejects_by_reason", {}), **of_register.get("rejects_by_reason", {})}


def table(runs: Iterable[ImportRun], width: int | None) -> list[str]:
    """Aligned lines, a heading and one for each run. Where `width` is too small, the file has a line of its own."""
    rows = [_cells(run) for run in runs]
    whole = [_headings(rows), *rows]
    for gap in (2, 1):
        lines = _aligned(whole, gap)
        if width is None or max(map(len, lines)) <= width:
            return lines
    for row in rows:
        row["when"] = row["when"].partition("-")[2]  # the year
    narrow = _aligned([{k: v for k, v in row.items() if k != "file"} for row in whole], gap=1)
    files = [f"    {row['file']}" for row in rows]
    return [narrow[0], *(line for pair in zip(narrow[1:], files, strict=True) for line in pair)]


def _cells(run: ImportRun) -> dict[str, str]:
    counts = {name: run.report.get(name) for name in COUNTS}
    return {
        "run": str(run.pk),
        "when": f"{timezone.localtime(run.started_at):%Y-%m-%d %H:%M}",
        "file": file_name(run.source),
        "status": status(run),
        **{name: UNKNOWN if count is None else f"{count:,}" for name, count in counts.items()},
        "took": _took(run),
    }


def _headings(rows: Sequence[dict[str, str]]) -> dict[str, str]:
    town = timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
    return {name: name for name in rows[0]} | {"when": f"{town} time"}


def _aligned(rows: Sequence[dict[str, str]], gap: int) -> list[str]:
    widths = {name: max(len(row[name]) for row in rows) for name in rows[0]}
    return [
        (" " * gap)
        .join(text.rjust(widths[name]) if name in RIGHT else text.ljust(widths[name]) for name, text in row.items())
        .rstrip()
        for row in rows
    ]  # fmt: skip


def file_name(source: str) -> str:
    """Without its folders; the register's two files are named together."""
    if source == "-":
        return "standard input"
    return " and ".join(Path(part).name for part in source.split(" and "))


def _took(run: ImportRun) -> str:
    if status(run) == ImportRun.Status.RUNNING:
        seconds = (timezone.now() - run.started_at).total_seconds()
    elif "seconds" in run.report:
        seconds = run.report["seconds"]
    else:
        return UNKNOWN
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
