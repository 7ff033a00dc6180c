"""From the lines of the public files to towns: one per INSEE code, and the cities above their districts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from foxreviews.location.official_name import official_name
from foxreviews.location.slugs import give_slugs
from foxreviews.location.sources.insee import GeographicCode, Inhabitants
from foxreviews.location.sources.laposte import LONGEST_NAME, Delivery
from foxreviews.location.town import Town
from foxreviews.reference.geography import (
    CITIES_WITH_DISTRICTS,
    LARGE_TOWNS,
    MUNICIPAL_DISTRICTS,
    District,
    LargeTown,
    departement_of_insee,
    district_name,
    region_of,
)
from foxreviews.reference.text import fold, town_key


@dataclass
class Post:
    """What all of La Poste's lines say of one commune."""

    nom: str = ""
    codes_postaux: set[str] = field(default_factory=set)
    other_names: set[str] = field(default_factory=set)
    position: tuple[float, float] | None = None


class Assembly:
    """Makes the towns out of what each source says. `known` are the towns of the database, by INSEE code.

    A source that was not given takes nothing away: what an earlier load knew better stays (an official name,
    a population, a position).
    """

    def __init__(
        self,
        deliveries: Iterable[Delivery],
        cog: GeographicCode | None,
        census: Mapping[str, Inhabitants],
        known: Mapping[str, Town],
    ) -> None:
        self.cog = cog
        self.census = census
        self.known = known
        self.posts = _gather(deliveries)
        self._add_cities()
        self._add_communes_without_post()

    def towns(self) -> list[Town]:
        """The towns, by INSEE code."""
        towns = [self._town(code, post) for code, post in sorted(self.posts.items())]
        give_slugs(towns, self.known)
        return towns

    def _add_cities(self) -> None:
        """The post knows the districts only; their city has all of their postal codes."""
        for district, city in MUNICIPAL_DISTRICTS.items():
            if district in self.posts:
                self.posts.setdefault(city, Post()).codes_postaux |= self.posts[district].codes_postaux

    def _add_communes_without_post(self) -> None:
        """The geographic code is often younger: a new commune has the postal codes of those it is made of."""
        if not self.cog:
            return
        for code in self.cog.communes - self.posts.keys():
            parts = [self.posts[part] for part in self.cog.former.get(code, ()) if part in self.posts]
            self.posts[code] = Post(codes_postaux={postal for part in parts for postal in part.codes_postaux})

    def _town(self, code: str, post: Post) -> Town:
        nom = self._name(code, post)
        key = town_key(nom)
        departement = departement_of_insee(code)
        latitude, longitude = self._position(code, post) or (None, None)
        names = (name for name in {post.nom, *post.other_names} if len(fold(name)) <= LONGEST_NAME)
        return Town(
            code_insee=code,
            nom=nom,
            slug="",
            codes_postaux=sorted(post.codes_postaux),
            departement=departement,
            region=region_of(departement),
            population=self._population(code),
            latitude=latitude,
            longitude=longitude,
            commune_id=MUNICIPAL_DISTRICTS.get(code),
            nom_recherche=key,
            appellations=sorted({town_key(name) for name in names} - {key, ""}),
        )

    def _name(self, code: str, post: Post) -> str:
        if self.cog and code in self.cog.names:
            return self.cog.names[code]
        if code in self.census:
            return self.census[code].nom
        if name := district_name(code) or CITIES_WITH_DISTRICTS.get(code):
            return name
        if code in _large_towns():
            return _large_towns()[code].nom
        before = self.known.get(code)
        if before and town_key(post.nom) in {before.nom_recherche, *before.appellations}:
            return before.nom
        return official_name(post.nom)

    def _population(self, code: str) -> int | None:
        if code in self.census:
            return self.census[code].population
        districts = [district for district, city in MUNICIPAL_DISTRICTS.items() if city == code]
        if districts and all(district in self.census for district in districts):
            return sum(self.census[district].population for district in districts)
        before = self.known.get(code)
        if before and before.population is not None:
            return before.population
        place = _large_places().get(code)
        return place.population if place else None

    def _position(self, code: str, post: Post) -> tuple[float, float] | None:
        if post.position:
            return post.position
        before = self.known.get(code)
        if before and before.latitude is not None and before.longitude is not None:
            return before.latitude, before.longitude
        place = _large_places().get(code)
        return (place.latitude, place.longitude) if place else None


def _gather(deliveries: Iterable[Delivery]) -> dict[str, Post]:
    """Each commune's lines put together. Where lines differ, the first name and position stay."""
    posts: dict[str, Post] = {}
    for line in deliveries:
        post = posts.setdefault(line.code_insee, Post(nom=line.nom))
        post.codes_postaux.add(line.code_postal)
        post.other_names.update((line.nom, line.libelle, line.ligne_5))
        post.position = post.position or line.position
    return posts


@cache
def _large_towns() -> dict[str, LargeTown]:
    return {town.code_insee: town for town in LARGE_TOWNS}


@cache
def _large_places() -> dict[str, LargeTown | District]:
    districts = {district.code_insee: district for town in LARGE_TOWNS for district in town.districts}
    return {**_large_towns(), **districts}
