"""The query parameters of the lists of establishments."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from foxreviews.api.entreprises.facets import OF_COMPANIES
from foxreviews.api.entreprises.params import EntrepriseParams, FacetsParams
from foxreviews.api.etablissements.serializers import EtablissementSerializer
from foxreviews.api.params import (
    MAX_NUMBERS,
    MAX_TOWNS,
    TRUE_OR_FALSE,
    FieldsParams,
    NearParams,
    PlaceParams,
    QueryField,
    RegisterParams,
    Several,
    numbers,
)
from foxreviews.core.messages import say
from foxreviews.reference.naf import Beginnings


class OfEntrepriseParams(PlaceParams):
    """The filters of the establishments of one company."""

    est_siege = serializers.BooleanField(
        required=False,
        help_text="true: head offices; false: the others.",
        error_messages={"invalid": TRUE_OR_FALSE},
    )
    is_active = serializers.BooleanField(
        required=False,
        help_text="true: open ones; false: closed ones.",
        error_messages={"invalid": TRUE_OR_FALSE},
    )


class EtablissementParams(OfEntrepriseParams, RegisterParams, NearParams, FacetsParams, FieldsParams):
    """The parameters of a list of establishments."""

    columns = tuple(map(str, EtablissementSerializer().fields))

    q = QueryField(
        required=False,
        allow_blank=True,
        help_text="Sign, name of the company, town, trade and address in any order: the establishments of the "
        "companies found that have the most of its words.",
    )
    siren = Several("Of the company with this SIREN, nine digits.", MAX_NUMBERS)
    siret = Several("SIRET, fourteen digits.", MAX_NUMBERS)
    est_employeur = serializers.BooleanField(
        required=False,
        help_text="true: those with employees; false: without. Of many the register does not say it.",
        error_messages={"invalid": TRUE_OR_FALSE},
    )
    ville = Several(
        "Slug or INSEE code of the town. A city has its districts with it.", MAX_TOWNS, longest=120
    )
    naf = Several("Code of NAF rév. 2 or NAF 2025, or its beginning; a section of rév. 2.")

    def validate_siren(self, values: list[str]) -> tuple[str, ...]:
        return numbers(values, "SIREN", 9)

    def validate_siret(self, values: list[str]) -> tuple[str, ...]:
        return numbers(values, "SIRET", 14)

    def validate_facets(self, value: str) -> tuple[str, ...]:
        names = super().validate_facets(value)
        for name in names:
            if name in OF_COMPANIES:
                sentence = _("{name} is a facet of companies: ask /api/entreprises/.")
                raise serializers.ValidationError(say(sentence, name=name))
        return names

    def validate_naf(self, values: list[str]) -> Beginnings:
        return EntrepriseParams().validate_naf(values)
