"""One at a time: a backup, a restore or a maintenance. Each would spoil the other's view of the tables."""

from collections.abc import Iterator
from contextlib import contextmanager

from foxreviews.core.locks import advisory_lock

LOCK = "upkeep"
BUSY = (
    "A backup, restore, restore_drill or maintain of this database is running already. "
    "Wait for it to end: tail -f logs/backup.log logs/maintain.log"
)
PATIENCE = 1.5  # seconds; the server notices within one that the holder was killed


@contextmanager
def alone() -> Iterator[None]:
    """Hold the right to look after the database. Raises LockedError."""
    with advisory_lock(LOCK, message=BUSY, timeout=PATIENCE):
        yield
