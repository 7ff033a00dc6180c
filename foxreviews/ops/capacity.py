"""What so many companies will take, as findings beside the plan's figures."""

from collections.abc import Iterator

from foxreviews.core import files
from foxreviews.core.findings import Finding, Severity
from foxreviews.localdb.machine import GIB
from foxreviews.ops import forecast, server_settings, sizes, statement
from foxreviews.ops.forecast import Forecast

# The plan: 6 to 12 hours for 4,000,000
PLAN_SECONDS = 6 * 3600 / sizes.PLAN_ROWS


def capacity(rows: int) -> Iterator[Finding]:
    """Parts on disk, the disk, memory, time."""
    foreseen = forecast.forecast(rows)
    yield _basis(foreseen)
    for part in sizes.PLAN:
        yield _part(part, foreseen.parts[part], sizes.planned(part, rows))
    plan = sum(sizes.planned(part, rows) for part in sizes.PLAN)
    yield _part("database together", foreseen.database, plan)
    yield Finding("search index", Severity.OK, files.format_bytes(foreseen.parts["search index"]))
    yield _disk(foreseen)
    yield _memory(foreseen)
    yield _time(foreseen)


def _basis(foreseen: Forecast) -> Finding:
    there = f"bytes a company as the {foreseen.measured_on:,} here have"
    size = there if foreseen.measured_on else "bytes a company as 200,000 fictional ones had"
    there = f"seconds as the import of {foreseen.timed_on:,} took"
    time = there if foreseen.timed_on else "seconds as 4,000,000 took on two cores"
    measured = bool(foreseen.measured_on and foreseen.timed_on)
    figures = {"rows": foreseen.rows, "measured_on": foreseen.measured_on, "timed_on": foreseen.timed_on}
    why = "" if measured else "Load some of your own companies for a forecast of your own."
    return Finding(
        "reckoned with", Severity.OK if measured else Severity.NOTE, f"{size}; {time}", why, "", figures
    )


def _part(part: str, size: int, plan: int) -> Finding:
    figures = {"bytes": size, "plan_bytes": plan}
    severity = Severity.OK if size <= plan else Severity.WARNING
    return Finding(
        part, severity, f"{files.format_bytes(size)}; the plan: {files.format_bytes(plan)}", figures=figures
    )


def _disk(foreseen: Forecast) -> Finding:
    """What must be free for a first load, beside what is."""
    need = foreseen.least_disk()
    plan = round(sizes.PLAN_FREE * foreseen.rows / sizes.PLAN_ROWS)
    folder = statement.value("SELECT current_setting('data_directory', true)")
    free = files.disk_space(folder).free if folder and server_settings.is_local() else None
    found = f"{files.format_bytes(need)} free for a first load; the plan: {files.format_bytes(plan)}"
    figures = {"need": need, "plan_bytes": plan, "free": free}
    if free is None:
        return Finding(
            "disk", Severity.NOTE, found, "What is free there cannot be seen from here.", "df -h", figures
        )
    if free < need:
        why = f"{files.format_bytes(free)} are free: a full disk stops PostgreSQL."
        return Finding("disk", Severity.ERROR, found, why, f"df -h {folder}", figures)
    return Finding("disk", Severity.OK, f"{found}; {files.format_bytes(free)} are free", figures=figures)


def _memory(foreseen: Forecast) -> Finding:
    """Memory in which what is read again and again stays: the indexes, and the table where there is room."""
    indexes = foreseen.database - foreseen.parts["table"]
    least, best = (_machine(size) for size in (indexes, foreseen.database))
    found = f"{least} GB keep the indexes in memory, {best} GB the table too"
    figures = {"least_gb": least, "best_gb": best}
    return Finding("memory", Severity.OK, f"{found}; the plan: 16 GB for 4,000,000", figures=figures)


def _machine(data: int) -> int:
    """The machine in whose cache, three quarters of its memory, the data stays: 4, 8, 16 … GB."""
    size = 4
    while size * GIB * 3 // 4 < data:
        size *= 2
    return size


def _time(foreseen: Forecast) -> Finding:
    plan = PLAN_SECONDS * foreseen.rows
    found = f"{_duration(foreseen.seconds)} with all indexes; the plan: {_duration(plan)} and more"
    figures = {"seconds": round(foreseen.seconds, 1), "plan_seconds": plan}
    return Finding("first import", Severity.OK, found, figures=figures)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
