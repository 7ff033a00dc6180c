"""The dataset's version: one short word that changes with whatever answers show.

It is made of the state of the database (enterprise.dataset), of the index that is open, of the engine that is set, and
of the program. What is kept under it need never be swept: nobody asks for an old one. What an answer is made from is
read after its version, so it may be newer than its version says, never older.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from threading import Lock

from django.conf import settings
from django.db import Error, connection

from foxreviews.core import sql
from foxreviews.core.postgresql import routing
from foxreviews.core.release import release
from foxreviews.enterprise import dataset
from foxreviews.search.cluster.reader import cluster_reader
from foxreviews.search.engines.opensearch import OpenSearchEngine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.index import changes
from foxreviews.search.index.reader import reader_of

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 1.0  # between two looks
MAX_AGE = 2.0  # seconds for which a version is believed, while the next look lasts
PATIENCE = 0.5  # seconds, for a look, where there is no version to believe


@dataclass(frozen=True)
class Version:
    """«1042-9f3a2c1b»: how many statements have changed the directory, and a hash of all that it is made of."""

    name: str
    seen_at: float  # when this process first saw it: seconds since 1970
    read_up_to: int | None = (
        None  # where there are replicas: it has nothing that lies behind in the primary's log
    )

    @property
    def age(self) -> float:
        """Seconds."""
        return time.time() - self.seen_at


class VersionWatch:
    """The version as it was a second ago.

    A web worker looks in a thread of its own: no request waits for a database that is away. One waits for a moment
    where nobody has asked for some seconds.
    """

    def __init__(
        self,
        read: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
        executor: Executor | None = None,
    ) -> None:
        self._read, self._clock, self._executor = read, clock, executor
        self._version: Version | None = None
        self._looked: float | None = None
        self._look: Future[None] | None = None
        self._lock = Lock()

    def version(self) -> Version | None:
        """None where it is not known: the database does not answer, or takes long. Costs 1 µs."""
        age = float("inf") if self._looked is None else self._clock() - self._looked
        if age < REFRESH_SECONDS:
            return self._version
        look = self._start()
        is_away = self._version is None and self._looked is not None
        if not is_away and age >= MAX_AGE:
            with suppress(TimeoutError):
                look.result(PATIENCE)
                return self._version
        return None if age >= MAX_AGE else self._version

    def _start(self) -> "Future[None]":
        """There is one look at a time."""
        with self._lock:
            if self._look is None or self._look.done():
                self._look = self._executor.submit(self._refresh) if self._executor else self._refreshed()
            return self._look

    def _refreshed(self) -> "Future[None]":
        self._refresh()
        done = Future[None]()
        done.set_result(None)
        return done

    def _refresh(self) -> None:
        started = self._clock()
        try:
            name = self._read()
        except Exception as error:  # noqa: BLE001 - whatever it is, requests are answered without a version
            if not isinstance(error, Error):
                logger.error("The dataset's version is not known: %r", error)  # noqa: TRY400
            self._version = None
            started = self._clock()
        else:
            if self._version is None or self._version.name != name:
                self._version = Version(name, time.time(), routing.ask(routing.position))
        self._looked = started


def version() -> Version | None:
    """The version of now, for this process and all its threads."""
    return _watch().version()


@cache
def _watch() -> VersionWatch:
    if getattr(connection, "pool", None):  # a web worker
        return VersionWatch(_read_aside, executor=ThreadPoolExecutor(1, "dataset-version"))
    return VersionWatch(read_version)


def _read_aside() -> str:
    try:
        return read_version()
    finally:
        connection.close()  # back into the pool: no request ends that would do so


def read_version() -> str:
    """Raises Django's Error where the database does not answer. The index first: what it has, the database has."""
    index = _index()
    state, (database,) = dataset.state(), sql.aside(changes.DATABASE)
    key = blake2b(
        settings.SECRET_KEY.encode(), digest_size=4, person=b"version"
    ).hexdigest()  # of signed cursors
    chosen = (settings.SEARCH_ENGINE, bool(settings.DESCRIPTION_URL), settings.STATIC_URL, key)
    parts = (*state, database, index, *chosen, release())
    digest = blake2b(" ".join(map(str, parts)).encode(), digest_size=4)
    return f"{state.statements}-{digest.hexdigest()}"


def _index() -> str:
    """Names what the open index of the engine that is set has; "" where there is none."""
    if PostgresEngine.name == settings.SEARCH_ENGINE:
        return ""
    is_cluster = OpenSearchEngine.name == settings.SEARCH_ENGINE
    reader = cluster_reader() if is_cluster else reader_of(settings.SEARCH_INDEX_DIR)
    indexes = reader.indexes()
    return indexes.content if indexes else ""
