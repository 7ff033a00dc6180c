"""How far the index is behind the database, for probes and metrics: they ask every few seconds."""

from dataclasses import dataclass

from django.conf import settings

from foxreviews.search.cluster.reader import cluster_reader, configured_storage
from foxreviews.search.engines.opensearch import OpenSearchEngine
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index import changes
from foxreviews.search.index.reader import why_not_ready
from foxreviews.search.index.storage import IndexStorage, State


@dataclass(frozen=True)
class Lag:
    """`why` is why another engine answers, "" where the index does.

    `changes` are not in it yet, at most changes.MAX_COUNTED; the oldest is `seconds` old. `indexer_up`: a process
    keeps it in sync. Of a cluster `colour` is its own word for the state of the index, and `nodes` how many it has.
    """

    why: str
    documents: int = 0
    changes: int = 0
    seconds: float = 0.0
    indexer_up: bool = False
    colour: str = ""
    nodes: int = 0


def read_lag() -> Lag:
    """Of the index of the engine that is set: this machine's, in a millisecond, or the cluster's."""
    return _of_cluster() if OpenSearchEngine.name == settings.SEARCH_ENGINE else _of_machine()


def _of_machine() -> Lag:
    storage = IndexStorage(settings.SEARCH_INDEX_DIR)
    try:
        state = State.read(storage.required())
    except UnusableIndexError as error:
        return Lag(str(error))
    behind, seconds = changes.lag(state.position)
    return Lag(
        why_not_ready(settings.SEARCH_INDEX_DIR),
        state.documents,
        behind,
        seconds,
        storage.writer_pid() is not None,
    )


def _of_cluster() -> Lag:
    """One that is left alone because it failed is not asked."""
    reader, storage = cluster_reader(), configured_storage()
    is_up = storage.writer_pid() is not None
    reader.indexes()
    if reader.why:
        return Lag(reader.why, indexer_up=is_up)
    try:
        state, health = storage.known(seconds=1.0).state, storage.health(seconds=1.0)
    except (UnusableIndexError, IndexFailedError) as error:
        return Lag(str(error), indexer_up=is_up)
    behind, seconds = changes.lag(state.position)
    return Lag("", state.documents, behind, seconds, is_up, health.colour, health.nodes)
