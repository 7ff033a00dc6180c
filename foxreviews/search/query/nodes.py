"""What a search asks of an index, in words that belong to no engine. Each engine translates them into its own query."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """Documents that have the word in the field."""

    field: str
    word: str


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

    A typo is a letter added, left out or replaced, or two neighbours swapped (search.query.words.distance).
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
EVERYTHING = AllOf(())
