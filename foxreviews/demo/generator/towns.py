"""The towns of fictional companies: the hundred largest of France, which are real, and fictional ones around them.

The list is always the same, whatever the seed: companies and towns generated apart fit together. A
fictional town says that it is one in the last part of its name (reference.fictional).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from foxreviews.demo.generator.sampling import Floats, Ints, zipf
from foxreviews.demo.generator.vocabulary import lists, table, words
from foxreviews.reference.fictional import TAILS
from foxreviews.reference.geography import (
    CITIES_WITH_DISTRICTS,
    DEPARTEMENTS,
    LARGE_TOWNS,
    REGIONS,
    LargeTown,
    departement_of_postal_code,
    district_name,
)
from foxreviews.reference.text import fold, town_key

SEED = 39_201
LINES = 39_201  # as many as La Poste's file has: one for each postal code of each town

LA_POSTE_HEADER = "Code_commune_INSEE;Nom_commune;Code_postal;Libelle_acheminement;Ligne_5;coordonnees_gps"
POPULATION_HEADER = "REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT"

_COUNTED_APART = 0.018  # people counted in a second commune (students, barracks): INSEE has 1.76 % of all
_ABBREVIATED = {"SAINT": "ST", "SAINTE": "STE"}

# The municipal populations of INSEE outside the hundred largest: 58,885 in the first, 3,637 in the 3,000th.
_LARGEST_FICTIONAL = 54_000
_POPULATION_OFFSET, _POPULATION_EXPONENT = 300, 1.13
_THREE_POSTAL_CODES = 1_200  # the most populous fictional towns; the next ones have two


@dataclass(frozen=True, slots=True)
class Town:
    """A commune, or a municipal district of Paris, Lyon or Marseille."""

    code_insee: str
    nom: str  # official spelling: "Saint-Aubin-la-Fictive", "Paris 15e Arrondissement"
    commune: str  # the name of the city for a district, else `nom`
    departement: str
    codes_postaux: tuple[str, ...]
    population: int
    latitude: float  # degrees, WGS 84
    longitude: float


@dataclass(frozen=True, slots=True)
class _Territory:
    """What a département holds next to its large towns."""

    departement: str
    communes: int
    density: float  # inhabitants of a commune, on average
    centre: tuple[float, float]  # latitude and longitude
    spread: tuple[float, float]  # degrees, one standard deviation


@cache
def towns() -> tuple[Town, ...]:
    """Every town: the real ones first, most populous first, then the fictional ones by département."""
    real = tuple(town for large in LARGE_TOWNS for town in _districts_or_itself(large))
    return real + tuple(_fictional(real))


def _districts_or_itself(large: LargeTown) -> Iterator[Town]:
    departement = large.code_insee[:3] if large.code_insee.startswith("97") else large.code_insee[:2]
    for place in large.districts or (large,):
        yield Town(
            code_insee=place.code_insee,
            nom=district_name(place.code_insee) or large.nom,
            commune=CITIES_WITH_DISTRICTS.get(large.code_insee, large.nom),
            departement=departement,
            codes_postaux=place.codes_postaux,
            population=place.population,
            latitude=place.latitude,
            longitude=place.longitude,
        )


def _fictional(real: tuple[Town, ...]) -> Iterator[Town]:
    rng = np.random.default_rng(SEED)
    territories = [_territory(row) for row in table("departements")]
    count = sum(territory.communes for territory in territories)
    densities = np.repeat(
        [territory.density for territory in territories], [territory.communes for territory in territories]
    )
    ranks = np.argsort(np.argsort(rng.exponential(size=count) / densities))
    populations = _populations(count)[ranks]
    extra_lines = LINES - count - sum(len(town.codes_postaux) for town in real)
    codes = 1 + (ranks < extra_lines - _THREE_POSTAL_CODES) + (ranks < _THREE_POSTAL_CODES)
    names = iter(_names(count, rng))
    taken = {*CITIES_WITH_DISTRICTS, *(code for town in real for code in town.codes_postaux)}
    taken |= {town.code_insee for town in real}
    first = 0
    for territory in territories:
        mine = slice(first, first + territory.communes)
        first = mine.stop
        yield from _in_departement(territory, names, populations[mine], codes[mine], taken, rng)


def _territory(row: dict[str, str]) -> _Territory:
    communes = int(row["communes"])
    return _Territory(
        departement=row["code"],
        communes=communes,
        density=1000 * int(row["thousands"]) / communes,
        centre=(float(row["latitude"]), float(row["longitude"])),
        spread=(float(row["height"]), float(row["width"])),
    )


def _populations(count: int) -> Floats:
    shares = zipf(count, offset=_POPULATION_OFFSET, exponent=_POPULATION_EXPONENT)
    populations: Floats = np.round(_LARGEST_FICTIONAL * shares / shares[0])
    return populations


def _names(count: int, rng: np.random.Generator) -> list[str]:
    """`count` names, all different."""
    beginnings, ends = lists("town_stems")
    bases = [*words("saints"), *(begin + end for begin in beginnings for end in ends)]
    every = list(dict.fromkeys(f"{base}-{tail}" for base in bases for tail in TAILS))
    return [every[position] for position in rng.permutation(len(every))[:count]]


def _in_departement(
    territory: _Territory,
    names: Iterator[str],
    populations: Floats,
    codes: Ints,
    taken: set[str],
    rng: np.random.Generator,
) -> Iterator[Town]:
    """The fictional towns of one département; those next to each other share a postal code and an area."""
    count = territory.communes
    postal = [code for code in _postal_codes(territory.departement) if code not in taken]
    insee = [code for code in _insee_codes(territory.departement) if code not in taken]
    chosen = np.sort(rng.permutation(len(insee))[:count])
    areas = np.arange(count) * len(postal) // count
    centres = np.asarray(territory.centre) + rng.uniform(-1.6, 1.6, (len(postal), 2)) * territory.spread
    positions = centres[areas] + rng.normal(size=(count, 2)) * np.asarray(territory.spread) / 12
    columns = (chosen, areas, codes, populations, positions.round(5))
    for code, area, served, population, (latitude, longitude) in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        nom = next(names)
        yield Town(
            code_insee=insee[code],
            nom=nom,
            commune=nom,
            departement=territory.departement,
            codes_postaux=tuple(postal[(area + turn) % len(postal)] for turn in range(served)),
            population=int(population),
            latitude=latitude,
            longitude=longitude,
        )


def _insee_codes(departement: str) -> list[str]:
    """Every code that a commune of the département could have."""
    return [
        f"{departement}{number:0{5 - len(departement)}d}" for number in range(1, 10 ** (5 - len(departement)))
    ]


def _postal_codes(departement: str) -> list[str]:
    """Postal codes that show the département, ending in 0 as those of a delivery office do."""
    begin = "20" if departement in {"2A", "2B"} else departement
    digits = 5 - len(begin)
    codes = (f"{begin}{number:0{digits}d}" for number in range(0, 10**digits, 10))
    return [code for code in codes if departement_of_postal_code(code) == departement]


def la_poste(town: Town) -> tuple[str, str]:
    """What La Poste calls a town, and what it writes on letters: "PARIS 03" and "PARIS" for a district."""
    post_town = " ".join(_ABBREVIATED.get(word, word) for word in fold(town.commune).split())
    if town.nom == town.commune:
        return post_town, post_town
    return f"{post_town} {int(town_key(town.nom).removeprefix(post_town)):02d}", post_town


def la_poste_lines() -> Iterator[str]:
    """La Poste's file: a header, then a line for each postal code of each town."""
    yield f"{LA_POSTE_HEADER}\r\n"
    for town in towns():
        name, post_town = la_poste(town)
        for code_postal in town.codes_postaux:
            position = f"{town.latitude:.5f}, {town.longitude:.5f}"
            yield f"{town.code_insee};{name};{code_postal};{post_town};;{position}\r\n"


def population_lines() -> Iterator[str]:
    """INSEE's file: a header, then a line for each town (a large city has one for each district instead)."""
    yield f"{POPULATION_HEADER}\r\n"
    for town in towns():
        region = DEPARTEMENTS[town.departement].region
        apart = round(_COUNTED_APART * town.population)
        code = town.code_insee
        place = (region, REGIONS[region], town.departement, "1", "", code[2:], code, town.nom)
        counts = (town.population, apart, town.population + apart)
        yield ";".join([*place, *map(str, counts)]) + "\r\n"
