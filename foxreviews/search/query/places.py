"""Towns and trades by name, while it is being typed and however it is spelt.

A ladder of steps as that of companies (search.query.tiers), with two differences: the last word may be unfinished
from the first letter on, and of two names that begin as typed the more populous comes first, not the shorter.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import tantivy
from tantivy import FieldType, Occur, Query

from foxreviews.reference.text import fold, town_key
from foxreviews.search.index.place_documents import ACTIVITE, keys, rank, weight_and_code
from foxreviews.search.query.tiers import LEAST_BEGINNING
from foxreviews.search.query.trades import stem
from foxreviews.search.query.typos import TWO_TYPOS, typos_of
from foxreviews.search.query.words import LITTLE, key, words

ENOUGH = 10  # landmarks: with fewer, misspelt ones are looked for too
LEAST_NUMBER = 3  # digits: fewer begin no postal code
LEAST_TYPO = 4  # letters: of three, half of all words are one typo away


class Step(IntEnum):
    """How well a name answers, best last, so that a step is compared as a score."""

    TYPOS = 1  # as TYPO, or it begins with what was typed, but for two typos in a long word
    TYPO_START = 2  # it begins with what was typed, but for a typo
    TYPO = 3  # it has the words, but for a typo in each
    BEGINNINGS = 4  # each word that was typed begins one of its own, or of its surroundings
    PLACE = 5  # it has the words, among them those of its other names, its département, région or postal code
    WORDS = 6  # it has the words, the last of them perhaps unfinished
    START = 7  # it begins with what was typed
    EXACT = 8  # it is what was typed


class Landmark(NamedTuple):
    """A town or trade that was found: its INSEE or NAF code (without dot) and its inhabitants or companies."""

    step: int  # a Step
    weight: int
    code: str


class Gazetteer:
    """Looks names up in one state of the index, which stays as it is while it is being read."""

    def __init__(self, index: tantivy.Index) -> None:
        self.schema, self.searcher = index.schema, index.searcher()

    def find(
        self,
        kind: str,
        typed: str,
        most: int,
        narrowed: Mapping[str, str] | None = None,
        after: Landmark | None = None,
        *,
        backward: bool = False,
    ) -> list[Landmark]:
        """Up to `most` landmarks of a kind after one of them, or before it when `backward`, in that direction.

        `narrowed` gives values that they must have: departement, region, code_postal.
        """
        name = _Name(self, kind, typed, narrowed or {})
        return list(islice(name.walk(most, after, backward=backward), most)) if name.words else []

    def codes(self, kind: str, typed: str, narrowed: Mapping[str, str] | None = None) -> list[str]:
        """The codes of all landmarks that are found."""
        every = self.find(kind, typed, max(self.searcher.num_docs, 1), narrowed)
        return [landmark.code for landmark in every]

    def ranks(self, conditions: Iterable[Query], most: int, *, ascending: bool = False) -> list[int]:
        """The ranks of up to `most` documents that meet all conditions, the highest first unless `ascending`."""
        asked = Query.boolean_query([(Occur.Must, each) for each in conditions])
        order = tantivy.Order.Asc if ascending else tantivy.Order.Desc
        found = self.searcher.search(asked, limit=most, count=False, order_by_field="rank", order=order)
        return [each for each, _ in found.hits]


class _Name:
    """One name that was typed, as conditions on the index."""

    def __init__(self, gazetteer: Gazetteer, kind: str, typed: str, narrowed: Mapping[str, str]) -> None:
        self.ranks, self.schema = gazetteer.ranks, gazetteer.schema
        self.kind, self.typed, self.words = kind, typed, words(typed)
        self.narrowed = [self._term(field, value) for field, value in {"kind": kind, **narrowed}.items()]
        self._conditions: dict[Step, Query] = {}
        self._down_to: dict[Step, set[int]] = {}

    def walk(self, most: int, after: Landmark | None, *, backward: bool) -> Iterator[Landmark]:
        """One step after another, at least `most` landmarks if there are as many."""
        for step in Step if backward else reversed(Step):
            if after and ((step < after.step) if backward else (step > after.step)):
                continue
            if step < Step.BEGINNINGS and not self._may_have_typos(step):
                continue
            beyond = [self._beyond(after, backward=backward)] if after and step == after.step else []
            for each in self._on(step, most, beyond, ascending=backward):
                yield Landmark(step, *weight_and_code(each))

    def _on(self, step: Step, most: int, beyond: list[Query], *, ascending: bool) -> list[int]:
        """The ranks of a step that are on no better one."""
        here = [self._condition(step), *self.narrowed, *beyond]
        if step >= Step.BEGINNINGS:
            better = [self._condition(each) for each in Step if each > step]
            return self.ranks([_without(here, better)], most, ascending=ascending)
        known = self._known(Step(step + 1))  # few
        found = self.ranks(here, most + len(known), ascending=ascending)
        return [each for each in found if each not in known]

    def _may_have_typos(self, step: Step) -> bool:
        """Whether the better steps have so little that this one is looked at."""
        enough = 1 if step is Step.TYPOS else ENOUGH
        return not self._is_spelt and len(self._known(Step(step + 1))) < enough

    @cached_property
    def _is_spelt(self) -> bool:
        """Whether a name is what was typed, or begins with it and that is long: such a thing is no misspelt other."""
        sure = [Step.EXACT, Step.START] if len(key(self.typed)) >= TWO_TYPOS else [Step.EXACT]
        return bool(self.ranks([_any([self._condition(step) for step in sure]), *self.narrowed], 1))

    def _known(self, step: Step) -> set[int]:
        """The ranks of a step and of better ones: all of them, or enough."""
        if step not in self._down_to:
            if step >= Step.BEGINNINGS:
                spelt = [self._condition(each) for each in Step if each >= step]
                self._down_to[step] = set(self.ranks([_any(spelt), *self.narrowed], ENOUGH))
            else:
                better = self._known(Step(step + 1))
                found = self.ranks([self._condition(step), *self.narrowed], ENOUGH + len(better))
                self._down_to[step] = better.union(found)
        return self._down_to[step]

    def _condition(self, step: Step) -> Query:
        """The landmarks of a step, and perhaps some of better ones."""
        if step not in self._conditions:
            self._conditions[step] = self._made(step)
        return self._conditions[step]

    def _made(self, step: Step) -> Query:
        if step is Step.EXACT:
            return _any([self._term("key", each) for each in keys(self.typed)])
        if step is Step.START:
            return _any([self._near("start", each, 0, prefix=True) for each in self._starts])
        if step is Step.TYPO_START:
            return self._near_start(1)
        spelt = [_any(list(self._spellings(word, step))) for word in self._asked(step)]
        every = Query.boolean_query([(Occur.Must, each) for each in spelt])
        return every if step is not Step.TYPOS else _any([every, self._near_start(2)])

    def _asked(self, step: Step) -> list[str]:
        """The words to be found: all but a last one of which there is only a letter, and by and by the little ones."""
        *others, last = self.words
        asked = others if others and len(last) < LEAST_BEGINNING and not last.isdigit() else self.words
        return (asked if step >= Step.PLACE else [word for word in asked if word not in LITTLE]) or asked

    @property
    def _starts(self) -> list[str]:
        return sorted({fold(self.typed), town_key(self.typed)} - {""})

    def _near_start(self, most: int) -> Query:
        near = ((each, min(most, _typos_of(each.replace(" ", "")))) for each in self._starts)
        return _any([self._near("start", each, typos, prefix=True) for each, typos in near if typos])

    def _spellings(self, word: str, step: Step) -> Iterator[Query]:
        """Where and how a word may stand in a landmark, by the step."""
        field = "nom" if step is Step.WORDS else "lieu"
        yield self._term(field, stem(word) if self.kind == ACTIVITE else word)
        if word.isdigit():
            if len(word) >= LEAST_NUMBER:
                yield self._near(field, word, 0, prefix=True)
            return
        if len(word) >= LEAST_BEGINNING and (word == self.words[-1] or step < Step.PLACE):
            yield self._near(field, word, 0, prefix=True)
        if step < Step.BEGINNINGS and (typos := _typos_of(word)):
            yield self._near(field, word, typos if step is Step.TYPOS else 1)

    def _beyond(self, landmark: Landmark, *, backward: bool) -> Query:
        place = rank(landmark.weight, landmark.code)
        return Query.range_query(
            self.schema,
            "rank",
            FieldType.Unsigned,
            lower_bound=place if backward else None,
            upper_bound=None if backward else place,
            include_lower=not backward,  # no bound is included, says Tantivy
            include_upper=backward,
        )

    def _term(self, field: str, word: str) -> Query:
        return Query.term_query(self.schema, field, word, "basic")

    def _near(self, field: str, word: str, typos: int, *, prefix: bool = False) -> Query:
        return Query.fuzzy_term_query(self.schema, field, word, distance=typos, prefix=prefix)


def _typos_of(word: str) -> int:
    return typos_of(word) if len(word) >= LEAST_TYPO else 0


def _without(conditions: list[Query], others: list[Query]) -> Query:
    return Query.boolean_query(
        [*((Occur.Must, each) for each in conditions), *((Occur.MustNot, each) for each in others)]
    )


def _any(conditions: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, condition) for condition in conditions])
