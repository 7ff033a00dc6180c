"""A backup put into a new database beside, and held against its manifest: what both restore and restore_drill do.

Nothing of the directory that answers is touched. Where anything fails, the new database is removed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from foxreviews.backup import room
from foxreviews.backup.access import MAINTENANCE, environment, session
from foxreviews.backup.backups import Backup
from foxreviews.backup.contents import AS_TEXT, differences, find_tables, read_contents
from foxreviews.backup.errors import RestoreFailed, UnusableBackup
from foxreviews.backup.manifest import Manifest
from foxreviews.backup.program import Program
from foxreviews.core.progress import Reporter
from foxreviews.localdb.binaries import client_of_major

APPLICATION = "foxreviews restore"
SECONDS_BETWEEN_LOOKS = 0.5
LONGEST_NAME = 63  # bytes
MOST_TOLD = 5  # differences


@dataclass(frozen=True)
class Proven:
    """A restored database that is what was backed up."""

    rows: int
    seconds: float  # from the first byte checked to here: what a recovery takes
    postgresql: int  # the server's major version


def check(backup: Backup, reporter: Reporter) -> Manifest:
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


@contextmanager
def restored(backup: Backup, database: str, jobs: int, reporter: Reporter) -> Iterator[Proven]:
    """A new database of that name with what the backup holds; removed where the block, or what comes before it, fails.

    Raises UnusableBackup, NoRoom, RestoreFailed, and what `failures_told` tells.
    """
    started = time.monotonic()
    manifest = check(backup, reporter)
    with session(MAINTENANCE) as server:
        version = _require_server(server, manifest)
        _require_room(server, manifest)
        drop(server, database)
        try:
            _create(server, database, manifest)
            _load(backup.folder, database, version, jobs, manifest, reporter)
            _compare(database, manifest, reporter)
            yield Proven(manifest.contents.rows, round(time.monotonic() - started, 1), version)
        except BaseException:
            with suppress(psycopg.Error):
                drop(server, database)
            raise


def named(database: str, ending: str) -> str:
    """A name with that ending, no longer than PostgreSQL takes it."""
    return database.encode()[: LONGEST_NAME - len(ending)].decode(errors="ignore") + ending


def drop(server: psycopg.Connection, database: str) -> None:
    """Remove it where it is there, whoever is connected: a killed run leaves it, and perhaps a pg_restore."""
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _require_server(server: psycopg.Connection, manifest: Manifest) -> int:
    """The server's major version. Raises UnusableBackup where it is older than that of the backup."""
    major = server.info.server_version // 10_000
    if major < int(manifest.postgresql.split(".")[0]):
        raise UnusableBackup(
            f"The backup was made by PostgreSQL {manifest.postgresql}, and this server is {major}: "
            "it goes to the same version or a later one. Nothing was touched."
        )
    return major


def _require_room(server: psycopg.Connection, manifest: Manifest) -> None:
    """On the server's disk, where that is one of this machine and its place is told."""
    with suppress(psycopg.errors.InsufficientPrivilege, PermissionError):
        row = server.execute("SELECT current_setting('data_directory')").fetchone()
        place = Path(row[0]) if row else None
        if place and place.is_dir():
            otherwise = "Make room there. Nothing was touched."
            room.require(place, manifest.database_bytes, "The restored database", otherwise)


def _create(server: psycopg.Connection, database: str, manifest: Manifest) -> None:
    """Empty, with the encoding and the order of letters of the one that was backed up."""
    options = sql.SQL(" ").join(
        sql.SQL("{} {}").format(sql.SQL(name), sql.Literal(manifest.locale[name]))
        for name in ("ENCODING", "LC_COLLATE", "LC_CTYPE")
    )
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(sql.Identifier(database), options)
    )


def _load(
    folder: Path, database: str, version: int, jobs: int, manifest: Manifest, reporter: Reporter
) -> None:
    """Run pg_restore; then gather what the planner needs to know, which is in no dump."""
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
        session(MAINTENANCE) as server,
        Program(command, environment(database, APPLICATION), RestoreFailed) as program,
    ):
        while program.goes_on():
            row = server.execute("SELECT pg_database_size(%s)", [database]).fetchone()
            there = int(row[0]) if row else 0
            stage.advance(there // 1_000_000 - stage.count, there)
            time.sleep(SECONDS_BETWEEN_LOOKS)
    with reporter.stage("Vacuum and statistics"), session(database) as opened:
        with suppress(psycopg.Error):  # see snapshot.NOT_NEEDED
            opened.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        opened.execute("VACUUM (ANALYZE)")


def _compare(database: str, manifest: Manifest, reporter: Reporter) -> None:
    """Raises UnusableBackup where what is there is not what was backed up."""
    with (
        reporter.stage("Comparing with the manifest", total=manifest.contents.rows, unit="rows") as stage,
        session(database, AS_TEXT) as opened,
    ):
        tables = [table for table in find_tables(opened) if table.is_kept]
        found = read_contents(opened, tables, stage.advance)
    if said := differences(manifest.contents, found):
        raise UnusableBackup(
            f"What was restored is not what the manifest says: {' '.join(said[:MOST_TOLD])} "
            "It was removed; the directory is as it was."
        )


@contextmanager
def failures_told() -> Iterator[None]:
    """Raises RestoreFailed for what PostgreSQL refuses in the block."""
    try:
        yield
    except RestoreFailed as error:
        raise RestoreFailed(_told(str(error))) from error
    except (psycopg.Error, DatabaseError) as error:
        raise RestoreFailed(_told(str(error).strip())) from error


def _told(said: str) -> str:
    if "permission denied to create database" in said:
        return (
            "The role may not create databases, which a restore needs: ALTER ROLE … CREATEDB, as a superuser."
        )
    return f"Not restored: {' '.join(said.split()).rstrip('.?')}. The directory is as it was."
