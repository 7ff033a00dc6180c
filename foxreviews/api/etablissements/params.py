"""The query parameters of the lists of establishments."""

from rest_framework import serializers

from foxreviews.api.entreprises.params import EntrepriseParams, FacetsParams
from foxreviews.api.params import NearParams, PlaceParams, QueryField, Several, text
from foxreviews.reference.naf import Beginnings


class OfEntrepriseParams(PlaceParams):
    """The filters of the establishments of one company."""

    est_siege = serializers.BooleanField(
        required=False,
        help_text="true: head offices; false: the others.",
        error_messages={"invalid": "It is true or false."},
    )
    is_active = serializers.BooleanField(
        required=False,
        help_text="true: open ones; false: closed ones.",
        error_messages={"invalid": "It is true or false."},
    )


class EtablissementParams(OfEntrepriseParams, NearParams, FacetsParams):
    """The parameters of a list of establishments."""

    q = QueryField(
        required=False,
        allow_blank=True,
        help_text="Sign, name of the company, town, trade and address in any order: the establishments of the "
        "companies found that have the most of its words.",
    )
    siren = serializers.RegexField(
        r"\A[0-9]{9}\Z",
        required=False,
        help_text="Of this company.",
        error_messages={"invalid": "A SIREN has nine digits."},
    )
    ville = text(120, "Slug or INSEE code of the town. A city has its districts with it.")
    naf = Several("Code of NAF rév. 2 or NAF 2025, or its beginning; a section of rév. 2.")

    def validate_naf(self, values: list[str]) -> Beginnings:
        return EntrepriseParams().validate_naf(values)
