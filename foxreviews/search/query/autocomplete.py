"""Companies whose name is being typed: tiers that ask much less than those of a search, so every keystroke is answered.

Nothing is counted, and the address is left alone. Two letters begin half a million names and are waited for (25 ms);
three take 5 ms.
"""

from collections.abc import Sequence
from enum import IntEnum

from foxreviews.reference.words import typos_of
from foxreviews.search.query.nodes import AllOf, AnyOf, Fuzzy, Index, Node, Not, Prefix, Term
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.tiers import SHOWN
from foxreviews.search.query.types import Query
from foxreviews.search.query.walk import Walk

LENIENT_THRESHOLD = 3  # companies, with which no more lenient tier is asked
MIN_PREFIX = 3  # letters of a word that other words may begin with
MIN_KEY_PREFIX = 6  # letters of a name that others may begin with, in any spacing


class Typed(IntEnum):
    """How well a name goes on from what was typed, best last."""

    TYPO = 1  # the words of its name, but for a typo in each
    SIGN = 2  # the words of its establishments' signs, and of their towns
    SPACED = 3  # its letters, in any spacing: "total ener", "totalener"
    TOWN = 4  # the words of its name, the last one the town's
    NAME = 5  # the words of its name
    EXACT = 6  # its name

    @property
    def tier(self) -> Tier:
        """What a search calls it."""
        tiers = {self.EXACT: Tier.EXACT, self.SIGN: Tier.BRANCH, self.TYPO: Tier.TYPO}
        return tiers.get(self, Tier.BEGINNING)


class AutocompleteTiers:
    """The tiers of one query; it has words. The last of them may be unfinished."""

    strict: Sequence[Typed] = ()
    lenient: Sequence[Typed] = tuple(reversed(Typed))

    def __init__(self, query: Query, limit: int) -> None:
        self.key, self.limit = query.key, limit
        *self.others, self.last = query.words

    @property
    def sure(self) -> Node:
        return self.node(Typed.EXACT)

    def threshold(self, tier: int, walk: Walk) -> int:
        is_empty = (
            (tier == Typed.EXACT and not walk.index.frequency("key", self.key))
            or (tier == Typed.TOWN and not self.others)
            or (tier == Typed.SPACED and len(self.key) < MIN_KEY_PREFIX)
        )
        if tier == Typed.SIGN and (self.others or len(self.last) < MIN_PREFIX):  # a town alone is no sign
            is_empty = not any(walk.index.frequency("enseigne", word) for word in (*self.others, self.last))
        return 0 if is_empty else 1 if tier == Typed.TYPO else LENIENT_THRESHOLD

    def node(self, tier: int) -> Node:
        if tier == Typed.EXACT:
            return Term("key", self.key)
        if tier == Typed.SPACED:
            return Prefix("key", self.key)
        if tier == Typed.SIGN:
            return self._signs()
        field, typos = "lieu" if tier == Typed.TOWN else "nom", tier == Typed.TYPO
        others = (self._word(word, field, typos=typos, prefix=False) for word in self.others)
        prefix = len(self.last) >= MIN_PREFIX and not self.last.isdigit()
        return AllOf((*others, self._word(self.last, field, typos=typos, prefix=prefix)))

    def down_to(self, tier: int) -> Node:
        return AnyOf(tuple(self.node(each) for each in Typed if each >= tier))

    def _signs(self) -> Node:
        """The words before the last in a sign or its town, at least one in a sign; the last one unfinished."""
        others = [AnyOf((Term("enseigne", word), Term("ailleurs", word))) for word in self.others]
        fields = ("enseigne", "ailleurs") if others else ("enseigne",)
        last = [Term(field, self.last) for field in fields]
        if len(self.last) >= MIN_PREFIX and not self.last.isdigit():
            return AllOf((*others, AnyOf((*last, *(Prefix(field, self.last) for field in fields)))))
        return AllOf((*others, AnyOf(tuple(last))))

    def _word(self, word: str, field: str, *, typos: bool, prefix: bool) -> Node:
        found: list[Node] = [Term(each, word) for each in dict.fromkeys(("nom", "joined", field))]
        if prefix:
            found.append(Prefix(field, word))
        if typos and len(word) > MIN_PREFIX and typos_of(word):
            found.append(Fuzzy("nom", word, 1, prefix))
        return AnyOf(tuple(found))


def complete(
    index: Index, query: Query, limit: int, shown: Sequence[Not] = (SHOWN,)
) -> list[tuple[int, int]]:
    """Up to `limit` companies as pairs of score and rank, the likeliest first. All match `shown`."""
    found: dict[int, Tier] = {}
    for tier, ranks in Walk(index, AutocompleteTiers(query, limit), shown).tops():
        found = dict.fromkeys(ranks, Typed(tier).tier) | found
    best = sorted(((int(tier), rank) for rank, tier in found.items()), reverse=True)
    return best[:limit]
