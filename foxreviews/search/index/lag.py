"""How far the index is behind the database, read in a millisecond; search.index.status takes seconds."""

from dataclasses import dataclass

from django.conf import settings

from foxreviews.search.engine import why_not_ready
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index import changes
from foxreviews.search.index.state import State
from foxreviews.search.index.storage import Generations


@dataclass(frozen=True)
class Lag:
    """`why` is why PostgreSQL answers instead, "" where the index does. `is_kept`: a process keeps it in step.

    `changes` are not in it yet, at most changes.MOST_COUNTED; the oldest is `seconds` old.
    """

    why: str
    documents: int = 0
    changes: int = 0
    seconds: float = 0.0
    is_kept: bool = False


def read_lag() -> Lag:
    """How this machine's index stands."""
    generations = Generations(settings.SEARCH_INDEX_DIR)
    try:
        state = State.read(generations.required())
    except UnusableIndexError as error:
        return Lag(str(error))
    behind, seconds = changes.lag(state.position)
    return Lag(why_not_ready(), state.documents, behind, seconds, generations.keeper() is not None)
