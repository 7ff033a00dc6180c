"""Identifiers that no two companies share, without remembering those given before."""

import numpy as np

from foxreviews.demo.generator.sampling import Choice, Ints
from foxreviews.reference.identifiers import LA_POSTE

_FIRST = 10_000_000  # first eight digits: a SIREN never starts with 0
_HIGH, _LOW = 9_000, 10_000  # the numbers from there to 99 999 999 as two digits of their own
MAX_COMPANIES = _HIGH * _LOW - 1  # La Poste, whose SIRET have a rule of their own, is left out
_LA_POSTE = int(LA_POSTE[:8]) - _FIRST
_ROUNDS = 3

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
        shuffled = self._shuffled(np.arange(first, first + count, dtype=np.int64) % MAX_COMPANIES)
        return with_key(_FIRST + np.where(shuffled == _LA_POSTE, self._spare, shuffled))

    def _shuffled(self, numbers: Ints) -> Ints:
        high, low = np.divmod(numbers, _LOW)
        for shift_low, shift_high in self._rounds:
            low = (low + shift_low[high]) % _LOW
            high = (high + shift_high[low]) % _HIGH
        return high * _LOW + low


def head_offices(sirens: Ints, rng: np.random.Generator) -> Ints:
    """The SIRET of each head office, as whole numbers: the SIREN, a number of four digits, and the key."""
    return with_key(sirens * 10_000 + 1 + MOVES.sample(rng, len(sirens)))


def with_key(numbers: Ints) -> Ints:
    """`numbers` with their Luhn key as one digit more, like reference.identifiers.siren_with_key."""
    total = np.zeros_like(numbers)
    rest, doubled = numbers, True
    while rest.any():
        rest, digit = np.divmod(rest, 10)
        total += np.where(digit > 4, 2 * digit - 9, 2 * digit) if doubled else digit
        doubled = not doubled
    return numbers * 10 + -total % 10
