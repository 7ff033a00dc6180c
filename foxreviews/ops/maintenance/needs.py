"""What needs to be done, each with the measurement that says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from foxreviews.ops.maintenance.bloat import Index, sizes_if_new

FOLDER = Path(__file__).parent / "sql"
TABLES = (FOLDER / "tables.sql").read_text()
INDEXES = (FOLDER / "indexes.sql").read_text()

FEW = 1_000  # rows: not worth the while
# Autovacuum waits for 20 % dead rows and 10 % changed ones; in a quiet hour both may be done sooner.
DEAD, CHANGED, NOT_VISIBLE = 0.05, 0.05, 0.20
PAGES = 1_000  # of 8 KiB: smaller tables are read in no time
FROZEN = 0.75  # of the age at which PostgreSQL would freeze the table by itself, in the middle of the day
BLOATED, LEAST_GAIN = 0.30, 1_048_576  # an index in use is a quarter empty; bytes
LEFTOVER = re.compile(
    r"_cc(new|old)\d*$"
)  # how REINDEX CONCURRENTLY calls what it is making, and what it replaced


@dataclass(frozen=True)
class Need:
    """One thing to do. `action` is the first word, or words, of the statement."""

    action: str
    name: str
    why: str

    @property
    def statement(self) -> str:
        """As it is sent."""
        return f"{self.action} {self.name}"


@dataclass(frozen=True)
class Needs:
    """All that is to be done, in this order, and how much was looked at."""

    found: list[Need]
    tables: int
    indexes: int


def measure(session: psycopg.Connection) -> Needs:
    """Look at every table and index. Of large tables a sample is read, of indexes nothing."""
    with session.cursor(row_factory=dict_row) as cursor:
        tables = cursor.execute(TABLES).fetchall()
    indexes = _indexes(session)
    found = [
        *leftovers(session),
        *(_of_invalid(index) for index in indexes if not index.is_valid and not _is_leftover(index)),
        *(need for table in tables if (need := _of_table(table))),
        *(need for table in tables for need in _of_bloated(session, table, indexes)),
    ]
    return Needs(found, len(tables), len(indexes))


def leftovers(session: psycopg.Connection) -> list[Need]:
    """What interrupted REINDEXes have left."""
    why = "left by an interrupted REINDEX: written to, never read"
    return [
        Need("DROP INDEX CONCURRENTLY", index.name, why) for index in _indexes(session) if _is_leftover(index)
    ]


def _indexes(session: psycopg.Connection) -> list[Index]:
    with session.cursor(row_factory=class_row(Index)) as cursor:
        return cursor.execute(INDEXES).fetchall()


def _is_leftover(index: Index) -> bool:
    """Whether the index that it is a copy of, or was replaced by, is there and valid."""
    return not index.is_valid and bool(LEFTOVER.search(index.short_name))


def _of_invalid(index: Index) -> Need:
    return Need(
        "REINDEX INDEX CONCURRENTLY", index.name, "invalid: its build was interrupted, nobody reads it"
    )


def _of_table(table: dict[str, Any]) -> Need | None:
    name, rows = table["name"], table["rows"]
    if table["age"] > FROZEN * table["oldest_age"]:
        return Need("VACUUM (FREEZE, ANALYZE)", name, f"{table['age']:,} transactions since it was frozen")
    if table["dead"] > max(FEW, DEAD * rows):
        return Need("VACUUM (ANALYZE)", name, f"{table['dead']:,} dead rows beside {rows:,}")
    hidden = 1 - table["pages_visible"] / max(table["pages"], 1)
    if table["pages"] > PAGES and (hidden > NOT_VISIBLE or table["inserted"] > NOT_VISIBLE * rows):
        return Need(
            "VACUUM (ANALYZE)", name, "not vacuumed since it was filled: counts read the table, not an index"
        )
    if table["never_analysed"]:
        return Need("ANALYZE", name, "no statistics: the planner guesses")
    if table["changed"] > max(FEW, CHANGED * rows):
        return Need("ANALYZE", name, f"{table['changed']:,} rows changed since its statistics")
    return None


def _of_bloated(session: psycopg.Connection, table: dict[str, Any], indexes: list[Index]) -> Iterator[Need]:
    large = [
        each for each in indexes if each.table == table["name"] and each.is_valid and each.bytes > LEAST_GAIN
    ]
    if not large:
        return
    sizes = sizes_if_new(session, table["name"], table["rows"], large)
    for index in large:
        gain = index.bytes - sizes[index.name]
        if gain >= LEAST_GAIN and gain >= BLOATED * index.bytes:
            why = f"{gain / index.bytes:.0%} of its {index.bytes / 1_000_000:,.1f} MB are empty, by a sample"
            yield Need("REINDEX INDEX CONCURRENTLY", index.name, why)
