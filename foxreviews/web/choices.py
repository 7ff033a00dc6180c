"""Links to the same list with one thing changed: its filters, facets and orders, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.serializers import BooleanField

from foxreviews.api.entreprises.companies import communes
from foxreviews.api.entreprises.params import IN_INDEX_ORDER
from foxreviews.api.errors import InvalidParametersError
from foxreviews.location.models import Ville
from foxreviews.reference.geography import (
    DEPARTEMENTS,
    REGIONS,
    departement_of_insee,
    departement_of_postal_code,
)
from foxreviews.reference.naf import DIVISIONS, SECTIONS, label
from foxreviews.reference.register import CATEGORIES, LEGAL_FORMS
from foxreviews.search.engines.indexed import MAX_SORTED
from foxreviews.search.query.nodes import Counts
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.web.asked import Asked, Selection
from foxreviews.web.wording import day as in_words
from foxreviews.web.wording import employer, short, workforce

MAX_VALUES = 8  # of a facet
# The facets of the index, each with the parameter that sets one of its values
PARAMETERS = {
    "departement": "departement", "code_commune": "ville", "naf_code": "naf",
    "tranche_effectif": "tranche_effectif", "categorie_entreprise": "categorie_entreprise",
    "est_employeur": "est_employeur", "categorie_juridique": "categorie_juridique",
}  # fmt: skip
FOLDED = ("tranche_effectif", "categorie_entreprise", "est_employeur", "categorie_juridique")  # facets
ONE_VALUE = ("naf_section", "date_creation_min", "date_creation_max")  # of the filters: no commas
# Nomenclatures that have no English
IN_FRENCH = ("naf", "naf_section", "categorie_entreprise", "categorie_juridique")
NAMES: Mapping[str, Promise] = {
    "departement": gettext_lazy("Département"),
    "ville": gettext_lazy("Town"),
    "naf": gettext_lazy("Activity"),
    "tranche_effectif": gettext_lazy("Workforce"),
    "categorie_entreprise": gettext_lazy("Category"),
    "est_employeur": gettext_lazy("Employer"),
    "categorie_juridique": gettext_lazy("Legal form"),
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "region": REGIONS,
    "naf_section": SECTIONS,
    "naf": SECTIONS | DIVISIONS,
    "categorie_entreprise": CATEGORIES,
    "categorie_juridique": LEGAL_FORMS,
}


@dataclass(frozen=True)
class Choice:
    """A link to the same with one thing changed."""

    label: str
    url: str
    count: int | None = None
    is_chosen: bool = False
    is_french: bool = False


@dataclass(frozen=True)
class Facet:
    """A filter that is not set, with its most frequent values; folded where most visitors want another one."""

    name: Promise
    choices: list[Choice]
    is_folded: bool


def filters(selection: Selection) -> list[Choice]:
    """The values of the filters that are set, each with the same without it."""
    return [
        Choice(labelled(name, value), selection.without(name, value), is_french=name in IN_FRENCH)
        for name, text in selection.filters.items()
        for value in _values(name, text)
    ]


def _values(name: str, text: str) -> list[str]:
    return [text] if name in ONE_VALUE else list(filter(None, map(str.strip, text.split(","))))


def facets(asked: Asked, counts: Mapping[str, Counts]) -> list[Facet]:
    """The most frequent values of each filter that is not set."""
    found = []
    for facet, name in PARAMETERS.items():
        values = {value: count for value, count in counts.get(facet, {}).items() if value}
        if name in asked.filters or len(values) < 2:
            continue
        top = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_VALUES]
        labels = _labels(name, [value for value, _ in top])
        without = {"ordering": ""} if name in IN_INDEX_ORDER and "q" not in asked.values else {}
        choices = [
            Choice(labels[value], asked.url(**{name: value} | without), count, is_french=name in IN_FRENCH)
            for value, count in top
            if labels.get(value)
        ]
        if choices:
            found.append(Facet(NAMES[name], choices, is_folded=facet in FOLDED))
    return found


def orderings(asked: Asked, total: int | None) -> list[Choice]:
    """The orders that the list can have: of many results, and of what only the index lists, that of relevance."""
    if asked.is_in_index_order:
        return []
    names = {"nom": _("name, A to Z"), "-created_at": _("latest in the directory")}
    if "q" in asked.values:
        names = {RELEVANCE.name: _("relevance")} | names
        if total is None or total > MAX_SORTED:
            return []
    now = asked.window.ordering.name
    return [Choice(text, asked.url(ordering=name), is_chosen=name == now) for name, text in names.items()]


def labelled(name: str, value: str) -> str:
    """The value of a filter in words; one that has none as it is."""
    if name == "ville":
        town = Ville.objects.filter(Q(code_insee=value.upper()) | Q(slug=value.lower()))
        return short(next(iter(town.values_list("nom", flat=True)), value))
    if name.startswith("date_creation"):
        since = _("created since %(day)s") if name.endswith("min") else _("created until %(day)s")
        moment = parse_date(value)
        return since % {"day": in_words(moment) if moment else value}
    if name == "est_employeur":
        return employer(value.lower() in BooleanField.TRUE_VALUES)
    return _labels(name, [value.upper()]).get(value.upper()) or value


def _labels(name: str, values: Iterable[str]) -> dict[str, str]:
    if name == "ville":
        towns = Ville.objects.filter(code_insee__in=values).values_list("code_insee", "nom")
        return {code: short(nom) for code, nom in towns}
    if name == "departement":
        return {value: f"{DEPARTEMENTS[value].nom} ({value})" for value in values if value in DEPARTEMENTS}
    if name == "tranche_effectif":
        return {value: workforce(value) for value in values}
    if name == "est_employeur":
        return {value: employer(value == "true") for value in values}
    known = LABELS.get(name, {})
    return {value: known.get(value) or (label(value) if name == "naf" else "") for value in values}


def departement_of(name: str, value: str) -> str:
    """That a place is in; "" for several places, and for what is none."""
    if name == "departement":
        return value.upper()
    if name == "code_postal":
        return departement_of_postal_code(value)
    try:
        return departement_of_insee(communes(value)[0]) if name == "ville" else ""
    except InvalidParametersError:
        return ""
