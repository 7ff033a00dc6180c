"""The query parameters of /api/villes/, and the towns that they let through."""

from typing import Any

from rest_framework import serializers

from foxreviews.api.params import Params, code, text
from foxreviews.location.models import Ville, VilleQuerySet
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.reference.text import fold


class VilleParams(Params):
    """What a list of towns can be asked for."""

    q = text(
        100,
        "Beginning of the name, accents and capitals aside: `st etienne` finds Saint-Étienne. Unless "
        "`ordering` says otherwise, the town of exactly that name comes first, then the most populous.",
    )
    departement = text(3, "Code of the département: 01, 2A, 75, 974.")
    region = text(2, "Code of the région (INSEE): 11, 84.")
    code_postal = code("[0-9]{5}", "A postal code has five digits.", "Postal code, five digits.")

    def validate_q(self, value: str) -> str:
        if not fold(value):
            raise serializers.ValidationError("It has no letter or digit to search by.")
        return value

    def validate_departement(self, value: str) -> str:
        if value.upper() not in DEPARTEMENTS:
            raise serializers.ValidationError(
                f"{value} is not the code of a département: 01, 2A, 75, 974 are."
            )
        return value.upper()

    def validate_region(self, value: str) -> str:
        if value not in REGIONS:
            raise serializers.ValidationError(
                f"{value} is not the code of a région: {', '.join(REGIONS)} are."
            )
        return value


def towns(params: dict[str, Any]) -> VilleQuerySet:
    """The towns that pass the filters of validated parameters."""
    found = Ville.objects.all()
    if "q" in params:
        found = found.beginning_with(params["q"])
    if "code_postal" in params:
        found = found.delivered_under(params["code_postal"])
    return found.filter(**{name: params[name] for name in ("departement", "region") if name in params})
