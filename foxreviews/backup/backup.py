"""A backup made: everything under a name that is no backup's, then one rename.

Killed at any moment it leaves a draft, which the next one removes, and never half a backup. The rows are dumped by
several processes and hashed by this one, all in one snapshot; nobody who reads or writes waits for it.
"""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from foxreviews.backup import room
from foxreviews.backup.access import database_name, environment, session
from foxreviews.backup.backups import DRAFT, Backup, list_backups, newest
from foxreviews.backup.contents import NOT_KEPT, read_contents
from foxreviews.backup.errors import BackupFailed
from foxreviews.backup.manifest import FORMAT, Contents, File, Manifest
from foxreviews.backup.program import Program
from foxreviews.backup.snapshot import Snapshot, snapshot
from foxreviews.backup.upkeep import alone
from foxreviews.core.files import bytes_in, sync_folder
from foxreviews.core.progress import Reporter, Stage
from foxreviews.localdb.binaries import client_of_major

# gzip's, of 9. 1,000,000 companies: 5.1 s and 89 MB with 3, 5.0 s and 94 MB with 1, 19.8 s and 81 MB with 6.
LEVEL = 3
COMPRESSED = 0.4  # of the tables' bytes, where no backup tells; 0.33 of the rehearsal's companies
APPLICATION = "foxreviews backup"  # what sessions of pg_dump call themselves
SECONDS_BETWEEN_LOOKS = 0.2


def back_up(folder: Path, jobs: int, reporter: Reporter) -> Backup:
    """Make a backup of the database in `folder`.

    Raises LockedError, NoRoom, BackupFailed, BinariesMissingError; whatever is raised, the backups that are there stay.
    """
    started = time.monotonic()
    with alone(), _failures_told(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_away(folder)
        with snapshot() as seen:
            forecast = _forecast(folder, seen)
            room.require(folder, forecast, "The backup", "Make room, or name another disk: BACKUP_DIR")
            with _draft(folder, seen) as draft:
                contents = _dump(seen, draft, jobs, forecast, reporter)
                with reporter.stage("Checksums"):
                    files = {path.name: File.of(path) for path in sorted(draft.iterdir())}
                manifest = _manifest(seen, contents, files)
                replace(manifest, seconds=round(time.monotonic() - started, 1)).write(draft)
                return Backup.at(_publish(draft))


def retire(folder: Path, keep: int, made: Backup) -> list[Backup]:
    """Remove the oldest, so that `keep` whole ones stay, `made` among them; those that went.

    What is not whole is neither counted nor removed: somebody may still want to look at it.
    """
    whole = [backup for backup in list_backups(folder) if backup.is_whole and backup.name != made.name]
    old = whole[max(keep - 1, 0) :]
    for backup in old:
        going = folder / f".{backup.name}{DRAFT}"
        backup.folder.rename(going)  # killed here, it is a draft, not half a backup
        shutil.rmtree(going)
    return old


def _dump(seen: Snapshot, draft: Path, jobs: int, forecast: int, reporter: Reporter) -> Contents:
    """Run pg_dump, and count and hash beside it; `forecast` is of bytes."""
    command = [
        client_of_major("pg_dump", seen.major),
        "--format=directory",
        f"--file={draft}",
        f"--jobs={jobs}",
        f"--snapshot={seen.name}",
        f"--compress={LEVEL}",
        *(f"--extension={name}" for name in seen.extensions),
        *(f"--exclude-table-data={name}" for name in NOT_KEPT),
        *(f"--exclude-table={table.name}" for table in seen.tables if not table.is_permanent),
    ]
    kept = [table for table in seen.tables if table.is_kept]
    with (
        reporter.stage("Dumping and hashing", total=forecast, unit="MB") as stage,
        ThreadPoolExecutor(1) as pool,
        Program(command, environment(database_name(), APPLICATION), BackupFailed) as program,
    ):
        reading = pool.submit(read_contents, seen.session, kept)
        try:
            _watch(program, reading, draft, stage)
        except BaseException:
            seen.session.cancel_safe()
            raise
        return reading.result()


def _watch(program: Program, reading: "Future[Contents]", draft: Path, stage: Stage) -> None:
    """Until both have ended, or one has failed."""
    while program.goes_on() or not reading.done():
        if reading.done():
            reading.result()
        written = bytes_in(draft)
        stage.advance(written // 1_000_000 - stage.count, written)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _manifest(seen: Snapshot, contents: Contents, files: dict[str, File]) -> Manifest:
    about = seen.about
    return Manifest(
        format=FORMAT,
        made_at=seen.made_at,
        seconds=0.0,
        database=about["name"],
        postgresql=about["version"],
        locale={
            "ENCODING": about["encoding"],
            "LC_COLLATE": about["collate"],
            "LC_CTYPE": about["ctype"],
        },
        database_bytes=about["bytes"],
        migrations=seen.migrations,
        contents=contents,
        files=files,
    )


def _forecast(folder: Path, seen: Snapshot) -> int:
    """Bytes; no less than the last backup came to."""
    last = newest(folder)
    return max(
        int(sum(table.bytes for table in seen.tables if table.is_kept) * COMPRESSED),
        last.bytes if last else 0,
    )


@contextmanager
def _draft(folder: Path, seen: Snapshot) -> Iterator[Path]:
    """A folder that is no backup yet; removed where the block fails."""
    name = "".join(letter for letter in seen.made_at.split("+")[0] if letter not in "-:") + "Z"
    draft = folder / f".{name}-{os.getpid()}{DRAFT}"
    draft.mkdir(mode=0o700)
    try:
        yield draft
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _publish(draft: Path) -> Path:
    """Give it its name, for good."""
    final = draft.with_name(draft.name.removeprefix(".").split("-")[0])
    sync_folder(draft)
    while final.exists():  # a clock that was set back
        final = final.with_name(f"{final.name}-again")
    draft.rename(final)
    sync_folder(final.parent)
    return final


def _clear_away(folder: Path) -> None:
    """Remove what killed runs have left: their pg_dump, which would go on, and their drafts."""
    with session() as opened:
        opened.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = %s AND datname = current_database()",
            [APPLICATION],
        )
    for draft in folder.glob(f".*{DRAFT}"):
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _failures_told(folder: Path) -> Iterator[None]:
    """What PostgreSQL or the disk refuses, as BackupFailed."""
    try:
        yield
    except BackupFailed as error:
        raise BackupFailed(_told(str(error), folder)) from error
    except psycopg.Error as error:
        raise BackupFailed(_told(str(error).strip(), folder)) from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        said = os.strerror(errno.ENOSPC) if full else f"{error.strerror}: {error.filename}"
        raise BackupFailed(_told(said, folder)) from error


def _told(said: str, folder: Path) -> str:
    if os.strerror(errno.ENOSPC) in said:
        return f"The disk of {folder} is full. Make room, or name another disk (BACKUP_DIR), and run the same command."
    if "could not obtain lock" in said:
        return "A table is being altered, by a migration or a first import. Run the same command when that has ended."
    return f"No backup was made: {' '.join(said.split()).rstrip('.?')}. Those that are there stay."
