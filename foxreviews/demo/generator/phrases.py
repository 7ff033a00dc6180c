"""Names and addresses put together from phrases such as "{trade} {surname}", a whole block at once.

A phrase's slots are filled with words sampled for each row, in the row's spelling: as the register writes them
(upper case, no accents), in upper case with accents, or as people write them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from string import ascii_uppercase
from typing import Protocol

import numpy as np
import polars as pl

from foxreviews.demo.generator.sampling import Choice, Floats, Ints, zipf
from foxreviews.demo.generator.towns import towns
from foxreviews.demo.generator.trades import legal_forms, trades
from foxreviews.demo.generator.vocabulary import lists, of, spellings, table, words

REGISTER, ACCENTED, NATURAL = range(3)
_SLOT = re.compile(r"\{(\w+)\}")

_RARE_SURNAMES = 0.3  # of all people have a family name that the list of frequent ones does not hold
_NUMBERS = [str(number) for number in range(1, 200)]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a phrase may depend on, one number for each row."""

    trade: Ints  # in trades()
    form: Ints  # in legal_forms()
    town: Ints  # in towns()
    spelling: Ints

    def take(self, chosen: Ints) -> "Rows":
        return Rows(self.trade[chosen], self.form[chosen], self.town[chosen], self.spelling[chosen])

    def __len__(self) -> int:
        return len(self.trade)


class Slot(Protocol):
    """Draws a word for each row."""

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series: ...


class Words:
    """A list of words in the three spellings."""

    def __init__(self, entries: Sequence[str]) -> None:
        self.count = len(entries)
        self._spelled = pl.Series(
            [word for spelling in spellings(entries) for word in spelling], dtype=pl.String
        )

    def spelled(self, positions: Ints, rows: Rows) -> pl.Series:
        return self._spelled.gather(positions + rows.spelling * self.count)


class Always:
    """The same text for every row."""

    def __init__(self, text: str) -> None:
        self._words = Words([text])

    def __call__(self, _rng: np.random.Generator, rows: Rows) -> pl.Series:
        return self._words.spelled(np.zeros(len(rows), dtype=np.int64), rows)


class Weighted:
    """A word sampled from a list by its weights (all the same when none are given)."""

    def __init__(self, entries: Sequence[str], weights: Sequence[float] | Floats | None = None) -> None:
        self._words = Words(entries)
        self._choice = Choice(np.ones(len(entries)) if weights is None else weights)

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series:
        return self._words.spelled(self._choice.sample(rng, len(rows)), rows)


class WordOf:
    """A word that depends on the row: one of those of its trade, of its town."""

    def __init__(self, number: Callable[[Rows], Ints], choices: Sequence[Sequence[str]]) -> None:
        self._number = number
        self._words = Words([word for each in choices for word in each])
        self._counts = np.array([len(each) for each in choices])
        self._firsts = np.cumsum(self._counts) - self._counts

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series:
        number = self._number(rows)
        chosen = (rng.random(len(rows)) * self._counts[number]).astype(np.int64)
        return self._words.spelled(self._firsts[number] + chosen, rows)


class OneOfEach:
    """A word put together from one syllable of each list."""

    def __init__(self, *syllables: Sequence[str]) -> None:
        self._parts = [Weighted(part) for part in syllables]

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series:
        return _joined([part(rng, rows) for part in self._parts])


class Either:
    """One of two slots, the second for the given share of the rows."""

    def __init__(self, first: Slot, second: Slot, share: float) -> None:
        self._first, self._second, self._share = first, second, share

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series:
        second = rng.random(len(rows)) < self._share
        firsts, seconds = np.flatnonzero(~second), np.flatnonzero(second)
        pieces = [self._first(rng, rows.take(firsts)), self._second(rng, rows.take(seconds))]
        return _in_order(pieces, np.concatenate([firsts, seconds]))


class Phrase:
    """A phrase cut at its slots."""

    def __init__(self, text: str, slots: Mapping[str, Slot]) -> None:
        # re.split with a group gives text, slot, text, slot, … text
        pieces = _SLOT.split(text)
        self._parts = [
            slots[piece] if number % 2 else Always(piece) for number, piece in enumerate(pieces) if piece
        ]

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series:
        return _joined([part(rng, rows) for part in self._parts])


class Phrasebook:
    """The phrases of some families, sampled by their weights."""

    def __init__(self, families: Sequence[str], slots: Mapping[str, Slot]) -> None:
        rows = [[row for row in table("phrases") if row["family"] == family] for family in families]
        self._phrases = [Phrase(row["phrase"], slots) for family in rows for row in family]
        self._choices = [Choice([float(row["weight"]) for row in family]) for family in rows]
        self._firsts = np.cumsum([0, *(len(family) for family in rows)])

    def write(self, rng: np.random.Generator, family: Ints, rows: Rows) -> pl.Series:
        """A phrase for each row, of the family whose number in `families` is given for it."""
        phrase = np.empty(len(rows), dtype=np.int64)
        for number, choice in enumerate(self._choices):
            mine = np.flatnonzero(family == number)
            phrase[mine] = self._firsts[number] + choice.sample(rng, len(mine))
        order = np.argsort(phrase, kind="stable")
        bounds = np.searchsorted(phrase[order], np.arange(len(self._phrases) + 1))
        pieces = [
            self._phrases[number](rng, rows.take(order[bounds[number] : bounds[number + 1]]))
            for number in range(len(self._phrases))
        ]
        return _in_order(pieces, order)


def _joined(parts: list[pl.Series]) -> pl.Series:
    if len(parts) == 1:
        return parts[0]
    frame = pl.DataFrame([part.alias(str(number)) for number, part in enumerate(parts)])
    return frame.select(pl.concat_str(pl.all())).to_series()


def _in_order(pieces: list[pl.Series], order: Ints) -> pl.Series:
    """The pieces one after another, put back where `order` says that each row was."""
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return pl.concat(pieces).gather(back)


@cache
def slots() -> Mapping[str, Slot]:
    """What fills each {slot} of vocabulary/phrases.csv."""
    return {**_people(), **_letters(), **_of_the_row(), **_things()}


def _people() -> dict[str, Slot]:
    surnames, firsts = words("surnames"), words("first_names")
    frequent = Weighted(surnames, zipf(len(surnames)))
    by_rank = zipf(len(firsts))
    return {
        "surname": Either(frequent, OneOfEach(*lists("surname_syllables")), _RARE_SURNAMES),
        "first": Weighted(firsts, by_rank),
        "of_first": Weighted([of(first) for first in firsts], by_rank),
    }


def _letters() -> dict[str, Slot]:
    dotted = [f"{letter}." for letter in ascii_uppercase]
    return {
        "letter": Weighted(ascii_uppercase),
        "initial": Weighted(dotted),
        "initials": OneOfEach(dotted, [*dotted, *[""] * 20]),
        "acronym": OneOfEach(*[ascii_uppercase] * 3, [*ascii_uppercase, *[""] * 40]),
        "dotted": OneOfEach(*[dotted] * 3, [*dotted, *[""] * 20]),
    }


def _of_the_row() -> dict[str, Slot]:
    trade, form, town = attrgetter("trade"), attrgetter("form"), attrgetter("town")
    return {
        "trade": WordOf(trade, [each.words for each in trades()]),
        "shop": WordOf(trade, [each.shops for each in trades()]),
        "legal": WordOf(form, [each.abbreviations for each in legal_forms()]),
        "town": WordOf(town, [[each.commune] for each in towns()]),
        "of_town": WordOf(town, [[of(each.commune)] for each in towns()]),
    }


def _things() -> dict[str, Slot]:
    street_types, streets = words("street_types"), words("street_names")
    return {
        "coined": OneOfEach(*lists("coined_syllables")),
        "theme": Weighted(words("themes")),
        "service": Weighted(words("services")),
        "place": Weighted(words("places")),
        "hamlet": Weighted(words("hamlets")),
        "street": Weighted(streets, zipf(len(streets))),
        "street_type": Weighted(street_types, zipf(len(street_types), offset=0.5)),
        "number": Weighted(_NUMBERS, zipf(len(_NUMBERS))),
        "door": Weighted(_NUMBERS, zipf(len(_NUMBERS), offset=20)),
    }
