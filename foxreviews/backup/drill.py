"""A backup restored to prove it, into a database that is removed again."""

import time
from datetime import UTC, datetime

from foxreviews.backup.access import MAINTENANCE, database_name, session
from foxreviews.backup.backups import Backup, Drill
from foxreviews.backup.errors import RestoreFailed, UnusableBackup
from foxreviews.backup.restoration import drop, failures_told, named, restored
from foxreviews.backup.upkeep import alone
from foxreviews.core.progress import Reporter


def drill(backup: Backup, jobs: int, reporter: Reporter) -> Drill:
    """Restore the backup beside the directory, compare, remove it, and note beside the backup how that went.

    Raises LockedError, NoRoom, UnusableBackup, RestoreFailed; the last two are noted as a failed drill.
    """
    started, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    scratch = named(database_name(), "_drill")
    with alone():
        try:
            with (
                failures_told(),
                restored(backup, scratch, jobs, reporter) as proven,
                session(MAINTENANCE) as server,
            ):
                done = Drill(at, held=True, problem="", seconds=proven.seconds, postgresql=proven.postgresql)
                drop(server, scratch)
        except (UnusableBackup, RestoreFailed) as error:
            seconds = round(time.monotonic() - started, 1)
            Drill(at, held=False, problem=str(error), seconds=seconds, postgresql=0).write(backup.folder)
            raise
        done.write(backup.folder)
    return done
