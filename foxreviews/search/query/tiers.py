"""Companies: a query as nodes, from strict to lenient (ranking.Tier)."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import fold
from foxreviews.reference.vocabulary import Codes, areas, trades, trades_beginning, trades_near
from foxreviews.reference.words import LEGAL_FORMS, LITTLE, joined, key, typos_of, words
from foxreviews.search.query.nodes import NOTHING, AllOf, AnyOf, Fuzzy, Leaf, Node, Not, Prefix, Term, Terms
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.types import Query
from foxreviews.search.query.walk import Walk

LENIENT_THRESHOLD = 20  # hits, with which no lenient tier is asked
MIN_PREFIX = 2  # letters: one letter begins a third of all words
MIN_JOINED_PREFIX = 6  # letters: nearly every company brings a joined word of its own
MAX_PREFIX = 7  # letters of a word that is not the last: a longer one was typed whole
FREQUENT_THRESHOLD = 200  # companies: a word that so many have is no typo
# A word is a town's where so many times more companies have it in their town than in their name: LYON, not MARTIN.
TOWN_RATIO = 3

HIDDEN_KEY = "-"  # the key of companies that no word finds; no name has it
SHOWN = Not(Term("key", HIDDEN_KEY))


Frequency = Callable[[str, str], int]  # of a field and a word: how many documents have it


class Spelling(NamedTuple):
    """One way in which a company may have a typed word: how (explain.HOW), and the node that finds it."""

    how: str
    node: Leaf


class CompanyTiers:
    """The tiers of one query. Each word is looked up first: what the index does not have needs no node."""

    strict: Sequence[Tier] = (Tier.EXACT, Tier.NAME, Tier.CORE, Tier.PLACE, Tier.ADDRESS)
    # Two typos mean so little that they are the last resort.
    lenient: Sequence[Tier] = (Tier.START, Tier.BEGINNING, Tier.TYPO, Tier.TYPOS, Tier.MOST)
    limit = LENIENT_THRESHOLD
    is_counted = True

    def __init__(self, query: Query, frequency: Frequency) -> None:
        self.query, self.words, self._frequency = query, query.words, cache(frequency)
        self._core = tuple(word for word in self.words if _counts(word)) or self.words
        self._areas = areas(self.words)
        self._joined = [word for word in joined(query.text) if word not in self.words]
        self._together = [word for word in self._joined if self._frequency("nom", word)]
        self._exact: list[AllOf] = list(self._exact_names())
        self._nodes: dict[int, Node] = {}
        self._down_to: dict[int, Node] = {}

    def node(self, tier: int) -> Node:
        if tier == Tier.EXACT or tier < Tier.ADDRESS:
            return self.down_to(tier)
        return self._condition(Tier(tier))

    def down_to(self, tier: int) -> Node:
        if tier not in self._down_to:
            found: list[Node] = (
                [*self._exact] if tier == Tier.EXACT else [*self._exact, self._condition(Tier(tier))]
            )
            if tier < Tier.ADDRESS:  # which lenient tiers ask less of, and more
                found.append(self._condition(Tier.ADDRESS))
            self._down_to[tier] = _any(found)
        return self._down_to[tier]

    @property
    def sure(self) -> Node:
        """The very name."""
        return self.down_to(Tier.EXACT)

    def threshold(self, tier: int, walk: Walk) -> int:
        """Where several words are met in one company, each of them is spelt as it should be."""
        several = len(self._core) > 1
        if tier in (Tier.START, Tier.BEGINNING):
            return 1 if several and walk.is_sure else LENIENT_THRESHOLD
        if tier == Tier.MOST:
            return 1 if several else 0
        if walk.is_sure or self._max_typos < (1 if tier == Tier.TYPO else 2):
            return 0
        return 1 if several or tier == Tier.TYPOS else LENIENT_THRESHOLD

    def exact_keys(self) -> Iterator[str]:
        """The whole names of the best tier."""
        for node in self._exact:
            yield from (each.word for each in node.nodes if isinstance(each, Term) and each.field == "key")

    def spellings(self, word: str, tier: Tier) -> Iterator[Spelling]:
        """Where and how a company may have the word, by the tier."""
        yield _has("same", "nom", word)
        if tier <= Tier.PLACE:  # DUPONT before CHEF DU PONT
            yield from self._in_one(word)
        if tier == Tier.START:
            yield from self._beginnings(word, tier)
            return
        if tier <= Tier.PLACE:
            yield from (Spelling("same", node) for node in self._places(word))
            yield from _trades(trades(word))
        if tier <= Tier.ADDRESS and not (tier < Tier.ADDRESS and self._is_town(word)):
            # rue de Lyon, but not where a company in Lyon is looked for
            yield _has("same", "adresse", STREET_TYPES.get(word, word))
        if tier <= Tier.BEGINNING:
            yield from self._beginnings(word, tier)
        if tier <= Tier.TYPO:
            yield from self._misspelt(word, 1 if tier == Tier.TYPO else 2)

    def numbers(self) -> dict[str, list[Spelling]]:
        """The postal code and the NAF code that stand among the words."""
        found = {}
        if code := self.query.code_postal:
            found[code] = [_has("same", "code_postal", code), _has("same", "nom", code)]
        if code := self.query.naf_code:
            found[code] = [
                _has("same", "naf", code),
                _has("joined", "key", key(code)),
            ]
        return found

    @cached_property
    def _max_typos(self) -> int:
        """The most typos that any word may have."""
        return max(map(self._typos_of, self._core), default=0)

    def _exact_names(self) -> Iterator[AllOf]:
        """The whole name, in any spacing and punctuation; or the whole name and, before or behind it, its town.

        Where no company has that name, legal forms aside: "SAS H Paris" is H in Paris.
        """
        parts = self.query.text.split()
        found = list(self._exact_names_of(parts))
        yield from found or self._exact_names_of([part for part in parts if fold(part) not in LEGAL_FORMS])

    def _exact_names_of(self, parts: list[str]) -> Iterator[AllOf]:
        if self._frequency("key", whole := key(" ".join(parts))):
            yield AllOf((Term("key", whole), *self._numbers))
        for cut in range(1, len(parts)):
            begin, end = " ".join(parts[:cut]), " ".join(parts[cut:])
            for name, town in ((begin, end), (end, begin)):
                if self._frequency("key", key(name)):
                    towns = (_any(list(self._places(word))) for word in words(town))
                    yield AllOf((Term("key", key(name)), *towns, *self._numbers))

    def _condition(self, tier: Tier) -> Node:
        if tier not in self._nodes:
            self._nodes[tier] = self._most() if tier == Tier.MOST else self._every_word(tier)
        return self._nodes[tier]

    def _every_word(self, tier: Tier) -> Node:
        wanted = self.words if tier == Tier.NAME else self._core
        towns = self._towns if tier >= Tier.PLACE else ()
        return _all(
            [
                *(self._word(word, tier) for word in wanted),
                *(_any(list(self._places(word))) for word in towns),
                *self._numbers,
            ]
        )

    def _word(self, word: str, tier: Tier) -> Node:
        return _any([spelling.node for spelling in self.spellings(word, tier)])

    @cached_property
    def _towns(self) -> tuple[str, ...]:
        """The town of a query for a trade in a town: all the bakers of Lyon stand before one at Gare de Lyon."""
        towns = tuple(word for word in self._core if self._is_town(word))
        others = [word for word in self._core if word not in towns]
        return towns if others and all(map(trades, others)) else ()

    def _is_town(self, word: str) -> bool:
        if trades(word):
            return False
        in_towns, in_names = self._frequency("lieu", word), self._frequency("nom", word)
        return word in self._areas or in_towns > TOWN_RATIO * in_names

    def _most(self) -> Node:
        """All words that count but one.

        With a place, all others that some company has: "michelin clermont" is Michelin, wherever. Of two words the one
        that fewer companies have, if any has it.
        """
        others = tuple(word for word in self._core if not self._is_town(word))
        if len(others) < len(self._core):
            wanted = tuple(filter(self._is_known, others))
            least = len(wanted)
        elif len(others) == 2:
            known = sorted(filter(self._is_known, others), key=lambda word: self._frequency("nom", word))
            wanted, least = tuple(known[:1]), 1
        else:
            wanted, least = others, max(len(others) - 1, 1)
        if not wanted:
            return NOTHING
        some = AnyOf(tuple(self._word(word, Tier.ADDRESS) for word in wanted), least)
        return _all([some, *self._numbers])

    def _is_known(self, word: str) -> bool:
        return bool(self._frequency("nom", word) or trades(word))

    def _in_one(self, word: str) -> Iterator[Spelling]:
        """Names that have the word in two, or in one with its neighbours."""
        for field in ("joined", "key"):
            yield _has("joined", field, word)
        for together in self._together:
            if word in together:
                yield _has("joined", "nom", together)

    def _misspelt(self, word: str, limit: int) -> Iterator[Spelling]:
        """Words that differ by so many typos, or as many as it may have."""
        typos = min(self._typos_of(word), limit)
        if not typos:
            return
        for field in ("nom", "lieu"):
            yield Spelling("typo", Fuzzy(field, word, typos))
        if len(self._core) > 1 and not trades(word):  # "boulangrie lyon"; alone it may be any name
            yield from _trades(trades_near(word))

    def _beginnings(self, word: str, tier: Tier) -> Iterator[Spelling]:
        """Words that begin so: any may for the last word, which is being typed; others if they are rare and short."""
        if len(word) < MIN_PREFIX or word.isdigit():
            return
        last = word == self._core[-1]
        if last or (len(word) <= MAX_PREFIX and (tier < Tier.BEGINNING or not self._is_frequent(word))):
            yield _begins("beginning", "nom", word)
        if last and tier <= Tier.BEGINNING:
            yield _begins("beginning", "lieu", word)
            yield from _trades(trades_beginning(word))
        if last and len(word) >= MIN_JOINED_PREFIX and not self._frequency("nom", word):
            yield _begins("joined", "key", word)  # "totalener" of TOTAL ENERGIES
            yield _begins("joined", "joined", word)
        for together in self._joined:  # "total ener" of TOTALENERGIES
            if together.endswith(self._core[-1]) and word in together:
                yield _begins("joined", "nom", together)

    def _places(self, word: str) -> Iterator[Leaf]:
        yield _has("same", "lieu", word).node
        if word in DEPARTEMENTS:
            yield Term("departement", word)
        if word in self._areas:
            yield Terms("departement", tuple(sorted(self._areas[word])))

    @cached_property
    def _numbers(self) -> list[Node]:
        return [_any([spelling.node for spelling in found]) for found in self.numbers().values()]

    def _typos_of(self, word: str) -> int:
        return 0 if self._is_frequent(word) else typos_of(word)

    def _is_frequent(self, word: str) -> bool:
        return max(self._frequency("nom", word), self._frequency("lieu", word)) >= FREQUENT_THRESHOLD


# Tiers ask for the same words: one node each is made once, and translated once.
@lru_cache(maxsize=4_096)
def _has(how: str, field: str, word: str) -> Spelling:
    return Spelling(how, Term(field, word))


@lru_cache(maxsize=4_096)
def _begins(how: str, field: str, word: str) -> Spelling:
    return Spelling(how, Prefix(field, word))


@lru_cache(maxsize=4_096)
def _trades_of(codes: Codes) -> Spelling:
    return Spelling("trade", Terms("naf", tuple(sorted(codes))))


def _trades(codes: Codes) -> Iterator[Spelling]:
    if codes:
        yield _trades_of(codes)


def _all(nodes: Sequence[Node]) -> Node:
    return AllOf(tuple(nodes)) if nodes else NOTHING


def _any(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))


def _counts(word: str) -> bool:
    """Whether a word cannot be left out: it is no article, no legal form, no single letter."""
    return word not in LITTLE and (len(word) > 1 or word.isdigit())
