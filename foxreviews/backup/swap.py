"""A database put in the place of another by renaming both, in one transaction, while a service is connected.

PostgreSQL renames a database only while nobody is in it. So the rename waits, with the name locked against new
sessions, while the old ones are ended beside it: the service has no database for some tenths of a second, then finds
the new one under the old name. Whatever fails or is killed, no name has changed.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import psycopg
from django.db import connections
from psycopg import sql

from foxreviews.backup.access import MAINTENANCE, exists, session
from foxreviews.backup.errors import RestoreFailed

TRIES = 3  # of five seconds each: as long as PostgreSQL waits for the sessions to end
SECONDS_BETWEEN_ENDINGS = 0.05
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def swap(current: str, fresh: str, kept: str) -> bool:
    """Give `fresh` the name of `current`, and that one the name `kept`; False where there was none to keep.

    Raises RestoreFailed where sessions will not end.
    """
    with _django_away(), session(MAINTENANCE) as ender, session(MAINTENANCE) as renamer:
        replaces = exists(renamer, current)
        for _ in range(TRIES):
            with ThreadPoolExecutor(1) as pool:
                renaming = pool.submit(_rename, renamer, current, fresh, kept if replaces else None)
                _end_sessions(ender, (current, fresh), renaming)
            if renaming.exception() is None:
                return replaces
            if not isinstance(renaming.exception(), psycopg.errors.ObjectInUse):
                break
        raise RestoreFailed(f"{current} could not be renamed: {renaming.exception()}")


def _rename(renamer: psycopg.Connection, current: str, fresh: str, kept: str | None) -> None:
    statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with renamer.transaction():
        if kept:
            renamer.execute(statement.format(sql.Identifier(current), sql.Identifier(kept)))
        renamer.execute(statement.format(sql.Identifier(fresh), sql.Identifier(current)))


def _end_sessions(ender: psycopg.Connection, databases: tuple[str, str], renaming: "Future[None]") -> None:
    """Again and again, until the rename has ended: a session may have begun before the name was locked."""
    while not renaming.done():
        for database in databases:
            ender.execute(END_SESSIONS, [database])
        wait([renaming], SECONDS_BETWEEN_ENDINGS)


@contextmanager
def _django_away() -> Iterator[None]:
    """Django's own connections are closed in the block; it makes new ones when it needs them."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.settings_dict["OPTIONS"].get("pool"):
            connection.close_pool()  # type: ignore[attr-defined]
    yield
