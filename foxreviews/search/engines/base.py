"""What every search engine does."""

from collections.abc import Collection
from typing import ClassVar, Protocol

from foxreviews.core.keyset import Row, Window
from foxreviews.enterprise.filters import Filters
from foxreviews.search.query.types import Hits, Query


class SearchEngine(Protocol):
    """Finds companies. Where its index is, and in which process, is its own matter.

    A window of one ordering after another gives every company that is found, once; ranking.RELEVANCE is one. A
    natural person whose name is not public is found by SIREN and SIRET alone. `facets` are names of schema.FACETS,
    or schema.DAYS with a period of creation. Raises SearchTimeoutError.
    """

    name: ClassVar[str]

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        """The companies that match the query and pass the filters, as the window asks."""

    def listed(self, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        """The companies that pass the filters in the order of rank (ranking.RELEVANCE), hidden ones among them."""

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        """How many companies pass the filters, and their facets; the page is empty.

        What takes too long is not counted: nothing is raised for that.
        """

    def suggest(self, query: Query, limit: int) -> list[Row]:
        """Up to `limit` companies for a query that is being typed, the likeliest first.

        Rows as of a search. Persons who are not public are left out, also of a SIREN's answer.
        """
