"""Addresses in the register's parts: number, kind of way, name of way, town, position in Lambert-93."""

import numpy as np
import polars as pl

from foxreviews.demo.generator.deliveries import Deliveries
from foxreviews.demo.generator.draws import Bools, Floats, Ints
from foxreviews.demo.generator.names import slots
from foxreviews.demo.generator.phrases import REGISTER, Rows
from foxreviews.demo.generator.towns import towns
from foxreviews.demo.generator.villes import la_poste
from foxreviews.reference.lambert import from_degrees
from foxreviews.reference.street_types import STREET_TYPES

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


class Addresses:
    """Draws addresses in the towns of the rehearsal."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._slots = slots()
        self._codes = pl.Series([town.code_insee for town in towns()])
        self._names = pl.Series([la_poste(town)[0] for town in towns()])
        self._metropolitan = np.array([len(town.departement) == len("75") for town in towns()])

    def draw(self, places: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        """An address in each of the places, which are numbers of Deliveries."""
        size = len(places)
        town = self._deliveries.town[places]
        columns = {
            **self._street(Rows(town, town, town, np.full(size, REGISTER)), rng),
            "codePostalEtablissement": self._deliveries.code_postal.gather(places),
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
        ways = self._slots["way"](rng, rows).replace(_ABBREVIATED)
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
                pl.when(pl.Series(hamlet)).then(pl.lit("LD")).otherwise(ways)
            ).to_series(),
            "libelleVoieEtablissement": pl.select(
                pl.when(pl.Series(hamlet)).then(hamlets).otherwise(streets)
            ).to_series(),
            "distributionSpecialeEtablissement": _unless("BP " + boxes, rng.random(size) >= _WITH_BOX),
        }

    def _position(self, places: Ints, town: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        degrees = self._deliveries.positions(places, rng)
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
