"""Companies: a query as nodes, from strict to lenient (ranking.Tier)."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from itertools import permutations
from typing import NamedTuple

from foxreviews.reference.geography import DEPARTEMENTS, departement_of_postal_code
from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import fold
from foxreviews.reference.vocabulary import Codes, areas, trades, trades_beginning, trades_near
from foxreviews.reference.words import (
    LEGAL_FORMS,
    LITTLE,
    MIN_TWO_TYPOS,
    distance,
    joined,
    key,
    typos_of,
    words,
)
from foxreviews.search.query.nodes import (
    NOTHING,
    AllOf,
    AnyOf,
    Counts,
    Fuzzy,
    Leaf,
    Node,
    Not,
    Prefix,
    Term,
    Terms,
)
from foxreviews.search.query.ranking import DROPPING, Tier, siren_of
from foxreviews.search.query.types import Query
from foxreviews.search.query.walk import Walk

LENIENT_THRESHOLD = 20  # hits, with which no lenient tier is asked
MIN_PREFIX = 2  # letters: one letter begins a third of all words
MIN_JOINED_PREFIX = 6  # letters: nearly every company brings a joined word of its own
MAX_PREFIX = 7  # letters of a word that is not the last: a longer one was typed whole
FREQUENT_THRESHOLD = 200  # companies: a word that so many have is no typo
# A word is a town's where so many times more companies have it in their town than in their name: LYON, not MARTIN.
TOWN_RATIO = 3

PAIR = "@"  # between a word of a sign and one of its town; no word has it
HIDDEN_KEY = "-"  # the key of companies that no word finds; no name has it
SHOWN = Not(Term("key", HIDDEN_KEY))


MAX_REORDERED = 4  # words that are looked up in any order
MAX_HOMONYMS = 4  # of towns of one name, those with at least a fourth of the companies of the largest
STREET_WORDS = frozenset(["RUE", *STREET_TYPES, *STREET_TYPES.values()])
# "SAS" is a typo away from too many words.
LONG_LEGAL_FORMS = sorted(form for form in LEGAL_FORMS if len(form) > 3)
# Where several words are met so, they are what was meant.
PROOFS = (Tier.BRANCH, Tier.NAME_START, Tier.START, Tier.ALMOST, Tier.BEGINNING)
TYPOS = (Tier.TYPO_IN_NAME, Tier.TYPO, Tier.TYPOS)
SPELT_OTHERWISE = (Tier.START, Tier.BEGINNING, Tier.TYPO_IN_NAME, Tier.TYPO)  # each asked before a worse one

Frequency = Callable[[str, str], int]  # of a field and a word: how many documents have it


class Spelling(NamedTuple):
    """One way in which a company may have a typed word: how (explain.HOW), and the node that finds it."""

    how: str
    node: Leaf


class CompanyTiers:
    """The tiers of one query. Each word is looked up first: what the index does not have needs no node.

    `departements` counts those of the companies that a node finds.
    """

    strict: Sequence[Tier] = (
        *(Tier.EXACT, Tier.ORDER, Tier.NAME, Tier.CORE, Tier.PLACE, Tier.BRANCH, Tier.ADDRESS),
    )
    # Two typos mean so little that they are the last resort for all words.
    lenient: Sequence[Tier] = (
        *(Tier.NAME_START, Tier.START, Tier.ALMOST, Tier.BEGINNING),
        *(Tier.TYPO_IN_NAME, Tier.TYPO, Tier.TYPOS, *DROPPING),
    )
    limit = LENIENT_THRESHOLD

    def __init__(
        self, query: Query, frequency: Frequency, departements: Callable[[Node], Counts] = lambda _: {}
    ) -> None:
        self._frequency, self._departements = cache(frequency), departements
        self.query = query = replace(query, text=self._with_legal_forms(query.text))
        self.words = query.words
        self._core = tuple(word for word in self.words if _counts(word)) or self.words
        self._areas = areas(self.words)
        self._others = tuple(word for word in self._core if not self._is_town(word))
        self._has_place = len(self._others) < len(self._core) or bool(query.code_postal)
        has_street = any(word.isdigit() or word in STREET_WORDS for word in self._core)
        self._is_name_in_place = self._has_place and not has_street
        self._can_drop = self._has_place or len(self._core) > 1
        self._joined = [word for word in joined(query.text) if word not in self.words]
        self._together = [word for word in self._joined if self._frequency("nom", word)]
        self._exact: list[AllOf] = list(self._exact_names())
        self._reordered: list[AllOf] = list(self._reordered_names())
        self._nodes: dict[int, Node] = {}
        self._down_to: dict[int, Node] = {}

    def node(self, tier: int) -> Node:
        return self.down_to(tier) if tier == Tier.EXACT else self._condition(Tier(tier))

    def down_to(self, tier: int) -> Node:
        if tier == Tier.BRANCH and self._branch == NOTHING:
            return self.down_to(Tier.PLACE)
        if tier not in self._down_to:
            others = [] if tier == Tier.EXACT else self._reordered
            last = [] if tier >= Tier.ORDER else [self._condition(Tier(tier))]
            if tier == Tier.BRANCH:
                last = [self._condition(Tier.PLACE), *last]
            elif tier == Tier.ADDRESS:
                last += [self._branch] if self._branch != NOTHING else []
            self._down_to[tier] = _any([*self._exact, *others, *last])
        return self._down_to[tier]

    @property
    def needed(self) -> list[str]:
        """What a company must have to be more than one that lacks a word."""
        return [*self._core, *self.numbers()]

    @property
    def sure(self) -> Node:
        """The very name, in any order."""
        return self.down_to(Tier.ORDER)

    def threshold(self, tier: int, walk: Walk) -> int:
        """Where several words are met in one company, each of them is spelt as it should be.

        Where a name in a place is looked for, one that is met in a street proves nothing.
        """
        several, is_begun = len(self._core) > 1, tier in (Tier.NAME_START, Tier.START, Tier.BEGINNING)
        if walk.is_sure and (several or not is_begun):
            return 0
        if is_begun:
            return (
                0
                if tier == Tier.NAME_START and len(self.query.key) < MIN_JOINED_PREFIX
                else LENIENT_THRESHOLD
            )
        proofs = PROOFS if self._is_name_in_place else (Tier.ADDRESS, *PROOFS)
        if tier in DROPPING:
            proofs = proofs if self._are_known else (*proofs, *TYPOS)
            return LENIENT_THRESHOLD if self._can_drop and not _has_one(walk, proofs) else 0
        # Of several words, each of which may be one that many have, the whole is judged.
        typos = typos_of(self.query.key) - 1 if tier == Tier.ALMOST and several else self._max_typos
        if typos < (2 if tier == Tier.TYPOS else 1):
            return 0
        others = () if tier == Tier.TYPO and any(map(self._near_trades, self._core)) else TYPOS
        if several and _has_one(walk, [better for better in (*proofs, *others) if better > tier]):
            return 0
        return 1 if tier == Tier.TYPOS else LENIENT_THRESHOLD

    def exact_keys(self) -> Iterator[str]:
        """The whole names of the best tier."""
        for node in (*self._exact, *self._reordered):
            yield from (
                str(each.word) for each in node.nodes if isinstance(each, Term) and each.field == "key"
            )

    def spellings(self, word: str, tier: Tier) -> Iterator[Spelling]:
        """Where and how a company may have the word, by the tier."""
        yield _has("same", "nom", word)
        if tier == Tier.BRANCH:
            for field in ("enseigne", "ailleurs"):
                yield _has("same", field, word)
            yield from self._in_one(word)
            yield from _trades(trades(word))
            return
        if tier <= Tier.PLACE:  # DUPONT before CHEF DU PONT
            yield from self._in_one(word)
        if tier == Tier.START:
            yield from self._beginnings(word, tier)
            return
        if tier <= Tier.PLACE:
            yield from (Spelling("same", node) for node in self._places(word))
            yield from _trades(trades(word))
        if tier == Tier.ADDRESS or (
            # rue de Lyon, but not where a company in Lyon is looked for
            tier in (Tier.BEGINNING, Tier.TYPO, Tier.TYPOS)
            and not (self._is_name_in_place or self._is_town(word))
        ):
            yield _has("same", "adresse", STREET_TYPES.get(word, word))
        if tier <= Tier.BEGINNING:
            yield from self._beginnings(word, tier)
        if tier <= Tier.TYPO_IN_NAME:
            yield from self._misspelt(word, tier)

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

    @cached_property
    def _are_known(self) -> bool:
        """Whether each word is one that some company has: then a typo is only one way to read the query."""
        return all(map(self._is_known, self._others))

    def _with_legal_forms(self, text: str) -> str:
        """The text, its legal forms spelt as they should be: "SARNL MASSET"."""
        parts = text.split()
        if len(parts) > 1:
            parts = [self._legal_form(fold(part)) or part for part in parts]
        return " ".join(parts)

    def _legal_form(self, word: str) -> str | None:
        """The legal form that a word is but for a typo, where nothing has the word. "SELAR" is being typed."""
        if self._is_any(word) or any(form.startswith(word) for form in LONG_LEGAL_FORMS):
            return None
        near = (form for form in LONG_LEGAL_FORMS if distance(form, word, 1) == 1)
        return next(filter(self._is_any, near), None)

    def _exact_names(self) -> Iterator[AllOf]:
        """The whole name, in any spacing and punctuation; or the whole name and, before or behind it, its town.

        Where no company has that name, legal forms aside: "SAS H Paris" is H in Paris.
        """
        parts = self.query.text.split()
        found = list(self._exact_names_of(parts))
        yield from found or self._exact_names_of([part for part in parts if fold(part) not in LEGAL_FORMS])

    def _exact_names_of(self, parts: list[str]) -> Iterator[AllOf]:
        if self._is_name(whole := key(" ".join(parts))):
            yield AllOf((Term("key", whole), *self._numbers))
        for cut in range(1, len(parts)):
            begin, end = " ".join(parts[:cut]), " ".join(parts[cut:])
            for name, town in ((begin, end), (end, begin)):
                if self._is_name(key(name)):
                    towns = (_any(list(self._places(word))) for word in words(town))
                    yield AllOf((Term("key", key(name)), *towns, *self._numbers))

    def _is_name(self, name: str) -> bool:
        return bool(self._frequency("key", name))

    def _reordered_names(self) -> Iterator[AllOf]:
        """The whole name in another order: "CLARA MATHIEU". Of four words 24 are looked up, in 0.1 ms."""
        parts = self.query.text.split()
        if 1 < len(parts) <= MAX_REORDERED:
            names = {key("".join(order)) for order in permutations(parts)} - {self.query.key}
            for name in sorted(filter(self._is_name, names)):
                yield AllOf((Term("key", name), *self._numbers))

    def _condition(self, tier: Tier) -> Node:
        if tier not in self._nodes:
            self._nodes[tier] = self._made(tier)
        return self._nodes[tier]

    def _made(self, tier: Tier) -> Node:
        if tier == Tier.ORDER:
            return _any(self._reordered)
        if tier == Tier.BRANCH:
            return self._branch
        if tier in DROPPING:
            return self._without_a_word(tier)
        if tier == Tier.NAME_START:
            return _all([Prefix("key", self.query.key), *self._numbers])
        if tier == Tier.ALMOST:
            return _all([Fuzzy("key", self.query.key, 1), *self._numbers])
        if tier >= Tier.CORE:
            found = self._in_one_name(self.words if tier == Tier.NAME else self._core)
        else:
            found = [self._word(word, tier) for word in self._core]
        if tier == Tier.ADDRESS and self._is_name_in_place:
            # "michelin clermont" is no company in a street that is called so
            level = Tier.PLACE if len(self._others) == 1 else tier
            found = [self._word(word, level if word in self._others else tier) for word in self._core]
        towns = self._towns if tier >= Tier.PLACE else ()
        return _all([*found, *(_any(list(self._places(word))) for word in towns), *self._numbers])

    @cached_property
    def _branch(self) -> Node:
        """An establishment's sign in its town, or a name or trade of the company in that town; NOTHING without any.

        Without a town in the query, any of its signs, next to its names.
        """
        towns, others = self.branch_words
        if not others or not all(self._frequency("ailleurs", town) for town in towns):
            return NOTHING
        signs = {word: self._signs(word, towns) for word in others}
        if not (towns or any(signs.values())):
            return NOTHING
        found = [AnyOf((*self._named(word), *signs[word])) for word in others]
        return AllOf((*found, *(Term("ailleurs", town) for town in towns), *self._numbers_but_place))

    @cached_property
    def branch_words(self) -> tuple[list[str], list[str]]:
        """The words of the town in which an establishment is looked for, with the postal code, and all others."""
        towns = [word for word in self._core if self._is_branch_town(word)]
        others = [word for word in self._core if word not in towns]
        return [*towns, *filter(None, [self.query.code_postal])], others

    @property
    def has_signs(self) -> bool:
        """Whether a sign of some establishment has one of the words."""
        return any(self._frequency("enseigne", word) for word in self._core)

    def _signs(self, word: str, towns: Sequence[str] = ()) -> list[Node]:
        """What has a sign with the word, in the town where one is named."""
        if not self._frequency("enseigne", word):
            return []
        pairs = [f"{word}{PAIR}{town}" for town in towns]
        if not all(self._frequency("enseigne_ville", pair) for pair in pairs):
            return []
        return [_all([Term("enseigne_ville", pair) for pair in pairs] or [Term("enseigne", word)])]

    def _is_branch_town(self, word: str) -> bool:
        if self._is_town(word):
            return True
        called = self._frequency("nom", word) + self._frequency("enseigne", word)
        return not trades(word) and self._frequency("ailleurs", word) > TOWN_RATIO * called

    def _in_one_name(self, wanted: Sequence[str]) -> list[Node]:
        """The words, all in the registered name or all in others; one word in any but a doubtful name.

        Where some company has a word in another name only: most queries have no such word.
        """
        terms = [_has("same", "nom", word).node for word in wanted]
        only = "hors_nom" if len(wanted) > 1 else "usuel"
        mattering = self._others if len(wanted) > 1 else wanted  # SIMON, whose shop is called after MARSEILLE
        foreign = [Term(only, word) for word in wanted if word in mattering and self._frequency(only, word)]
        if not foreign:
            return [*terms]
        own = AllOf((*terms, Not(_any(foreign))))
        if len(wanted) == 1 or not all(self._frequency("autre", word) for word in wanted):
            return [own]
        return [AnyOf((own, AllOf(tuple(Term("autre", word) for word in wanted))))]

    def _word(self, word: str, tier: Tier) -> Node:
        """Of the only word nothing that better tiers have asked: what they found is known, and typos take long."""
        nodes = dict.fromkeys(spelling.node for spelling in self.spellings(word, tier))
        for better in SPELT_OTHERWISE if len(self._core) == 1 else ():
            for spelling in self.spellings(word, better) if tier < better else ():
                nodes.pop(spelling.node, None)
        return _any([*nodes])

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

    def _without_a_word(self, tier: Tier) -> Node:
        """All words that count but one.

        With a place, all others that some company has: "michelin clermont" is Michelin, wherever; then those that have
        all of them, be it in a street. Of two words the one that fewer companies have, if any has it.
        """
        if tier == Tier.NEARBY and not self._nearby:
            return NOTHING
        wanted, least = self._others, max(len(self._others) - 1, 1)
        if self._has_place:
            wanted = (
                tuple(filter(self._is_known, wanted))
                if tier != Tier.MOST or not self._is_name_in_place
                else self._core
            )
            least = len(wanted)
        elif len(wanted) == 2:
            known = sorted(filter(self._is_known, wanted), key=lambda word: self._frequency("nom", word))
            wanted = tuple(known[:1])
        if not wanted:
            return NOTHING
        if tier == Tier.MOST:
            some = [AnyOf(tuple(self._word(word, Tier.ADDRESS) for word in wanted), least), *self._numbers]
        else:
            some = [
                AnyOf(tuple(_any([*self._named(word), *self._signs(word)]) for word in wanted), least),
                *self._numbers_but_place,
            ]
        return _all([*some, Terms("departement", self._nearby)] if tier == Tier.NEARBY else some)

    @cached_property
    def _nearby(self) -> tuple[str, ...]:
        """The départements of the town and the postal code; of towns with one name those of the larger ones."""
        found = {*filter(None, [departement_of_postal_code(self.query.code_postal)])}
        towns = [word for word in self._core if word not in (*self._others, *self._areas)]
        if towns:
            counts = self._departements(AllOf(tuple(Term("lieu", word) for word in towns)))
            least = max(counts.values(), default=0) / MAX_HOMONYMS
            found.update(code for code, count in counts.items() if code and count >= least)
        return tuple(sorted(found))

    def _named(self, word: str) -> Iterator[Leaf]:
        """A name or a trade; where no name has the word, names that have it in two or in one with others."""
        in_one = [] if self._frequency("nom", word) else self._in_one(word)
        for spelling in (_has("same", "nom", word), *in_one, *_trades(trades(word))):
            yield spelling.node

    def _is_any(self, word: str) -> bool:
        """Whether a name or a town has the word."""
        return bool(self._frequency("nom", word) or self._frequency("lieu", word))

    def _is_known(self, word: str) -> bool:
        return bool(self._frequency("nom", word) or trades(word) or self._frequency("enseigne", word))

    def _in_one(self, word: str) -> Iterator[Spelling]:
        """Names that have the word in two, or in one with its neighbours."""
        for field in ("joined", "key"):
            yield _has("joined", field, word)
        for together in self._together:
            if word in together:
                yield _has("joined", "nom", together)

    def _misspelt(self, word: str, tier: Tier) -> Iterator[Spelling]:
        """Words that differ by so many typos, or as many as it may have; "mac mormick" of MACCORMICK."""
        yield from (spelling for together, spelling in self._near_together.items() if word in together)
        typos = min(self._typos_of(word), 2 if tier == Tier.TYPOS else 1)
        if not typos:
            return
        for field in ("nom",) if tier == Tier.TYPO_IN_NAME else ("nom", "lieu"):
            yield Spelling("typo", Fuzzy(field, word, typos))
        if tier != Tier.TYPO_IN_NAME:
            yield from _trades(self._near_trades(word))

    def _near_trades(self, word: str) -> Codes:
        """The trades that a word misspells: "boulangrie lyon". Alone, or short and known, it is a name: MACHIN."""
        is_name = len(word) < MIN_TWO_TYPOS and self._frequency("nom", word)
        return frozenset() if len(self._core) == 1 or is_name or trades(word) else trades_near(word)

    @cached_property
    def _near_together(self) -> dict[str, Spelling]:
        """Neighbours as one misspelt word, where no company has one of them."""
        strange = [word for word in self._core if not self._is_known(word)]
        near = (word for word in self._joined if any(each in word for each in strange) and typos_of(word) > 1)
        return {word: Spelling("typo", Fuzzy("nom", word, 1)) for word in near}

    def _beginnings(self, word: str, tier: Tier) -> Iterator[Spelling]:
        """Words that begin so: any may for the last word, which is being typed; others if they are rare and short."""
        if len(word) < MIN_PREFIX or word.isdigit():
            return
        last = word == self._core[-1]
        if last or (len(word) <= MAX_PREFIX and (tier < Tier.BEGINNING or not self._is_frequent(word))):
            yield _begins("beginning", "nom", word)
        if last and tier <= Tier.BEGINNING:
            yield _begins("beginning", "lieu", word)
        if last and tier == Tier.BEGINNING:  # next to a typo it proves too little: MACHIN begins machines
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

    @property
    def _numbers_but_place(self) -> list[Node]:
        return self._numbers[1:] if self.query.code_postal else self._numbers

    def _typos_of(self, word: str) -> int:
        return 0 if self._is_frequent(word) else typos_of(word)

    def _is_frequent(self, word: str) -> bool:
        return max(self._frequency("nom", word), self._frequency("lieu", word)) >= FREQUENT_THRESHOLD


def _has_one(walk: Walk, tiers: Iterable[Tier]) -> bool:
    return any(map(walk.has, tiers))


def of_ranks(ranks: Collection[int]) -> Node:
    """The companies that have these ranks, which are few: one node each takes 0.3 ms, as Terms 3 ms."""
    return AnyOf(tuple(Term("siren", int(siren_of(rank))) for rank in ranks))


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
