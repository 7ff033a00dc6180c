"""The territory: régions, départements, municipal districts, and the hundred most populous communes.

From INSEE's Code officiel géographique of 1 January 2026. A code that names nothing gives "".
"""

import re
from dataclasses import dataclass
from typing import Any

from foxreviews.reference import rows


@dataclass(frozen=True, slots=True)
class Departement:
    """A département, or an overseas collectivity (975, 977…988): those are in no région."""

    code: str
    nom: str
    region: str  # a key of REGIONS, or ""


REGIONS: dict[str, str] = {
    "01": "Guadeloupe",
    "02": "Martinique",
    "03": "Guyane",
    "04": "La Réunion",
    "06": "Mayotte",
    "11": "Île-de-France",
    "24": "Centre-Val de Loire",
    "27": "Bourgogne-Franche-Comté",
    "28": "Normandie",
    "32": "Hauts-de-France",
    "44": "Grand Est",
    "52": "Pays de la Loire",
    "53": "Bretagne",
    "75": "Nouvelle-Aquitaine",
    "76": "Occitanie",
    "84": "Auvergne-Rhône-Alpes",
    "93": "Provence-Alpes-Côte d'Azur",
    "94": "Corse",
}

DEPARTEMENTS: dict[str, Departement] = {row["code"]: Departement(**row) for row in rows("departements")}

INSEE_CODE = re.compile(r"(?!00)(?:[0-9]{2}|2[AB])[0-9]{3}")  # of a commune or municipal district

CITIES_WITH_DISTRICTS: dict[str, str] = {"75056": "Paris", "69123": "Lyon", "13055": "Marseille"}

# District → city. A register places a company in the district, never in the city; people ask for the city.
MUNICIPAL_DISTRICTS: dict[str, str] = {
    **{f"751{number:02d}": "75056" for number in range(1, 21)},
    **{f"6938{number}": "69123" for number in range(1, 10)},
    **{f"132{number:02d}": "13055" for number in range(1, 17)},
}

# In Corsica the postal code does not show the département: the third digit does. 207 is Ajaccio's CEDEX.
_CORSICA = {"200": "2A", "201": "2A", "207": "2A", "202": "2B", "206": "2B"}
# Two communes of Guadeloupe became collectivities in 2007 and kept their postal codes. Their CEDEX begin with 970, and
# 977 and 978 are CEDEX of La Réunion.
_FORMERLY_GUADELOUPE = {"97133": "977", "97150": "978"}
_CEDEX_OVERSEAS = {"9709": "977", **{f"970{digit}": "978" for digit in range(5, 9)}}
_CEDEX_OVERSEAS |= {f"97{digit}": "974" for digit in (7, 8)}


def departement_of_insee(code: str) -> str:
    """The département of a commune, which its INSEE code always shows: "2A004" → "2A", "97105" → "971"."""
    if len(code) != 5:
        return ""
    departement = code[:3] if code.startswith(("97", "98")) else code[:2]
    return departement if departement in DEPARTEMENTS else ""


def departement_of_postal_code(code: str) -> str:
    """The département that a postal code shows: "20200" → "2B", "97400" → "974", "75116" → "75".

    24 communes are served by the post of the next département: prefer the INSEE code where it is known.
    "" for Monaco, for the army and for what is not five digits.
    """
    if len(code) != 5 or not (code.isascii() and code.isdigit()):
        return ""
    if code.startswith(("97", "98")):
        cedex = _CEDEX_OVERSEAS.get(code[:4]) or _CEDEX_OVERSEAS.get(code[:3], code[:3])
        departement = _FORMERLY_GUADELOUPE.get(code, cedex)
    elif code.startswith("20"):
        departement = _CORSICA.get(code[:3], "")
    else:
        departement = code[:2]
    return departement if departement in DEPARTEMENTS else ""


def region_of(departement: str) -> str:
    """The code of the région (a key of REGIONS) that the département is in."""
    found = DEPARTEMENTS.get(departement)
    return found.region if found else ""


def district_name(code: str) -> str:
    """The official name of a municipal district: "75115" → "Paris 15e Arrondissement"."""
    city = MUNICIPAL_DISTRICTS.get(code)
    if city is None:
        return ""
    number = district_number(code)
    return f"{CITIES_WITH_DISTRICTS[city]} {number}{'er' if number == 1 else 'e'} Arrondissement"


def city_of_district(code: str) -> str:
    """The name of the city that a municipal district is part of: "75115" → "Paris"; "" for any other code."""
    return CITIES_WITH_DISTRICTS.get(MUNICIPAL_DISTRICTS.get(code, ""), "")


def district_number(code: str) -> int:
    """The number of a municipal district in its city, "75115" → 15; 0 for any other code."""
    city = MUNICIPAL_DISTRICTS.get(code)
    return 0 if city is None else int(code[4:] if city == "69123" else code[3:])


@dataclass(frozen=True, slots=True)
class LargePlace:
    """A large town, or one of its municipal districts, where the register places the companies of three cities."""

    code_insee: str
    codes_postaux: tuple[str, ...]
    population: int
    latitude: float  # degrees, WGS 84
    longitude: float


@dataclass(frozen=True, slots=True)
class LargeTown(LargePlace):
    """A commune. Its districts, if any, have its postal codes; its position is the mean of their inhabitants."""

    nom: str
    districts: tuple[LargePlace, ...]


def _place(row: dict[str, str]) -> dict[str, Any]:
    """The fields that a town and a district share."""
    return {
        "code_insee": row["code_insee"],
        "codes_postaux": tuple(row["codes_postaux"].split()),
        "population": int(row["population"]),
        "latitude": float(row["latitude"]),
        "longitude": float(row["longitude"]),
    }


_DISTRICTS = [LargePlace(**_place(row)) for row in rows("large_town_districts")]


def _districts_of(city: str) -> tuple[LargePlace, ...]:
    return tuple(district for district in _DISTRICTS if MUNICIPAL_DISTRICTS[district.code_insee] == city)


# The hundred most populous communes. Populations are INSEE's municipal populations (PMUN) in force since January 2026,
# without Mayotte's; names those of the Code officiel géographique, postal codes and places La Poste's. The codes of the
# communes that a town has since absorbed are its own (Seynod is Annecy).
LARGE_TOWNS: tuple[LargeTown, ...] = tuple(
    LargeTown(nom=row["nom"], districts=_districts_of(row["code_insee"]), **_place(row))
    for row in rows("large_towns")
)
"""Most populous first. Two are named Saint-Denis (93066, 97411): tell towns apart by their code."""
