"""How far the index is behind the database, for probes and metrics: they ask every few seconds."""

from dataclasses import dataclass

from django.conf import settings

from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index import changes
from foxreviews.search.index.reader import why_not_ready
from foxreviews.search.index.storage import IndexStorage, State


@dataclass(frozen=True)
class Lag:
    """`why` is why PostgreSQL answers, "" where the index does.

    `changes` are not in it yet, at most changes.MAX_COUNTED; the oldest is `seconds` old. `indexer_up`: a process
    keeps it in sync.
    """

    why: str
    documents: int = 0
    changes: int = 0
    seconds: float = 0.0
    indexer_up: bool = False


def read_lag() -> Lag:
    """Of this machine's index. Takes a millisecond."""
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
