"""Disk, memory and time that companies take, next to the scaling plan's figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from foxreviews.core import files
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.sources import open_source
from foxreviews.core.sql import estimate, table_bytes
from foxreviews.importing.models import ImportRun
from foxreviews.localdb.machine import GIB
from foxreviews.ops import indexes, server
from foxreviews.ops.indexes import TABLE
from foxreviews.search.index.storage import IndexStorage, State

GB = 1_000_000_000
# The scaling plan: bytes of 4,000,000 companies, free disk, and seconds of its import (6 to 12 hours)
SCALING_PLAN_ROWS = 4_000_000
SCALING_PLAN_BYTES = {"table": 4.0 * GB, "B-tree indexes": 2.0 * GB, "trigram index": 1.5 * GB}
SCALING_PLAN_FREE = 10 * GB
SCALING_PLAN_SECONDS = 6 * 3600
# The scaling plan has five indexes. Lists have more, for which its table has room enough: the whole is judged.
NOT_JUDGED = "B-tree indexes"
# Where the directory is empty: 15,000,000 fictional companies (make bench-full); the search index of 200,000.
BYTES = {"table": 285.0, "B-tree indexes": 616.0, "trigram index": 36.0, "search index": 90.0}
SECONDS = 69 / 4_000_000  # a first load with all indexes: make bench-import
MIN_ROWS = 10_000  # fewer have half-filled pages, or an import whose time says nothing
SAMPLE = 8_000_000  # bytes of a file


@dataclass(frozen=True)
class Forecast:
    """`rows` companies: bytes by part, seconds of a first import; `measured_on` companies, 0 where documented."""

    rows: int
    parts: dict[str, int]
    seconds: float
    measured_on: int
    timed_on: int  # records of the import that the seconds are from, 0 where documented

    @property
    def database(self) -> int:
        """Bytes of the table and its indexes."""
        return sum(size for part, size in self.parts.items() if part in SCALING_PLAN_BYTES)

    def min_disk(self, written: float = 1.0) -> int:
        """Free bytes for an import that writes this share of them: the staged rows, and a second search index."""
        return self.parts["table"] + round(written * self.database) + 2 * self.parts["search index"]


def planned(part: str, rows: int) -> int:
    """The scaling plan's bytes for so many companies."""
    return round(SCALING_PLAN_BYTES[part] * rows / SCALING_PLAN_ROWS)


def read_sizes() -> dict[str, int]:
    """The bytes of each of the scaling plan's parts now."""
    of_companies = [index for index in indexes.found() if index.table == TABLE]
    trigram = sum(index.bytes for index in of_companies if index.method == "gin")
    btree = sum(index.bytes for index in of_companies) - trigram
    return dict(zip(SCALING_PLAN_BYTES, (table_bytes(TABLE), btree, trigram), strict=True))


def check_sizes(companies: int) -> Iterator[Finding]:
    """The scaling plan's verification query 4: table, indexes, total, next to its 4.0 + 2.0 + 1.5 GB, scaled."""
    sizes = read_sizes()
    for part, size in sizes.items():
        yield judge_size(part, size, planned(part, companies), companies)
    total = sum(planned(part, companies) for part in SCALING_PLAN_BYTES)
    yield judge_size("on disk together", sum(sizes.values()), total, companies)


def judge_size(part: str, size: int, planned_bytes: int, companies: int) -> Finding:
    """Bytes of `companies` next to the scaling plan's for as many."""
    figures = {"bytes": size, "scaling_plan_bytes": planned_bytes}
    if companies < MIN_ROWS:
        return Finding(
            part, Severity.OK, f"{files.format_bytes(size)}; too few companies to compare", figures=figures
        )
    share = f"{size / planned_bytes:.0%} of the scaling plan's {files.format_bytes(planned_bytes)}"
    found = f"{files.format_bytes(size)}, {share}"
    if size <= planned_bytes or part == NOT_JUDGED:
        return Finding(part, Severity.OK, found, figures=figures)
    why = "Deleted and replaced rows have most likely left empty pages."
    return Finding(part, Severity.WARNING, found, why, "manage.py maintain", figures)


def forecast(rows: int) -> Forecast:
    """Bytes a company as this database has them, seconds as its imports had."""
    per_row, measured_on = _bytes_per_row()
    seconds, timed_on = _seconds_per_row()
    parts = {part: round(size * rows) for part, size in per_row.items()}
    return Forecast(rows, parts, seconds * rows, measured_on, timed_on)


def _bytes_per_row() -> tuple[dict[str, float], int]:
    if (rows := estimate(TABLE)) < MIN_ROWS:
        return BYTES, 0
    per_row = BYTES | {part: size / rows for part, size in read_sizes().items()}
    generation = IndexStorage(settings.SEARCH_INDEX_DIR).current()
    if generation and generation.exists() and (documents := State.read(generation).documents) >= MIN_ROWS:
        per_row["search index"] = files.bytes_in(generation) / documents
    return per_row, rows


def _seconds_per_row() -> tuple[float, int]:
    """Of the last import that filled an empty directory; one that only compares is faster."""
    for run in ImportRun.objects.filter(status=ImportRun.Status.DONE):
        records, created = run.report.get("records", 0), run.report.get("created", 0)
        if created >= max(MIN_ROWS, records / 2) and run.report.get("seconds"):
            return run.report["seconds"] / records, records
    return SECONDS, 0


def records_in(file: str) -> int:
    """About how many records a file has, from its first megabytes. Raises UnreadableSource."""
    with open_source(file) as source:
        lines = read = 0
        while read < SAMPLE and (text := source.read()):
            read += len(text)
            lines += text.count(b"\n")
        if not source.size or read < SAMPLE:
            return max(lines - 1, 0)
        return round(lines * source.size / max(source.position(), 1))


def check_forecast(rows: int) -> Iterator[Finding]:
    """What so many companies will take: parts, disk, memory, time."""
    expected = forecast(rows)
    yield _basis(expected)
    for part in SCALING_PLAN_BYTES:
        yield _part(part, expected.parts[part], planned(part, rows))
    yield _part(
        "database together", expected.database, sum(planned(part, rows) for part in SCALING_PLAN_BYTES)
    )
    yield Finding("search index", Severity.OK, files.format_bytes(expected.parts["search index"]))
    planned_disk = f"; the scaling plan: {files.format_bytes(SCALING_PLAN_FREE * rows / SCALING_PLAN_ROWS)}"
    yield check_disk("disk", expected.min_disk(), f"for {rows:,} companies{planned_disk}")
    indexed, whole = (
        _machine(size) for size in (expected.database - expected.parts["table"], expected.database)
    )
    yield Finding(
        "memory", Severity.OK,
        f"{indexed} GB keep the indexes in memory, {whole} GB the table too; the scaling plan: 16 GB for 4,000,000",
        figures={"indexes_gb": indexed, "all_gb": whole},
    )  # fmt: skip
    planned_seconds = SCALING_PLAN_SECONDS * rows / SCALING_PLAN_ROWS
    yield Finding(
        "first import", Severity.OK,
        f"{_duration(expected.seconds)} with all indexes; the scaling plan: {_duration(planned_seconds)} and more",
        figures={"seconds": round(expected.seconds, 1), "scaling_plan_seconds": planned_seconds},
    )  # fmt: skip


def _basis(expected: Forecast) -> Finding:
    sizes = f"the {expected.measured_on:,} here" if expected.measured_on else "15,000,000 fictional ones"
    time = f"the import of {expected.timed_on:,}" if expected.timed_on else "one of 4,000,000 on two cores"
    is_own = bool(expected.measured_on and expected.timed_on)
    return Finding(
        "estimated from", Severity.OK if is_own else Severity.NOTE, f"bytes per company: {sizes}; seconds: {time}",
        "" if is_own else "Load some of your own companies for an estimate of your own.",
        figures={"rows": expected.rows, "measured_on": expected.measured_on, "timed_on": expected.timed_on},
    )  # fmt: skip


def _part(part: str, size: int, planned_bytes: int) -> Finding:
    severity = Severity.OK if size <= planned_bytes or part == NOT_JUDGED else Severity.WARNING
    found = f"{files.format_bytes(size)}; the scaling plan: {files.format_bytes(planned_bytes)}"
    return Finding(part, severity, found, figures={"bytes": size, "scaling_plan_bytes": planned_bytes})


def check_disk(subject: str, need: int, what: str, too_small: Severity = Severity.ERROR) -> Finding:
    """Whether the database's disk has `need` bytes free."""
    folder, free = server.data_disk()
    return judge_disk(subject, need, free, what, folder, too_small)


def judge_disk(
    subject: str, need: int, free: int | None, what: str, folder: str, too_small: Severity
) -> Finding:
    """`free` is None where it cannot be seen from here."""
    found, figures = f"needed: {files.format_bytes(need)} {what}", {"free": free, "need": need}
    if free is None:
        why = "The server is on another machine, or does not tell this role where its files are."
        return Finding(
            subject, Severity.NOTE, f"cannot be seen from here; {found}", why, f"df -h {folder}", figures
        )
    found = f"{files.format_bytes(free)} free; {found}"
    if free < need:
        why = "A full disk stops the import, and PostgreSQL with it."
        return Finding(subject, too_small, found, why, f"df -h {folder}", figures)
    return Finding(subject, Severity.OK, found, figures=figures)


def _machine(data: int) -> int:
    """The machine in whose cache, three quarters of its memory, the data stays: 4, 8, 16 … GB."""
    size = 4
    while size * GIB * 3 // 4 < data:
        size *= 2
    return size


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
