"""Locks between runs, held by the database session: they end with the process, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from django.db import connection

from foxreviews.core.errors import LockedError

NAMESPACE = (
    0x666F78  # "fox": the first of the two keys, so that other software on the server does not meet ours
)


@contextmanager
def exclusive(name: str, *, busy: str) -> Iterator[None]:
    """Hold the advisory lock `name` while the block runs; raise LockedError(busy) at once where it is taken."""
    keys = [NAMESPACE, crc32(name.encode()) & 0x7FFFFFFF]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        if not cursor.fetchone()[0]:
            raise LockedError(busy)
    try:
        yield
    finally:
        # A broken connection has already given the lock back.
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
