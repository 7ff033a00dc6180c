"""A backup made: everything in a draft folder, then one rename.

Killed at any moment it leaves a draft, which the next one removes, and never half a backup. The rows are dumped by
several processes and hashed by this one, all in one snapshot; readers and writers do not wait for it.
"""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg

from foxreviews.backup.database import (
    AS_TEXT,
    EXCLUDED,
    DatabaseTable,
    Program,
    connect,
    database_name,
    find_tables,
    maintenance_lock,
    read_contents,
    require_space,
    wrap_errors,
)
from foxreviews.backup.manifest import FORMAT, Backup, Contents, File, Manifest, list_backups, newest
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.files import bytes_in, sync_folder
from foxreviews.core.progress import Reporter, Stage
from foxreviews.core.sql import load
from foxreviews.localdb.binaries import client_of_major

# gzip's, of 9. 1,000,000 companies: 5.1 s and 89 MB with 3, 5.0 s and 94 MB with 1, 19.8 s and 81 MB with 6.
COMPRESSION = 3
COMPRESSED_SHARE = 0.4  # of the tables' bytes, where there is no earlier backup; 0.33 of generated companies
APPLICATION = "foxreviews backup"  # the application_name of pg_dump's sessions
SECONDS_BETWEEN_LOOKS = 0.2
DRAFT = ".part"  # how the name of a draft folder ends; it begins with a dot
# Counts calls, needs a superuser to be created, and holds nothing of the directory: a restore creates it where it may.
OPTIONAL_EXTENSIONS = ("plpgsql", "pg_stat_statements")


class BackupFailed(FoxreviewsError):
    """No backup was made; the earlier ones stay."""

    code = "backup-failed"


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database. Other sessions see it by its `name` while `session` is in its transaction."""

    session: psycopg.Connection
    name: str
    major: int  # the server's version
    about: dict[str, Any]  # what a Manifest has of the database
    tables: list[DatabaseTable]
    extensions: list[str]
    migrations: list[str]

    @property
    def included(self) -> list[DatabaseTable]:
        """The tables whose rows are in a backup."""
        return [table for table in self.tables if table.is_included]


def back_up(folder: Path, jobs: int, reporter: Reporter) -> Backup:
    """Make a backup of the database in `folder`.

    Raises LockedError, BackupFailed, BinariesMissingError, FoxreviewsError where the disk is too small; whatever is
    raised, the earlier backups stay.
    """
    started = time.monotonic()
    with maintenance_lock(), wrap_errors(lambda reason: BackupFailed(_explain(reason, folder))):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_drafts(folder)
        with snapshot() as seen:
            estimate = _estimate(folder, seen)
            require_space(folder, estimate, "The backup", "Free some, or name another disk: BACKUP_DIR")
            with _draft(folder, seen) as draft:
                contents = _dump(seen, draft, jobs, estimate, reporter)
                with reporter.stage("Checksums"):
                    files = {path.name: File.of(path) for path in sorted(draft.iterdir())}
                seconds = round(time.monotonic() - started, 1)
                Manifest(
                    FORMAT,
                    seconds=seconds,
                    migrations=seen.migrations,
                    contents=contents,
                    files=files,
                    **seen.about,
                ).write(draft)
                return Backup.at(_publish(draft))


def remove_old(folder: Path, keep: int, made: Backup) -> list[Backup]:
    """Remove the oldest, so that `keep` complete ones stay, `made` among them; those that were removed.

    Incomplete ones are neither counted nor removed: a person may still want to look at them.
    """
    complete = [backup for backup in list_backups(folder) if backup.is_complete and backup.name != made.name]
    old = complete[max(keep - 1, 0) :]
    for backup in old:
        draft = folder / f".{backup.name}{DRAFT}"
        backup.folder.rename(draft)  # killed here, it is a draft, not half a backup
        shutil.rmtree(draft)
    return old


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Hold one moment of the database in the block. Raises BackupFailed where there is no table.

    The tables are locked against being altered before the moment is chosen: pg_dump asks the server for the definition
    of an index, which is that of now, and empty for one that was dropped meanwhile. Readers and writers go on.
    """
    with connect(options=AS_TEXT) as session:
        permanent = [table.name for table in find_tables(session) if table.is_permanent]
        if not permanent:
            raise BackupFailed(
                "The database has no tables: there is nothing to back up. First: manage.py migrate"
            )
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        session.execute(cast(Any, f"LOCK TABLE {', '.join(permanent)} IN ACCESS SHARE MODE"))
        yield _read_snapshot(session)


def _read_snapshot(session: psycopg.Connection) -> Snapshot:
    name, major, about = cast(Any, session.execute(cast(Any, load(__file__, "database"))).fetchone())
    tables = find_tables(session)
    extensions = session.execute(
        "SELECT extname FROM pg_extension WHERE extname <> ALL(%s) ORDER BY 1", [list(OPTIONAL_EXTENSIONS)]
    ).fetchall()
    migrations: list[tuple[str]] = []
    if any(table.name == "public.django_migrations" for table in tables):
        migrations = session.execute(
            "SELECT app || '.' || name FROM public.django_migrations ORDER BY 1"
        ).fetchall()
    return Snapshot(
        session, name, major, about, tables, [row[0] for row in extensions], [row[0] for row in migrations]
    )


def _dump(seen: Snapshot, draft: Path, jobs: int, estimate: int, reporter: Reporter) -> Contents:
    """Run pg_dump, and count and hash meanwhile; `estimate` is of bytes."""
    command = [
        client_of_major("pg_dump", seen.major),
        "--format=directory",
        f"--file={draft}",
        f"--jobs={jobs}",
        f"--snapshot={seen.name}",
        f"--compress={COMPRESSION}",
        *(f"--extension={name}" for name in seen.extensions),
        *(f"--exclude-table-data={name}" for name in EXCLUDED),
        *(f"--exclude-table={table.name}" for table in seen.tables if not table.is_permanent),
    ]
    with (
        reporter.stage("Dumping and hashing", total=estimate, unit="MB") as stage,
        ThreadPoolExecutor(1) as pool,
        Program(command, database_name(), APPLICATION) as program,
    ):
        program.run()
        reading = pool.submit(read_contents, seen.session, seen.included)
        try:
            _watch(program, reading, draft, stage)
        except BaseException:
            seen.session.cancel_safe()
            raise
        return reading.result()


def _watch(program: Program, reading: "Future[Contents]", draft: Path, stage: Stage) -> None:
    """Until both have ended, or one has failed."""
    while program.check() or not reading.done():
        if reading.done():
            reading.result()
        written = bytes_in(draft)
        stage.advance(written // 1_000_000 - stage.count, written)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _estimate(folder: Path, seen: Snapshot) -> int:
    """Bytes of the backup; no less than those of the last one."""
    last = newest(folder)
    return max(int(sum(table.bytes for table in seen.included) * COMPRESSED_SHARE), last.bytes if last else 0)


@contextmanager
def _draft(folder: Path, seen: Snapshot) -> Iterator[Path]:
    """A folder that is no backup yet; removed where the block fails."""
    name = "".join(letter for letter in seen.about["made_at"].split("+")[0] if letter not in "-:") + "Z"
    draft = folder / f".{name}-{os.getpid()}{DRAFT}"
    draft.mkdir(mode=0o700)
    try:
        yield draft
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _publish(draft: Path) -> Path:
    """Give it its name."""
    final = draft.with_name(draft.name.removeprefix(".").split("-")[0])
    sync_folder(draft)
    while final.exists():  # a clock that was set back
        final = final.with_name(f"{final.name}-again")
    draft.rename(final)
    sync_folder(final.parent)
    return final


def _remove_drafts(folder: Path) -> None:
    """Remove what killed runs have left: their pg_dump, which would go on, and their drafts."""
    with connect() as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = %s AND datname = current_database()",
            [APPLICATION],
        )
    for draft in folder.glob(f".*{DRAFT}"):
        shutil.rmtree(draft, ignore_errors=True)


def _explain(reason: str, folder: Path) -> str:
    if os.strerror(errno.ENOSPC) in reason:
        return f"The disk of {folder} is full. Free some, or name another disk (BACKUP_DIR), and run the same command."
    if "could not obtain lock" in reason:
        return "A table is being altered, by a migration or a first import. Run the same command when that has ended."
    return f"No backup was made: {reason}. The earlier ones stay."
