"""The one place that knows which engines there are."""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from foxreviews.core.keyset import Row, Window
from foxreviews.core.trace import FAILED, NOT_READY, fell_back
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.engines.tantivy import TantivyEngine
from foxreviews.search.errors import IndexFailedError, wrap_errors
from foxreviews.search.index.reader import Indexes, IndexReader
from foxreviews.search.query.places import Gazetteer
from foxreviews.search.query.types import Filters, Hits, Query

Answer = TypeVar("Answer")


def search_engine() -> SearchEngine:
    """The engine that the setting SEARCH_ENGINE names; PostgreSQL's while the index is not there or not ready."""
    try:
        return ENGINES[settings.SEARCH_ENGINE]()
    except KeyError:
        raise ImproperlyConfigured(
            f"SEARCH_ENGINE is one of {', '.join(ENGINES)}, not {settings.SEARCH_ENGINE!r}."
        ) from None


def why_not_ready() -> str:
    """Why PostgreSQL answers for the index, "" where the index answers."""
    reader = _reader(settings.SEARCH_INDEX_DIR)
    reader.indexes()
    return reader.why


def ask_gazetteer(ask: Callable[[Gazetteer], Answer]) -> Answer | None:
    """What is known of towns and trades by name; None where there is no index, or it fails."""
    if settings.SEARCH_ENGINE != "tantivy":
        return None
    if (indexes := _indexes()) is None:
        fell_back(NOT_READY)
        return None
    try:
        with wrap_errors("The index cannot be read"):
            return ask(Gazetteer(indexes.places))
    except IndexFailedError as error:
        fell_back(FAILED)
        indexes.report_corruption(error)
        return None


class Guarded:
    """The embedded engine, with PostgreSQL behind it: where the index fails, the answer comes all the same."""

    name: ClassVar[str] = TantivyEngine.name

    def __init__(self, indexes: Indexes) -> None:
        self.indexes = indexes

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        return self._ask(lambda engine: engine.search(query, filters, window, facets))

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        return self._ask(lambda engine: engine.count(filters, facets))

    def suggest(self, query: Query, most: int) -> list[Row]:
        return self._ask(lambda engine: engine.suggest(query, most))

    def _ask(self, ask: Callable[[SearchEngine], Answer]) -> Answer:
        try:
            with wrap_errors("The index cannot be read"):
                return ask(TantivyEngine(self.indexes.entreprises))
        except IndexFailedError as error:
            fell_back(FAILED)
            self.indexes.report_corruption(error)
            return ask(PostgresEngine())


def _embedded() -> SearchEngine:
    if indexes := _indexes():
        return Guarded(indexes)
    fell_back(NOT_READY)
    return PostgresEngine()


ENGINES: Mapping[str, Callable[[], SearchEngine]] = {"postgres": PostgresEngine, "tantivy": _embedded}


def _indexes() -> Indexes | None:
    return _reader(settings.SEARCH_INDEX_DIR).indexes()


@cache
def _reader(folder: Path) -> IndexReader:
    return IndexReader(folder)
