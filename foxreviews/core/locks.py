"""Locks between runs: of the database session, or of a file. Both end with the process, however it ends."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from django.db import connection

from foxreviews.core.errors import BusyError, LockedError
from foxreviews.core.messages import Message

NAMESPACE = 0x666F78  # "fox": the first of the two keys, so that the keys of other software differ from ours
SECONDS_BETWEEN_TRIES = 0.05
HOLDER = """
    SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND granted
      AND classid = %s AND objid = %s AND objsubid = 2
"""


@contextmanager
def advisory_lock(name: str, *, message: str | Callable[[], str], timeout: float = 0.0) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock `name` of this database while the block runs.

    Raises LockedError with `message` where another session still holds it after `timeout` seconds.
    """
    keys = _keys(name)
    if not _within(timeout, lambda: _query("SELECT pg_try_advisory_lock(%s, %s)", keys)):
        raise LockedError(message if isinstance(message, str) else message())
    try:
        yield
    finally:
        # A broken connection has already released the lock.
        if connection.connection is not None and not connection.connection.closed:
            _query("SELECT pg_advisory_unlock(%s, %s)", keys)


def lock_out(name: str) -> None:
    """Wait until no other transaction has `name`, shared or alone, and have it alone until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _keys(name))


def share(name: str, *, message: Message, timeout: float) -> None:
    """Have `name` with others until the transaction ends.

    Raises BusyError with `message` where after `timeout` seconds another transaction still has it alone.
    """
    keys = _keys(name)
    if not _within(timeout, lambda: _query("SELECT pg_try_advisory_xact_lock_shared(%s, %s)", keys)):
        raise BusyError(message)


def is_locked(name: str) -> bool:
    """Whether a session, this one included, holds the advisory lock `name` of this database."""
    return lock_session(name) is not None


def lock_session(name: str) -> int | None:
    """The process id of the server's session that holds the advisory lock `name` of this database."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER, _keys(name))
        found = cursor.fetchone()
    return int(found[0]) if found else None


def keep_advisory_lock(name: str) -> bool:
    """Whether this session holds the advisory lock `name`; one that was lost with a connection it takes again."""
    connection.ensure_connection()
    if lock_session(name) == connection.connection.info.backend_pid:
        return True
    return _query("SELECT pg_try_advisory_lock(%s, %s)", _keys(name))


@contextmanager
def file_lock(path: Path, *, message: Callable[[int | None], str], timeout: float = 0.0) -> Iterator[int]:
    """Hold the lock of a file, which is made where it is missing, while the block runs; yields its descriptor.

    A child that inherits the descriptor holds the lock as well. Raises LockedError with the sentence that `message`
    makes of the holder's process id where another process still holds it after `timeout` seconds.
    """
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _within(timeout, lambda: _flock(descriptor, fcntl.LOCK_EX)):
            raise LockedError(message(lock_holder(path)))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def lock_holder(path: Path) -> int | None:
    """The id of the process that holds the lock of the file; None where no process does.

    To ask is to hold it for an instant: who asks for the lock meanwhile needs a timeout.
    """
    try:
        with path.open() as file:
            return None if _flock(file.fileno(), fcntl.LOCK_SH) else int(file.read() or 0)
    except FileNotFoundError:
        return None


def _within(seconds: float, try_lock: Callable[[], bool]) -> bool:
    limit = time.monotonic() + seconds
    while not try_lock():
        if time.monotonic() >= limit:
            return False
        time.sleep(SECONDS_BETWEEN_TRIES)
    return True


def _flock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keys(name: str) -> list[int]:
    return [NAMESPACE, crc32(name.encode()) & 0x7FFFFFFF]


def _query(statement: str, keys: list[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, keys)
        return bool(cursor.fetchone()[0])
