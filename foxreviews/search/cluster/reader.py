"""The index in the cluster as a web process reads it: the generation that answers, and who was hidden since.

A cluster that fails is left alone (core.breaker): searches are answered by another engine, and none of them waits. A
thread of its own tries again every few seconds.
"""

import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import Lock

from django.conf import settings
from django.db import Error, connection

from foxreviews.core.breaker import State as Breaker
from foxreviews.core.postgresql import routing
from foxreviews.core.trace import waited_for_index
from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.search.cluster.connection import CALL_SECONDS, Cluster, configured_cluster
from foxreviews.search.cluster.storage import PLACES, ClusterStorage, Generation, Known
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index import changes

LOOK_SECONDS = 1.0  # between two looks at which generation answers, and how new it is
PATIENCE = (2.0, 0.1)  # seconds that a request waits for the first look, and for a later one
OPENING = "The cluster was not asked yet."


@dataclass(frozen=True)
class ClusterIndexes:
    """A generation. What its index has is at least as new as what `hidden` begins with.

    `read_up_to` as of index.reader.Indexes.
    """

    cluster: Cluster
    generation: Generation
    hidden: HiddenSince
    read_up_to: int | None = None

    @property
    def content(self) -> str:
        """Names what is in them."""
        return f"{self.generation.name} {self.hidden.position}"

    @property
    def entreprises(self) -> str:
        """The name of the index of companies."""
        return self.generation.name

    @property
    def places(self) -> str:
        """The name of the index of places."""
        return f"{self.generation.name}{PLACES}"

    def report_corruption(self, _error: Exception) -> None:
        """The cluster looks after its files, and the breaker knows already that it failed."""


class ClusterReader:
    """One for a process and all its threads. `why` says why there is no index to read, "" where there is."""

    def __init__(self, storage: ClusterStorage, patience: tuple[float, float] = PATIENCE) -> None:
        self.storage, self.why = storage, OPENING
        self._patience = patience
        self._indexes: ClusterIndexes | None = None
        self._known: Known | None = None
        self._looked = float("-inf")
        self._lock = Lock()
        self._looking: Future[None] | None = None

    def indexes(self) -> ClusterIndexes | None:
        """What to read, None where another engine must answer. Costs 1 µs between two looks."""
        breaker = self.storage.cluster.breaker
        is_due = time.monotonic() > self._looked + LOOK_SECONDS
        if breaker.state is not Breaker.CLOSED:
            if is_due and breaker.allows():
                self._look()
            self.why = "The cluster does not answer; it is asked again every few seconds."
            return None
        if is_due:
            self._wait_for(self._look())
        return self._indexes

    def _look(self) -> Future[None]:
        with self._lock:
            if self._looking is None or self._looking.done():
                self._looking = _looker().submit(self._refresh)
            return self._looking

    def _wait_for(self, looking: Future[None]) -> None:
        started = time.perf_counter()
        try:
            looking.result(self._patience[self._indexes is not None])
        except TimeoutError:
            self.why = self.why if self._indexes else OPENING
        waited_for_index(time.perf_counter() - started)

    def _refresh(self) -> None:
        try:
            self._indexes, self.why = self._open(), ""
        except (UnusableIndexError, IndexFailedError) as error:
            self._indexes, self._known, self.why = None, None, str(error)
        except Error as error:  # the index may be one of another database
            self._indexes, self._known, self.why = (
                None,
                None,
                f"The database does not answer: {error}".strip(),
            )
        finally:
            self._looked = time.monotonic()
            connection.close()  # back into the pool: no request ends that would do so

    def _open(self) -> ClusterIndexes:
        found = self.storage.known(seconds=CALL_SECONDS)
        if found == self._known and self._indexes:
            return self._indexes
        if self._known is None or found.generation != self._known.generation:
            found.state.require_database(routing.ask(changes.database))
        if found.state.unusable:
            raise UnusableIndexError(found.state.rebuild_reason)
        self._known = found
        hidden, read_up_to = HiddenSince(found.state.position), routing.ask(routing.position)
        return ClusterIndexes(self.storage.cluster, found.generation, hidden, read_up_to)


@cache
def _looker() -> Executor:
    return ThreadPoolExecutor(1, "cluster-looker")


def configured_storage() -> ClusterStorage:
    """That of the settings."""
    return ClusterStorage(configured_cluster(), settings.OPENSEARCH_INDEX)


@cache
def _reader(_cluster: Cluster, _alias: str) -> ClusterReader:
    return ClusterReader(configured_storage())


def cluster_reader() -> ClusterReader:
    """The one reader of this process for the settings."""
    return _reader(configured_cluster(), settings.OPENSEARCH_INDEX)
