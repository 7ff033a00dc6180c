"""One import at a time, of either kind: the lock, and what an import finds when it has taken it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, InterfaceError, OperationalError, connection
from django.utils import timezone

from foxreviews.core.locks import advisory_lock
from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.errors import DatabaseGone
from foxreviews.importing.load import checkpoint
from foxreviews.importing.models import LOCK, ImportRun

# A killed command leaves its session behind, which holds our lock until the server notices.
CHECK_CONNECTION = "SET client_connection_check_interval = '200ms'"
LOCK_TIMEOUT = 0.7  # seconds to wait for such a lock
DEMO_NOTE = "demo data"  # begins the comment of the table where the demo has loaded it


@contextmanager
def import_lock(reporter: Reporter, *, retry_hint: str) -> Iterator[None]:
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
            _warn_of_demo_data(reporter)
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


def table_comment() -> str:
    """The comment of the table of companies; empty where it has none. A dump and its restore keep it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(obj_description(%s::regclass), '')", [Entreprise._meta.db_table])
        return str(cursor.fetchone()[0])


def _warn_of_demo_data(reporter: Reporter) -> None:
    """An import would put companies among those that the demo has invented."""
    if table_comment().startswith(f"{DEMO_NOTE}: ") and Entreprise.objects.order_by().exists():
        reporter.line(
            "This database holds the demo's invented companies, and those of the file will stand among them. "
            "For an empty one: .venv/bin/python manage.py localdb destroy --yes, then migrate."
        )


def _running_import() -> str:
    first = ImportRun.objects.filter(status=ImportRun.Status.RUNNING).first()
    which = (
        f"run {first.pk} of {first.source}, started {timezone.localtime(first.started_at):%H:%M:%S %Z}"
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
