"""The query parameters of /api/villes/."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from foxreviews.api.params import FieldsParams, PlaceParams, text
from foxreviews.api.villes.serializers import COLUMNS
from foxreviews.reference.text import fold


class VilleParams(PlaceParams, FieldsParams):
    """The parameters of a list of towns."""

    columns = tuple(COLUMNS)

    q = text(
        100,
        "Name of the town or its beginning, with or without accents, hyphens and capitals: `st etienne` finds "
        "Saint-Étienne, `lyon 3e` the district. Its département, région or postal code may follow: `st denis 93`. "
        "With fewer than ten answers, names that differ by a typo follow: `marseile`. While the search index is "
        "not ready, a beginning without typos finds towns.",
    )

    def validate_q(self, value: str) -> str:
        if not fold(value):
            raise serializers.ValidationError(_("It has no letter or digit."))
        return value
