"""How the search index stands: what answers, and how far it is behind the database."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from foxreviews.core.files import bytes_in
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index import changes
from foxreviews.search.index.changes import Changes
from foxreviews.search.index.reader import Opened
from foxreviews.search.index.source import SIREN
from foxreviews.search.index.state import State
from foxreviews.search.index.storage import Generations
from foxreviews.search.index.writer import damage

MOST_SECONDS = 5.0  # behind the database, and still in step: changes come all the time


@dataclass(frozen=True)
class Status:
    """`why` is why the index is not in step, "" where it is.

    `companies` are those of the database that can be in an index. `changes` are the entries of the log that are not in
    it yet, `seconds` the age of the oldest. `follower` and `builder` are processes, None where there is none.
    """

    in_step: bool
    why: str
    answers: str  # the engine that a web process asks now
    folder: str
    generation: str
    format: int | None
    built_at: str
    documents: int
    reperes: int
    companies: int
    changes: int
    seconds: float
    bytes: int
    follower: int | None
    builder: int | None


def read_status() -> Status:
    """How it stands. Reads all files of the index, and counts all companies: 2 s with 4,000,000."""
    generations = Generations(settings.SEARCH_INDEX_DIR)
    opened = Opened(settings.SEARCH_INDEX_DIR)
    indexes = opened.indexes()
    current = generations.current()
    state = _state(generations)
    news = changes.since(state.position) if state and indexes else None
    companies = _count_companies()
    why = opened.why
    if state and news and not why:
        why = _lacks(state, news, companies) or damage(generations.required())
    return Status(
        in_step=not why,
        why=why,
        answers=settings.SEARCH_ENGINE if indexes else "postgres",
        folder=str(settings.SEARCH_INDEX_DIR),
        generation=current.name if current else "",
        format=state.format if state else None,
        built_at=state.built_at if state else "",
        documents=state.documents if state else 0,
        reperes=state.reperes if state else 0,
        companies=companies,
        changes=news.entries if news else 0,
        seconds=round(news.seconds, 1) if news else 0.0,
        bytes=bytes_in(current) if current else 0,
        follower=generations.keeper(),
        builder=generations.builder(),
    )


def _state(generations: Generations) -> State | None:
    try:
        return State.read(generations.required())
    except UnusableIndexError:
        return None


def _lacks(state: State, news: Changes, companies: int) -> str:
    if state.due:
        return state.due
    if news.seconds > MOST_SECONDS:
        return f"It lacks {news.entries:,} changes, the oldest {news.seconds:,.0f} s old."
    if not news.entries and state.documents != companies:
        return f"It has {state.documents:,} documents for {companies:,} companies: build it anew."
    return ""


def _count_companies() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enterprise_entreprise WHERE siren ~ %s", [SIREN])
        return int(cursor.fetchone()[0])
