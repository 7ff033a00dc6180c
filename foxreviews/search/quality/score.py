"""How high the right answers stand: the mean reciprocal rank, and how often one is the first, or of the first ten."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from foxreviews.core.keyset import Row, Window
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.errors import EmptyQueryError, QueryTooLongError, SearchTimeoutError
from foxreviews.search.quality.asked import Asked
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.search.query.types import Filters

TOP = 10
NOT_ANSWERED = (EmptyQueryError, QueryTooLongError, SearchTimeoutError)


@dataclass(frozen=True)
class Outcome:
    """What came of a question: the place of the first right answer, None below TOP, and the first rows."""

    asked: Asked
    place: int | None
    rows: Sequence[Row]
    refused: str = ""  # why there was no answer at all


@dataclass(frozen=True)
class Score:
    """The figures of a class of questions, as fractions of 1."""

    kind: str
    questions: int
    mrr: float  # only the first TOP count
    hit_1: float
    hit_10: float


def outcome(engine: SearchEngine, asked: Asked) -> Outcome:
    """What the engine answers."""
    try:
        rows = engine.search(interpret(asked.query), Filters(), Window(RELEVANCE, TOP)).page.rows
    except NOT_ANSWERED as error:
        return Outcome(asked, None, [], str(error))
    places = (place for place, row in enumerate(rows, 1) if row["siren"] in asked.sirens)
    return Outcome(asked, next(places, None), rows)


def scores(outcomes: Iterable[Outcome]) -> Iterator[Score]:
    """One of each class, in the order of the classes; with two or more, "all" of them as the last."""
    met = list(outcomes)
    kinds = list(dict.fromkeys(each.asked.kind for each in met))
    ordered = sorted(met, key=lambda each: kinds.index(each.asked.kind))
    for kind, group in groupby(ordered, key=lambda each: each.asked.kind):
        yield _score(kind, list(group))
    if len(kinds) > 1:
        yield _score("all", met)


def _score(kind: str, group: list[Outcome]) -> Score:
    places = [each.place for each in group if each.place is not None]
    return Score(
        kind,
        len(group),
        mrr=sum(1 / place for place in places) / len(group),
        hit_1=places.count(1) / len(group),
        hit_10=len(places) / len(group),
    )
