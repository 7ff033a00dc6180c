"""What tables and indexes need, by measurement, and doing it: VACUUM, ANALYZE, REINDEX CONCURRENTLY."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction

from foxreviews.core.findings import Finding, Severity
from foxreviews.core.sql import value
from foxreviews.ops import indexes, server
from foxreviews.ops.indexes import FoundIndex

MIN_ROWS = 1_000  # fewer are not worth a statement
# Autovacuum waits for 20 % dead rows and 10 % changed ones; at a quiet hour both may be done sooner.
DEAD_THRESHOLD, CHANGED_THRESHOLD = 0.05, 0.05
BLOAT_THRESHOLD, MIN_GAIN = 0.30, 1_048_576  # an index in use is a quarter empty; bytes
SAMPLE_ROWS = 100_000
PAGE = 8192  # bytes
# Nothing waits behind a lock that maintenance waits for, and the disk is left to the service as by autovacuum. A killed
# command leaves its session behind, and the server is to notice soon.
SESSION = {
    "lock_timeout": "5s",
    "vacuum_cost_delay": "2ms",
    "statement_timeout": "0",
    "client_connection_check_interval": "1s",
}
LEFTOVER = re.compile(
    r"_cc(new|old)\d*$"
)  # how REINDEX CONCURRENTLY names what it builds, and what it replaced


@dataclass(frozen=True)
class Need:
    """One thing to do: the first words of the statement, and the table or index."""

    action: str
    name: str
    why: str

    @property
    def statement(self) -> str:
        return f"{self.action} {connection.ops.quote_name(self.name)}"


@dataclass(frozen=True)
class Done:
    """`bytes_before` and `bytes_after` are those of the index, or of the table with its indexes."""

    need: Need
    bytes_before: int
    bytes_after: int
    seconds: float
    problem: str  # why it was not done, "" where it was

    @property
    def gained(self) -> int:
        """Bytes."""
        return self.bytes_before - self.bytes_after

    def as_json(self) -> dict[str, Any]:
        facts = asdict(self)
        return {**facts.pop("need"), **facts, "gained": self.gained}


def measure() -> list[Need]:
    """All that is to be done, in this order. Of large tables a sample is read, of indexes nothing."""
    found = _stored_indexes()
    tables = server.rows("tables")
    return [
        *_leftovers(found),
        *(
            Need("REINDEX INDEX CONCURRENTLY", index.name, "invalid: its build was interrupted")
            for index in found
            if not (index.valid or index.being_built or LEFTOVER.search(index.name))
        ),
        *(need for table in tables if (need := table_need(**table))),
        *(need for table in tables for need in _bloated(table["name"], table["rows"], found)),
    ]


def check() -> Iterator[Finding]:
    """The same for the doctor, in one line."""
    needs = measure()
    if not needs:
        yield Finding("maintenance", Severity.OK, "few dead rows, fresh statistics, no bloated index")
        return
    yield Finding(
        "maintenance", Severity.WARNING, "; ".join(f"{need.name}: {need.why}" for need in needs),
        "Dead rows and empty pages are read for nothing; the planner chooses by the statistics.",
        "manage.py maintain", {"needed": [asdict(need) for need in needs]},
    )  # fmt: skip


def table_need(name: str, rows: int, dead: int, changed: int, *, never_analysed: bool) -> Need | None:
    """By PostgreSQL's own counts."""
    if dead > max(MIN_ROWS, DEAD_THRESHOLD * rows):
        return Need("VACUUM (ANALYZE)", name, f"{dead:,} dead rows, {rows:,} live ones")
    if never_analysed:
        return Need("ANALYZE", name, "no statistics")
    if changed > max(MIN_ROWS, CHANGED_THRESHOLD * rows):
        return Need("ANALYZE", name, f"{changed:,} rows changed since its statistics")
    return None


def is_bloated(size: int, size_if_new: int) -> bool:
    """Whether a rebuild gains enough; both in bytes."""
    gain = size - size_if_new
    return gain >= MIN_GAIN and gain >= BLOAT_THRESHOLD * size


def _stored_indexes() -> list[FoundIndex]:
    """Without those that are made of the indexes of partitions."""
    return [index for index in indexes.found() if not index.partitioned]


def _leftovers(found: list[FoundIndex]) -> list[Need]:
    """What interrupted REINDEXes have left: the index that it is a copy of is there and valid."""
    why = "left by an interrupted REINDEX: written to, never read"
    return [
        Need("DROP INDEX CONCURRENTLY", index.name, why)
        for index in found
        if not (index.valid or index.being_built) and LEFTOVER.search(index.name)
    ]


def _bloated(table: str, rows: int, found: list[FoundIndex]) -> Iterator[Need]:
    large = [index for index in found if index.table == table and index.valid and index.bytes > MIN_GAIN]
    sizes = _sizes_if_new(table, rows, large) if large else {}
    for index in large:
        if is_bloated(index.bytes, sizes[index.name]):
            share = 1 - sizes[index.name] / index.bytes
            why = f"{share:.0%} of its {index.bytes / 1_000_000:,.1f} MB are empty, by a sample"
            yield Need("REINDEX INDEX CONCURRENTLY", index.name, why)


def _sizes_if_new(table: str, rows: int, found: list[FoundIndex]) -> dict[str, int]:
    """Bytes of each index if it were new, by its name, from new ones on a sample of the rows. Nothing is kept.

    No extension and no superuser is needed, and it holds for every kind of index: what deduplication or a posting list
    saves is measured, not modelled. A sample has fewer duplicates for each key than the table, so the estimate is too
    large rather than too small, and an index is rebuilt too rarely rather than too often.
    """
    percent = min(100.0, 100.0 * SAMPLE_ROWS / max(rows, 1))
    sizes = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE maintain_sample AS SELECT * "  # noqa: S608 - a quoted name
            f"FROM {connection.ops.quote_name(table)} TABLESAMPLE SYSTEM ({percent})"
        )
        for index in found:
            how = index.definition.partition(" USING ")[2]
            cursor.execute(f"CREATE INDEX maintain_sample_index ON maintain_sample USING {how}")
            size = value("SELECT pg_relation_size('maintain_sample_index')")
            cursor.execute("DROP INDEX maintain_sample_index")
            sizes[index.name] = int((size - PAGE) * 100 / percent) + PAGE  # the first page is not the rows'
        transaction.set_rollback(True)
    return sizes


def work(needs: Iterable[Need]) -> Iterator[Done]:
    """Do one after another; an index half built because its table is in use is removed at once."""
    for need in needs:
        yield (done := _do(need))
        if done.problem and need.action.startswith("REINDEX"):
            yield from map(_do, _leftovers(_stored_indexes()))


def _do(need: Need) -> Done:
    """What is refused, or locked for too long, is reported in `problem`; table and index are as before."""
    before, started = _bytes(need.name), time.monotonic()
    problem = ""
    try:
        with connection.cursor() as cursor:
            cursor.execute(need.statement)
        problem = _dead_rows_left(need)
    except DatabaseError as error:
        if connection.connection is None or connection.connection.closed:
            raise
        problem = str(error).strip()
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            blocker = _blocker(seeing=False)
            problem = f"in use{f' by {blocker}' if blocker else ''}. Run the same command again later."
    return Done(need, before, _bytes(need.name), round(time.monotonic() - started, 1), problem)


def _bytes(name: str) -> int:
    return int(value("SELECT pg_total_relation_size(to_regclass(%s))", connection.ops.quote_name(name)) or 0)


def _dead_rows_left(need: Need) -> str:
    """Why a vacuum has left dead rows."""
    if not need.action.startswith("VACUUM"):
        return ""
    left = value("SELECT pg_stat_get_dead_tuples(%s::regclass)", connection.ops.quote_name(need.name))
    blocker = _blocker(seeing=True) if left else ""
    return f"{left:,} dead rows stay: they are still visible to {blocker}" if blocker else ""


def _blocker(*, seeing: bool) -> str:
    found = server.rows("blocker", {"seeing": seeing})
    return str(found[0]["session"]) if found else ""
