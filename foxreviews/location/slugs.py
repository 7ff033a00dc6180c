"""The word by which a town is known in addresses: "saint-denis-93". Given once, and kept."""

from collections import Counter
from collections.abc import Iterable, Mapping

from foxreviews.location.town import Town
from foxreviews.reference.text import fold


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
