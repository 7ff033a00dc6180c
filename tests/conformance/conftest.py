"""Each engine over the companies of the test's database."""

from collections.abc import Callable, Collection

import pytest
import tantivy

from foxreviews.core.keyset import Row, Window
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.engines.tantivy import TantivyEngine
from foxreviews.search.query.types import Filters, Hits, Query


class FreshTantivy:
    """TantivyEngine on an index in memory that is made anew for each call, so that it is always in sync."""

    name = TantivyEngine.name

    def __init__(self, indexed: Callable[[], tantivy.Index]) -> None:
        self.indexed = indexed

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        return TantivyEngine(self.indexed()).search(query, filters, window, facets)

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        return TantivyEngine(self.indexed()).count(filters, facets)

    def suggest(self, query: Query, most: int) -> list[Row]:
        return TantivyEngine(self.indexed()).suggest(query, most)


@pytest.fixture(params=["postgres", "tantivy"])
def engine(request: pytest.FixtureRequest, indexed: Callable[[], tantivy.Index]) -> SearchEngine:
    """One engine after another."""
    return PostgresEngine() if request.param == "postgres" else FreshTantivy(indexed)


@pytest.fixture
def over_everything(indexed: Callable[[], tantivy.Index]) -> Callable[[], TantivyEngine]:
    """The engine over the companies that the database has when it is called; later ones are not followed."""
    return lambda: TantivyEngine(indexed())
