"""What a search begins and ends with: a query, and hits. Nothing here knows an engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from foxreviews.core.keyset import Slice
from foxreviews.reference.words import key, words
from foxreviews.search.query.nodes import Counts

if TYPE_CHECKING:
    from foxreviews.search.query.explain import Explanation


@dataclass(frozen=True)
class Query:
    """What someone typed, interpreted once (search.query.parse).

    The first of `sirens` that a company has names it, and the rest is not looked at; without one they are words.
    """

    text: str = ""  # without superfluous white space
    sirens: tuple[str, ...] = ()  # that may stand in the text, the likeliest first
    code_postal: str = ""  # a word of five digits
    naf_code: str = ""  # a word that is a code of either nomenclature, with its dot
    siren: str = ""  # of the company that has answered by its number

    @cached_property
    def typed(self) -> tuple[str, ...]:
        """The words as typed, in order, each once, without `code_postal` and `naf_code`."""
        return tuple(dict.fromkeys(self.text.split()))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words as they are indexed (reference.words), each once."""
        return tuple(dict.fromkeys(words(self.text)))

    @property
    def is_worded(self) -> bool:
        """Whether an index can match it: what has neither word nor code is signs, or letters that no index has."""
        return bool(self.words or self.code_postal or self.naf_code)

    @cached_property
    def key(self) -> str:
        """The letters and digits typed."""
        return key(self.text)


@dataclass(frozen=True)
class Hits:
    """The companies found: rows of Entreprise, each with `score` (a ranking.Tier), and the windows next to them.

    `total` is None where it was not counted. `facets` has what was asked for and could be counted in time: the
    counts of each facet's values, the most frequent first. A search has an `explanation`, a list has none.
    """

    page: Slice
    engine: str
    total: int | None = None
    facets: Mapping[str, Counts] = field(default_factory=dict)
    explanation: "Explanation | None" = None
