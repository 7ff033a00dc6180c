"""One moment of the database, which every process of a backup sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from foxreviews.backup.access import session
from foxreviews.backup.contents import AS_TEXT, TableFound, find_tables
from foxreviews.backup.errors import NothingToBackUp

DATABASE = (Path(__file__).parent / "sql" / "database.sql").read_text()
# Counts calls, needs a superuser to be made, and holds nothing of the directory: a restore makes it where it may.
NOT_NEEDED = ("plpgsql", "pg_stat_statements")


@dataclass(frozen=True)
class Snapshot:
    """Valid while `session` is in its transaction. `name` is for other sessions to see the same."""

    session: psycopg.Connection
    name: str
    made_at: str  # ISO 8601, UTC
    tables: list[TableFound]
    extensions: list[str]
    migrations: list[str]
    about: dict[str, Any]  # the columns of database.sql

    @property
    def major(self) -> int:
        """The server's version."""
        return int(self.about["version_number"]) // 10_000


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Hold one moment of the database in the block. Raises NothingToBackUp where there is no table.

    The tables are locked against being altered before the moment is chosen: what pg_dump asks the server of an index
    is answered as of now, and for one that was dropped meanwhile with nothing. Readers and writers go on.
    """
    with session(options=AS_TEXT) as opened:
        permanent = [table.name for table in find_tables(opened) if table.is_permanent]
        if not permanent:
            raise NothingToBackUp(
                "The database has no tables: there is nothing to back up. First: manage.py migrate"
            )
        opened.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        opened.execute(sql.SQL(cast(Any, f"LOCK TABLE {', '.join(permanent)} IN ACCESS SHARE MODE")))
        yield _seen(opened)


def _seen(opened: psycopg.Connection) -> Snapshot:
    with opened.cursor(row_factory=dict_row) as cursor:
        about = cast(dict[str, Any], cursor.execute(DATABASE).fetchone())
    tables = find_tables(opened)
    extensions = opened.execute(
        "SELECT extname FROM pg_extension WHERE extname <> ALL(%s) ORDER BY 1", [list(NOT_NEEDED)]
    )
    migrations: list[str] = []
    if any(table.name == "public.django_migrations" for table in tables):
        done = opened.execute("SELECT app || '.' || name FROM public.django_migrations ORDER BY 1")
        migrations = [name for (name,) in done]
    return Snapshot(
        session=opened,
        name=about["snapshot"],
        made_at=about["made_at"].isoformat(timespec="seconds"),
        tables=tables,
        extensions=[name for (name,) in extensions],
        migrations=migrations,
        about=about,
    )
