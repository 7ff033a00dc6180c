"""The query parameters of /api/entreprises/, and the filters that they ask for."""

import re
from typing import Any

from rest_framework import serializers

from foxreviews.api.entreprises.facets import FACETS
from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.params import Params, QueryField, code, text
from foxreviews.location.models import Ville
from foxreviews.reference import naf
from foxreviews.reference.geography import DEPARTEMENTS, INSEE_CODE, MUNICIPAL_DISTRICTS
from foxreviews.reference.text import town_key
from foxreviews.search.query.types import Filters

_NAF_BEGINNING = re.compile(r"([0-9]{2})\.?([0-9]{0,2})")


class EntrepriseParams(Params):
    """What a list of companies can be asked for."""

    q = QueryField(
        required=False,
        allow_blank=True,  # search.query.parse says it better
        help_text="Name, town, trade and address in any order, typos included; a SIREN or SIRET in any spacing; a "
        "postal or NAF code. At most 16 words.",
    )
    facets = serializers.CharField(
        required=False,
        help_text=f"Counts beside the results, several with commas: {', '.join(FACETS)}.",
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
    code_postal = code("[0-9]{5}", "A postal code has five digits.", "Postal code, five digits.")
    departement = text(40, "Code of the département: 01, 2A, 75, 974.")
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

    def validate_departement(self, value: str) -> str:
        if value.upper() not in DEPARTEMENTS:
            raise serializers.ValidationError(
                f"{value} is not the code of a département: 01, 2A, 75, 974 are."
            )
        return value.upper()

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


def filters(params: dict[str, Any]) -> Filters:
    """The filters of validated parameters; one query for a town by name or slug.

    Raises InvalidParametersError where no town has the slug.
    """
    return Filters(
        villes=_communes(params["ville"]) if "ville" in params else (),
        ville_noms=_town_names(params["ville_nom"]) if "ville_nom" in params else (),
        code_postal=params.get("code_postal", ""),
        departement=params.get("departement", ""),
        naf=params.get("naf", ()),
        is_active=params.get("is_active"),
    )


def _town_names(name: str) -> tuple[str, ...]:
    """The towns whose names have one key with `name`, and itself: a company's town may be no Ville."""
    known = Ville.objects.filter(nom_recherche=town_key(name)).values_list("nom", flat=True)
    return tuple(sorted({name, *known}))


def _communes(ville: str) -> tuple[str, ...]:
    """The INSEE code of the town, and of its districts."""
    insee = ville.upper()
    if not INSEE_CODE.fullmatch(insee):
        insee = Ville.objects.filter(slug=ville.lower()).values_list("code_insee", flat=True).first() or ""
    if not insee:
        raise InvalidParametersError(
            {"ville": [f"No town has the slug or INSEE code {ville}: look it up at /api/villes/?q={ville}"]}
        )
    return (insee, *(district for district, city in MUNICIPAL_DISTRICTS.items() if city == insee))
