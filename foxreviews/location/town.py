"""Town: a row of Ville before it is in the database, with the rules for its official name and its slug."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from foxreviews.reference.text import fold

SAINTS = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES"}
ARTICLES = {"LE", "LA", "LES"}
ELIDED = {"D", "L"}
SMALL = {
    "A", "AU", "AUX", "DE", "DEL", "DELS", "DERRIERE", "DES", "DEVANT", "DI", "DIT", "DU", "EN", "ES", "ET",
    "EZ", "LA", "LE", "LES", "LEZ", "PRES", "SOUS", "SUR",
}  # fmt: skip


@dataclass(slots=True)
class Town:
    """The columns of Ville as plain values: made and compared in a fraction of a model's time."""

    code_insee: str
    nom: str
    slug: str
    codes_postaux: list[str]
    departement: str
    region: str
    population: int | None
    latitude: float | None
    longitude: float | None
    commune_id: str | None
    nom_recherche: str
    appellations: list[str]
    codes_anciens: list[str]


COLUMNS = [column.name for column in fields(Town)]


def official_name(name: str) -> str:
    """The official spelling of a name that the post gives in capitals; any other name is returned as it is.

    Accents cannot be guessed. Accents aside, on La Poste's file against the geographic code of 2026: 34,188
    of the 34,866 names in both are the official ones (98.1 %); 520 others are of communes renamed since, and
    most of the last 158 of new communes, some of which write no hyphens.
    """
    if name != name.upper():
        return name
    words = [SAINTS.get(word, word) for word in fold(name).split()]
    last = len(words) - 1
    written = ""
    for place, word in enumerate(words):
        if word in ELIDED and place < last:
            written += f"{word.lower() if place else word}'"
        elif place and word in SMALL and not (word == "LEZ" and place == last):  # Castelnau-le-Lez: a river
            written += word.lower()
        else:
            written += word.capitalize()
        if place < last and word not in ELIDED:
            written += " " if place == 0 and word in ARTICLES else "-"
    return written


def base_slug(nom: str) -> str:
    """The slug of a name that no other town has: "L'Haÿ-les-Roses" → "l-hay-les-roses"."""
    return fold(nom).replace(" ", "-").lower()


def give_slugs(towns: Iterable[Town], known: Mapping[str, Town]) -> None:
    """Set the slug of each town: its name where no other town in the country has it, else its name and its
    département, else its name and its INSEE code.

    A `known` town (by INSEE code) keeps its slug unless its name has become another, accents and case aside:
    links to it go on working when a homonym appears.
    """
    given = {town.code_insee: town for town in towns}
    everyone = {**known, **given}
    bases = {code: base_slug(town.nom) for code, town in everyone.items()}
    in_country = Counter(bases.values())
    in_departement = Counter((bases[code], town.departement) for code, town in everyone.items())
    taken = {town.slug for town in known.values()}
    for code, town in sorted(given.items()):
        base, before = bases[code], known.get(code)
        if before and (before.nom == town.nom or base_slug(before.nom) == base):
            town.slug = before.slug
            continue
        choices = [f"{base}-{code.lower()}"]
        if town.departement and in_departement[base, town.departement] == 1:
            choices.insert(0, f"{base}-{town.departement.lower()}")
        if in_country[base] == 1:
            choices.insert(0, base)
        town.slug = next(choice for choice in choices if choice not in taken)
        taken.add(town.slug)
