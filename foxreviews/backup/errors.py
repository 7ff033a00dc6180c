"""What can go wrong with a backup or a restore. None leaves half a backup, or a database half restored."""

from foxreviews.core.errors import FoxreviewsError, UsageError


class BackupFailed(FoxreviewsError):
    """No backup was made; those that are there stay."""

    code = "backup-failed"


class NothingToBackUp(FoxreviewsError):
    """The database has no tables."""

    code = "nothing-to-back-up"


class UnusableBackup(UsageError):
    """The backup is not whole, was altered, or is of something that this program or server cannot read."""

    code = "unusable-backup"


class NoBackup(UsageError):
    """There is none of that name, or none at all."""

    code = "no-backup"


class RestoreFailed(FoxreviewsError):
    """The database is as it was before."""

    code = "restore-failed"


class NoRoom(FoxreviewsError):
    """The disk has less room than it would take. Nothing was begun."""

    status = 507
    code = "no-room"
