"""A cluster made, its server started, and what a database needs once it runs."""

import locale
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from foxreviews.core.processes import is_alive
from foxreviews.localdb import process
from foxreviews.localdb.account import Account, LocaldbError
from foxreviews.localdb.binaries import Binaries

SUPERUSER = "postgres"
IDENT_MAP = "foxreviews"
CONFIGURATION = "foxreviews.conf"
EXTENSIONS = ("pg_stat_statements", "pg_trgm", "unaccent")

# That é and É are one letter comes from the locale. C.UTF-8 knows it, and sorts by code point.
LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "fr_FR.UTF-8", "en_GB.UTF-8", "de_DE.UTF-8")

HBA = f"""\
# Written by foxreviews at each start. Only the unix socket, only the accounts that pg_ident.conf names.
local all all peer map={IDENT_MAP}
"""

MAX_LOG = 20 * 1024**2  # bytes; a larger one is set aside at the next start
START_SECONDS = (
    600.0  # seconds; the server replays the WAL of an interrupted load before it takes connections
)
LOG_LINES = 12

# The shell ends at once, so the server is no child of this process: it outlives the command that started it, and
# never stays a zombie for want of a parent that waits for it.
DETACHED = '"$@" >&2 & echo $!'


def initialise(data: Path, binaries: Binaries, account: Account, lock: int) -> None:
    """Run initdb in a folder next to `data` and rename it when it is complete.

    initdb inherits the file descriptor `lock`: when this process is killed, others stay out until initdb,
    which may outlive it, has ended. Raises LocaldbError where initdb fails (no room on the disk).
    """
    draft = data.with_name("data.new")
    _remove_draft(draft)
    command = [
        binaries.program("initdb"),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        f"--locale={_utf8_locale()}",
        "--auth=peer",
    ]
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with our own arguments
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=data.parent,
        env=environment(),
        pass_fds=(lock,),
        **account.process_options,
    )
    if done.returncode != 0:
        _remove_draft(draft)
        raise LocaldbError(f"The PostgreSQL cluster could not be made in {data.parent}:\n{_reason(done)}")
    with (draft / "postgresql.conf").open("a") as file:
        file.write(f"\ninclude_if_exists = '{CONFIGURATION}'\n")
    draft.rename(data)


def configure(data: Path, account: Account, settings: str) -> None:
    """Write who may connect and the settings of this machine; PostgreSQL reads them when it starts."""
    for name, text in {CONFIGURATION: settings, "pg_hba.conf": HBA, "pg_ident.conf": _ident(account)}.items():
        draft = data / f"{name}.new"
        draft.write_text(text)
        draft.chmod(0o600)
        account.own(draft)
        draft.replace(data / name)


def environment() -> dict[str, str]:
    """What PostgreSQL's programs get of our environment: no PG… variable and no language."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _ident(account: Account) -> str:
    names = dict.fromkeys(("root", account.name, pwd.getpwuid(os.geteuid()).pw_name))
    lines = [f'{IDENT_MAP} "{name}" {SUPERUSER}\n' for name in names]
    return "# Written by foxreviews at each start: who may be the superuser.\n" + "".join(lines)


def _utf8_locale() -> str:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in LOCALES:
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise LocaldbError(
        f"This system has none of the locales {', '.join(LOCALES)}. Type: sudo locale-gen en_US.UTF-8"
    )


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return "\n".join(lines[-5:]) or f"initdb ended with {done.returncode}"


def _remove_draft(draft: Path) -> None:
    if draft.exists():
        shutil.rmtree(draft)


def launch(binaries: Binaries, data: Path, log: Path, account: Account) -> None:
    """Start the server on `data` and wait until it takes connections.

    Raises LocaldbError with the end of the server's log where it does not.
    """
    if log.exists() and log.stat().st_size > MAX_LOG:
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
            env=environment(),
            start_new_session=True,  # Ctrl-C in the terminal is not for the server
            **account.process_options,
        )
    finally:
        os.close(descriptor)
    if not shell.stdout.strip().isdigit():
        raise LocaldbError(f"PostgreSQL could not be started. The end of {log}:\n{_tail(log, start)}")
    _wait_until_ready(int(shell.stdout), data, log, start)


def _wait_until_ready(pid: int, data: Path, log: Path, start: int) -> None:
    limit = time.monotonic() + START_SECONDS
    while not (process.postmaster(data) == pid and process.is_ready(data)):
        if not is_alive(pid):
            raise LocaldbError(f"PostgreSQL did not start. The end of {log}:\n{_tail(log, start)}")
        if time.monotonic() > limit:
            raise LocaldbError(f"PostgreSQL is not ready after {START_SECONDS:.0f} s. See {log}")
        time.sleep(0.02)


def _tail(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-LOG_LINES:])


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


def count_sessions(settings: dict[str, str]) -> int:
    """How many sessions of clients the server has besides this one; 0 where it takes none."""
    import psycopg  # noqa: PLC0415
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    place = make_conninfo(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname="postgres"
    )
    clients = "SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"
    try:
        with psycopg.connect(place, autocommit=True) as connection:
            ((sessions,),) = connection.execute(clients).fetchall()
    except psycopg.Error:
        return 0
    return int(sessions)
