"""A backup restored to prove it, into a database that is removed again."""

import time
from datetime import UTC, datetime

from foxreviews.backup.database import (
    MAINTENANCE,
    connect,
    database_name,
    drop,
    maintenance_lock,
    wrap_errors,
)
from foxreviews.backup.manifest import Backup, Drill, UnusableBackup
from foxreviews.backup.restore import RestoreFailed, derived_name, restore_failed, restored
from foxreviews.core.progress import Reporter


def drill(backup: Backup, jobs: int, reporter: Reporter) -> Drill:
    """Restore the backup next to the directory, compare, remove it, and note in its folder how that went.

    Raises LockedError, UnusableBackup, RestoreFailed; the last two are noted as a failed drill.
    """
    started, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    scratch = derived_name(database_name(), "_drill")
    with maintenance_lock():
        try:
            with (
                wrap_errors(restore_failed),
                restored(backup, scratch, jobs, reporter) as proven,
                connect(MAINTENANCE) as server,
            ):
                done = Drill(at, held=True, problem="", seconds=proven.seconds, postgresql=proven.postgresql)
                drop(server, scratch)
        except (UnusableBackup, RestoreFailed) as error:
            seconds = round(time.monotonic() - started, 1)
            Drill(at, held=False, problem=str(error), seconds=seconds, postgresql=0).write(backup.folder)
            raise
        done.write(backup.folder)
    return done
