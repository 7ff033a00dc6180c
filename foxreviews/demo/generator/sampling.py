"""Seeded samples, taken for a whole block at once."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Choice:
    """Samples positions 0, 1, 2… by given weights."""

    def __init__(self, weights: Sequence[float] | Floats) -> None:
        steps = np.cumsum(np.asarray(weights, dtype=np.float64))
        self.steps = steps / steps[-1]

    def sample(self, rng: np.random.Generator, size: int) -> Ints:
        return self.at(rng.random(size))

    def at(self, chances: Floats) -> Ints:
        """What is sampled by numbers from 0 to 1."""
        return np.searchsorted(self.steps, chances, side="right")


def zipf(count: int, *, offset: float = 8.0, exponent: float = 1.0) -> Floats:
    """The weights of `count` things by rank, as words, family names and towns follow them (Zipf, Mandelbrot).

    The offset flattens the head: with 8, the first is sampled twice as often as the tenth, not ten times.
    """
    weights: Floats = (np.arange(count, dtype=np.float64) + offset) ** -exponent
    return weights


def scattered(values: pl.Series, chosen: Ints, size: int) -> pl.Series:
    """A column of `size` rows with `values` in the `chosen` ones, in that order, and null in the others."""
    position = np.full(size, len(values))
    position[chosen] = np.arange(len(values))
    return values.extend_constant(None, 1).gather(position)
