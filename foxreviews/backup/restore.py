"""The directory replaced by a backup: restored beside, proven, brought to this version's schema, swapped in."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.core.management import call_command
from django.db import connections

from foxreviews.backup.access import MAINTENANCE, database_name, exists, session
from foxreviews.backup.backups import Backup
from foxreviews.backup.restoration import failures_told, named, restored
from foxreviews.backup.swap import swap
from foxreviews.backup.upkeep import alone
from foxreviews.core.locks import advisory_lock
from foxreviews.core.progress import Reporter
from foxreviews.importing.run import LOCK as IMPORTS
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.rebuild import catch_up
from foxreviews.search.index.storage import IndexStorage, State

ALIAS = "restored"
WHY = "The database was restored from a backup."


@dataclass(frozen=True)
class Restored:
    """`kept` is the name of the database that answered before, "" where there was none."""

    rows: int
    kept: str


def restore(backup: Backup, jobs: int, reporter: Reporter) -> Restored:
    """Put the backup in the place of the database.

    Raises LockedError, UnusableBackup, NoRoom, RestoreFailed; whatever is raised, the database is as it was.
    """
    current = database_name()
    kept = named(current, f"_before_{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    fresh = named(current, "_restoring")
    with failures_told(), ExitStack() as held:
        if _is_there(current):
            held.enter_context(alone())
            held.enter_context(
                advisory_lock(IMPORTS, message="An import is running. Stop it, or wait for it to end.")
            )
        with restored(backup, fresh, jobs, reporter) as proven:
            with reporter.stage("Tables of this version"):
                _migrate(fresh)
            held.close()  # the locks are in the database that is renamed now
            with reporter.stage("Swapping"):
                replaced = swap(current, fresh, kept)
    return Restored(proven.rows, kept if replaced else "")


def follow(storage: IndexStorage, reporter: Reporter) -> None:
    """See that the search index is made anew: what it has is of the other database. PostgreSQL answers meanwhile.

    Raises IndexFailedError.
    """
    try:
        generation = storage.required()
        state = State.read(generation)
    except UnusableIndexError:
        return  # nobody searches in it
    replace(state, rebuild_reason=WHY, unusable=True).write(generation)
    if storage.writer_pid():
        reporter.line(
            "The search index is being built anew by its follower; PostgreSQL answers searches meanwhile."
        )
    else:
        catch_up(storage, reporter)


def _migrate(database: str) -> None:
    """Bring the schema of an older backup to that of this program."""
    settings_dict = connections["default"].settings_dict
    options = {name: value for name, value in settings_dict["OPTIONS"].items() if name != "pool"}
    connections.settings[ALIAS] = settings_dict | {"NAME": database, "OPTIONS": options}
    try:
        call_command("migrate", database=ALIAS, verbosity=0, interactive=False)
    finally:
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]


def _is_there(database: str) -> bool:
    with session(MAINTENANCE) as server:
        return exists(server, database)
