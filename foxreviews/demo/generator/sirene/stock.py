"""Both stock files, block by block: the same seed and number of companies give the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import polars as pl

from foxreviews.core.errors import UsageError
from foxreviews.demo.generator.entreprises import BLOCK, Generator, parallel_map
from foxreviews.demo.generator.sirene.establishments import Establishments, numbers
from foxreviews.demo.generator.sirene.legal_units import LegalUnits
from foxreviews.demo.generator.sirens import MAX_COMPANIES, with_key
from foxreviews.reference.register import ESTABLISHMENT_COLUMNS, LEGAL_UNIT_COLUMNS

LEGAL_UNITS, ESTABLISHMENTS = "StockUniteLegale_utf8.csv", "StockEtablissement_utf8.csv"


@dataclass(frozen=True, slots=True)
class Block:
    """Some companies, and the lines of them in each file."""

    companies: int
    legal_units: bytes
    establishments: bytes


def headers() -> tuple[bytes, bytes]:
    """The first line of each file."""
    return _header(LEGAL_UNIT_COLUMNS), _header(ESTABLISHMENT_COLUMNS)


def blocks(rows: int, seed: int) -> Iterator[Block]:
    """`rows` companies, about a quarter more establishments, both in the order of their numbers.

    Raises UsageError where there are not as many SIREN.
    """
    if rows > MAX_COMPANIES:
        raise UsageError(f"There are {MAX_COMPANIES:,} SIREN to give, so no more rows than that.")
    stock = Stock(rows, seed)
    return parallel_map(stock.block, range(0, rows, BLOCK))


class Stock:
    """Makes the blocks of one seed and number of companies."""

    def __init__(self, rows: int, seed: int) -> None:
        self._generator = Generator(seed)
        self._sirens = np.sort(self._generator.sirens.of(0, rows))
        self._units = LegalUnits(self._generator)
        self._establishments = Establishments(self._generator.places)

    def block(self, first: int) -> Block:
        """The companies from number `first` on."""
        rng = np.random.default_rng([self._generator.seed, 1 + first // BLOCK])
        made = self._generator.companies(rng)
        frame = self._units.columns(made, rng)
        heads, others = numbers(BLOCK, rng)
        sirens = self._sirens[first : first + BLOCK]
        size = len(sirens)
        nic = pl.Series(with_key(sirens * 10_000 + heads[:size])).cast(pl.String).str.slice(9)
        units = frame.head(size).with_columns(
            siren=pl.Series(sirens).cast(pl.String),
            nicSiegeUniteLegale=nic,
            place=pl.Series(made.place[:size]),
            natural=pl.Series(made.natural[:size]),
            sign=made.nom_commercial.head(size),
        )
        establishments = self._establishments.frame(units, heads[:size], others[:size], rng)
        return Block(size, _lines(units, LEGAL_UNIT_COLUMNS), _lines(establishments, ESTABLISHMENT_COLUMNS))


def _header(columns: tuple[str, ...]) -> bytes:
    return f"{','.join(columns)}\n".encode()


def _lines(frame: pl.DataFrame, columns: tuple[str, ...]) -> bytes:
    """The lines of a frame; columns that it lacks are empty."""
    absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in frame.columns]
    lines = BytesIO()
    frame.with_columns(absent).select(columns).write_csv(lines, include_header=False)
    return lines.getvalue()
