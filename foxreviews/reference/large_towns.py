"""The hundred most populous communes, with what a plausible address needs: postal codes and a place.

Populations are INSEE's municipal populations (PMUN) in force since January 2026, names those of the Code
officiel géographique, postal codes and places La Poste's; the codes of the communes that a town has since
absorbed are its own (Seynod is Annecy). That publication leaves Mayotte out, so Mamoudzou is not here.
"""

from dataclasses import dataclass
from typing import Any

from foxreviews.reference.geography import MUNICIPAL_DISTRICTS
from foxreviews.reference.tables import rows


@dataclass(frozen=True, slots=True)
class District:
    """A municipal district: where the register places the companies of Paris, Lyon and Marseille."""

    code_insee: str
    codes_postaux: tuple[str, ...]
    population: int
    latitude: float  # degrees, WGS 84
    longitude: float


@dataclass(frozen=True, slots=True)
class LargeTown:
    """A commune. Its districts, if any, have its postal codes, and it stands at the mean of their people."""

    code_insee: str
    nom: str
    codes_postaux: tuple[str, ...]
    districts: tuple[District, ...]
    population: int
    latitude: float  # degrees, WGS 84
    longitude: float


def _place(row: dict[str, str]) -> dict[str, Any]:
    """The fields that a town and a district share."""
    return {
        "code_insee": row["code_insee"],
        "codes_postaux": tuple(row["codes_postaux"].split()),
        "population": int(row["population"]),
        "latitude": float(row["latitude"]),
        "longitude": float(row["longitude"]),
    }


_DISTRICTS = [District(**_place(row)) for row in rows("large_town_districts")]


def _districts_of(city: str) -> tuple[District, ...]:
    return tuple(district for district in _DISTRICTS if MUNICIPAL_DISTRICTS[district.code_insee] == city)


LARGE_TOWNS: tuple[LargeTown, ...] = tuple(
    LargeTown(nom=row["nom"], districts=_districts_of(row["code_insee"]), **_place(row))
    for row in rows("large_towns")
)
"""Most populous first. Two are called Saint-Denis (93066, 97411): tell towns apart by their code."""
