"""What needs to be done, done: one thing after another, each with what it gained."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql

from foxreviews.backup.database import connect
from foxreviews.ops.maintenance.needs import Need, leftovers

OLDEST = (Path(__file__).parent / "sql" / "oldest.sql").read_text()
# Nobody waits behind a lock that is waited for; and the disk is left to the service as by autovacuum.
SETTINGS = "-c lock_timeout=5s -c vacuum_cost_delay=2ms"


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
        """For machines."""
        facts = asdict(self)
        return {**facts.pop("need"), **facts, "gained": self.gained}


@contextmanager
def at_work() -> Iterator[psycopg.Connection]:
    """A session to measure and to work in, that nobody has to wait for."""
    with connect(options=SETTINGS) as opened:
        yield opened


def do(opened: psycopg.Connection, needs: Iterable[Need]) -> Iterator[Done]:
    """Do one after another; an index half made because its table is in use does not stay until the next run."""
    for need in needs:
        done = _do(opened, need)
        yield done
        if done.problem and need.action.startswith("REINDEX"):
            for left in leftovers(opened):
                yield _do(opened, left)


def _do(opened: psycopg.Connection, need: Need) -> Done:
    """What is refused, or locked for too long, is told in `problem`; the table and index are as before."""
    before, started = _bytes(opened, need.name), time.monotonic()
    problem = ""
    try:
        opened.execute(sql.SQL(cast(Any, need.statement)))
        problem = _left_dead(opened, need)
    except psycopg.errors.LockNotAvailable:
        holder = _oldest(opened, seeing=False)
        problem = f"in use{f' by {holder}' if holder else ''}. Run the same command again later."
    except psycopg.Error as error:
        if opened.closed:
            raise
        problem = str(error).strip()
    after = _bytes(opened, need.name)
    return Done(need, before, after, round(time.monotonic() - started, 1), problem)


def _bytes(opened: psycopg.Connection, name: str) -> int:
    row = opened.execute("SELECT pg_total_relation_size(to_regclass(%s))", [name]).fetchone()
    return int(row[0] or 0) if row else 0


def _left_dead(opened: psycopg.Connection, need: Need) -> str:
    """Why a vacuum has left dead rows."""
    if not need.action.startswith("VACUUM"):
        return ""
    row = opened.execute(
        "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = to_regclass(%s)", [need.name]
    ).fetchone()
    holder = _oldest(opened, seeing=True) if row and row[0] else ""
    return f"{row[0]:,} dead rows stay: they are still seen by {holder}" if row and holder else ""


def _oldest(opened: psycopg.Connection, *, seeing: bool) -> str:
    row = opened.execute(OLDEST, {"seeing": seeing}).fetchone()
    return str(row[0]) if row else ""
