"""The index embedded in the process: Tantivy, no server to run.

Nodes become queries as objects, never as text, so what was typed is only ever a word.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from math import inf
from typing import ClassVar

import tantivy
from tantivy import FieldType, Occur

from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.search.engines.indexed import IndexedEngine, beginning
from foxreviews.search.index.reader import Answers
from foxreviews.search.index.schema import WORDED
from foxreviews.search.query.nodes import (
    NOTHING,
    AllOf,
    AnyOf,
    Counts,
    Fuzzy,
    Node,
    Not,
    Prefix,
    Range,
    Term,
    Terms,
)
from foxreviews.search.query.tiers import SHOWN, of_ranks

FEW_TERMS = 32  # benchmarks.search.terms compares both ways
FEW_COMPANIES = 32  # that are named one by one
# Companies that match, from which on it is kept how many they are and which come first
MANY_THRESHOLD = 20_000
MAX_HIDDEN = 100  # companies that were hidden since; with more no answer is kept


@cache
def _at_once() -> ThreadPoolExecutor:
    """Threads of this process; Tantivy keeps the interpreter for none of them."""
    return ThreadPoolExecutor(os.cpu_count(), "facet")


class TantivyIndex:
    """One state of an index, which stays as it is while it is being read."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher | None = None) -> None:
        self.schema, self.searcher = index.schema, searcher or index.searcher()
        self._translated: dict[int, tuple[Node, tantivy.Query]] = {}
        self._frequencies: dict[tuple[str, str | int], int] = {}

    def frequency(self, field: str, word: str | int) -> int:
        if (known := self._frequencies.get((field, word))) is None:
            known = self._frequencies[field, word] = self.searcher.doc_freq(field, word)
        return known

    def ranks(self, node: Node, limit: int, *, ascending: bool = False) -> list[int]:
        order = tantivy.Order.Asc if ascending else tantivy.Order.Desc
        query = self._translate(node)
        result = self.searcher.search(query, limit=limit, count=False, order_by_field="rank", order=order)
        return [rank for rank, _ in result.hits]

    def counted(self, node: Node, limit: int) -> tuple[list[int], int]:
        result = self.searcher.search(self._translate(node), limit=limit, count=True, order_by_field="rank")
        return [rank for rank, _ in result.hits], result.count  # type: ignore[attr-defined]  # its stubs forget it

    def few(self, node: Node, limit: int) -> tuple[list[int], int]:
        return self.counted(node, limit)

    def count(self, node: Node) -> int:
        """A third of the time where no rank is looked at."""
        alike = tantivy.Query.const_score_query(self._translate(node), 1.0)
        return int(self.searcher.search(alike, limit=1, count=True).count)  # type: ignore[attr-defined]

    def facets(self, node: Node, sizes: Mapping[str, int]) -> dict[str, Counts]:
        aggregations = {name: {"terms": {"field": name, "size": size}} for name, size in sizes.items()}
        counted = self.searcher.aggregate(self._translate(node), aggregations)
        return {
            name: {_spelt(bucket["key"]): bucket["doc_count"] for bucket in counted[name]["buckets"]}
            for name in sizes
        }

    def _translate(self, node: Node) -> tantivy.Query:
        """The node in Tantivy's objects, made once: the tiers of a walk share nodes."""
        if known := self._translated.get(id(node)):
            return known[1]
        query: tantivy.Query = getattr(self, _TRANSLATIONS[type(node)])(node)
        self._translated[id(node)] = node, query  # the node is kept, so no other one has its id
        return query

    def _term(self, node: Term) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, node.field, node.word, "basic")

    def _terms(self, node: Terms) -> tantivy.Query:
        """One by one where they are few: a query for a set walks through all companies of each."""
        if len(node.values) > FEW_TERMS:
            return tantivy.Query.term_set_query(self.schema, node.field, list(node.values))
        terms = [self._term(Term(node.field, value)) for value in node.values]
        if len(terms) == 1:
            return terms[0]
        return tantivy.Query.boolean_query([(Occur.Should, each) for each in terms])

    def _prefix(self, node: Prefix) -> tantivy.Query:
        return tantivy.Query.fuzzy_term_query(self.schema, node.field, node.word, distance=0, prefix=True)

    def _fuzzy(self, node: Fuzzy) -> tantivy.Query:
        return tantivy.Query.fuzzy_term_query(
            self.schema, node.field, node.word, distance=node.typos, prefix=node.prefix
        )

    def _range(self, node: Range) -> tantivy.Query:
        return tantivy.Query.range_query(
            self.schema, node.field, FieldType.Unsigned, lower_bound=node.lower, upper_bound=node.upper
        )

    def _any_of(self, node: AnyOf) -> tantivy.Query:
        nodes = [(Occur.Should, self._translate(each)) for each in node.nodes]
        return tantivy.Query.boolean_query(nodes, minimum_number_should_match=node.min_matches)

    def _all_of(self, node: AllOf) -> tantivy.Query:
        """One query for all: of those within another one Tantivy would look for its hits by itself."""
        nodes = list(_all_within(node))
        if not nodes:
            return tantivy.Query.all_query()
        if len(nodes) == 1 and not isinstance(nodes[0], Not):
            return self._translate(nodes[0])
        return tantivy.Query.boolean_query(
            [
                (Occur.MustNot, self._translate(each.node))
                if isinstance(each, Not)
                else (Occur.Must, self._translate(each))
                for each in nodes
            ]
        )


def _all_within(node: AllOf) -> Iterator[Node | Not]:
    for each in node.nodes:
        if isinstance(each, AllOf):
            yield from _all_within(each)
        else:
            yield each


_TRANSLATIONS: Mapping[type[Node], str] = {
    Term: "_term",
    Terms: "_terms",
    Prefix: "_prefix",
    Fuzzy: "_fuzzy",
    Range: "_range",
    AnyOf: "_any_of",
    AllOf: "_all_of",
}


class CompanyIndex(TantivyIndex):
    """One state of the index of companies.

    Of many companies that match, Tantivy looks at each to count them, and at the rank of each to find the best: what
    was found is kept, for the next page and the next client.
    """

    def __init__(self, index: tantivy.Index, answers: Answers | None = None) -> None:
        self._answers = answers or Answers(index.searcher())
        super().__init__(index, self._answers.searcher)
        self._most = 0  # companies that a node of this query was found to match
        self._few_of: dict[Node, Node] = {}

    def few(self, node: Node, limit: int) -> tuple[list[int], int]:
        """Both at once, unless there are many ranks to look at."""
        if self._at_most(node) < MANY_THRESHOLD:
            return self.counted(node, limit)
        count = self.count(node)
        return self.ranks(node, limit) if count < limit else [], count

    def count(self, node: Node) -> int:
        if self._at_most(node) < MANY_THRESHOLD:
            return super().count(node)
        count = self._answers.get_or_find("count", node, partial(super().count, node))
        self._most = max(self._most, count)
        return count

    def ranks(self, node: Node, limit: int, *, ascending: bool = False) -> list[int]:
        find = partial(super().ranks, node, limit, ascending=ascending)
        if self._most < MANY_THRESHOLD:
            return find()
        return self._answers.get_or_find("ranks", (node, limit, ascending), find)

    def facets(self, node: Node, sizes: Mapping[str, int]) -> dict[str, Counts]:
        if self._most < MANY_THRESHOLD:
            return super().facets(node, sizes)
        find = partial(self._facets_at_once, node, sizes)
        return self._answers.get_or_find("facets", (node, *sizes.items()), find)

    def _facets_at_once(self, node: Node, sizes: Mapping[str, int]) -> dict[str, Counts]:
        """Each by itself, on all cores: together they take longer than one after the other."""
        self._translate(node)
        counted = _at_once().map(
            lambda name: super(CompanyIndex, self).facets(node, {name: sizes[name]}), sizes
        )
        return {name: counts for facet in counted for name, counts in facet.items()}

    def _prefix(self, node: Prefix) -> tantivy.Query:
        match beginning(node):
            case Term() as whole:
                return self._term(whole)
            case begun:
                return super()._prefix(begun)

    def _any_of(self, node: AnyOf) -> tantivy.Query:
        """Beginnings and typos that match few companies stand for these.

        Tantivy has a bit for each document of the index to say what one matches. A union with two such is read over
        the whole index, be they empty; to find that one is empty takes a small part of that (decision 33).
        """
        if len(node.nodes) == 1:
            return super()._any_of(node)
        return super()._any_of(AnyOf(tuple(map(self._named, node.nodes)), node.min_matches))

    def _named(self, node: Node) -> Node:
        if not isinstance(node, Prefix | Fuzzy):
            return node
        if (known := self._few_of.get(node)) is None:
            known = node
            if super().count(node) <= FEW_COMPANIES:
                ranks = super().ranks(node, FEW_COMPANIES)
                known = of_ranks(ranks) if ranks else NOTHING
            self._few_of[node] = known
        return known

    def _all_of(self, node: AllOf) -> tantivy.Query:
        """Who is hidden has no words: a search for words leaves it out as it is, and looks for it at no match."""
        if SHOWN in node.nodes and any(map(_has_words, node.nodes)):
            node = AllOf(tuple(each for each in node.nodes if each != SHOWN))
        return super()._all_of(node)

    def _at_most(self, node: Node | Not) -> float:
        """No more companies match; infinity where it would take long to say how many."""
        match node:
            case Term():
                return self.frequency(node.field, node.word)
            case Prefix() if isinstance(begun := beginning(node), Term):
                return self._at_most(begun)
            case Terms() if len(node.values) <= FEW_TERMS:
                return sum(self.frequency(node.field, value) for value in node.values)
            case AnyOf(min_matches=1):
                return sum(map(self._at_most, node.nodes))
            case AllOf():
                return min(map(self._at_most, node.nodes), default=inf)
        return inf


def _spelt(key: str | float) -> str:
    """The value of a facet; a number comes as one that may have a point."""
    return key if isinstance(key, str) else str(int(key))


def _has_words(node: Node | Not) -> bool:
    """Whether each company that matches has a word that was asked for."""
    match node:
        case Term() | Terms() | Prefix() | Fuzzy():
            return node.field in WORDED
        case AllOf():
            return any(map(_has_words, node.nodes))
        case AnyOf():
            return sum(not _has_words(each) for each in node.nodes) < node.min_matches
    return False


class TantivyEngine(IndexedEngine):
    """Finds companies in a Tantivy index."""

    name: ClassVar[str] = "tantivy"

    def __init__(
        self, index: tantivy.Index, hidden: HiddenSince | None = None, answers: Answers | None = None
    ) -> None:
        # Each answer would be kept with all of their numbers.
        has_few = hidden is None or len(hidden.sirens) <= MAX_HIDDEN
        super().__init__(CompanyIndex(index, answers if has_few else None), hidden)
