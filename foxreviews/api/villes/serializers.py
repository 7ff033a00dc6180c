"""Towns as the API shows them.

The serializers say what an answer holds, for the schema; `shown` and `shown_in_detail` make it from a row of
`.values()`. A test holds them together.
"""

from collections.abc import Iterable

from rest_framework import serializers

from foxreviews.core.keyset import Row
from foxreviews.descriptions.facts import Town
from foxreviews.descriptions.shown import SOURCES, description
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS


class VilleSerializer(serializers.Serializer[Row]):
    """A commune, or a municipal district of Paris, Lyon or Marseille."""

    code_insee = serializers.CharField(help_text="Five characters: 69123, 2A004.")
    nom = serializers.CharField(help_text="The official name: Saint-Étienne, Paris 15e Arrondissement.")
    slug = serializers.CharField(help_text="The town's word in addresses; it does not change.")
    codes_postaux = serializers.ListField(
        child=serializers.CharField(), help_text="All of its postal codes; a city has those of its districts."
    )
    departement = serializers.CharField(help_text="Code of the département; empty for Monaco.")
    region = serializers.CharField(
        help_text="Code of the région (INSEE); empty overseas where there is none."
    )
    population = serializers.IntegerField(
        allow_null=True, help_text="Municipal population (INSEE); null where no source gives it."
    )
    latitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    longitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    commune = serializers.CharField(
        allow_null=True, help_text="For a municipal district, the INSEE code of its city; null otherwise."
    )


class ArrondissementSerializer(serializers.Serializer[Row]):
    """A municipal district, in its city."""

    code_insee = serializers.CharField()
    nom = serializers.CharField()
    slug = serializers.CharField()


class VilleDetailSerializer(VilleSerializer):
    """A town by itself, with the names of its codes and its municipal districts."""

    departement_nom = serializers.CharField()
    region_nom = serializers.CharField()
    arrondissements = ArrondissementSerializer(
        many=True, help_text="Municipal districts, first to last; only in Paris, Lyon and Marseille."
    )
    description = serializers.CharField(help_text="One to three French sentences that state what is above.")
    description_source = serializers.ChoiceField(SOURCES)


COLUMNS = {str(name): str(name) for name in VilleSerializer().fields} | {"commune": "commune_id"}


def shown(row: Row) -> Row:
    """A town in a list, from its row."""
    return {name: row[column] for name, column in COLUMNS.items()}


def shown_in_detail(row: Row, arrondissements: Iterable[Row]) -> Row:
    """A town by itself, from its row and those of its districts."""
    departement = DEPARTEMENTS.get(row["departement"])
    return shown(row) | {
        "departement_nom": departement.nom if departement else "",
        "region_nom": REGIONS.get(row["region"], ""),
        "arrondissements": list(arrondissements),
        **description(Town.of(row)),
    }
