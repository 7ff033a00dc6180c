"""The log of what changed in the database, read so that nothing is missed and nobody is waited for.

A position in the log is a snapshot (pg_snapshot): exactly which transactions were done. What a later snapshot sees and
this one did not is what has changed meanwhile, in whatever order transactions began and committed.
"""

from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from foxreviews.search.errors import UnusableIndexError

FOLDER = Path(__file__).parent / "sql"
CHANNEL = "search_change"  # notified at the commit of each transaction that writes to the log
NEWS = (FOLDER / "changes_since.sql").read_text()
LAG = (FOLDER / "lag.sql").read_text()
DATABASE = (FOLDER / "database.sql").read_text()
MOST_COUNTED = 100_000


@dataclass(frozen=True)
class Changes:
    """What changed between two positions; `position` is the later one."""

    position: str
    sirens: list[str]  # each once; as they are in the table, so perhaps no SIREN at all
    everything: bool  # more companies than were worth naming
    reperes: bool  # towns
    entries: int
    seconds: float  # since the oldest was made


def since(position: str) -> Changes:
    """What changed since then."""
    with connection.cursor() as cursor:
        cursor.execute(NEWS, {"position": position})
        now, sirens, everything, reperes, entries, seconds = cursor.fetchone()
    return Changes(now, sirens, everything, reperes, entries, float(seconds or 0))


def lag(position: str) -> tuple[int, float]:
    """How many changes there were since then, counted to MOST_COUNTED, and the age of the oldest in seconds."""
    with connection.cursor() as cursor:
        cursor.execute(LAG, {"position": position, "most": MOST_COUNTED})
        entries, seconds = cursor.fetchone()
    return entries, float(seconds)


def position() -> str:
    """The position of what the current transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def database() -> str:
    """Which database the log is in. Positions of another one mean nothing here.

    Raises UnusableIndexError where there is no log: the database is older than this program.
    """
    with connection.cursor() as cursor:
        cursor.execute(DATABASE)
        (found,) = cursor.fetchone()
    if found is None:
        raise UnusableIndexError("The database has no log of changes yet: manage.py migrate makes it.")
    return str(found)
