"""The query parameters of the lists of establishments."""

from typing import Any

from rest_framework import serializers

from foxreviews.api.entreprises.params import EntrepriseParams
from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.params import PlaceParams, Several, text
from foxreviews.enterprise.etablissements import MAX_RADIUS_KM
from foxreviews.enterprise.grid import Point
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


class EtablissementParams(OfEntrepriseParams):
    """The parameters of a list of establishments."""

    siren = serializers.RegexField(
        r"\A[0-9]{9}\Z",
        required=False,
        help_text="Of this company.",
        error_messages={"invalid": "A SIREN has nine digits."},
    )
    ville = text(120, "Slug or INSEE code of the town. A city has its districts with it.")
    naf = Several("Code of NAF rév. 2 or NAF 2025, or its beginning; a section of rév. 2.")
    near = text(40, "Latitude and longitude in degrees: 48.8566,2.3522. The nearest come first.")
    radius_km = serializers.FloatField(
        required=False,
        min_value=0.01,
        max_value=MAX_RADIUS_KM,
        help_text=f"How far from `near`, at most {MAX_RADIUS_KM:.0f} km; 5 unless it is given.",
    )

    def validate_naf(self, values: list[str]) -> Beginnings:
        return EntrepriseParams().validate_naf(values)

    def validate_near(self, value: str) -> Point:
        try:
            latitude, longitude = map(float, value.split(","))
        except ValueError:
            latitude = longitude = float("nan")
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise serializers.ValidationError(
                "It is a latitude and a longitude in degrees, with a comma between them: 48.8566,2.3522."
            )
        return Point(latitude, longitude)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "radius_km" in attrs and "near" not in attrs:
            raise InvalidParametersError(
                {"radius_km": ["It needs `near`, the point that it is measured from."]}
            )
        return attrs
