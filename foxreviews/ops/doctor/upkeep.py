"""How the tables are kept: dead rows, statistics, transaction numbers, and what must never be switched off."""

from collections.abc import Iterator
from typing import Any

from foxreviews.core.findings import Finding, Severity
from foxreviews.ops import psql, sizes, statement

MOST_DEAD = 0.2  # of the rows
MOST_CHANGED = 0.2  # of the rows, since the statistics were taken
WRAPS_AT = 2_000_000_000  # transactions; PostgreSQL stops taking writes shortly before
AGEING, OLD = 500_000_000, 1_500_000_000
SAFE = ("fsync", "full_page_writes", "autovacuum", "track_counts")


def tables() -> Iterator[Finding]:
    """Dead rows and stale statistics of each table that is large enough to matter."""
    ailing = [finding for row in statement.rows("upkeep") for finding in _table(row)]
    yield from ailing
    if not ailing:
        yield Finding("tables", Severity.OK, "few dead rows, fresh statistics")


def _table(row: dict[str, Any]) -> Iterator[Finding]:
    name, rows = row["name"], max(row["rows"], row["live"])
    if max(rows, row["dead"]) < sizes.ENOUGH_ROWS:
        return
    if row["dead"] > MOST_DEAD * rows:
        yield Finding(
            f"dead rows, {name}", Severity.WARNING, f"{row['dead']:,} beside {rows:,} live ones",
            "Replaced and deleted rows stay until VACUUM: queries read past them.",
            "manage.py maintain", {"dead": row["dead"], "rows": rows},
        )  # fmt: skip
    if row["analysed_at"] is None or row["changed"] > MOST_CHANGED * rows:
        when = f"{row['changed']:,} rows changed since" if row["analysed_at"] else "never taken"
        yield Finding(
            f"statistics, {name}", Severity.WARNING, when,
            "The planner chooses by them how to look; stale ones make it read whole tables.",
            "manage.py maintain", {"changed": row["changed"], "rows": rows},
        )  # fmt: skip


def wraparound() -> Iterator[Finding]:
    """How far the oldest transaction number is from where they begin anew."""
    age = int(statement.value("SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()"))
    found = f"the oldest is {age:,} old, {age / WRAPS_AT:.1%} of what there are"
    figures = {"age": age}
    if age < AGEING:
        yield Finding("transaction numbers", Severity.OK, found, figures=figures)
    else:
        yield Finding(
            "transaction numbers", Severity.ERROR if age > OLD else Severity.WARNING, found,
            "PostgreSQL stops taking writes before they begin anew. Autovacuum should have seen to it: look for a "
            "transaction that is open for days.", psql.statement("VACUUM (FREEZE)"), figures,
        )  # fmt: skip


def safety() -> Iterator[Finding]:
    """Settings that lose data or let tables rot when they are off."""
    off = [name for name in SAFE if statement.value("SELECT current_setting(%s)", name) != "on"]
    if not off:
        yield Finding("safety", Severity.OK, f"{', '.join(SAFE)} are on")
        return
    yield Finding(
        "safety", Severity.ERROR, f"{', '.join(off)} off",
        "Without the first two a power cut damages the database; without the others dead rows pile up.",
        psql.typed(*(word for name in off for word in ("-c", f"ALTER SYSTEM SET {name} = on")),
                   "-c", "SELECT pg_reload_conf()"),
        {"off": off},
    )  # fmt: skip
