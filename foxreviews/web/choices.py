"""Links to the same list with one thing changed: its filters, facets and orders, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from foxreviews.api.entreprises.params import IN_INDEX_ORDER
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import SECTIONS, label
from foxreviews.reference.register import CATEGORIES
from foxreviews.search.engines.indexed import MAX_SORTED
from foxreviews.search.query.nodes import Counts
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.web.asked import Asked
from foxreviews.web.wording import employer

MAX_VALUES = 8  # of a facet
# The facets of the index, each with the parameter that sets one of its values
PARAMETERS = {
    "departement": "departement",
    "code_commune": "ville",
    "naf_code": "naf",
    "categorie_entreprise": "categorie_entreprise",
    "est_employeur": "est_employeur",
}


@dataclass(frozen=True)
class Choice:
    """A link to the same list with one thing changed."""

    label: str
    url: str
    count: int | None = None
    is_chosen: bool = False


def filters(asked: Asked) -> list[Choice]:
    """The filters that are set, each with the list without it."""
    return [Choice(labelled(name, value), asked.url(**{name: ""})) for name, value in asked.filters.items()]


def facets(asked: Asked, counts: Mapping[str, Counts]) -> dict[str, list[Choice]]:
    """The most frequent values of each filter that is not set, by the parameter that sets it."""
    found = {}
    for facet, name in PARAMETERS.items():
        values = {value: count for value, count in counts.get(facet, {}).items() if value}
        if name in asked.filters or len(values) < 2:
            continue
        top = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_VALUES]
        labels = _labels(name, [value for value, _ in top])
        order = {"ordering": ""} if name in IN_INDEX_ORDER else {}
        found[name] = [
            Choice(labels[value], asked.url(**{name: value} | order), count)
            for value, count in top
            if labels.get(value)
        ]
    return {name: choices for name, choices in found.items() if choices}


def orderings(asked: Asked, total: int | None) -> list[Choice]:
    """The orders that the list can have: of many results, and of what the index alone filters, only its own."""
    names = {"nom": _("name, A to Z"), "-created_at": _("latest in the directory")}
    if "q" in asked.values:
        names = {RELEVANCE.name: _("relevance")} | names
        if total is None or total > MAX_SORTED:
            return []
    elif any(name in asked.filters for name in IN_INDEX_ORDER):
        return []
    now = asked.window.ordering.name
    return [Choice(text, asked.url(ordering=name), is_chosen=name == now) for name, text in names.items()]


def labelled(name: str, value: str) -> str:
    """The value of a filter in words; of several values as it is."""
    if name == "ville":
        town = Ville.objects.filter(Q(code_insee=value.upper()) | Q(slug=value.lower()))
        return next(iter(town.values_list("nom", flat=True)), value)
    if name == "naf_section":
        return SECTIONS.get(value.upper(), value)
    if name == "est_employeur":
        return _labels(name, [value.lower()]).get(value.lower()) or value
    return _labels(name, [value.upper()]).get(value.upper()) or value


def _labels(name: str, values: Iterable[str]) -> dict[str, str]:
    if name == "ville":
        return dict(Ville.objects.filter(code_insee__in=values).values_list("code_insee", "nom"))
    if name == "departement":
        return {value: f"{DEPARTEMENTS[value].nom} ({value})" for value in values if value in DEPARTEMENTS}
    if name == "categorie_entreprise":
        return {value: CATEGORIES.get(value, "") for value in values}
    if name == "est_employeur":
        return {value: employer(value == "true") for value in values}
    return {value: label(value) for value in values}
