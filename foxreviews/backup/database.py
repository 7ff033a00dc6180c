"""The database server: sessions, PostgreSQL's programs, what a database holds, and two databases swapped."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import psycopg
from django.core.management.base import CommandParser
from django.db import DatabaseError, connection, connections
from psycopg import sql
from psycopg.pq import Conninfo
from psycopg.rows import dict_row

from foxreviews.backup.manifest import Contents, Table
from foxreviews.core.commands import positive
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.files import disk_space, format_bytes
from foxreviews.core.locks import advisory_lock
from foxreviews.core.processes import Child
from foxreviews.core.sql import load

MAINTENANCE = "postgres"  # the database that every server has, to connect to while another one is renamed
# A killed command leaves its session behind, which the server notices within a second. No time limit for a statement.
SETTINGS = (
    "-c client_connection_check_interval=1s -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
)
# The text of a value depends on settings; the hash must not.
AS_TEXT = (
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1 -c bytea_output=hex "
    "-c lc_monetary=C"
)
# The change log and its readers: positions in a log that another database does not have. Every index is rebuilt
# after a restore (search.index.changes.database shows that it must be).
EXCLUDED = (
    "public.search_change",
    "public.search_index",
    "public.enterprise_hidden",
    "public.dataset_change",
    "public.workers_taskrun",  # what was running then would be queued again after a restore
)

LOCK, LOCK_SECONDS = "maintenance", 1.5  # the server notices within one second that the holder was killed
LOCKED = (
    "A backup, restore, restore_drill or maintain of this database is running already. "
    "Wait for it to end: tail -f logs/backup.log logs/maintain.log"
)
MAX_JOBS = 4  # more do not help: one table is larger than all others together
SPACE_FACTOR = 1.1  # an estimate is not exact
MAX_ERROR_LINES = 3
SWAP_TRIES = 3  # of five seconds each: as long as PostgreSQL waits for the sessions to end
SECONDS_BETWEEN_ENDINGS = 0.05
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


class ProgramFailed(FoxreviewsError):
    """pg_dump or pg_restore has ended with an error; the message is its own."""


def maintenance_lock() -> AbstractContextManager[None]:
    """One backup, restore or maintenance at a time: each changes what another one measures. Raises LockedError."""
    return advisory_lock(LOCK, message=LOCKED, timeout=LOCK_SECONDS)


def add_jobs(parser: CommandParser) -> None:
    """Add --jobs, how many tables or indexes PostgreSQL's programs work on at once."""
    parser.add_argument(
        "--jobs",
        type=positive,
        metavar="N",
        default=min(os.cpu_count() or 1, MAX_JOBS),
        help=f"work on N at once (default: the cores, at most {MAX_JOBS})",
    )


def require_space(folder: Path, needed: int, what: str, hint: str) -> None:
    """Raises FoxreviewsError where the disk of `folder` has less than `needed` bytes and a tenth."""
    free = disk_space(folder).free
    if free < needed * SPACE_FACTOR:
        raise FoxreviewsError(
            f"{what} takes about {format_bytes(needed)}, and the disk of {folder} has {format_bytes(free)} left. {hint}"
        )


@contextmanager
def wrap_errors(failure: Callable[[str], FoxreviewsError]) -> Iterator[None]:
    """Raise the `failure` made of what PostgreSQL, one of its programs or the disk refuses in the block."""
    try:
        yield
    except (ProgramFailed, psycopg.Error, DatabaseError) as error:
        raise failure(" ".join(str(error).split()).rstrip(".?")) from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise failure(os.strerror(errno.ENOSPC) if full else f"{error.strerror}: {error.filename}") from error


def _parameters() -> dict[str, Any]:
    """Those of Django's connection that libpq knows."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name in known and value is not None}


@contextmanager
def connect(database: str | None = None, options: str = "") -> Iterator[psycopg.Connection]:
    """A session in `database` (Django's own where none is named), in autocommit, closed at the end of the block.

    `options` are settings of the session, «-c lock_timeout=1s».
    """
    parameters = _parameters()
    parameters["options"] = f"{parameters.get('options', '')} {SETTINGS} {options}".strip()
    if database:
        parameters["dbname"] = database
    with psycopg.connect(**parameters, autocommit=True) as session:
        yield session


def database_name() -> str:
    """The database of Django."""
    return str(connection.settings_dict["NAME"])


def exists(session: psycopg.Connection, database: str) -> bool:
    """Whether the server has a database of that name."""
    found = session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    return found.fetchone() is not None


def drop(session: psycopg.Connection, database: str) -> None:
    """Remove a database where it exists, with its sessions: a killed run leaves it, and perhaps a pg_restore."""
    session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


class Program(Child):
    """One run of pg_dump or pg_restore; leaving its block stops it, and it stops the processes of its jobs."""

    def __init__(self, command: Sequence[str], database: str, application: str) -> None:
        super().__init__()
        self._command = command
        self._messages: IO[str] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - of its own life
        # Any account can read a command line: how to connect goes into the environment.
        variables = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
        parameters = _parameters() | {"dbname": database, "application_name": application}
        self._environment = {"LC_MESSAGES": "C"} | {
            variable.decode(): str(value)
            for name, value in parameters.items()
            if (variable := variables.get(name))
        }

    def run(self) -> None:
        """Start it."""
        messages = self._messages
        self.start(
            self._command, environment=self._environment, output=messages, errors=messages, umask=0o077
        )

    def check(self) -> bool:
        """Whether it still runs. Raises ProgramFailed with the start of its error messages where it has failed."""
        code = self.exit_code
        if not code:
            return code is None
        self._messages.seek(0)
        lines = [line.strip() for line in self._messages if line.strip()]
        first = next((at for at, line in enumerate(lines) if "error:" in line), 0)
        message = " ".join(line.split("error: ", 1)[-1] for line in lines[first : first + MAX_ERROR_LINES])
        raise ProgramFailed(message or f"{self._command[0]} ended with {code}.")


@dataclass(frozen=True)
class DatabaseTable:
    """A table of the database; `name` is quoted where it must be. `bytes` are those of its rows, without indexes."""

    name: str
    is_permanent: bool
    bytes: int

    @property
    def is_included(self) -> bool:
        """Whether its rows are in a backup."""
        return self.is_permanent and self.name not in EXCLUDED


def find_tables(session: psycopg.Connection) -> list[DatabaseTable]:
    """The tables of the database, the largest first."""
    rows = session.execute(cast(Any, load(__file__, "tables"))).fetchall()
    return [DatabaseTable(name, persistence == "p", size) for name, persistence, size in rows]


def read_contents(
    session: psycopg.Connection,
    tables: Iterable[DatabaseTable],
    advance: Callable[[int], None] = lambda _: None,
) -> Contents:
    """Count and hash the tables; `advance` is called with the rows of each. The session has the settings AS_TEXT."""
    statement = load(__file__, "contents")
    found = {}
    for table in tables:
        row = session.execute(cast(Any, statement.replace("{table}", table.name))).fetchone()
        found[table.name] = Table(*cast(tuple[int, str], row))
        advance(found[table.name].rows)
    with session.cursor(row_factory=dict_row) as cursor:
        objects = cast(dict[str, int], cursor.execute(cast(Any, load(__file__, "objects"))).fetchone())
    return Contents(dict(sorted(found.items())), objects)


def swap(current: str, fresh: str, old: str) -> bool:
    """Give `fresh` the name `current`, and what had that name the name `old`; False where there was nothing.

    PostgreSQL renames a database only while it has no session. So the rename waits, with the name locked against new
    sessions, while another session ends the old ones: the service has no database for some tenths of a second, then
    finds the new one under the old name. Both renames are one transaction: where it fails or is killed, no name has
    changed. Raises psycopg.Error where sessions do not end.
    """
    _disconnect_django()
    with connect(MAINTENANCE) as terminator, connect(MAINTENANCE) as renamer:
        replaces = exists(renamer, current)
        for _ in range(SWAP_TRIES):
            with ThreadPoolExecutor(1) as pool:
                renaming = pool.submit(_rename, renamer, current, fresh, old if replaces else None)
                _end_sessions(terminator, (current, fresh), renaming)
            if not isinstance(renaming.exception(), psycopg.errors.ObjectInUse):
                break
        renaming.result()
    return replaces


def _rename(session: psycopg.Connection, current: str, fresh: str, old: str | None) -> None:
    statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with session.transaction():
        if old:
            session.execute(statement.format(sql.Identifier(current), sql.Identifier(old)))
        session.execute(statement.format(sql.Identifier(fresh), sql.Identifier(current)))


def _end_sessions(session: psycopg.Connection, databases: tuple[str, str], renaming: "Future[None]") -> None:
    """Until the rename has ended, again and again: a session may have begun before the name was locked."""
    while not renaming.done():
        for database in databases:
            session.execute(END_SESSIONS, [database])
        wait([renaming], SECONDS_BETWEEN_ENDINGS)


def _disconnect_django() -> None:
    """Close Django's own connections; it makes new ones when it needs them."""
    for each in connections.all(initialized_only=True):
        each.close()
        if each.settings_dict["OPTIONS"].get("pool"):
            each.close_pool()  # type: ignore[attr-defined]
