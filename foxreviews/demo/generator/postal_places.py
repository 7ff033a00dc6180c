"""Where companies are: towns sampled by population, one of their postal codes, and a position nearby."""

from functools import cache

import numpy as np
import polars as pl

from foxreviews.demo.generator.sampling import Choice, Floats, Ints, scattered
from foxreviews.demo.generator.towns import la_poste, towns
from foxreviews.reference.geography import region_of

# Kept free for fiction by the regulator (ARCEP, décision 2018-0881), by région
TELEPHONE_ZONES = {
    "01 99 00": ("11",),
    "02 61 91": ("24", "28", "52", "53", "04", "06"),
    "03 53 01": ("27", "32", "44"),
    "04 65 71": ("84", "93", "94"),
    "05 36 49": ("75", "76", "01", "02", "03"),
}
_DISTRICT_NAMED = 0.3  # of the companies of Paris, Lyon, Marseille: "PARIS 15", not "PARIS"
_LOCATED = 0.92
_LARGEST_RADIUS = 0.03  # degrees, one standard deviation: about 3 km


class PostalPlaces:
    """Every pair of a town and one of its postal codes, as columns."""

    def __init__(self) -> None:
        pairs = [(number, town, code) for number, town in enumerate(towns()) for code in town.codes_postaux]
        self.town: Ints = np.array([number for number, _, _ in pairs])
        self.zone: Ints = np.array([_telephone_zone(region_of(town.departement)) for _, town, _ in pairs])
        self.code_postal = pl.Series([code for _, _, code in pairs])
        names = pl.DataFrame([la_poste(town) for town in towns()], schema=["town", "post_town"], orient="row")
        self._names = pl.concat([names["post_town"], names["town"]])
        self._by_population = Choice([town.population / len(town.codes_postaux) for _, town, _ in pairs])
        self._latitude: Floats = np.array([town.latitude for _, town, _ in pairs])
        self._longitude: Floats = np.array([town.longitude for _, town, _ in pairs])
        people = np.array([town.population for _, town, _ in pairs])
        self._radius = np.minimum(0.002 * np.sqrt(people / 1000), _LARGEST_RADIUS)

    def sample(self, rng: np.random.Generator, size: int) -> Ints:
        return self._by_population.sample(rng, size)

    def ville_nom(self, places: Ints, rng: np.random.Generator) -> pl.Series:
        """The town as La Poste writes it, in a large city with or without the district."""
        named = rng.random(len(places)) < _DISTRICT_NAMED
        return self._names.gather(self.town[places] + named * len(towns()))

    def positions(self, places: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        """Latitudes and longitudes around the town, for most companies."""
        size = len(places)
        known = np.flatnonzero(rng.random(size) < _LOCATED)
        place = places[known]
        north, east = rng.normal(size=(2, len(place))) * self._radius[place]
        return {
            "latitude": scattered(pl.Series(self._latitude[place] + north), known, size),
            "longitude": scattered(pl.Series(self._longitude[place] + east), known, size),
        }


@cache
def postal_places() -> PostalPlaces:
    """The same for every seed."""
    return PostalPlaces()


@cache
def _telephone_zone(region: str) -> int:
    """The number of the zone that a région is in."""
    return next(number for number, regions in enumerate(TELEPHONE_ZONES.values()) if region in regions)
