"""One import at a time, of either kind: the lock, and what an import finds when it has taken it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, InterfaceError, OperationalError, connection

from foxreviews.core import clock
from foxreviews.core.locks import advisory_lock
from foxreviews.importing.errors import DatabaseGone
from foxreviews.importing.load import checkpoint
from foxreviews.importing.models import LOCK, ImportRun

# A killed command leaves its session behind, which holds our lock until the server notices.
CHECK_CONNECTION = "SET client_connection_check_interval = '200ms'"
LOCK_TIMEOUT = 0.7  # seconds to wait for such a lock


@contextmanager
def import_lock(*, retry_hint: str) -> Iterator[None]:
    """Hold the lock of imports, with no unusable table of a killed import left.

    `retry_hint` says what the same command does once a lost database is back.

    Raises LockedError where another import runs, DatabaseGone where PostgreSQL fails the block, KeyboardInterrupt
    where the command is interrupted.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(CHECK_CONNECTION)
        with advisory_lock(LOCK, message=_running_import, timeout=LOCK_TIMEOUT):
            checkpoint.drop_leftovers()
            yield
    except Error as error:
        if _is_interrupt(error):
            raise KeyboardInterrupt from error
        if not isinstance(error, OperationalError | InterfaceError):
            raise
        raise DatabaseGone.because(
            error,
            "The directory is as it was before; once this is fixed, run the same command again: "
            f"{retry_hint}.",
        ) from error


def _running_import() -> str:
    first = ImportRun.objects.filter(status=ImportRun.Status.RUNNING).first()
    which = (
        f"run {first.pk} of {first.source}, started {clock.local(first.started_at)}"
        if first
        else "a dry run, or one that is just starting"
    )
    return (
        f"Another import is running: {which}. Wait for it to end; two at once would undo each other's work."
    )


def _is_interrupt(error: BaseException | None) -> bool:
    """Ctrl-C in the middle of a statement leaves a session that accepts no other statement, not even a rollback."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
