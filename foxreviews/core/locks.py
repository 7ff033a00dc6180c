"""Locks between runs, held by the database session: they end with the process, however it ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zlib import crc32

from django.db import connection

from foxreviews.core.errors import LockedError

NAMESPACE = (
    0x666F78  # "fox": the first of the two keys, so that other software on the server does not meet ours
)

SECONDS_BETWEEN_TRIES = 0.05


def _try_lock(keys: list[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        return bool(cursor.fetchone()[0])


def _keys(name: str) -> list[int]:
    return [NAMESPACE, crc32(name.encode()) & 0x7FFFFFFF]


def is_held(name: str) -> bool:
    """Whether anybody, this session too, holds the advisory lock `name` in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND granted"
            " AND classid = %s AND objid = %s AND objsubid = 2)",
            _keys(name),
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def exclusive(name: str, *, busy: Callable[[], str], patience: float = 0.0) -> Iterator[None]:
    """Hold the advisory lock `name` while the block runs.

    Where it is taken, and still is after `patience` seconds, raise LockedError with the sentence that `busy` makes.
    """
    keys = _keys(name)
    deadline = time.monotonic() + patience
    while not _try_lock(keys):
        if time.monotonic() >= deadline:
            raise LockedError(busy())
        time.sleep(SECONDS_BETWEEN_TRIES)
    try:
        yield
    finally:
        # A broken connection has already given the lock back.
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
