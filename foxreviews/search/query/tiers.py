"""A query as conditions on the index, from strict to lenient."""

from collections.abc import Callable, Iterator
from functools import cache, cached_property

import tantivy
from tantivy import Occur

from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import fold
from foxreviews.search.index.schema import HIDDEN_KEY
from foxreviews.search.query import trades
from foxreviews.search.query.areas import areas
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.types import Query
from foxreviews.search.query.typos import typos_of
from foxreviews.search.query.words import LEGAL_FORMS, LITTLE, joined, key, words

LEAST_BEGINNING = 2  # letters: one letter begins a third of all words
LEAST_JOINED = (
    6  # letters: nearly every company brings a joined word of its own, so only long beginnings are asked
)
MOST_BEGINNING = 7  # letters of a word that is not the last: a longer one was typed whole
FREQUENT = 200  # companies: a word that so many have is no typo
# A word is a town's where so many times more companies have it in their town than in their name: LYON, not MARTIN.
TOWN = 3

Frequency = Callable[[str, str], int]  # of a field and a word: how many documents have it


class Ladder:
    """The conditions of one query. A rung holds the companies of a tier and of all better ones.

    Each word is looked up first: what the index does not have needs no condition.
    """

    def __init__(self, schema: tantivy.Schema, query: Query, frequency: Frequency) -> None:
        self.schema, self.query, self._frequency = schema, query, cache(frequency)
        self.words = query.words
        self._core = tuple(word for word in self.words if _counts(word)) or self.words
        self._areas = areas(self.words)
        self._joined = [word for word in joined(query.text) if word not in self.words]
        self._together = [word for word in self._joined if self._frequency("nom", word)]
        self._exact = list(self._exact_names())
        self._rungs: dict[Tier, tantivy.Query] = {}

    @property
    def has_exact(self) -> bool:
        """Whether some company may have the very name."""
        return bool(self._exact)

    @property
    def has_several_words(self) -> bool:
        """Whether more than one word counts."""
        return len(self._core) > 1

    def typos(self) -> int:
        """The most typos that any word may have."""
        return max(map(self._typos_of, self._core), default=0)

    def rung(self, tier: Tier) -> tantivy.Query:
        """The companies of the tier and of all better ones."""
        if tier not in self._rungs:
            found = [*self._exact] if tier is Tier.EXACT else [*self._exact, self._condition(tier)]
            if tier < Tier.ADDRESS:  # which lenient tiers ask less of, and more
                found.append(self._condition(Tier.ADDRESS))
            shown = (Occur.MustNot, self._term("key", HIDDEN_KEY))
            self._rungs[tier] = tantivy.Query.boolean_query([(Occur.Must, _any(found)), shown])
        return self._rungs[tier]

    def only(self, tier: Tier) -> tantivy.Query:
        """The companies of the tier alone."""
        if tier is Tier.EXACT:
            return self.rung(tier)
        return tantivy.Query.boolean_query(
            [(Occur.Must, self.rung(tier)), (Occur.MustNot, self.rung(Tier(tier + 1)))]
        )

    def _exact_names(self) -> Iterator[tantivy.Query]:
        """The whole name, in any spacing and punctuation; or the whole name and, before or behind it, its town.

        Where nobody has that name, legal forms aside: "SAS H Paris" is H in Paris.
        """
        parts = self.query.text.split()
        found = list(self._exact_names_of(parts))
        yield from found or self._exact_names_of([part for part in parts if fold(part) not in LEGAL_FORMS])

    def _exact_names_of(self, parts: list[str]) -> Iterator[tantivy.Query]:
        if self._frequency("key", whole := key(" ".join(parts))):
            yield _all([self._term("key", whole), *self._numbers()])
        for cut in range(1, len(parts)):
            begin, end = " ".join(parts[:cut]), " ".join(parts[cut:])
            for name, town in ((begin, end), (end, begin)):
                if self._frequency("key", key(name)):
                    towns = [_any(list(self._places(word))) for word in words(town)]
                    yield _all([self._term("key", key(name)), *towns, *self._numbers()])

    def _condition(self, tier: Tier) -> tantivy.Query:
        if tier is Tier.MOST:
            return self._most()
        asked = self.words if tier is Tier.NAME else self._core
        places = self._towns if tier >= Tier.PLACE else ()
        return _all(
            [
                *(_any(list(self._spellings(word, tier))) for word in asked),
                *(_any(list(self._places(word))) for word in places),
                *self._numbers(),
            ]
        )

    @cached_property
    def _towns(self) -> tuple[str, ...]:
        """The town of a query for a trade in a town: all the bakers of Lyon stand before one at Gare de Lyon."""
        towns = tuple(word for word in self._core if self._is_town(word))
        others = [word for word in self._core if word not in towns]
        return towns if others and all(map(trades.named, others)) else ()

    def _is_town(self, word: str) -> bool:
        if trades.named(word):
            return False
        in_towns, in_names = self._frequency("lieu", word), self._frequency("nom", word)
        return word in self._areas or in_towns > TOWN * in_names

    def _most(self) -> tantivy.Query:
        """All words that count but one; a place alone answers nothing.

        Beside a place, all others that somebody has: "michelin clermont" is Michelin, wherever. Of two words the one
        that fewer companies have, if any has it.
        """
        others = tuple(word for word in self._core if not self._is_town(word))
        if len(others) < len(self._core):
            asked = tuple(filter(self._known, others))
            least = len(asked)
        elif len(others) == 2:
            known = sorted(filter(self._known, others), key=lambda word: self._frequency("nom", word))
            asked, least = tuple(known[:1]), 1
        else:
            asked, least = others, max(len(others) - 1, 1)
        words = [(Occur.Should, _any(list(self._spellings(word, Tier.ADDRESS)))) for word in asked]
        if not words:
            return tantivy.Query.empty_query()
        return _all([tantivy.Query.boolean_query(words, minimum_number_should_match=least), *self._numbers()])

    def _known(self, word: str) -> bool:
        return bool(self._frequency("nom", word) or trades.named(word))

    def _spellings(self, word: str, tier: Tier) -> Iterator[tantivy.Query]:
        """Where and how a word may stand in a company, by the tier."""
        yield self._term("nom", word)
        if tier <= Tier.PLACE:  # DUPONT before CHEF DU PONT
            yield from self._in_one(word)
        if tier is Tier.START:
            yield from self._beginnings(word, tier)
            return
        if tier <= Tier.PLACE:
            yield from self._places(word)
            yield from self._trades(trades.named(word))
        if tier <= Tier.ADDRESS and not (tier < Tier.ADDRESS and self._is_town(word)):
            yield self._term(
                "adresse", STREET_TYPES.get(word, word)
            )  # rue de Lyon, but not for somebody in Lyon
        if tier <= Tier.BEGINNING:
            yield from self._beginnings(word, tier)
        if tier <= Tier.TYPO:
            yield from self._misspelt(word, 1 if tier is Tier.TYPO else 2)

    def _in_one(self, word: str) -> Iterator[tantivy.Query]:
        """Names that have the word in two, or in one with its neighbours."""
        for field in ("joined", "key"):
            yield self._term(field, word)
        for together in self._together:
            if word in together:
                yield self._term("nom", together)

    def _misspelt(self, word: str, most: int) -> Iterator[tantivy.Query]:
        """Words that differ by so many typos, or as many as it may have."""
        typos = min(self._typos_of(word), most)
        if not typos:
            return
        for field in ("nom", "lieu"):
            yield tantivy.Query.fuzzy_term_query(self.schema, field, word, distance=typos)
        if self.has_several_words and not trades.named(word):  # "boulangrie lyon"; alone it may be any name
            yield from self._trades(trades.near(word))

    def _beginnings(self, word: str, tier: Tier) -> Iterator[tantivy.Query]:
        """Words that begin so: any may for the last word, which is being typed; others if they are rare and short."""
        if len(word) < LEAST_BEGINNING or word.isdigit():
            return
        last = word == self._core[-1]
        if last or (len(word) <= MOST_BEGINNING and (tier < Tier.BEGINNING or not self._is_frequent(word))):
            yield self._beginning("nom", word)
        if last and tier <= Tier.BEGINNING:
            yield self._beginning("lieu", word)
            yield from self._trades(trades.beginning(word))
        if last and len(word) >= LEAST_JOINED and not self._frequency("nom", word):
            yield self._beginning("key", word)  # "totalener" of TOTAL ENERGIES
            yield self._beginning("joined", word)
        for together in self._joined:  # "total ener" of TOTALENERGIES
            if together.endswith(self._core[-1]) and word in together:
                yield self._beginning("nom", together)

    def _beginning(self, field: str, word: str) -> tantivy.Query:
        return tantivy.Query.fuzzy_term_query(self.schema, field, word, distance=0, prefix=True)

    def _places(self, word: str) -> Iterator[tantivy.Query]:
        yield self._term("lieu", word)
        if word in DEPARTEMENTS:
            yield self._term("departement", word)
        if word in self._areas:
            yield tantivy.Query.term_set_query(self.schema, "departement", sorted(self._areas[word]))

    def _trades(self, codes: trades.Codes) -> Iterator[tantivy.Query]:
        if codes:
            yield tantivy.Query.term_set_query(self.schema, "naf_code", sorted(codes))

    def _numbers(self) -> list[tantivy.Query]:
        """The postal code and the NAF code that stand among the words."""
        numbers = []
        if code := self.query.code_postal:
            numbers.append(_any([self._term("code_postal", code), self._term("nom", code)]))
        if code := self.query.naf_code:
            numbers.append(_any([self._term("naf_code", code), self._term("key", key(code))]))
        return numbers

    def _typos_of(self, word: str) -> int:
        return 0 if self._is_frequent(word) else typos_of(word)

    def _is_frequent(self, word: str) -> bool:
        return max(self._frequency("nom", word), self._frequency("lieu", word)) >= FREQUENT

    def _term(self, field: str, word: str) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, field, word, "basic")


def _all(conditions: list[tantivy.Query]) -> tantivy.Query:
    if not conditions:
        return tantivy.Query.empty_query()
    return tantivy.Query.boolean_query([(Occur.Must, condition) for condition in conditions])


def _any(conditions: list[tantivy.Query]) -> tantivy.Query:
    if not conditions:
        return tantivy.Query.empty_query()
    if len(conditions) == 1:
        return conditions[0]
    return tantivy.Query.boolean_query([(Occur.Should, condition) for condition in conditions])


def _counts(word: str) -> bool:
    """Whether a word cannot be left out: it is no article, no legal form, no single letter."""
    return word not in LITTLE and (len(word) > 1 or word.isdigit())
