"""What every search engine does, and what an index must answer to be one."""

from collections.abc import Collection, Mapping
from typing import ClassVar, Protocol

from foxreviews.core.keyset import Row, Window
from foxreviews.search.query.nodes import Node
from foxreviews.search.query.types import Counts, Filters, Hits, Query


class SearchEngine(Protocol):
    """Finds companies. Where its index is, and in which process, is its own matter.

    A window of one ordering after another gives every company that is found, once; ranking.RELEVANCE is one. A
    natural person whose name is not public is found by SIREN and SIRET alone. `facets` are names of schema.FACETS.
    Raises SearchTimeoutError.
    """

    name: ClassVar[str]

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        """The companies that match the query and pass the filters, as the window asks."""

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        """How many companies pass the filters, and their facets; the page is empty."""

    def suggest(self, query: Query, limit: int) -> list[Row]:
        """Up to `limit` companies for a query that is being typed, the likeliest first.

        Rows as of a search. Persons who are not public are left out, also of a SIREN's answer.
        """


class Index(Protocol):
    """An index, of companies or of places, in one state that stays while it is read. A rank is no other document's."""

    def frequency(self, field: str, word: str) -> int:
        """How many documents have the word in the field."""

    def ranks(self, node: Node, limit: int, *, ascending: bool = False) -> list[int]:
        """Up to `limit` ranks of the documents that match, the highest first unless `ascending`."""

    def counted(self, node: Node, limit: int) -> tuple[list[int], int]:
        """The highest ranks, as above, and how many documents match."""

    def count(self, node: Node) -> int:
        """How many documents match."""

    def facets(self, node: Node, sizes: Mapping[str, int]) -> dict[str, Counts]:
        """How many of the documents that match have a value of a field: the most frequent values, up to so many."""
