"""Towns and trades by name, while it is being typed and however it is spelt.

Tiers as those of companies (search.query.tiers), with two differences: the last word may be unfinished from the first
letter on, and of two names that begin as typed the more populous comes first, not the shorter.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from foxreviews.reference.text import fold, town_key
from foxreviews.reference.vocabulary import stem
from foxreviews.reference.words import LITTLE, MIN_TWO_TYPOS, key, typos_of, words
from foxreviews.search.query.nodes import AllOf, AnyOf, Fuzzy, Index, Node, Prefix, Term, Terms
from foxreviews.search.query.tiers import MIN_PREFIX
from foxreviews.search.query.walk import Walk

VILLE, ACTIVITE = "ville", "activite"  # kinds of places
CODE_BITS = 26  # 36^5 < 2^26: a code of five letters and digits is a number in base 36
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

LENIENT_THRESHOLD = 10  # places, with which no misspelt ones are looked for
MIN_NUMBER_PREFIX = 3  # digits: fewer begin no postal code
MIN_TYPO = 4  # letters: of three, half of all words are one typo away


class Step(IntEnum):
    """How well a name matches, best last, so that a step is compared as a score."""

    TYPOS = 1  # as TYPO, or it begins with what was typed, but for two typos in a long word
    TYPO_START = 2  # it begins with what was typed, but for a typo
    TYPO = 3  # it has the words, but for a typo in each
    BEGINNINGS = 4  # each word that was typed begins one of its own, or of its surroundings
    PLACE = 5  # it has the words, among them those of its other names, its département, région or postal code
    WORDS = 6  # it has the words, the last of them perhaps unfinished
    START = 7  # it begins with what was typed
    EXACT = 8  # it is what was typed


class Place(NamedTuple):
    """A town or trade that was found: its INSEE or NAF code (without dot) and its inhabitants or companies."""

    step: int  # a Step
    weight: int
    code: str


class Places:
    """Looks names up in one state of the index of places, which stays as it is while it is being read."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def find(
        self,
        kind: str,
        typed: str,
        limit: int,
        narrowed: Mapping[str, Sequence[str]] | None = None,
        after: Place | None = None,
        *,
        backward: bool = False,
    ) -> list[Place]:
        """Up to `limit` places of a kind after one of them, or before it when `backward`, in that direction.

        `narrowed` gives values of which they must have one: departement, region, code_postal.
        """
        tiers = PlaceTiers(kind, typed)
        wanted = {"kind": (kind,), **(narrowed or {})}
        values = [Terms(field, tuple(each)) for field, each in wanted.items()]
        position = (after.step, rank(after.weight, after.code)) if after else None
        hits = Walk(self.index, tiers, values).read(limit if tiers.words else 0, position, backward=backward)
        return [Place(step, *weight_and_code(found)) for step, found in hits]

    def codes(self, kind: str, typed: str, narrowed: Mapping[str, Sequence[str]] | None = None) -> list[str]:
        """The codes of all places that are found."""
        most = max(self.index.count(Term("kind", kind)), 1)
        return [place.code for place in self.find(kind, typed, most, narrowed)]


class PlaceTiers:
    """The tiers of one name that was typed."""

    strict: Sequence[Step] = (Step.EXACT, Step.START, Step.WORDS, Step.PLACE, Step.BEGINNINGS)
    lenient: Sequence[Step] = (Step.TYPO, Step.TYPO_START, Step.TYPOS)
    limit = LENIENT_THRESHOLD

    def __init__(self, kind: str, typed: str) -> None:
        self.kind, self.typed, self.words = kind, typed, words(typed)
        self._nodes: dict[int, Node] = {}

    @property
    def sure(self) -> Node:
        """A name that is what was typed, or begins with it and that is long: such a thing is no misspelt other."""
        return self.down_to(Step.START if len(key(self.typed)) >= MIN_TWO_TYPOS else Step.EXACT)

    def threshold(self, tier: int, walk: Walk) -> int:
        if walk.is_sure:
            return 0
        return 1 if tier == Step.TYPOS else LENIENT_THRESHOLD

    def node(self, tier: int) -> Node:
        if tier not in self._nodes:
            self._nodes[tier] = self._condition(Step(tier))
        return self._nodes[tier]

    def down_to(self, tier: int) -> Node:
        return AnyOf(tuple(self.node(each) for each in self.strict if each >= tier))

    def _condition(self, step: Step) -> Node:
        if step is Step.EXACT:
            return AnyOf(tuple(Term("key", each) for each in keys(self.typed)))
        if step is Step.START:
            return AnyOf(tuple(Prefix("start", each) for each in self._starts))
        if step is Step.TYPO_START:
            return self._near_start(1)
        every = AllOf(tuple(AnyOf(tuple(self._spellings(word, step))) for word in self._wanted(step)))
        return every if step is not Step.TYPOS else AnyOf((every, self._near_start(2)))

    def _wanted(self, step: Step) -> list[str]:
        """The words to be found: all but a last one of which there is only a letter, and later the little ones."""
        *others, last = self.words
        wanted = others if others and len(last) < MIN_PREFIX and not last.isdigit() else self.words
        return (wanted if step >= Step.PLACE else [word for word in wanted if word not in LITTLE]) or wanted

    @property
    def _starts(self) -> list[str]:
        return sorted({fold(self.typed), town_key(self.typed)} - {""})

    def _near_start(self, limit: int) -> Node:
        near = ((each, min(limit, _typos_of(each.replace(" ", "")))) for each in self._starts)
        return AnyOf(tuple(Fuzzy("start", each, typos, prefix=True) for each, typos in near if typos))

    def _spellings(self, word: str, step: Step) -> Iterator[Node]:
        """Where and how a word may stand in a place, by the step."""
        field = "nom" if step is Step.WORDS else "lieu"
        yield Term(field, stem(word) if self.kind == ACTIVITE else word)
        if word.isdigit():
            if len(word) >= MIN_NUMBER_PREFIX:
                yield Prefix(field, word)
            return
        if len(word) >= MIN_PREFIX and (word == self.words[-1] or step < Step.PLACE):
            yield Prefix(field, word)
        if step < Step.BEGINNINGS and (typos := _typos_of(word)):
            yield Fuzzy(field, word, typos if step is Step.TYPOS else 1)


def _typos_of(word: str) -> int:
    return typos_of(word) if len(word) >= MIN_TYPO else 0


def rank(weight: int, code: str) -> int:
    """The place of a code among those of its kind, the highest first. It holds the code, and is no other's."""
    return (weight << CODE_BITS) + int(code, 36)


def weight_and_code(rank: int) -> tuple[int, str]:
    """The inhabitants or companies, and the five characters of the code: of a trade without its dot."""
    weight, number = rank >> CODE_BITS, rank & (1 << CODE_BITS) - 1
    code = ""
    for _ in range(len("69123")):
        number, digit = divmod(number, 36)
        code = _DIGITS[digit] + code
    return weight, code


def keys(name: str) -> set[str]:
    """The spellings under which a whole name is met: "Lyon 3e" and "LYON CEDEX 03", "St-Étienne" in full."""
    return {key(name), "".join(words(name)), key(town_key(name))}
