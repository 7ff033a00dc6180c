"""The one place that knows which engines there are, and when PostgreSQL answers for them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from foxreviews.core.keyset import Row, Slice, Window, whole_rows
from foxreviews.core.postgresql import routing
from foxreviews.core.trace import FAILED, NOT_READY, fell_back, searching
from foxreviews.enterprise import partitions
from foxreviews.enterprise.by_siren import companies_by_siren
from foxreviews.enterprise.filters import EVERYTHING, Filters, passing
from foxreviews.enterprise.privacy import is_hidden
from foxreviews.search.cluster.reader import cluster_reader
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.engines.opensearch import OpenSearchEngine, OpenSearchIndex
from foxreviews.search.engines.postgres import PostgresEngine, facet_value
from foxreviews.search.engines.tantivy import TantivyEngine, TantivyIndex
from foxreviews.search.errors import IndexFailedError, UnusableIndexError, wrap_errors
from foxreviews.search.index.reader import Indexes, reader_of
from foxreviews.search.query.explain import Explanation
from foxreviews.search.query.nodes import Index
from foxreviews.search.query.places import Places
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.tiers import CompanyTiers
from foxreviews.search.query.types import Hits, Query

Answer = TypeVar("Answer")


class Source(Protocol):
    """The indexes of an engine, open in one generation."""

    def report_corruption(self, error: Exception) -> None:
        """Reading it failed."""


@dataclass(frozen=True)
class Indexed:
    """An engine that has an index: what searches open ones, and what looks places up in them."""

    engine: Callable[[Any], SearchEngine]
    places: Callable[[Any], Index]


# The engines that have an index. The other one is PostgreSQL.
INDEXED: Mapping[str, Indexed] = {
    TantivyEngine.name: Indexed(
        lambda indexes: TantivyEngine(indexes.entreprises, indexes.hidden, indexes.answers),
        lambda indexes: TantivyIndex(indexes.places),
    ),
    OpenSearchEngine.name: Indexed(
        OpenSearchEngine, lambda indexes: OpenSearchIndex(indexes.cluster, indexes.places)
    ),
}
ENGINES = (PostgresEngine.name, *INDEXED)


def search_engine() -> "Search":
    """What searches for this request. Raises ImproperlyConfigured where the setting names no engine."""
    if settings.SEARCH_ENGINE not in ENGINES:
        raise ImproperlyConfigured(
            f"SEARCH_ENGINE is one of {', '.join(ENGINES)}, not {settings.SEARCH_ENGINE!r}."
        )
    return Search(*_ready_or_note())


class Search:
    """The engine of the setting SEARCH_ENGINE. PostgreSQL answers where its index is not ready, or fails.

    For a cluster the index of this machine answers, where it has one, and PostgreSQL where it has none.
    PostgreSQL also answers what it has at hand by key, the company of a number that was typed, and what no index has:
    a query without words. This is still a search by the engine that is set.
    """

    def __init__(self, name: str, indexes: Source | None) -> None:
        self.name, self._indexes = name, indexes

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        """See engines.base.SearchEngine, also below."""
        # A walk that has begun goes on as it was, though its number may have become a company's.
        if not (query.sirens and window.is_first):
            return self._search(query, filters, window, facets)
        with searching(self.name):  # one search, also where the words are asked for next
            row = _company(query, filters)
            return self._of_company(row, facets) if row else self._search(query, filters, window, facets)

    def listed(self, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        return self._ask(lambda engine: engine.listed(filters, window, facets))

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        return self._ask(lambda engine: engine.count(filters, facets))

    def suggest(self, query: Query, limit: int) -> list[Row]:
        if not query.sirens:
            return self._suggest(query, limit)
        with searching(self.name):
            row = _company(query, EVERYTHING)
            if row and not is_hidden(row):
                return [row | {"score": int(Tier.EXACT)}]
            return self._suggest(query, limit)

    def sources(self) -> Iterator[tuple[str, Source]]:
        """The engines that are asked one after the other, before PostgreSQL is, each with its indexes."""
        if self._indexes:
            yield self.name, self._indexes
            if self.name == OpenSearchEngine.name and (local := _local_indexes()):
                yield TantivyEngine.name, local

    def _search(self, query: Query, filters: Filters, window: Window, facets: Collection[str]) -> Hits:
        """By words."""
        if query.is_worded:
            return self._ask(lambda engine: engine.search(query, filters, window, facets))
        with searching(self.name):
            hits = PostgresEngine().search(query, filters, window, facets)
        return replace(hits, engine=self.name)

    def _suggest(self, query: Query, limit: int) -> list[Row]:
        if query.words:
            return self._ask(lambda engine: engine.suggest(query, limit))
        with searching(self.name):
            return PostgresEngine().suggest(query, limit)

    def _of_company(self, row: Row, facets: Collection[str]) -> Hits:
        """The one company of a number. Its row says everything: nothing is counted, and no index is asked."""
        query = Query(siren=row["siren"])
        return Hits(
            Slice([row | {"score": int(Tier.EXACT)}], previous=None, next=None),
            self.name,
            total=1,
            facets={name: {facet_value(row, name): 1} for name in facets},
            explanation=Explanation(CompanyTiers(query, lambda _field, _word: 0), Tier.EXACT),
        )

    def _ask(self, ask: Callable[[SearchEngine], Answer]) -> Answer:
        for name, indexes in self.sources():
            with searching(name):
                answer = _read(indexes, partial(_asked, ask, INDEXED[name].engine))
            if answer is not None:
                return answer
        with searching(PostgresEngine.name):
            return ask(PostgresEngine())


def _company(query: Query, filters: Filters) -> Row | None:
    """The company of the likeliest number that one has, if it passes the filters. One statement."""
    if filters == EVERYTHING:
        found = companies_by_siren(query.sirens)
    else:
        named = passing(filters).filter(siren__in=query.sirens)
        rows = partitions.read_of(query.sirens, lambda there: whole_rows(named.filter(there)))
        found = {row["siren"]: row for row in rows}
    return next((found[siren] for siren in query.sirens if siren in found), None)


def search_places(ask: Callable[[Places], Answer]) -> Answer | None:
    """What the index knows of towns and trades by name; None where there is no index, or it fails."""
    for name, indexes in Search(*_ready_or_note()).sources():
        answer = _read(indexes, partial(_asked, lambda index: ask(Places(index)), INDEXED[name].places))
        if answer is not None:
            return answer
    return None


def read_companies(ask: Callable[[Index], Answer]) -> Answer | None:
    """What one state of this machine's index of companies says; None where there is none, or it fails.

    A cluster is not asked: a list has thousands of questions, and each would go over the network.
    """
    is_local = OpenSearchEngine.name != settings.SEARCH_ENGINE
    if (indexes := _indexes() if is_local else _local_indexes()) is None:
        fell_back(NOT_READY)
        return None
    return _read(
        indexes, partial(_asked, lambda engine: ask(engine.index), INDEXED[TantivyEngine.name].engine)
    )


def _asked(ask: Callable[[Any], Answer], made: Callable[[Any], Any], indexes: Source) -> Answer:
    """The answer of what is made of the indexes."""
    return ask(made(indexes))


def _read(indexes: Source, ask: Callable[[Any], Answer]) -> Answer | None:
    """What is read from the indexes; None where that fails, and another engine answers."""
    try:
        with wrap_errors("The index cannot be read"):
            return ask(indexes)
    except UnusableIndexError:
        fell_back(NOT_READY)
        return None
    except IndexFailedError as error:
        fell_back(FAILED)
        indexes.report_corruption(error)
        return None


def _ready_or_note() -> tuple[str, Source | None]:
    """The engine that is set, with its open indexes; what answers for it where they are not ready."""
    if PostgresEngine.name == settings.SEARCH_ENGINE:
        return PostgresEngine.name, None
    if indexes := _indexes():
        return settings.SEARCH_ENGINE, indexes
    fell_back(NOT_READY)
    if OpenSearchEngine.name == settings.SEARCH_ENGINE and (local := _local_indexes()):
        return TantivyEngine.name, local
    return PostgresEngine.name, None


def _indexes() -> Source | None:
    """Of the engine that is set. Raises ReplicaBehindError where this request reads from a replica that is older."""
    if OpenSearchEngine.name != settings.SEARCH_ENGINE:
        return _local_indexes()
    if indexes := cluster_reader().indexes():
        routing.require(indexes.read_up_to)
    return indexes


def _local_indexes() -> Indexes | None:
    """Those of this machine. Raises ReplicaBehindError, too."""
    if indexes := reader_of(settings.SEARCH_INDEX_DIR).indexes():
        routing.require(indexes.read_up_to)
    return indexes
