"""StockEtablissementLiensSuccession and StockDoublons: links between fictional companies, anywhere in the register."""

import numpy as np
import polars as pl

from foxreviews.demo.generator.sampling import Ints
from foxreviews.demo.generator.sirene.legal_units import TREATED
from foxreviews.demo.generator.sirens import Sirens, head_office_numbers, with_key

_SUCCEEDED = 0.42  # of closed establishments: a tenth of all
_MOVED = 0.7  # of those that may be: to the head office of their own company
_CONTINUED = 0.9
_DOUBLES = 1 / 2000


class Links:
    """Links companies to others of the first `rows`."""

    def __init__(self, sirens: Sirens, rows: int) -> None:
        self._sirens = sirens
        self._rows = rows

    def successions(self, establishments: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        """Some of the closed among these establishments, each with the head office that took it over."""
        closed = establishments.filter(pl.col("etatAdministratifEtablissement") == "F")
        closed = closed.filter(pl.Series(rng.random(closed.height) < _SUCCEEDED))
        own = closed["siren"].cast(pl.Int64).to_numpy()
        own_head = _head_offices(own)
        moved = (rng.random(len(own)) < _MOVED) & (own_head != closed["siret"].cast(pl.Int64).to_numpy())
        after = np.where(moved, own_head, _head_offices(self._any(len(own), rng)))
        return closed.select(
            siretEtablissementPredecesseur="siret",
            siretEtablissementSuccesseur=pl.Series(after).cast(pl.String),
            dateLienSuccession="dateDebut",
            transfertSiege=pl.Series(moved),
            continuiteEconomique=pl.Series(rng.random(len(own)) < _CONTINUED),
            dateDernierTraitementLienSuccession=pl.lit(TREATED),
        ).filter(pl.col("siretEtablissementPredecesseur") != pl.col("siretEtablissementSuccesseur"))

    def doubles(self, sirens: Ints, rng: np.random.Generator) -> pl.DataFrame:
        """Some of these companies, each as the double of another one."""
        double = sirens[rng.random(len(sirens)) < _DOUBLES]
        return pl.DataFrame(
            {
                "siren": pl.Series(self._any(len(double), rng)).cast(pl.String),
                "sirenDoublon": pl.Series(double).cast(pl.String),
            }
        ).select(
            pl.all().filter(pl.col("siren") != pl.col("sirenDoublon")),
            dateDernierTraitementDoublon=pl.lit(TREATED),
        )

    def _any(self, count: int, rng: np.random.Generator) -> Ints:
        return self._sirens.at(rng.integers(self._rows, size=count))


def _head_offices(sirens: Ints) -> Ints:
    return with_key(sirens * 10_000 + head_office_numbers(sirens))
