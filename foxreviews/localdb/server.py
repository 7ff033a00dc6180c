"""Starting the server's process, and what a database needs once it runs."""

import os
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from foxreviews.core.processes import is_alive
from foxreviews.localdb import creation, process
from foxreviews.localdb.account import Account
from foxreviews.localdb.binaries import Binaries
from foxreviews.localdb.errors import LocaldbError

LARGEST_LOG = 20 * 1024**2  # bytes; a larger one is set aside at the next start
PATIENCE = 600.0  # seconds; the server replays the WAL of an interrupted load before it takes connections
SHOWN_LINES = 12

# The shell ends at once, so the server is no child of ours: it outlives the command that started it, and
# never stays a zombie for want of a parent that waits for it.
DETACHED = '"$@" >&2 & echo $!'


def launch(binaries: Binaries, data: Path, log: Path, account: Account) -> None:
    """Start the server on `data` and wait until it takes connections.

    Raises LocaldbError with the end of the server's log where it does not.
    """
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        account.own(log)
        start = os.fstat(descriptor).st_size
        shell = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with our own arguments
            ["/bin/sh", "-c", DETACHED, "sh", binaries.program("postgres"), "-D", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            text=True,
            check=False,
            cwd=data.parent,
            env=creation.environment(),
            start_new_session=True,  # Ctrl-C in the terminal is not for the server
            **account.process_options,
        )
    finally:
        os.close(descriptor)
    if not shell.stdout.strip().isdigit():
        raise LocaldbError(f"PostgreSQL could not be started. The end of {log}:\n{_tail(log, start)}")
    _wait_until_ready(int(shell.stdout), data, log, start)


def _wait_until_ready(pid: int, data: Path, log: Path, start: int) -> None:
    limit = time.monotonic() + PATIENCE
    while not (process.postmaster(data) == pid and process.is_ready(data)):
        if not is_alive(pid):
            raise LocaldbError(f"PostgreSQL did not start. The end of {log}:\n{_tail(log, start)}")
        if time.monotonic() > limit:
            raise LocaldbError(f"PostgreSQL is not ready after {PATIENCE:.0f} s. See {log}")
        time.sleep(0.02)


def _tail(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-SHOWN_LINES:])


def furnish(settings: dict[str, str], extensions: Iterable[str]) -> None:
    """Create the database and the extensions where they are missing."""
    import psycopg  # noqa: PLC0415 - 0.1 s that commands without a database need not pay
    from psycopg import sql  # noqa: PLC0415
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    name = settings["NAME"]
    place = make_conninfo(host=settings["HOST"], port=settings["PORT"], user=settings["USER"])
    try:
        with psycopg.connect(place, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with psycopg.connect(place, dbname=name, autocommit=True) as connection:
            for extension in extensions:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                )
    except psycopg.errors.UndefinedFile as error:
        raise LocaldbError(f"PostgreSQL's contrib modules are not installed: {error}") from error
    except psycopg.Error as error:
        raise LocaldbError(f"PostgreSQL runs, but the database {name} cannot be prepared: {error}") from error
