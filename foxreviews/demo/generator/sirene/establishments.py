"""StockEtablissement: the establishments of fictional companies, sorted by SIRET as INSEE's are."""

import numpy as np
import polars as pl

from foxreviews.demo.generator.deliveries import Deliveries
from foxreviews.demo.generator.draws import Bools, Choice, Ints
from foxreviews.demo.generator.sirene.addresses import Addresses
from foxreviews.demo.generator.sirens import MOVES, with_key
from foxreviews.enterprise.privacy import MASK, PARTIAL

_OTHERS = Choice([860, 82, 30, 12, 6, 4, 3, 3])  # establishments beside the head office: 0.25 a company
_WITHOUT_HEAD_OFFICE = 0.003
_HIDDEN = (
    "complementAdresseEtablissement", "numeroVoieEtablissement", "indiceRepetitionEtablissement",
    "typeVoieEtablissement", "libelleVoieEtablissement", "codePostalEtablissement",
    "distributionSpecialeEtablissement", "coordonneeLambertAbscisseEtablissement",
    "coordonneeLambertOrdonneeEtablissement",
)  # fmt: skip
_SIGN = "enseigne1Etablissement"


def numbers(size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """For each of `size` companies, the number of its head office among its establishments, and how many others."""
    return 1 + MOVES.draw(rng, size), _OTHERS.draw(rng, size)


class Establishments:
    """Writes the establishments of a block."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._addresses = Addresses(deliveries)

    def frame(self, units: pl.DataFrame, heads: Ints, others: Ints, rng: np.random.Generator) -> pl.DataFrame:
        """A row for each establishment of the units, which bring `place`, `natural`, `sign` and their own columns."""
        unit, number, head = _rows(heads, others, rng)
        of = units[unit]
        places = np.where(head, of["place"].to_numpy(), self._deliveries.draw(rng, len(unit)))
        siren = of["siren"].cast(pl.Int64).to_numpy()
        siret = pl.Series(with_key(siren * 10_000 + number)).cast(pl.String)
        older = pl.Series(~head & (number < heads[unit]))  # where the company was before
        active = (of["etatAdministratifUniteLegale"] == "A") & ~older
        frame = of.select(
            "siren",
            nic=siret.str.slice(9),
            siret=siret,
            statutDiffusionEtablissement="statutDiffusionUniteLegale",
            dateCreationEtablissement="dateCreationUniteLegale",
            dateDernierTraitementEtablissement="dateDernierTraitementUniteLegale",
            dateDebut="dateDebut",
            nombrePeriodesEtablissement="nombrePeriodesUniteLegale",
            etablissementSiege=pl.Series(head),
            etatAdministratifEtablissement=pl.when(active).then(pl.lit("A")).otherwise(pl.lit("F")),
            activitePrincipaleEtablissement="activitePrincipaleUniteLegale",
            nomenclatureActivitePrincipaleEtablissement="nomenclatureActivitePrincipaleUniteLegale",
            activitePrincipaleNAF25Etablissement="activitePrincipaleNAF25UniteLegale",
            caractereEmployeurEtablissement="caractereEmployeurUniteLegale",
            natural="natural",
            **{_SIGN: pl.when(pl.Series(head)).then("sign")},
        ).with_columns(**self._addresses.draw(places, rng))
        return _masked(frame).sort("siret")


def _rows(heads: Ints, others: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Bools]:
    """For each establishment: the place of its company in the block, its number, and whether it is the head office.

    The others of a company have the numbers from 1 on that its head office leaves. Some head offices are left out.
    """
    counts = others + 1
    unit = np.repeat(np.arange(len(heads)), counts)
    turn = np.arange(len(unit)) - np.repeat(np.cumsum(counts) - counts, counts)  # 0 is the head office
    head = turn == 0
    number = np.where(head, heads[unit], turn + (turn >= heads[unit]))
    kept = ~head | (rng.random(len(unit)) >= _WITHOUT_HEAD_OFFICE)
    return unit[kept], number[kept], head[kept]


def _masked(frame: pl.DataFrame) -> pl.DataFrame:
    """The source hides where partly public companies are, and the signs of natural persons among them."""
    partial = pl.col("statutDiffusionEtablissement") == PARTIAL
    return frame.with_columns(
        *(pl.when(partial).then(pl.lit(MASK)).otherwise(pl.col(name)).alias(name) for name in _HIDDEN),
        pl.when(partial & pl.col("natural")).then(pl.lit(MASK)).otherwise(pl.col(_SIGN)).alias(_SIGN),
    )
