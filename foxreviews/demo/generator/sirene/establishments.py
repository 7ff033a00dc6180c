"""StockEtablissement: the establishments of fictional companies with their addresses, sorted by SIRET as INSEE's."""

import numpy as np
import polars as pl

from foxreviews.demo.generator.entreprises import BLOCK
from foxreviews.demo.generator.phrases import REGISTER, Rows, slots
from foxreviews.demo.generator.postal_places import PostalPlaces
from foxreviews.demo.generator.sampling import Bools, Choice, Floats, Ints
from foxreviews.demo.generator.sirens import with_key
from foxreviews.demo.generator.towns import la_poste, towns
from foxreviews.enterprise.privacy import MASK, PARTIAL
from foxreviews.reference.lambert import from_degrees
from foxreviews.reference.street_types import STREET_TYPES

# Next to the head office: 0.43 per company, as in the register
_OTHERS = Choice([775, 128, 48, 20, 11, 8, 5, 5])
_WITHOUT_HEAD_OFFICE = 0.003
_HIDDEN = (
    "complementAdresseEtablissement", "numeroVoieEtablissement", "indiceRepetitionEtablissement",
    "typeVoieEtablissement", "libelleVoieEtablissement", "codePostalEtablissement",
    "distributionSpecialeEtablissement", "coordonneeLambertAbscisseEtablissement",
    "coordonneeLambertOrdonneeEtablissement",
)  # fmt: skip
_SIGN = "enseigne1Etablissement"

_ABBREVIATED = {full: short for short, full in STREET_TYPES.items()}
_IN_A_HAMLET, _WITH_COMPLEMENT, _REPEATED, _WITH_BOX, _ABROAD = 0.1, 0.08, 0.05, 0.02, 0.004
_COMPLEMENTS = (
    "BATIMENT A",
    "BATIMENT B",
    "BATIMENT C",
    "ETAGE 2",
    "APPARTEMENT 12",
    "CHEZ MME DURAND",
    "ZA DU LAC",
)
_COUNTRIES = (
    ("99109", "ALLEMAGNE", "BERLIN"), ("99127", "ITALIE", "MILANO"), ("99131", "BELGIQUE", "BRUXELLES"),
    ("99132", "ROYAUME-UNI", "LONDON"), ("99134", "ESPAGNE", "BARCELONA"), ("99137", "LUXEMBOURG", "LUXEMBOURG"),
    ("99140", "SUISSE", "GENEVE"),
)  # fmt: skip
_COUNTRY_COLUMNS = (
    "codePaysEtrangerEtablissement",
    "libellePaysEtrangerEtablissement",
    "libelleCommuneEtrangerEtablissement",
)
_IN_FRANCE = (
    "codePostalEtablissement", "libelleCommuneEtablissement", "codeCommuneEtablissement",
    "coordonneeLambertAbscisseEtablissement", "coordonneeLambertOrdonneeEtablissement",
)  # fmt: skip


class Establishments:
    """Writes the establishments of a block."""

    def __init__(self, places: PostalPlaces) -> None:
        self._places = places
        self._addresses = Addresses(places)

    def frame(self, units: pl.DataFrame, heads: Ints, rng: np.random.Generator) -> pl.DataFrame:
        """A row for each establishment of the units, which bring `place`, `natural`, `sign` and their own columns.

        `heads` has the number of each head office among the establishments of its company.
        """
        unit, number, head = _rows(heads, rng)
        of = units[unit]
        places = np.where(head, of["place"].to_numpy(), self._places.sample(rng, len(unit)))
        siren = of["siren"].cast(pl.Int64).to_numpy()
        siret = pl.Series(with_key(siren * 10_000 + number)).cast(pl.String)
        older = pl.Series(~head & (number < heads[unit]))  # where the company was before
        active = (of["etatAdministratifUniteLegale"] == "A") & ~older
        shared = pl.Series(head | (number % 2 == 0))  # of the others of an employer, half have employees
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
            caractereEmployeurEtablissement=pl.when(active & shared).then("employs").otherwise(pl.lit("N")),
            natural="natural",
            **{_SIGN: pl.when(pl.Series(head)).then("sign")},
        ).with_columns(**self._addresses.sample(places, rng))
        return _masked(frame).sort("siret")


def _rows(heads: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Bools]:
    """For each establishment: the place of its company in the block, its number, and whether it is the head office.

    The others of a company have the numbers from 1 on that its head office leaves. Some head offices are left out.
    """
    counts = 1 + _OTHERS.sample(rng, BLOCK)[: len(heads)]
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


class Addresses:
    """Samples addresses in the fictional towns."""

    def __init__(self, places: PostalPlaces) -> None:
        self._places = places
        self._slots = slots()
        self._codes = pl.Series([town.code_insee for town in towns()])
        self._names = pl.Series([la_poste(town)[0] for town in towns()])
        self._metropolitan = np.array([len(town.departement) == len("75") for town in towns()])

    def sample(self, places: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        """An address in each of the places, which are numbers of PostalPlaces."""
        size = len(places)
        town = self._places.town[places]
        columns = {
            **self._street(Rows(town, town, town, np.full(size, REGISTER)), rng),
            "codePostalEtablissement": self._places.code_postal.gather(places),
            "libelleCommuneEtablissement": self._names.gather(town),
            "codeCommuneEtablissement": self._codes.gather(town),
            **self._position(places, town, rng),
        }
        abroad = rng.random(size) < _ABROAD
        country = rng.integers(len(_COUNTRIES), size=size)
        columns |= {name: _unless(columns[name], abroad) for name in _IN_FRANCE}
        for name, values in zip(_COUNTRY_COLUMNS, zip(*_COUNTRIES, strict=True), strict=True):
            columns[name] = _unless(pl.Series(values).gather(country), ~abroad)
        return columns

    def _street(self, rows: Rows, rng: np.random.Generator) -> dict[str, pl.Series]:
        size = len(rows)
        hamlet, numbered = rng.random(size) < _IN_A_HAMLET, rng.random(size) < 1 - _IN_A_HAMLET
        street_types = self._slots["street_type"](rng, rows).replace(_ABBREVIATED)
        streets, hamlets = self._slots["street"](rng, rows), self._slots["hamlet"](rng, rows)
        boxes = pl.Series(rng.integers(1, 500, size)).cast(pl.String)
        repeated = pl.Series(["B", "T"]).gather(rng.integers(2, size=size))
        complement = pl.Series(_COMPLEMENTS).gather(rng.integers(len(_COMPLEMENTS), size=size))
        return {
            "complementAdresseEtablissement": _unless(complement, rng.random(size) >= _WITH_COMPLEMENT),
            "numeroVoieEtablissement": _unless(self._slots["number"](rng, rows), hamlet | ~numbered),
            "indiceRepetitionEtablissement": _unless(
                repeated, hamlet | ~numbered | (rng.random(size) >= _REPEATED)
            ),
            "typeVoieEtablissement": pl.select(
                pl.when(pl.Series(hamlet)).then(pl.lit("LD")).otherwise(street_types)
            ).to_series(),
            "libelleVoieEtablissement": pl.select(
                pl.when(pl.Series(hamlet)).then(hamlets).otherwise(streets)
            ).to_series(),
            "distributionSpecialeEtablissement": _unless("BP " + boxes, rng.random(size) >= _WITH_BOX),
        }

    def _position(self, places: Ints, town: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        degrees = self._places.positions(places, rng)
        east, north = from_degrees(
            degrees["latitude"].fill_null(0).to_numpy(), degrees["longitude"].fill_null(0).to_numpy()
        )
        unknown = degrees["latitude"].is_null().to_numpy() | ~self._metropolitan[town]
        return {
            "coordonneeLambertAbscisseEtablissement": _unless(_metres(east), unknown),
            "coordonneeLambertOrdonneeEtablissement": _unless(_metres(north), unknown),
        }


def _metres(values: Floats) -> pl.Series:
    return pl.Series(values.round(1)).cast(pl.String)


def _unless(values: pl.Series, left_out: Bools) -> pl.Series:
    return pl.select(pl.when(pl.Series(~left_out)).then(values)).to_series()
