"""The query parameters of /api/entreprises/."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from foxreviews.api.entreprises.facets import FACETS
from foxreviews.api.entreprises.serializers import FoundEntrepriseSerializer
from foxreviews.api.params import (
    MAX_NUMBERS,
    MAX_TOWNS,
    TRUE_OR_FALSE,
    FieldsParams,
    NearParams,
    Params,
    PlaceParams,
    QueryField,
    RegisterParams,
    Several,
    numbers,
    text,
)
from foxreviews.core.messages import say
from foxreviews.reference import naf
from foxreviews.reference.naf import Beginnings
from foxreviews.reference.register import CATEGORIES


class FacetsParams(Params):
    """Counts that come with a list."""

    facets = serializers.CharField(
        required=False,
        help_text=f"Counts over all results, several with commas: {', '.join(FACETS)}.",
    )

    def validate_facets(self, value: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(filter(None, value.split(","))))
        for name in names:
            if name not in FACETS:
                sentence = _("{name} is not a facet: {known} are.")
                raise serializers.ValidationError(say(sentence, name=name, known=", ".join(FACETS)))
        return names


NO_NAF = _("{value} is neither a NAF code nor the beginning of one: 62.01Z, 6201Z, 62.0, 62, J are.")

# PostgreSQL has no index for these: the search index answers, in its own order.
IN_INDEX_ORDER = (
    "categorie_juridique",
    "tranche_effectif",
    "categorie_entreprise",
    "est_employeur",
    "date_creation_min",
    "date_creation_max",
)


class EntrepriseFilters(PlaceParams, RegisterParams):
    """The filters of companies that the search index has."""

    categorie_juridique = Several("Legal form, INSEE level III, or its beginning: 5710, 57, 1.")
    categorie_entreprise = Several(
        f"Category of INSEE, of the whole group that the company is part of: {', '.join(CATEGORIES)}."
    )
    est_employeur = serializers.BooleanField(
        required=False,
        help_text="true: companies of which an open establishment has employees; false: of which none has. Where the "
        "register does not say it, a company is neither.",
        error_messages={"invalid": TRUE_OR_FALSE},
    )
    ville_nom = text(
        100,
        "Name of the town, with or without accents and capitals: Saint-Étienne, saint etienne. A name of a part of it, "
        "or of a former commune, finds the town: Juan-les-Pins.",
    )
    ville = Several(
        "Slug or INSEE code of the town, or INSEE code of a former commune. A city has its districts with it.",
        MAX_TOWNS,
        longest=120,
    )
    naf = Several(
        "Code of NAF rév. 2 or NAF 2025, or its beginning (62.01Z, 62.10Y, 6210Y, 62.1, 62); a section of rév. 2 (J).",
    )
    naf_section = text(1, "Section of NAF rév. 2: J.")
    naf25_section = text(1, "Section of NAF 2025, whose letters are other ones from J on: K.")
    is_active = serializers.BooleanField(
        required=False,
        help_text="true: active companies; false: ceased ones.",
        error_messages={"invalid": TRUE_OR_FALSE},
    )

    def validate_categorie_juridique(self, values: list[str]) -> tuple[str, ...]:
        for value in values:
            if not (len(value) <= len("5710") and value.isascii() and value.isdigit()):
                sentence = _("{value} is neither a legal form nor the beginning of one: 5710, 57, 1 are.")
                raise serializers.ValidationError(say(sentence, value=value))
        return tuple(values)

    def validate_categorie_entreprise(self, values: list[str]) -> tuple[str, ...]:
        for value in values:
            if value.upper() not in CATEGORIES:
                sentence = _("{value} is no category of companies: {known} are.")
                raise serializers.ValidationError(say(sentence, value=value, known=", ".join(CATEGORIES)))
        return tuple(dict.fromkeys(map(str.upper, values)))

    def validate_naf(self, values: list[str]) -> Beginnings:
        asked = Beginnings()
        for value in values:
            found = naf.section(value.upper()) or naf.beginning(value.upper())
            if found is None:
                raise serializers.ValidationError(say(NO_NAF, value=value))
            asked |= found
        return asked

    def validate_naf_section(self, value: str) -> Beginnings:
        return _known(naf.section(value.upper()), value, "NAF rév. 2", naf.SECTIONS)

    def validate_naf25_section(self, value: str) -> Beginnings:
        return _known(naf.section25(value.upper()), value, "NAF 2025", naf.SECTIONS25)


class EntrepriseParams(EntrepriseFilters, NearParams, FacetsParams, FieldsParams):
    """The parameters of a list of companies."""

    columns = tuple(map(str, FoundEntrepriseSerializer().fields))

    q = QueryField(
        required=False,
        allow_blank=True,  # search.query.parse refuses it with a code of its own
        help_text="Name, town, trade and address in any order, typos included; a SIREN, SIRET or VAT number "
        "among them or alone; a postal or NAF code. At most 16 words.",
    )
    explain = serializers.BooleanField(
        required=False,
        help_text="true: each result of `q` says why it matches.",
        error_messages={"invalid": TRUE_OR_FALSE},
    )
    siren = Several("SIREN, nine digits.", MAX_NUMBERS)

    def validate_siren(self, values: list[str]) -> tuple[str, ...]:
        return numbers(values, "SIREN", 9)


def _known(found: Beginnings | None, value: str, nomenclature: str, sections: Iterable[str]) -> Beginnings:
    if found is None:
        sentence = _("{value} is no section of {nomenclature}: {known} are.")
        known = ", ".join(sections)
        raise serializers.ValidationError(say(sentence, value=value, nomenclature=nomenclature, known=known))
    return found
