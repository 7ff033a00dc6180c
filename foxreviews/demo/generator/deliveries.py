"""Where companies are: towns drawn by population, one of their postal codes, and a position near by."""

import numpy as np
import polars as pl

from foxreviews.demo.generator import contacts
from foxreviews.demo.generator.draws import Choice, Floats, Ints, scattered
from foxreviews.demo.generator.towns import towns
from foxreviews.demo.generator.villes import la_poste
from foxreviews.reference.geography import region_of

_DISTRICT_NAMED = 0.3  # of the companies of Paris, Lyon, Marseille: "PARIS 15", not "PARIS"
_LOCATED = 0.92
_LARGEST_RADIUS = 0.03  # degrees, one standard deviation: about 3 km


class Deliveries:
    """Every pair of a town and one of its postal codes, as columns."""

    def __init__(self) -> None:
        pairs = [(number, town, code) for number, town in enumerate(towns()) for code in town.codes_postaux]
        self.town: Ints = np.array([number for number, _, _ in pairs])
        self.zone: Ints = np.array([contacts.zone(region_of(town.departement)) for _, town, _ in pairs])
        self.code_postal = pl.Series([code for _, _, code in pairs])
        names = pl.DataFrame([la_poste(town) for town in towns()], schema=["town", "delivery"], orient="row")
        self._names = pl.concat([names["delivery"], names["town"]])
        self._by_population = Choice([town.population / len(town.codes_postaux) for _, town, _ in pairs])
        self._latitude: Floats = np.array([town.latitude for _, town, _ in pairs])
        self._longitude: Floats = np.array([town.longitude for _, town, _ in pairs])
        people = np.array([town.population for _, town, _ in pairs])
        self._radius = np.minimum(0.002 * np.sqrt(people / 1000), _LARGEST_RADIUS)

    def draw(self, rng: np.random.Generator, size: int) -> Ints:
        return self._by_population.draw(rng, size)

    def ville_nom(self, deliveries: Ints, rng: np.random.Generator) -> pl.Series:
        """The town as La Poste writes it, in a large city with or without the district."""
        named = rng.random(len(deliveries)) < _DISTRICT_NAMED
        return self._names.gather(self.town[deliveries] + named * len(towns()))

    def positions(self, deliveries: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        """Latitudes and longitudes around the town, for most companies."""
        size = len(deliveries)
        known = np.flatnonzero(rng.random(size) < _LOCATED)
        place = deliveries[known]
        north, east = rng.normal(size=(2, len(place))) * self._radius[place]
        return {
            "latitude": scattered(pl.Series(self._latitude[place] + north), known, size),
            "longitude": scattered(pl.Series(self._longitude[place] + east), known, size),
        }
