"""The log of what changed in the database, read so that nothing is missed and no transaction is waited for.

A position in the log is a snapshot (pg_snapshot): exactly which transactions were done. What a later snapshot sees and
this one did not is what has changed meanwhile, in whatever order transactions began and committed.

The indexes that follow the log, on any machine, report how far they have come: the log is kept for the slowest.
"""

import socket
from dataclasses import dataclass
from pathlib import PurePath

from django.db import connection, transaction

from foxreviews.core import sql
from foxreviews.enterprise import hidden_since
from foxreviews.search.errors import IndexFailedError

CHANNEL = "search_change"  # notified at the commit of each transaction that writes to the log
SINCE = sql.load(__file__, "changes_since")
LAG = sql.load(__file__, "lag")
DATABASE = sql.load(__file__, "database")
REPORT = sql.load(__file__, "report")
PRUNE = sql.load(__file__, "prune")
ADD_UP = sql.load(__file__, "add_up_changes")
MAX_COUNTED = 100_000
MAX_COUNTS = 100  # entries of dataset_change, which are counted each second
MAX_DAYS_AWAY = 3  # an index that has not reported for so long is rebuilt when it returns


@dataclass(frozen=True)
class Changes:
    """What changed between two positions; `position` is the later one."""

    position: str
    sirens: list[str]  # each once; as they are in the table, so perhaps not valid
    everything: bool  # more companies than were noted one by one
    places: bool  # towns
    entries: int
    seconds: float  # age of the oldest


def since(position: str) -> Changes:
    """What changed since then."""
    with connection.cursor() as cursor:
        cursor.execute(SINCE, {"position": position})
        now, sirens, everything, places, entries, seconds = cursor.fetchone()
    return Changes(now, sirens, everything, places, entries, float(seconds or 0))


def lag(position: str) -> tuple[int, float]:
    """How many changes there were since then, counted to MAX_COUNTED, and the age of the oldest in seconds."""
    with connection.cursor() as cursor:
        cursor.execute(LAG, {"position": position, "max_counted": MAX_COUNTED})
        entries, seconds = cursor.fetchone()
    return entries, float(seconds)


def position() -> str:
    """The position of what the current transaction sees."""
    return str(sql.value("SELECT pg_current_snapshot()::text"))


def database() -> str:
    """Which database the log is in. Positions of another one mean nothing here.

    Raises IndexFailedError where there is no log: the database is older than this program, and no index helps.
    """
    found = sql.value(DATABASE)
    if found is None:
        raise IndexFailedError("The database has no log of changes yet. Run: manage.py migrate")
    return str(found)


def register(generation: PurePath, position: str) -> None:
    """Keep the log from that position on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_index (generation, place, position) VALUES (%s, %s, %s)",
            [generation.name, f"{socket.gethostname()}:{generation}", position],
        )


def report(generation: str, position: str) -> bool:
    """The index has come to that position; False where the log is no longer kept for it, and it must be rebuilt."""
    with connection.cursor() as cursor:
        cursor.execute(REPORT, {"generation": generation, "position": position})
        return bool(cursor.rowcount)


def unregister(generations: list[str]) -> None:
    """They were removed."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_index WHERE generation = ANY(%s)", [generations])


def prune() -> None:
    """Remove the entries that no index needs any more."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_index WHERE seen_at < now() - make_interval(days => %s)", [MAX_DAYS_AWAY]
        )
        cursor.execute(PRUNE)
        cursor.execute(ADD_UP, {"max_entries": MAX_COUNTS})
    hidden_since.forget_old()
