"""The towns of the directory in memory: which one an address means, and how far apart two are."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import cos, hypot, radians

from foxreviews.location.lookup import Place, VilleLookup
from foxreviews.location.models import Ville
from foxreviews.reference.geography import MUNICIPAL_DISTRICTS
from foxreviews.reference.text import town_key

NEAR_KM = 10.0  # between the middles of two towns that an address confuses
FAMOUS = 20  # times as many people: a letter to Nantes without a postal code
KEPT_SECONDS = 600.0  # a process takes in changed towns after so long
_KM_PER_DEGREE = 111.2
_MIDDLE = 46.6  # degrees: France's latitude

Position = tuple[float, float]


class Towns:
    """Resolves the towns of records. Those of the country take half a second to load and 60 MB."""

    def __init__(
        self, lookup: VilleLookup, positions: Mapping[str, Position], named: Mapping[str, str] | None = None
    ) -> None:
        """`named` gives the one town that a name means in the whole country."""
        self._lookup, self._positions, self._named = lookup, positions, named or {}
        self._known: dict[tuple[str, str, str, str], Place] = {}

    @classmethod
    def load(cls) -> "Towns":
        """Those of the database, by two statements."""
        columns = ("code_insee", "nom_recherche", "appellations", "population", "latitude", "longitude")
        rows = list(Ville.objects.values_list(*columns))
        positions = {
            code: (latitude * _KM_PER_DEGREE, longitude * _KM_PER_DEGREE * cos(radians(_MIDDLE)))
            for code, _, _, _, latitude, longitude in rows
            if latitude is not None and longitude is not None
        }
        own = _meant([(code, name, people or 0) for code, name, _, people, *_ in rows])
        other = _meant([(code, name, people or 0) for code, _, names, people, *_ in rows for name in names])
        return cls(VilleLookup.load(), positions, other | own)

    def resolve(self, code_commune: str, code_postal: str, ville_nom: str, departement: str = "") -> Place:
        """The place that an INSEE code names, else that postal code and name mean together, or département and name."""
        key = (code_commune, code_postal, ville_nom, departement)
        if (known := self._known.get(key)) is None:
            if len(self._known) >= 100_000:
                self._known.clear()
            known = self._known[key] = self._found(*key)
        return known

    def _found(self, code_commune: str, code_postal: str, ville_nom: str, departement: str) -> Place:
        by_code = self._lookup.by_code(code_commune.upper(), ville_nom) if code_commune else None
        if by_code is not None:
            return by_code
        place = self._lookup.resolve(code_postal, ville_nom, departement)
        if place.code_commune or code_postal or not (code := self._named.get(town_key(ville_nom))):
            return place
        return self._lookup.by_code(code, ville_nom) or place

    def are_near(self, one: str, other: str) -> bool:
        """Whether two towns, by their INSEE codes, are neighbours."""
        here, there = self._positions.get(one), self._positions.get(other)
        return bool(here and there) and hypot(here[0] - there[0], here[1] - there[1]) <= NEAR_KM  # type: ignore[index]


def _meant(towns: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """The town that each name means by itself: the only one, or one that has so many more people than its namesakes."""
    named: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for code, name, people in towns:
        named[name].append((people, code))
    found = {}
    for name, several in named.items():
        (people, code), *others = sorted(several, reverse=True)
        if not others or people > FAMOUS * max(others)[0] > 0:
            found[name] = code
    return found


def city_of(code_commune: str) -> str:
    """The city of a municipal district; any other town is its own."""
    return MUNICIPAL_DISTRICTS.get(code_commune, code_commune)


def towns() -> Towns:
    """Those that this process has loaded, for some minutes."""
    return _loaded(int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=1)
def _loaded(_period: int) -> Towns:
    return Towns.load()
