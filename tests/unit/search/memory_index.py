"""An index of a few documents in a list: it evaluates nodes as their docstrings say, for the walk and for engines."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from foxreviews.reference.words import distance
from foxreviews.search.query.nodes import AllOf, AnyOf, Fuzzy, Node, Not, Prefix, Range, Term, Terms

Document = dict[str, Any]  # of each field its words, and a `rank`


class MemoryIndex:
    """query.nodes.Index. `searched` has the nodes of every search."""

    def __init__(self, *documents: Document) -> None:
        self.documents, self.searched = documents, list[Node]()

    def frequency(self, field: str, word: str) -> int:
        return sum(word in document.get(field, ()) for document in self.documents)

    def ranks(self, node: Node, limit: int, *, ascending: bool = False) -> list[int]:
        self.searched.append(node)
        return sorted((each["rank"] for each in self._found(node)), reverse=not ascending)[:limit]

    def counted(self, node: Node, limit: int) -> tuple[list[int], int]:
        return self.ranks(node, limit), self.count(node)

    def few(self, node: Node, limit: int) -> tuple[list[int], int]:
        count = self.count(node)
        return self.ranks(node, limit) if count < limit else [], count

    def count(self, node: Node) -> int:
        return len(self._found(node))

    def facets(self, node: Node, sizes: Mapping[str, int]) -> dict[str, dict[str, int]]:
        found = self._found(node)
        return {
            name: dict(Counter(value for each in found for value in each.get(name, ())).most_common(size))
            for name, size in sizes.items()
        }

    def _found(self, node: Node) -> list[Document]:
        return [document for document in self.documents if matches(node, document)]


def matches(node: Node | Not, document: Document) -> bool:  # noqa: PLR0911
    if isinstance(node, AllOf):
        return all(matches(each, document) for each in node.nodes)
    if isinstance(node, AnyOf):
        return sum(matches(each, document) for each in node.nodes) >= node.min_matches
    if isinstance(node, Not):
        return not matches(node.node, document)
    if isinstance(node, Range):
        number = document[node.field]
        return (node.lower is None or number >= node.lower) and (node.upper is None or number <= node.upper)
    own = document.get(node.field, ())
    if isinstance(node, Term):
        return node.word in own
    if isinstance(node, Terms):
        return any(value in own for value in node.values)
    if isinstance(node, Prefix):
        return any(word.startswith(node.word) for word in own)
    assert isinstance(node, Fuzzy)
    beginnings = (
        word[:end] for word in own for end in (range(len(word) + 1) if node.prefix else [len(word)])
    )
    return any(distance(node.word, each, node.typos) <= node.typos for each in beginnings)
