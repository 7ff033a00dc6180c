"""Facets: how many of the companies found are in each département, town, trade, workforce band, and active or not."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import DIVISIONS, SECTIONS, section_of
from foxreviews.reference.register import BANDS
from foxreviews.search.query.types import Counts

MOST_TOWNS = 50  # the others are counted in no answer

# Of the API → of the index, and from a value of the index to one of the API
FACETS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "departement": ("departement", str),
    "ville": ("code_commune", str),
    "naf_section": ("naf_code", lambda code: section_of(code[:2])),
    "naf_division": ("naf_code", lambda code: code[:2]),
    "tranche_effectif": ("tranche_effectif", str),
    "is_active": ("is_active", str),
}

# What stands beside the results, for the OpenAPI schema
COUNTED_SCHEMA: Mapping[str, Any] = {
    "total": {
        "type": "integer",
        "nullable": True,
        "description": "How many there are; null where not counted.",
    },
    "engine": {
        "type": "string",
        "description": "What answered: tantivy, or postgres while the index is not ready.",
    },
    "facets": {
        "type": "object",
        "additionalProperties": {
            "type": "array",
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


def indexed(names: Collection[str]) -> set[str]:
    """The facets of the index that those of the API are made from."""
    return {FACETS[name][0] for name in names}


def shown(names: Collection[str], counts: Mapping[str, Counts]) -> dict[str, list[dict[str, Any]]]:
    """Each facet's values with label and count, the most frequent first; one query for the names of towns."""
    return {name: _values(name, counts[FACETS[name][0]]) for name in names}


def _values(name: str, counts: Counts) -> list[dict[str, Any]]:
    spelt, summed = FACETS[name][1], Counter[str]()
    for value, count in counts.items():
        if value:  # the register does not say
            summed[spelt(value)] += count
    top = sorted(summed.items(), key=lambda pair: (-pair[1], pair[0]))
    if name == "ville":
        top = top[:MOST_TOWNS]
    labels = _labels(name, [value for value, _ in top])
    return [{"value": value, "label": labels.get(value, ""), "count": count} for value, count in top]


def _labels(name: str, values: list[str]) -> Mapping[str, str]:
    if name == "ville":
        return dict(Ville.objects.filter(code_insee__in=values).values_list("code_insee", "nom"))
    return {
        "departement": {code: departement.nom for code, departement in DEPARTEMENTS.items()},
        "naf_section": SECTIONS,
        "naf_division": DIVISIONS,
        "tranche_effectif": {code: band.label for code, band in BANDS.items()},
        "is_active": {"true": "active", "false": "ceased"},
    }[name]
