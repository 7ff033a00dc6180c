"""What a search asks of an index, in words that belong to no engine. Each engine translates them into its own query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Term:
    """Documents that have the word, or the number, in the field."""

    field: str
    word: str | int


@dataclass(frozen=True, slots=True)
class Terms:
    """Documents that have one of the values in the field."""

    field: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """Documents with a word in the field that begins so."""

    field: str
    word: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Documents with a word in the field so many typos away, or fewer; with `prefix`, one that begins with such a word.

    A typo is a letter added, left out or replaced, or two neighbours swapped (reference.words.distance).
    """

    field: str
    word: str
    typos: int
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Documents whose number in the field lies between both bounds, which are included; None is no bound."""

    field: str
    lower: int | None = None
    upper: int | None = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Documents that match at least `min_matches` of the nodes."""

    nodes: "tuple[Node, ...]"
    min_matches: int = 1


@dataclass(frozen=True, slots=True)
class AllOf:
    """Documents that match all nodes. Not stands here only, next to a node that is none."""

    nodes: "tuple[Node | Not, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Documents that do not match the node."""

    node: "Node"


Leaf = Term | Terms | Prefix | Fuzzy | Range
Node = Leaf | AnyOf | AllOf
NOTHING = AnyOf(())

Counts = Mapping[str, int]  # how many documents have a value


class Index(Protocol):
    """An index, of companies or of places, in one state that stays while it is read. A rank is no other document's."""

    def frequency(self, field: str, word: str) -> int:
        """How many documents have the word in the field."""

    def ranks(self, node: Node, limit: int, *, ascending: bool = False) -> list[int]:
        """Up to `limit` ranks of the documents that match, the highest first unless `ascending`."""

    def counted(self, node: Node, limit: int) -> tuple[list[int], int]:
        """The highest ranks, as above, and how many documents match."""

    def few(self, node: Node, limit: int) -> tuple[list[int], int]:
        """How many documents match, and the ranks of all of them where they are fewer than `limit`."""

    def count(self, node: Node) -> int:
        """How many documents match."""

    def facets(self, node: Node, sizes: Mapping[str, int]) -> dict[str, Counts]:
        """How many of the documents that match have a value of a field: the most frequent values, up to so many."""
