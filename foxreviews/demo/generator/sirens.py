"""Identifiers that no two companies share, without remembering those given before."""

from collections.abc import Iterator

import numpy as np

from foxreviews.demo.generator.sampling import Choice, Ints
from foxreviews.reference.identifiers import LA_POSTE

_FIRST = 10_000_000  # first eight digits: a SIREN never starts with 0
_HIGH, _LOW = 9_000, 10_000  # the numbers from there to 99 999 999 as two digits of their own
MAX_COMPANIES = _HIGH * _LOW - 1  # La Poste, whose SIRET have a rule of their own, is left out
_LA_POSTE = int(LA_POSTE[:8]) - _FIRST
_ROUNDS = 3
_PIECE = 1_000_000  # numbers that are looked at together

_SCATTERING = 2_654_435_761  # a prime near 2**32 / 1.618: its multiples fall everywhere (Knuth)

# How often a head office has moved: each move takes the next NIC.
MOVES = Choice([0.62, 0.21, 0.09, 0.04, 0.02, 0.01, 0.005, 0.003, 0.001, 0.001])


class Sirens:
    """The SIREN of company 0, 1, 2…: a permutation of all of them that looks like chance, by seed.

    It is a Feistel network: each half is shifted by what a table says for the other half. That can be undone,
    so no two numbers meet.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 0])
        self._rounds = [
            (rng.integers(_LOW, size=_HIGH), rng.integers(_HIGH, size=_LOW)) for _ in range(_ROUNDS)
        ]
        self._spare = self._shuffled(np.array([MAX_COMPANIES]))

    def of(self, first: int, count: int) -> Ints:
        """The SIREN of companies `first`, `first` + 1…, as whole numbers; after MAX_COMPANIES they come again."""
        return self.at(np.arange(first, first + count, dtype=np.int64) % MAX_COMPANIES)

    def at(self, companies: Ints) -> Ints:
        """The SIREN of companies with these numbers."""
        return with_key(_FIRST + self._without_key(companies))

    def ascending(self, count: int, size: int) -> Iterator[Ints]:
        """The SIREN of the first `count` companies from the lowest to the highest, `size` at a time.

        In 90 MB for any number of companies: a byte for each SIREN that there may be.
        """
        given = np.zeros(MAX_COMPANIES + 1, np.bool_)
        for first in range(0, count, _PIECE):
            given[self._without_key(np.arange(first, min(first + _PIECE, count)))] = True
        waiting = np.empty(0, np.int64)
        for first in range(0, len(given), _PIECE):
            found = first + np.flatnonzero(given[first : first + _PIECE])
            waiting = np.concatenate([waiting, found])
            while len(waiting) >= size:
                yield with_key(_FIRST + waiting[:size])
                waiting = waiting[size:]
        if len(waiting):
            yield with_key(_FIRST + waiting)

    def _without_key(self, companies: Ints) -> Ints:
        shuffled = self._shuffled(companies)
        return np.where(shuffled == _LA_POSTE, self._spare, shuffled)

    def _shuffled(self, numbers: Ints) -> Ints:
        high, low = np.divmod(numbers, _LOW)
        for shift_low, shift_high in self._rounds:
            low = (low + shift_low[high]) % _LOW
            high = (high + shift_high[low]) % _HIGH
        return high * _LOW + low


def head_offices(sirens: Ints, rng: np.random.Generator) -> Ints:
    """The SIRET of each head office, as whole numbers: the SIREN, a number of four digits, and the key."""
    return with_key(sirens * 10_000 + 1 + MOVES.sample(rng, len(sirens)))


def head_office_numbers(sirens: Ints) -> Ints:
    """The number of each head office among its company's establishments: it follows from the SIREN."""
    return 1 + MOVES.at((sirens * _SCATTERING % 2**32) / 2**32)


def with_key(numbers: Ints) -> Ints:
    """`numbers` with their Luhn key as one digit more, like reference.identifiers.siren_with_key."""
    total = np.zeros_like(numbers)
    rest, doubled = numbers, True
    while rest.any():
        rest, digit = np.divmod(rest, 10)
        total += np.where(digit > 4, 2 * digit - 9, 2 * digit) if doubled else digit
        doubled = not doubled
    return numbers * 10 + -total % 10
