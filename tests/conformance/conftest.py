"""Each engine (tests/conformance/engines) over the companies of the test's database."""

from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from foxreviews.core.keyset import Row, Window
from foxreviews.enterprise.filters import Filters
from foxreviews.search.engine import Search
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.query.types import Hits, Query

FILES = sorted(Path(__file__).with_name("engines").glob("[!_]*.py"))
ENGINES = {file.stem: import_module(f"tests.conformance.engines.{file.stem}") for file in FILES}


class Fresh:
    """A search that is opened for each call, so that it is always in sync."""

    def __init__(self, name: str, open_search: Callable[[], Search]) -> None:
        self.name, self.open_search = name, open_search

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        return self.open_search().search(query, filters, window, facets)

    def listed(self, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        return self.open_search().listed(filters, window, facets)

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        return self.open_search().count(filters, facets)

    def suggest(self, query: Query, limit: int) -> list[Row]:
        return self.open_search().suggest(query, limit)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, indexed: Callable[[], Any]) -> SearchEngine:
    """One engine after another."""
    return Fresh(request.param, lambda: ENGINES[request.param].search_of(indexed))


@pytest.fixture(params=[name for name, engine in ENGINES.items() if engine.RANKS_BY_TIERS])
def over_everything(request: pytest.FixtureRequest, indexed: Callable[[], Any]) -> Callable[[], Search]:
    """An engine that ranks by tiers, over the companies that the database has when it is called."""
    return lambda: ENGINES[request.param].search_of(indexed)  # type: ignore[no-any-return]
