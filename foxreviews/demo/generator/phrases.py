"""Names and addresses put together from phrases such as "{trade} {surname}", a whole block at once.

A phrase's slots are filled with words drawn for each row, in the row's spelling: as the register writes them
(upper case, no accents), in upper case with accents, or as people write them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from foxreviews.demo.generator.draws import Choice, Floats, Ints
from foxreviews.demo.generator.vocabulary import spellings, table

REGISTER, ACCENTED, NATURAL = range(3)
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Rows:
    """What a phrase may speak of, one number for each row."""

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

    def __init__(self, words: Sequence[str]) -> None:
        self.count = len(words)
        self._spelled = pl.Series(
            [word for spelling in spellings(words) for word in spelling], dtype=pl.String
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
    """A word drawn from a list by its weights (all the same when none are given)."""

    def __init__(self, words: Sequence[str], weights: Sequence[float] | Floats | None = None) -> None:
        self._words = Words(words)
        self._choice = Choice(np.ones(len(words)) if weights is None else weights)

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series:
        return self._words.spelled(self._choice.draw(rng, len(rows)), rows)


class WordOf:
    """A word that depends on the row: one of those of its trade, of its town."""

    def __init__(self, number: Callable[[Rows], Ints], lists: Sequence[Sequence[str]]) -> None:
        self._number = number
        self._words = Words([word for each in lists for word in each])
        self._counts = np.array([len(each) for each in lists])
        self._firsts = np.cumsum(self._counts) - self._counts

    def __call__(self, rng: np.random.Generator, rows: Rows) -> pl.Series:
        number = self._number(rows)
        drawn = (rng.random(len(rows)) * self._counts[number]).astype(np.int64)
        return self._words.spelled(self._firsts[number] + drawn, rows)


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
    """The phrases of some families, drawn by their weights."""

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
            phrase[mine] = self._firsts[number] + choice.draw(rng, len(mine))
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
