"""The register's files, block by block: the same seed and number of companies give the same rows."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from foxreviews.core.errors import UsageError
from foxreviews.demo.generator.entreprises import BLOCK, Generator, parallel_map
from foxreviews.demo.generator.sampling import Ints
from foxreviews.demo.generator.sirene.establishments import Establishments
from foxreviews.demo.generator.sirene.history import Periods, history
from foxreviews.demo.generator.sirene.legal_units import LegalUnits
from foxreviews.demo.generator.sirene.links import Links
from foxreviews.demo.generator.sirens import MAX_COMPANIES, head_office_numbers, with_key
from foxreviews.reference.register import (
    DOUBLE_COLUMNS,
    ESTABLISHMENT_COLUMNS,
    HISTORY_COLUMNS,
    LEGAL_UNIT_COLUMNS,
    SUCCESSION_COLUMNS,
)

# What import_sirene needs, and in a folder of their own what it takes as options: «*UniteLegale*» finds one file.
LEGAL_UNITS, ESTABLISHMENTS = "StockUniteLegale_utf8", "StockEtablissement_utf8"
OPTIONAL = "options"
SUCCESSIONS, DOUBLES, HISTORY = (
    f"{OPTIONAL}/{name}_utf8"
    for name in ("StockEtablissementLiensSuccession", "StockDoublons", "StockUniteLegaleHistorique")
)
_TYPES = {
    "dateDernierTraitement": pl.Datetime("ms"), "date": pl.Date(), "annee": pl.Int64(), "nombre": pl.Int64(),
    "categorieJuridique": pl.Int64(), "changement": pl.Boolean(), "unitePurgee": pl.Boolean(),
    "etablissementSiege": pl.Boolean(), "transfertSiege": pl.Boolean(), "continuiteEconomique": pl.Boolean(),
}  # fmt: skip
Tables = Mapping[str, pl.DataFrame]


def _type(column: str) -> pl.DataType:
    """The type that a column has in INSEE's parquet files."""
    return next((kind for begin, kind in _TYPES.items() if column.startswith(begin)), pl.String())


SCHEMAS = {
    name: pl.Schema({column: _type(column) for column in columns})
    for name, columns in {
        LEGAL_UNITS: LEGAL_UNIT_COLUMNS,
        ESTABLISHMENTS: ESTABLISHMENT_COLUMNS,
        SUCCESSIONS: SUCCESSION_COLUMNS,
        DOUBLES: DOUBLE_COLUMNS,
        HISTORY: HISTORY_COLUMNS,
    }.items()
}


def blocks(rows: int, seed: int) -> Iterator[Tables]:
    """`rows` companies in each file of SCHEMAS, in the order of their numbers.

    Per company there are 1.43 establishments and 2.3 periods of history, as in the register, per establishment 0.1
    successions, and one company in 2,000 is a double. Raises UsageError where there are not as many SIREN.
    """
    if rows > MAX_COMPANIES:
        raise UsageError(f"There are {MAX_COMPANIES:,} SIREN to give, so no more rows than that.")
    stock = Stock(rows, seed)
    return parallel_map(stock.block, enumerate(stock.sirens.ascending(rows, BLOCK)))


class Stock:
    """Makes the blocks of one seed and number of companies."""

    def __init__(self, rows: int, seed: int) -> None:
        self._generator = Generator(seed)
        self.sirens = self._generator.sirens
        self._units = LegalUnits(self._generator)
        self._establishments = Establishments(self._generator.places)
        self._links = Links(self.sirens, rows)

    def block(self, part: tuple[int, Ints]) -> Tables:
        """The companies with the SIREN of a numbered part. A short part is made whole, and cut."""
        number, sirens = part
        size = len(sirens)
        rng = np.random.default_rng([self._generator.seed, 1 + number])
        made = self._generator.companies(rng)
        frame = self._units.columns(made, rng)
        periods = Periods.sample(frame["dateCreationUniteLegale"], rng).head(size)
        heads = head_office_numbers(sirens)
        units = frame.head(size).with_columns(
            siren=pl.Series(sirens).cast(pl.String),
            nicSiegeUniteLegale=pl.Series(with_key(sirens * 10_000 + heads)).cast(pl.String).str.slice(9),
            dateDebut=periods.latest,
            nombrePeriodesUniteLegale=pl.Series(periods.count),
            place=pl.Series(made.place[:size]),
            natural=pl.Series(made.natural[:size]),
            sign=made.nom_commercial.head(size),
        )
        establishments = self._establishments.frame(units, heads, rng)
        tables = {
            LEGAL_UNITS: units,
            ESTABLISHMENTS: establishments,
            SUCCESSIONS: self._links.successions(establishments, rng),
            DOUBLES: self._links.doubles(sirens, rng),
            HISTORY: history(units, periods, rng),
        }
        return {name: _as_published(frame, SCHEMAS[name]) for name, frame in tables.items()}


def _as_published(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The file's columns in its order and types; those that are not known are empty."""
    known = set(frame.columns)
    return frame.select(
        (pl.col(name) if name in known else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )
