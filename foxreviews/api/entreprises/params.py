"""The query parameters of /api/entreprises/."""

import re

from rest_framework import serializers

from foxreviews.api.entreprises.facets import FACETS
from foxreviews.api.params import PlaceParams, QueryField, text
from foxreviews.reference import naf

_NAF_BEGINNING = re.compile(r"([0-9]{2})\.?([0-9]{0,2})")


class EntrepriseParams(PlaceParams):
    """The parameters of a list of companies."""

    q = QueryField(
        required=False,
        allow_blank=True,  # search.query.parse refuses it with a code of its own
        help_text="Name, town, trade and address in any order, typos included; a SIREN or SIRET in any spacing; a "
        "postal or NAF code. At most 16 words.",
    )
    facets = serializers.CharField(
        required=False,
        help_text=f"Counts over all results, several with commas: {', '.join(FACETS)}.",
    )
    explain = serializers.BooleanField(
        required=False,
        help_text="true: each result of `q` says why it matches.",
        error_messages={"invalid": "It is true or false."},
    )
    ville_nom = text(
        100, "Name of the town, with or without accents and capitals: Saint-Étienne, saint etienne."
    )
    ville = text(120, "Slug or INSEE code of the town. A city has its districts with it.")
    naf = text(8, "NAF code or its beginning (62.01Z, 6201Z, 62.0, 62), or a section (J).")
    is_active = serializers.BooleanField(
        required=False,
        help_text="true: active companies; false: ceased ones.",
        error_messages={"invalid": "It is true or false."},
    )

    def validate_facets(self, value: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(filter(None, value.split(","))))
        for name in names:
            if name not in FACETS:
                raise serializers.ValidationError(f"{name} is not a facet: {', '.join(FACETS)} are.")
        return names

    def validate_naf(self, value: str) -> tuple[str, ...]:
        beginnings = _naf_beginnings(value.upper())
        if not beginnings:
            raise serializers.ValidationError(
                f"{value} is neither a NAF code nor the beginning of one: 62.01Z, 6201Z, 62.0, 62, J are."
            )
        return beginnings


def _naf_beginnings(value: str) -> tuple[str, ...]:
    if value in naf.SECTIONS:
        return tuple(division for division in naf.DIVISIONS if naf.section_of(division) == value)
    if full := naf.normalise(value):
        return (full,)
    shape = _NAF_BEGINNING.fullmatch(value)
    if shape is None:
        return ()
    return (f"{shape[1]}.{shape[2]}" if shape[2] else shape[1],)
