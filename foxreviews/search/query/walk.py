"""The hits of a query in the order of relevance: tier by tier, and in a tier by rank.

Companies (search.query.tiers), places (.places) and what is being typed (.autocomplete) are lists of tiers, which are
walked here. A strict tier is read without the documents of better ones, so it can be walked to its end at the same cost
however deep. A lenient tier (prefixes, typos) costs the most: it is asked only where the better ones have hardly a hit,
and what these have is then so little that it is left out one by one.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from foxreviews.core.keyset import Position
from foxreviews.search.query.nodes import NOTHING, AllOf, AnyOf, Index, Node, Not, Range

Hit = tuple[int, int]  # a tier and a rank


class Tiers(Protocol):
    """A query as nodes, from strict to lenient. A tier is a number, the best the highest."""

    limit: int  # hits; no threshold is higher

    @property
    def strict(self) -> Sequence[int]:
        """The strict tiers, best first."""

    @property
    def lenient(self) -> Sequence[int]:
        """The lenient ones, best first."""

    def node(self, tier: int) -> Node:
        """What matches in the tier, and perhaps in better ones."""

    def down_to(self, tier: int) -> Node:
        """What matches in the strict tier and in all better ones."""

    @property
    def sure(self) -> Node:
        """What leaves no doubt that it is meant: where some document matches it, no word is misspelt."""

    def threshold(self, tier: int, walk: "Walk") -> int:
        """With how many better hits a lenient tier is not asked."""


class Top(NamedTuple):
    """The highest ranks that a tier's node matches."""

    ranks: list[int]
    total: int | None  # how many it matches; None where it is not known


class Walk:
    """One walk over one state of an index; `narrowed` is what every hit must match.

    `these` finds the documents of some ranks. With it hits are counted: a lenient tier is then read without better
    ones, which are few.
    """

    def __init__(
        self,
        index: Index,
        tiers: Tiers,
        narrowed: Sequence[Node | Not] = (),
        these: Callable[[Collection[int]], Node] | None = None,
    ) -> None:
        self.index, self.tiers, self.narrowed, self._these = index, tiers, tuple(narrowed), these
        self.is_counted = these is not None
        self._tops: dict[int, Top] = {}
        self._better: dict[int, set[int]] = {}  # of each top, the ranks of better hits
        self._has: dict[int, bool] = {}

    def read(self, size: int, position: Position | None = None, *, backward: bool = False) -> Iterator[Hit]:
        """Up to `size` hits behind the position, in the direction of reading."""
        if position is None and self.is_counted:
            size = min(size, self.total)  # so no further tier is asked
        if size <= 0:
            return
        reached = self._reached()
        for tier, better in reversed(list(reached)) if backward else reached:
            beyond = None
            if position is not None:
                if (tier < position[0]) if backward else (tier > position[0]):
                    continue
                beyond = position[1] if tier == position[0] else None
            for rank in self._hits(tier, better, size, beyond, ascending=backward):
                yield int(tier), rank
                size -= 1
            if size <= 0:  # before a next tier is looked at
                return

    @cached_property
    def total(self) -> int:
        """How many hits there are in all tiers that are asked."""
        last = self.reached[-1]
        if last not in self._tops:
            return self._strict.total or 0
        return len(self._better[last]) + (self._tops[last].total or 0)

    @cached_property
    def reached(self) -> list[int]:
        """The tiers that are asked, best first."""
        return [tier for tier, _ in self._reached()]

    @property
    def found(self) -> Node:
        """All hits."""
        last = self.reached[-1]
        if last not in self._tops:
            return self.narrow(self.tiers.down_to(last))
        return self.narrow(AnyOf((self.tiers.node(last), *self._nodes_of(self._better[last]))))

    @cached_property
    def is_sure(self) -> bool:
        """Whether something has the very name."""
        sure = self.tiers.sure
        if sure == NOTHING or (self.tiers.strict and not self._has_strict):
            return False
        return bool(self.index.ranks(self.narrow(sure), 1))

    def has(self, tier: int) -> bool:
        """Whether something matches in a strict tier or a better one; in a lenient one, if it was asked."""
        if tier in self.tiers.lenient:
            return tier in self._tops and bool(self._tops[tier].ranks)
        if self._known is not None:
            return any(self._known[each] for each in self.tiers.strict if each >= tier)
        if tier not in self._has:
            better = self.narrow(self.tiers.down_to(tier), *self._nodes_of(self._best))
            self._has[tier] = bool(self._best and self.index.ranks(better, 1))
        return self._has[tier]

    def tops(self) -> Iterator[tuple[int, list[int]]]:
        """The highest ranks of each lenient tier that is asked; one that a better tier has may be among them."""
        for tier, better in self._reached():
            if better is not None:
                yield tier, self._top(tier, better).ranks

    def narrow(self, *nodes: Node | Not) -> Node:
        """What matches all of these and is not narrowed away."""
        return AllOf((*nodes, *self.narrowed))

    def _reached(self) -> Iterator[tuple[int, set[int] | None]]:
        """The tiers, a lenient one with the ranks of all better hits. None is asked before it is reached."""
        for place, tier in enumerate(self.tiers.strict):
            yield tier, None
            if place == 0 and not (self.is_counted or self._has_strict):
                break  # most that is typed is no town: one question instead of four
        if self.is_counted and (self._strict.total or 0) >= self.tiers.limit:
            return
        better = self._best
        for tier in self.tiers.lenient:
            if len(better) < self.tiers.threshold(tier, self):
                yield tier, better
                better = better.union(self._top(tier, better).ranks)

    @cached_property
    def _strict(self) -> Top:
        """What strict tiers match: how many, where hits are counted, and the ranks where they are few (Index.few)."""
        if not self.tiers.strict:
            return Top([], 0)
        node, limit = self.narrow(self.tiers.down_to(self.tiers.strict[-1])), self.tiers.limit
        return (
            Top(*self.index.few(node, limit)) if self.is_counted else Top(self.index.ranks(node, limit), None)
        )

    @property
    def _has_strict(self) -> bool:
        """Whether something matches in some strict tier."""
        return bool(self._strict.ranks or self._strict.total)

    @property
    def _best(self) -> set[int]:
        """The ranks of all hits in strict tiers, or of as many as any threshold."""
        return set(self._strict.ranks)

    @cached_property
    def _known(self) -> dict[int, set[int]] | None:
        """The ranks of each strict tier, where all are few: of these alone it is asked which tier has them."""
        if not self.is_counted or self._strict.total != len(self._best):
            return None
        known: dict[int, set[int]] = {}
        left = self._best
        for tier in self.tiers.strict:
            node = self.tiers.node(tier) if left else NOTHING
            asked = node != NOTHING
            known[tier] = set(
                self.index.ranks(AllOf((node, *self._nodes_of(left))), len(left)) if asked else ()
            )
            left = left - known[tier]
        return known

    def _nodes_of(self, ranks: set[int]) -> list[Node]:
        return [self._these(ranks)] if ranks and self._these else []

    def _top(self, tier: int, better: set[int]) -> Top:
        if tier not in self._tops:
            self._better[tier] = better
            without = map(Not, self._nodes_of(better))
            node, limit = self.narrow(self.tiers.node(tier), *without), self.tiers.limit
            if self.is_counted:
                self._tops[tier] = Top(*self.index.counted(node, limit))
            else:
                ranks = self.index.ranks(node, limit)
                self._tops[tier] = Top(ranks, len(ranks) if len(ranks) < limit else None)
        return self._tops[tier]

    def _hits(
        self, tier: int, better: set[int] | None, size: int, beyond: int | None, *, ascending: bool
    ) -> list[int]:
        """Up to `size` ranks of the tier alone."""
        if better is None and self._known is not None:
            ranks = sorted(self._known[tier], reverse=not ascending)
            if beyond is not None:
                ranks = [rank for rank in ranks if (rank > beyond if ascending else rank < beyond)]
            return ranks[:size]
        if (node := self.tiers.node(tier)) == NOTHING:
            return []
        limits: list[Node | Not] = []
        if beyond is not None:
            limits = [Range("rank", lower=beyond + 1) if ascending else Range("rank", upper=beyond - 1)]
        if better is None:
            if place := self.tiers.strict.index(tier):
                limits.append(Not(self.tiers.down_to(self.tiers.strict[place - 1])))
            return self.index.ranks(self.narrow(node, *limits), size, ascending=ascending)
        limits += map(Not, self._nodes_of(better))
        top = self._top(tier, better)
        if beyond is None and not ascending and top.total is not None and top.total <= len(top.ranks):
            ranks = top.ranks
        else:
            ranks = self.index.ranks(self.narrow(node, *limits), size + len(better), ascending=ascending)
        return [rank for rank in ranks if rank not in better][:size]
