"""The dataset's version: one short word that changes with whatever answers show.

It is made of the state of the database (enterprise.dataset), of the index that is open, of the engine that is set, and
of the program. What is kept under it need never be swept: nobody asks for an old one. What an answer is made from is
read after its version, so it may be newer than its version says, never older.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from threading import Lock

from django.conf import settings
from django.db import Error

from foxreviews.core import sql
from foxreviews.core.release import release
from foxreviews.enterprise import dataset
from foxreviews.search.index import changes
from foxreviews.search.index.reader import reader_of

REFRESH_SECONDS = 1.0  # between two looks
MAX_AGE = 2.0  # seconds for which a version is still believed while the next look lasts
NO_INDEX = "postgres"  # the engine that has none


@dataclass(frozen=True)
class Version:
    """«1042-9f3a2c1b»: how many statements have changed the directory, and a hash of all that it is made of."""

    name: str
    seen_at: float  # when this process first saw it: seconds since 1970

    @property
    def age(self) -> float:
        """Seconds."""
        return time.time() - self.seen_at


class VersionWatch:
    """The version as it was less than a second ago. One thread looks; the others have the last one meanwhile."""

    def __init__(self, read: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._version: Version | None = None
        self._looked = float("-inf")
        self._lock = Lock()

    def version(self) -> Version | None:
        """None where it is not known: the database does not answer, or takes long. Costs 1 µs, once a second 1 ms."""
        if self._clock() < self._looked + REFRESH_SECONDS:
            return self._version
        if not self._lock.acquire(blocking=False):
            return self._version if self._clock() < self._looked + MAX_AGE else None
        try:
            self._look()
        finally:
            self._lock.release()
        return self._version

    def _look(self) -> None:
        started = self._clock()
        if started < self._looked + REFRESH_SECONDS:  # another thread was faster
            return
        try:
            name = self._read()
        except Error:
            self._version = None
        else:
            if self._version is None or self._version.name != name:
                self._version = Version(name, time.time())
        self._looked = started


def version() -> Version | None:
    """The version of now, for this process and all its threads."""
    return _watch().version()


@cache
def _watch() -> VersionWatch:
    return VersionWatch(read_version)


def read_version() -> str:
    """Raises Django's Error where the database does not answer. The index first: what it has, the database has."""
    index = ""
    if settings.SEARCH_ENGINE != NO_INDEX:
        indexes = reader_of(settings.SEARCH_INDEX_DIR).indexes()
        index = indexes.content if indexes else ""
    state, (database,) = dataset.state(), sql.aside(changes.DATABASE)
    parts = (*state, database, index, settings.SEARCH_ENGINE, release())
    digest = blake2b(" ".join(map(str, parts)).encode(), digest_size=4)
    return f"{state.statements}-{digest.hexdigest()}"
