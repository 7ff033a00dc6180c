"""The query parameters of /api/villes/."""

from rest_framework import serializers

from foxreviews.api.params import PlaceParams, text
from foxreviews.reference.geography import REGIONS
from foxreviews.reference.text import fold


class VilleParams(PlaceParams):
    """The parameters of a list of towns."""

    q = text(
        100,
        "Name of the town or its beginning, with or without accents, hyphens and capitals: `st etienne` finds "
        "Saint-Étienne, `lyon 3e` the district. Its département, région or postal code may follow: `st denis 93`. "
        "With fewer than ten answers, names that differ by a typo follow: `marseile`. While the search index is "
        "not ready, a beginning without typos finds towns.",
    )
    region = text(40, "Code of the région (INSEE): 11, 84.")

    def validate_q(self, value: str) -> str:
        if not fold(value):
            raise serializers.ValidationError("It has no letter or digit.")
        return value

    def validate_region(self, value: str) -> str:
        if value not in REGIONS:
            raise serializers.ValidationError(
                f"{value} is not the code of a région: {', '.join(REGIONS)} are."
            )
        return value
