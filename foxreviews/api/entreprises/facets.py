"""Facets: how many of the companies found are in each département, town, trade, workforce band, and active or not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.reference.naf import DIVISIONS, NAF, NAF25, SECTIONS, SECTIONS25, levels
from foxreviews.reference.register import BANDS, CATEGORIES, LEGAL_FORMS
from foxreviews.search.query.nodes import Counts

MAX_TOP = 50  # towns and trades


@dataclass(frozen=True)
class Facet:
    """A facet of the API: the one of the index that it is made from, and the labels of its values."""

    index_name: str
    labels: Mapping[str, str] | None = None  # None: towns, whose names are in the database
    values: Mapping[str, str] | None = None  # of the API, by those of the index; None where they are the same
    most: int | None = None  # the most frequent; the others are counted in no answer


def _level(codes: Iterable[str], name: str) -> dict[str, str]:
    """What each code is in. Answers ask for some 900 codes: 4 ms to find out each time."""
    return {code: str(getattr(levels(code), name)) for code in codes}


# The table of NAF 2025 has no labels of divisions.
FACETS: Mapping[str, Facet] = {
    "departement": Facet("departement", {code: found.nom for code, found in DEPARTEMENTS.items()}),
    "ville": Facet("code_commune", most=MAX_TOP),
    "naf": Facet("naf_code", NAF, most=MAX_TOP),
    "naf25": Facet("naf25_code", NAF25, most=MAX_TOP),
    "naf_section": Facet("naf_code", SECTIONS, _level(NAF, "section")),
    "naf_division": Facet("naf_code", DIVISIONS, _level(NAF, "division")),
    "naf25_section": Facet("naf25_code", SECTIONS25, _level(NAF25, "section")),
    "naf25_division": Facet("naf25_code", {}, _level(NAF25, "division")),
    "tranche_effectif": Facet("tranche_effectif", {code: band.label for code, band in BANDS.items()}),
    "is_active": Facet("is_active", {"true": "active", "false": "ceased"}),
    "region": Facet("departement", REGIONS, {code: found.region for code, found in DEPARTEMENTS.items()}),
    "categorie_juridique": Facet("categorie_juridique", LEGAL_FORMS),
    "annee_creation": Facet("annee_creation", {}),
    "categorie_entreprise": Facet("categorie_entreprise", CATEGORIES),
    "est_employeur": Facet("est_employeur", {"true": "with employees", "false": "without employees"}),
}
# that lists of establishments have not
OF_COMPANIES = ("categorie_juridique", "annee_creation", "categorie_entreprise", "est_employeur")

# The counts that come with the results, for the OpenAPI schema
COUNTED_SCHEMA: Mapping[str, Any] = {
    "total": {
        "type": ["integer", "null"],
        "description": "How many there are; null where not counted, because PostgreSQL, answering while the index is "
        "not ready, has no time left.",
    },
    "engine": {
        "type": "string",
        "description": "What answered: tantivy or opensearch, as SEARCH_ENGINE says; postgres while the index is not "
        "ready, or where SEARCH_ENGINE says so.",
    },
    "dropped": {
        "type": "array",
        "items": {"type": "string"},
        "description": "With `q`: words and a postal code that some results of this page lack, because hardly any "
        "company has all.",
    },
    "facets": {
        "type": "object",
        "description": "A facet is null where it was not counted: see `total`.",
        "additionalProperties": {
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "required": ["value", "label", "count"],
                "properties": {
                    "value": {"type": "string"},
                    "label": {"type": "string"},
                    "count": {"type": "integer"},
                },
            },
        },
    },
}


def indexed(names: Collection[str]) -> list[str]:
    """The facets of the index that those of the API are made from, in their order: the first are counted first."""
    return list(dict.fromkeys(FACETS[name].index_name for name in names))


def shown(names: Collection[str], counts: Mapping[str, Counts]) -> dict[str, list[dict[str, Any]] | None]:
    """Each facet's values with label and count, the most frequent first; one query for the names of towns.

    None of a facet that was not counted.
    """
    return {name: _values(FACETS[name], counts.get(FACETS[name].index_name)) for name in names}


def _values(facet: Facet, counts: Counts | None) -> list[dict[str, Any]] | None:
    if counts is None:
        return None
    summed: dict[str, int] = {}
    values = facet.values
    for value, count in counts.items():
        shown = value if values is None else values.get(value, "")
        summed[shown] = summed.get(shown, 0) + count
    summed.pop("", None)  # the register does not say
    top = sorted(summed.items(), key=lambda pair: (-pair[1], pair[0]))
    top, labels = top[: facet.most], facet.labels
    if labels is None:
        towns = Ville.objects.filter(code_insee__in=[code for code, _ in top])
        labels = dict(towns.values_list("code_insee", "nom"))
    return [{"value": value, "label": labels.get(value, ""), "count": count} for value, count in top]
