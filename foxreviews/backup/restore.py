"""A backup restored next to the directory, compared with its manifest, and put in the place of the directory.

What is restored becomes a new database; where anything fails, that one is removed. The directory that answers is
touched only by the swap.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from foxreviews.backup.database import (
    AS_TEXT,
    MAINTENANCE,
    Program,
    connect,
    database_name,
    drop,
    exists,
    find_tables,
    maintenance_lock,
    read_contents,
    require_space,
    swap,
    wrap_errors,
)
from foxreviews.backup.manifest import Backup, Manifest, UnusableBackup
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.locks import advisory_lock
from foxreviews.core.progress import Reporter
from foxreviews.importing.models import LOCK as IMPORTS
from foxreviews.localdb.binaries import client_of_major
from foxreviews.search.cluster.reader import configured_storage
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index.rebuild import catch_up
from foxreviews.search.index.storage import IndexStorage, State
from foxreviews.search.upkeep import catch_up_index

APPLICATION = "foxreviews restore"
ALIAS = "restored"
SECONDS_BETWEEN_LOOKS = 0.5
MAX_NAME = 63  # bytes of a database's name
MAX_DIFFERENCES = 5  # in a message
REBUILD_REASON = "The database was restored from a backup."


class RestoreFailed(FoxreviewsError):
    """The database is as it was before."""

    code = "restore-failed"


@dataclass(frozen=True)
class Proven:
    """A restored database that is what was backed up."""

    rows: int
    seconds: float  # from the first byte checked to here: what a recovery takes
    postgresql: int  # the server's major version


@dataclass(frozen=True)
class Restored:
    """`old` is the name of the database that answered before, "" where there was none."""

    rows: int
    old: str


def restore(backup: Backup, jobs: int, reporter: Reporter) -> Restored:
    """Put the backup in the place of the database.

    Raises LockedError, UnusableBackup, RestoreFailed, FoxreviewsError where the disk is too small; whatever is raised,
    the database is as it was.
    """
    current = database_name()
    old = derived_name(current, f"_before_{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    fresh = derived_name(current, "_restoring")
    with wrap_errors(restore_failed), ExitStack() as locks:
        with connect(MAINTENANCE) as server:
            replaces = exists(server, current)
        if replaces:
            locks.enter_context(maintenance_lock())
            locks.enter_context(
                advisory_lock(IMPORTS, message="An import is running. Stop it, or wait for it to end.")
            )
        with restored(backup, fresh, jobs, reporter) as proven:
            with reporter.stage("Tables of this version"):
                _migrate(fresh)
            locks.close()  # they are in the database that is renamed now
            with reporter.stage("Swapping"):
                replaces = swap(current, fresh, old)
    return Restored(proven.rows, old if replaces else "")


def refresh_index(storage: IndexStorage, reporter: Reporter) -> None:
    """Have the search index rebuilt: what it holds is of the other database. PostgreSQL answers meanwhile.

    Raises IndexFailedError.
    """
    try:
        generation = storage.required()
        state = State.read(generation)
    except UnusableIndexError:
        return
    replace(state, rebuild_reason=REBUILD_REASON, unusable=True).write(generation)
    if storage.writer_pid():
        reporter.line(
            "The search index is being rebuilt by its daemon; PostgreSQL answers searches meanwhile."
        )
    else:
        catch_up(storage, reporter)


def refresh_cluster(reporter: Reporter) -> None:
    """The same of the index in a cluster. One that is away notices by itself, once it is back."""
    storage = configured_storage()
    try:
        generation, state = storage.known()
        storage.write_state(generation, replace(state, rebuild_reason=REBUILD_REASON, unusable=True))
        if storage.writer_pid():
            reporter.line(
                "The search index is being rebuilt by its daemon; another engine answers meanwhile."
            )
        else:
            catch_up_index(reporter)
    except UnusableIndexError:
        return
    except IndexFailedError as error:
        reporter.line(f"{error}. When it answers again: manage.py search_rebuild")


@contextmanager
def restored(backup: Backup, database: str, jobs: int, reporter: Reporter) -> Iterator[Proven]:
    """A new database of that name with what the backup holds; removed where the block, or what comes before it, fails.

    Raises UnusableBackup, FoxreviewsError, and what `wrap_errors` wraps.
    """
    started = time.monotonic()
    manifest = _check(backup, reporter)
    with connect(MAINTENANCE) as server:
        version = _require_version(server, manifest)
        _require_space(server, manifest)
        drop(server, database)
        try:
            _create(server, database, manifest)
            _load(server, backup.folder, database, version, jobs, manifest, reporter)
            _compare(database, manifest, reporter)
            yield Proven(manifest.contents.rows, round(time.monotonic() - started, 1), version)
        except BaseException:
            with suppress(psycopg.Error):
                drop(server, database)
            raise


def derived_name(database: str, ending: str) -> str:
    """A name with that ending, no longer than PostgreSQL allows."""
    return database.encode()[: MAX_NAME - len(ending)].decode(errors="ignore") + ending


def restore_failed(reason: str) -> RestoreFailed:
    """The error with what PostgreSQL or the disk has refused."""
    if "permission denied to create database" in reason:
        return RestoreFailed(
            "The role may not create databases, which a restore needs: ALTER ROLE … CREATEDB, as a superuser."
        )
    return RestoreFailed(f"Not restored: {reason}. The directory is as it was.")


def _check(backup: Backup, reporter: Reporter) -> Manifest:
    """Read every byte of the backup, and see that this program knows its schema. Raises UnusableBackup."""
    with reporter.stage("Checking the backup"):
        problem = backup.damage()
    if problem or backup.manifest is None:
        raise UnusableBackup(f"The backup {backup.name} cannot be restored: {problem} Nothing was touched.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := [migration for migration in backup.manifest.migrations if migration not in known]:
        raise UnusableBackup(
            f"The backup {backup.name} was made by a newer foxreviews: this one does not know {', '.join(newer)}. "
            "Update foxreviews, then restore. Nothing was touched."
        )
    return backup.manifest


def _require_version(server: psycopg.Connection, manifest: Manifest) -> int:
    """The server's major version. Raises UnusableBackup where it is older than that of the backup."""
    major = server.info.server_version // 10_000
    if major < int(manifest.postgresql.split(".")[0]):
        raise UnusableBackup(
            f"The backup was made by PostgreSQL {manifest.postgresql}, and this server is {major}: "
            "it needs the same version or a later one. Nothing was touched."
        )
    return major


def _require_space(server: psycopg.Connection, manifest: Manifest) -> None:
    """On the server's disk, where that is one of this machine and the role may know where."""
    with suppress(psycopg.errors.InsufficientPrivilege, PermissionError):
        row = server.execute("SELECT current_setting('data_directory')").fetchone()
        folder = Path(row[0]) if row else None
        if folder and folder.is_dir():
            hint = "Free some there. Nothing was touched."
            require_space(folder, manifest.database_bytes, "The restored database", hint)


def _create(server: psycopg.Connection, database: str, manifest: Manifest) -> None:
    """Empty, with the encoding and the collation of the one that was backed up."""
    options = sql.SQL(" ").join(
        sql.SQL("{} {}").format(sql.SQL(name), sql.Literal(manifest.locale[name]))
        for name in ("ENCODING", "LC_COLLATE", "LC_CTYPE")
    )
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(sql.Identifier(database), options)
    )


def _load(
    server: psycopg.Connection,
    folder: Path,
    database: str,
    version: int,
    jobs: int,
    manifest: Manifest,
    reporter: Reporter,
) -> None:
    """Run pg_restore; then gather the planner's statistics, which are in no dump."""
    command = [
        client_of_major("pg_restore", version),
        "--format=directory",
        f"--jobs={jobs}",
        "--exit-on-error",
        "--no-owner",
        f"--dbname={database}",
        str(folder),
    ]
    with (
        reporter.stage("Restoring", total=manifest.database_bytes, unit="MB") as stage,
        Program(command, database, APPLICATION) as program,
    ):
        program.run()
        while program.check():
            row = server.execute("SELECT pg_database_size(%s)", [database]).fetchone()
            size = int(row[0]) if row else 0
            stage.advance(size // 1_000_000 - stage.count, size)
            time.sleep(SECONDS_BETWEEN_LOOKS)
    with reporter.stage("Vacuum and statistics"), connect(database) as session:
        with suppress(psycopg.Error):  # see backup.OPTIONAL_EXTENSIONS
            session.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        session.execute("VACUUM (ANALYZE)")


def _compare(database: str, manifest: Manifest, reporter: Reporter) -> None:
    """Raises UnusableBackup where what was restored is not what was backed up."""
    with (
        reporter.stage("Comparing with the manifest", total=manifest.contents.rows, unit="rows") as stage,
        connect(database, AS_TEXT) as session,
    ):
        tables = [table for table in find_tables(session) if table.is_included]
        found = read_contents(session, tables, stage.advance)
    if differences := manifest.contents.differences(found):
        raise UnusableBackup(
            f"What was restored is not what the manifest says: {' '.join(differences[:MAX_DIFFERENCES])} "
            "It was removed; the directory is as it was."
        )


def _migrate(database: str) -> None:
    """Bring the schema of an older backup to that of this program."""
    settings = connections["default"].settings_dict
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "pool"}
    connections.settings[ALIAS] = settings | {"NAME": database, "OPTIONS": options}
    try:
        call_command("migrate", database=ALIAS, verbosity=0, interactive=False)
    finally:
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]
