"""Which companies a record may mean: a few questions to the search's index, each of which few companies answer.

A question is made from the words of the record that few companies have, so that it costs what it finds: of a word that
many have those in the town, the département, or with a second word are asked for. What a question finds depends on the
record and the index alone.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from foxreviews.matching.bodies import spellings
from foxreviews.matching.names import MIN_JOINED, NameWords, asked_words
from foxreviews.matching.record import Record
from foxreviews.reference.geography import MUNICIPAL_DISTRICTS
from foxreviews.reference.words import joined, typos_of, words
from foxreviews.search.query.nodes import NOTHING, AllOf, AnyOf, Fuzzy, Index, Node, Prefix, Term
from foxreviews.search.query.ranking import siren_of
from foxreviews.search.query.tiers import FREQUENT_THRESHOLD, PAIR, SHOWN

MAX_NARROW, MAX_WIDE, MAX_LENIENT = 30, 20, 20  # companies that a question brings
FEW = 25  # companies, that a part of a question is expected to bring
TOGETHER = 8.0  # times as often as by chance two words stand in one name
MIN_KEY_PREFIX = 8  # letters of a name that may have been cut
MIN_WORD_PREFIX = 4  # letters of a word that may have been cut
MANY = 2_000  # companies with a word, next to which a misspelt one is looked for anywhere
MAX_FUZZY = 2  # words of a record that are looked up with typos: each takes as long as all the rest

Frequency = Callable[[str, str], int]


class Candidates:
    """Asks one state of an index of companies."""

    def __init__(self, index: Index, size: int) -> None:
        """`size` is the number of its companies."""
        self._index, self._size = index, max(size, 1)

    def likely(self, record: Record) -> list[str]:
        """The SIREN of those that have the name or the address, near the place, then anywhere."""
        question = _Question(record, self._index.frequency, self._size)
        narrow = self._ask(question.narrow(), MAX_NARROW)
        wide = self._ask(question.wide(), MAX_WIDE)
        return list(dict.fromkeys([*narrow, *wide]))

    def lenient(self, record: Record) -> list[str]:
        """The SIREN of those that are nearly called so."""
        question = _Question(record, self._index.frequency, self._size)
        return self._ask(question.lenient(), MAX_LENIENT)

    def _ask(self, nodes: Sequence[Node], limit: int) -> list[str]:
        nodes = [node for node in nodes if node != NOTHING]
        if not nodes:
            return []
        return [siren_of(rank) for rank in self._index.ranks(AllOf((AnyOf(tuple(nodes)), SHOWN)), limit)]


class _Question:
    """The nodes of one record."""

    def __init__(self, record: Record, frequency: Frequency, size: int) -> None:
        self.record, self.frequency, self.size = record, frequency, size
        self.names = [asked_words(each) for name in record.names for each in spellings(name)]
        self.near, self.near_share = self._near()
        self.around, self.around_share = self._around()

    def narrow(self) -> list[Node]:
        """The very name, and what is in the place."""
        found = list(self._exact())
        if self.near is not None:
            for name in self.names:
                found += [
                    AllOf((self.near, node)) for node in self._selective("nom", name.words, self.near_share)
                ]
            found += self._at_the_address()
        found += self._branches()
        return found

    def wide(self) -> list[Node]:
        """By rare words, in the département and anywhere."""
        found: list[Node] = []
        for name in self.names:
            anywhere = self._selective("nom", name.words, 1.0)
            found += anywhere
            if self.around is not None:
                found += [
                    AllOf((self.around, node))
                    for node in self._selective("nom", name.words, self.around_share)
                    if node not in anywhere
                ]
        for text in self.record.names:
            found += self._joined(text)
        return found

    def lenient(self) -> list[Node]:
        """But for typos, and cut names."""
        found: list[Node] = []
        for name in self.names:
            if len(name.core) >= MIN_KEY_PREFIX:
                found.append(Prefix("key", name.key[:30]))
            if (
                typos_of(name.core) and self.around is None
            ):  # in the whole country; in a place words are cheaper
                found.append(Fuzzy("key", name.core, 1))
            found += self._misspelt(name)
        return found

    def _near(self) -> tuple[Node | None, float]:
        """The town and the postal code, and which part of all companies is there."""
        record, terms = self.record, list[Node]()
        if code := record.code_commune:
            districts = [each for each, city in MUNICIPAL_DISTRICTS.items() if city == code]
            terms += [Term("code_commune", each) for each in (code, *districts)]
        elif record.ville_nom and not record.code_postal:
            parts = [Term("lieu", word) for word in words(record.ville_nom)]
            terms += [AllOf(tuple(parts))] if parts else []
        if record.code_postal:
            terms.append(Term("code_postal", record.code_postal))
        if not terms:
            return None, 1.0
        count = sum(self._count(term) for term in terms)
        return AnyOf(tuple(terms)), max(count, 1) / self.size

    def _around(self) -> tuple[Node | None, float]:
        if not (departement := self.record.departement):
            return None, 1.0
        return Term("departement", departement), max(
            self.frequency("departement", departement), 1
        ) / self.size

    def _count(self, node: Node) -> int:
        if isinstance(node, Term):
            return self.frequency(node.field, str(node.word))
        if isinstance(node, AllOf):
            return min((self._count(each) for each in node.nodes if isinstance(each, Term)), default=0)
        return 0

    def _exact(self) -> Iterator[Node]:
        """Whole names; one that many companies have, in the place."""
        for name in self.names:
            for each in dict.fromkeys((name.whole, name.key, name.core)):
                if not (count := self.frequency("key", each)):
                    continue
                term = Term("key", each)
                if count <= FEW or (self.near is None and self.around is None):
                    yield term
                    continue
                for place in (self.near, self.around):
                    if place is not None:
                        yield AllOf((place, term))

    def _selective(self, field: str, found: Sequence[str], share: float) -> list[Node]:
        """Single words that few companies have in such a share of all; else pairs of words, else all words."""
        counts = sorted((count, word) for word in found if (count := self.frequency(field, word)))
        single = [word for count, word in counts if count * share <= FEW]
        nodes: list[Node] = [Term(field, word) for word in single]
        others = [(count, word) for count, word in counts if word not in single][:4]
        if len(single) >= 2:
            return nodes
        pairs = [
            AllOf((Term(field, one), Term(field, other)))
            for (count, one), (more, other) in combinations(others, 2)
            if count * share * min(1.0, TOGETHER * more / self.size) <= FEW
        ]
        nodes += pairs
        if not nodes and others:
            nodes.append(AllOf(tuple(Term(field, word) for _, word in counts[:6])))
        return nodes

    def _at_the_address(self) -> list[Node]:
        """Whatever is called otherwise in the same street, at the same number."""
        place, address = self.near, self.record.address
        if place is None or not address.street:
            return []
        street = sorted(address.street, key=lambda word: (self.frequency("adresse", word), word))
        known = [word for word in street if self.frequency("adresse", word)]
        if not known:
            return []
        terms: list[Node] = [Term("adresse", known[0])]
        if len(known) > 1:
            terms.append(Term("adresse", known[1]))
        if address.numbers:
            numbers = tuple(Term("adresse", number) for number in sorted(address.numbers)[:3])
            terms.append(AnyOf(numbers))
        elif self.frequency("adresse", known[0]) * self.near_share > 1:
            return []
        return [AllOf((place, *terms))]

    def _branches(self) -> Iterator[Node]:
        """Companies with an establishment in the place: by its sign, by their name."""
        code = self.record.code_postal
        towns = [
            each
            for each in (code, *words(self.record.ville_nom)[-2:])
            if each and self.frequency("ailleurs", each)
        ]
        if not towns:
            return
        town = towns[0]
        share = self.frequency("ailleurs", town) / self.size
        for name in self.names:
            for node in self._selective("nom", name.words, share):
                yield AllOf((Term("ailleurs", town), node))
            for word in name.words:
                pair = f"{word}{PAIR}{town}"
                if self.frequency("enseigne", word) and 0 < self.frequency("enseigne_ville", pair) <= FEW:
                    yield Term("enseigne_ville", pair)

    def _joined(self, text: str) -> Iterator[Node]:
        """Words that are written as one, or that the company writes as one; signs that are rare anywhere."""
        for together in joined(text):
            if len(together) >= MIN_JOINED and 0 < self.frequency("nom", together) <= FEW:
                yield Term("nom", together)
        for word in asked_words(text).words:
            for field in ("joined", "key", "enseigne"):
                if len(word) >= MIN_JOINED and 0 < self.frequency(field, word) <= FEW:
                    yield Term(field, word)

    def _misspelt(self, name: NameWords) -> Iterator[Node]:
        """Its words but for a typo or their end, in the place or next to another of its words."""
        able = [
            word for word in name.words if typos_of(word) and self.frequency("nom", word) < FREQUENT_THRESHOLD
        ]
        able.sort(key=lambda word: (self.frequency("nom", word), -len(word), word))
        for word in able[:MAX_FUZZY]:
            near = Fuzzy("nom", word, 1)  # two take ten times as long
            others = [
                (count, other)
                for other in name.words
                if other != word and (count := self.frequency("nom", other))
            ]
            if others:
                count, other = min(others)
                pair = AllOf((Term("nom", other), near))
                if self.around is not None:
                    yield AllOf((self.around, pair))
                if count <= MANY:
                    yield pair
            elif self.around is not None:
                yield AllOf((self.around, near))
            if self.near is not None:
                yield AllOf((self.near, near))
                if len(word) >= MIN_WORD_PREFIX:
                    yield AllOf((self.near, Prefix("nom", word)))
