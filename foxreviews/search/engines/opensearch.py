"""The index in a cluster: OpenSearch, and by the same calls Elasticsearch.

Nodes become queries as objects, never as text, so what was typed is only ever a word. Every match is alike, no score
is computed: the order is that of ranks.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise, permutations
from typing import Any, ClassVar

import orjson

from foxreviews.core.keyset import Row, Window
from foxreviews.enterprise.filters import Filters
from foxreviews.reference.words import joined, key
from foxreviews.search.cluster.connection import Cluster
from foxreviews.search.cluster.reader import ClusterIndexes
from foxreviews.search.cluster.schema import EDGES
from foxreviews.search.engines.indexed import IndexedEngine, beginning
from foxreviews.search.errors import IndexFailedError
from foxreviews.search.query.nodes import AllOf, AnyOf, Counts, Fuzzy, Node, Not, Prefix, Range, Term, Terms
from foxreviews.search.query.tiers import MAX_REORDERED, PAIR
from foxreviews.search.query.types import Hits, Query

DSL = dict[str, Any]
# What a cluster would cut off by itself is never so many: a word has fewer neighbours than this. It counts only where
# matches are scored (FuzzyQuery's top terms), which they are not here.
MAX_EXPANSIONS = 1_000_000
ALL_VALUES = (
    40_000  # of a facet, that each of several shards says, so that the sums are exact: there are 36,000 towns
)
WORD_FIELDS = ("nom", "lieu", "enseigne", "ailleurs", "hors_nom", "usuel", "autre")
MAX_NEAR = (
    40  # letters: the pattern of a longer word is longer than one may be, and its typos are not looked for
)
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")


class OpenSearchIndex:
    """One index, in one of its states for each call: a change may be seen between two calls of a search.

    All calls of one index together take two seconds at the most. Raises IndexFailedError.
    """

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster, self.name = cluster, name
        self.calls = 0
        self._deadline = cluster.deadline()
        self._translated: dict[int, tuple[Node, DSL]] = {}
        self._frequencies: dict[tuple[str, str], int] = {}

    def look_up(self, words: Iterable[tuple[str, str]]) -> None:
        """The frequencies of words, each with its field, by one call: they will be asked for.

        Counted, not estimated by one shard: every shard says how many of its documents have a word.
        """
        wanted = [each for each in dict.fromkeys(words) if each not in self._frequencies]
        if not wanted:
            return
        header = orjson.dumps({"allow_partial_search_results": False}).decode()
        bodies = (
            {"query": {"term": {field: word}}, "size": 0, "track_total_hits": True} for field, word in wanted
        )
        lines = (f"{header}\n{orjson.dumps(body).decode()}\n" for body in bodies)
        answer = self._call("_msearch", "".join(lines), filter_path="responses.hits.total,responses.error")
        for each, response in zip(wanted, answer["responses"], strict=True):
            if "error" in response:
                raise IndexFailedError(f"The cluster cannot look words up: {response['error'].get('reason')}")
            self._frequencies[each] = int(response["hits"]["total"]["value"])

    def frequency(self, field: str, word: str) -> int:
        if (field, word) not in self._frequencies:
            self.look_up([(field, word)])
        return self._frequencies[field, word]

    def ranks(self, node: Node, limit: int, *, ascending: bool = False) -> list[int]:
        return self._ranked(node, limit, counted=False, ascending=ascending)[0]

    def counted(self, node: Node, limit: int) -> tuple[list[int], int]:
        return self._ranked(node, limit, counted=True, ascending=False)

    def few(self, node: Node, limit: int) -> tuple[list[int], int]:
        return self.counted(node, limit)

    def count(self, node: Node) -> int:
        return self._total(self._search(node, {"size": 0, "track_total_hits": True}, "hits.total"))

    def facets(self, node: Node, sizes: Mapping[str, int]) -> dict[str, Counts]:
        asked = {
            name: {"terms": {"field": name, "size": size, "shard_size": max(size, ALL_VALUES)}}
            for name, size in sizes.items()
        }
        answer = self._search(
            node, {"size": 0, "track_total_hits": False, "aggs": asked}, "aggregations.*.buckets"
        )
        found = answer.get("aggregations", {})
        return {
            name: {
                str(bucket["key"]): int(bucket["doc_count"])
                for bucket in found.get(name, {}).get("buckets", ())
            }
            for name in sizes
        }

    def _ranked(self, node: Node, limit: int, *, counted: bool, ascending: bool) -> tuple[list[int], int]:
        body: DSL = {
            "size": limit,
            "track_total_hits": counted,
            "sort": [{"rank": "asc" if ascending else "desc"}],
            "_source": False,
        }
        answer = self._search(node, body, "hits.total,hits.hits.sort")
        hits = answer.get("hits", {}).get("hits", ())
        return [int(hit["sort"][0]) for hit in hits], self._total(answer) if counted else 0

    def _search(self, node: Node, body: DSL, wanted: str) -> Any:
        query = {"constant_score": {"filter": self._translate(node)}}
        return self._call(
            "_search", {"query": query, **body}, filter_path=wanted, allow_partial_search_results=False
        )

    def _call(self, what: str, body: object, **parameters: object) -> Any:
        self.calls += 1
        seconds = self._deadline.seconds
        answer = self.cluster.call("POST", f"/{self.name}/{what}", body, seconds=seconds, **parameters)
        return answer or {}

    def _total(self, answer: Any) -> int:
        return int(answer["hits"]["total"]["value"])

    def _translate(self, node: Node) -> DSL:
        """Its objects, made once: the tiers of a walk share nodes."""
        if known := self._translated.get(id(node)):
            return known[1]
        query = self._made(node)
        self._translated[id(node)] = node, query  # the node is kept, so no other one has its id
        return query

    def _made(self, node: Node) -> DSL:  # noqa: PLR0911 - one for each kind
        match node:
            case Term():
                return {"term": {node.field: node.word}}
            case Terms():
                return {"terms": {node.field: list(node.values)}}
            case Prefix():
                return self._prefix(node)
            case Fuzzy():
                return _fuzzy(node)
            case Range():
                bounds = {"gte": node.lower, "lte": node.upper}
                return {
                    "range": {
                        node.field: {name: bound for name, bound in bounds.items() if bound is not None}
                    }
                }
            case AnyOf():
                return self._any_of(node)
            case AllOf():
                return self._all_of(node)

    def _prefix(self, node: Prefix) -> DSL:
        return {"prefix": {node.field: {"value": node.word, "rewrite": "constant_score"}}}

    def _any_of(self, node: AnyOf) -> DSL:
        if not node.nodes:
            return {"match_none": {}}
        terms = [each for each in node.nodes if isinstance(each, Term)]
        fields = {each.field for each in terms}
        if len(terms) == len(node.nodes) > 1 and len(fields) == 1 and node.min_matches == 1:
            return {"terms": {terms[0].field: [each.word for each in terms]}}
        return {
            "bool": {
                "should": [self._translate(each) for each in node.nodes],
                "minimum_should_match": node.min_matches,
            }
        }

    def _all_of(self, node: AllOf) -> DSL:
        if not node.nodes:
            return {"exists": {"field": "rank"}}
        wanted = [self._translate(each) for each in node.nodes if not isinstance(each, Not)]
        unwanted = [self._translate(each.node) for each in node.nodes if isinstance(each, Not)]
        if len(wanted) == 1 and not unwanted:
            return wanted[0]
        return {"bool": {"filter": wanted, "must_not": unwanted} if unwanted else {"filter": wanted}}


class CompanyIndex(OpenSearchIndex):
    """That of companies, whose words are there cut to their first letters, too (index.schema.BEGINNINGS)."""

    def _prefix(self, node: Prefix) -> DSL:
        match beginning(node):
            case Term() as whole:
                return {"term": {whole.field: whole.word}}
            case begun:
                return super()._prefix(begun)


def _fuzzy(node: Fuzzy) -> DSL:
    """A swap of neighbours is one typo. All words that are near are found, however many: none is scored.

    No query finds words that begin with one that is near: among whole names of places their beginnings are words,
    and of companies, whose words are many, a pattern says what one typo may be.
    """
    field = EDGES if node.prefix and node.field == "start" else node.field
    if node.prefix and field != EDGES:
        if node.typos != 1:
            raise IndexFailedError(f"No query finds beginnings with {node.typos} typos in {node.field}.")
        if len(node.word) > MAX_NEAR:
            return {"prefix": {field: {"value": node.word, "rewrite": "constant_score"}}}
        return {"regexp": {field: {"value": near(node.word), "flags": "NONE", "rewrite": "constant_score"}}}
    return {
        "fuzzy": {
            field: {
                "value": node.word,
                "fuzziness": node.typos,
                "prefix_length": 0,
                "max_expansions": MAX_EXPANSIONS,
                "transpositions": True,
                "rewrite": "constant_score",
            }
        }
    }


def near(word: str) -> str:
    """The pattern of words that begin with this one but for a typo: a letter more, less, another, or two swapped."""
    pattern = ""  # of what follows the letters before a place, from the last place on
    letters = [letter if letter in _ALPHABET else f"\\{letter}" for letter in word]
    for place in reversed(range(len(letters))):
        here, rest = letters[place], letters[place + 1 :]
        ways = [f".?{''.join(rest)}", f".{here}{''.join(rest)}"]
        if rest:
            ways.append(f"{rest[0]}{here}{''.join(rest[1:])}")
        if pattern:
            ways.append(f"{here}({pattern})")
        pattern = "|".join(ways)
    return f"({pattern}).*"


class OpenSearchEngine(IndexedEngine):
    """Finds companies in a cluster."""

    name: ClassVar[str] = "opensearch"
    index: OpenSearchIndex

    def __init__(self, indexes: ClusterIndexes) -> None:
        super().__init__(CompanyIndex(indexes.cluster, indexes.entreprises), indexes.hidden)

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        self.index.look_up(foreseen(query))
        return super().search(query, filters, window, facets)

    def suggest(self, query: Query, limit: int) -> list[Row]:
        words = [("key", query.key), *(("enseigne", word) for word in query.words)]
        self.index.look_up(words)
        return super().suggest(query, limit)


def foreseen(query: Query) -> Iterable[tuple[str, str]]:
    """The words whose frequencies the tiers of a query may ask for, each with its field; hardly any is asked beyond."""
    words, parts = query.words, query.text.split()
    yield from ((field, word) for field in WORD_FIELDS for word in words)
    yield from (("nom", word) for word in joined(query.text))
    names = {query.key}
    for cut in range(1, len(parts)):
        names |= {key(" ".join(parts[:cut])), key(" ".join(parts[cut:]))}
    if 1 < len(parts) <= MAX_REORDERED:
        names |= {key("".join(order)) for order in permutations(parts)}
    yield from (("key", name) for name in sorted(names - {""}))
    towns = [*words, *filter(None, [query.code_postal])]
    yield from (("ailleurs", word) for word in towns)
    for a, b in pairwise(towns):
        yield from (("enseigne_ville", f"{sign}{PAIR}{town}") for sign, town in ((a, b), (b, a)))
