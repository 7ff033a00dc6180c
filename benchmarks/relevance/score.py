"""How high the right answers stand: the mean reciprocal rank, and how often one is the first, or of the first ten."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmarks.relevance.judgments import Judgment
from foxreviews.core.keyset import Row, Window
from foxreviews.enterprise.filters import Filters
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.errors import EmptyQueryError, QueryTooLongError, SearchTimeoutError
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE

TOP = 10
NOT_ANSWERED = (EmptyQueryError, QueryTooLongError, SearchTimeoutError)


@dataclass(frozen=True)
class Outcome:
    """The result of a query: the place of the first right answer, None below TOP, and the first rows."""

    judgment: Judgment
    place: int | None
    rows: Sequence[Row]
    refused: str = ""  # why there was no result at all


@dataclass(frozen=True)
class Score:
    """The figures of a class of queries, as fractions of 1."""

    kind: str
    queries: int
    mrr: float  # only the first TOP count
    hit_1: float
    hit_10: float


def outcome(engine: SearchEngine, judgment: Judgment) -> Outcome:
    """What the engine answers."""
    try:
        rows = engine.search(interpret(judgment.query), Filters(), Window(RELEVANCE, TOP)).page.rows
    except NOT_ANSWERED as error:
        return Outcome(judgment, None, [], str(error))
    places = (place for place, row in enumerate(rows, 1) if row["siren"] in judgment.sirens)
    return Outcome(judgment, next(places, None), rows)


def scores(outcomes: Iterable[Outcome]) -> Iterator[Score]:
    """One of each class, in the order of the classes; with two or more, "all" of them as the last."""
    met = list(outcomes)
    kinds = list(dict.fromkeys(each.judgment.kind for each in met))
    ordered = sorted(met, key=lambda each: kinds.index(each.judgment.kind))
    for kind, group in groupby(ordered, key=lambda each: each.judgment.kind):
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
