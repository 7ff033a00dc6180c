"""Establishments as the API shows them, made from a row of `.values()`. A test holds both together."""

from rest_framework import serializers

from foxreviews.core.keyset import Row
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.names import names
from foxreviews.enterprise.privacy import MASK
from foxreviews.reference import naf

LINE = (("complement_adresse",), ("numero_voie", "type_voie", "libelle_voie"), ("distribution_speciale",))


class EtablissementSerializer(serializers.Serializer[Row]):
    """An establishment. Texts are empty where the register does not say."""

    siret = serializers.CharField(help_text="Fourteen digits.")
    siren = serializers.CharField(help_text="Of its company.")
    nom = serializers.CharField(help_text="Of its company; [ND] where that is hidden.")
    nom_commercial = serializers.CharField(
        help_text="What stands on it: its first sign, else its usual name."
    )
    enseignes = serializers.ListField(
        child=serializers.CharField(), help_text="All its signs and usual names."
    )
    est_siege = serializers.BooleanField(help_text="Whether it is the head office.")
    is_active = serializers.BooleanField(help_text="Whether it is open.")
    date_creation = serializers.DateField(allow_null=True)
    date_fermeture = serializers.DateField(allow_null=True, help_text="null while it is open.")
    adresse = serializers.CharField(help_text="In one line, without postal code and town.")
    complement_adresse = serializers.CharField()
    numero_voie = serializers.CharField(help_text="12 B; from one to another: 10 … 14 B.")
    type_voie = serializers.CharField()
    libelle_voie = serializers.CharField()
    distribution_speciale = serializers.CharField()
    localite = serializers.CharField(
        help_text="The former commune or part of the town that the address names."
    )
    code_postal = serializers.CharField()
    ville_nom = serializers.CharField(help_text="The city, also for a municipal district.")
    code_commune = serializers.CharField(allow_null=True, help_text="INSEE code.")
    departement = serializers.CharField()
    pays = serializers.CharField(help_text="Empty in France.")
    latitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    longitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    distance_km = serializers.FloatField(required=False, help_text="From `near`, where that is asked for.")
    naf_code = serializers.CharField(help_text="NAF rév. 2.")
    naf_libelle = serializers.CharField()
    naf25_code = serializers.CharField(help_text="NAF 2025.")
    naf25_libelle = serializers.CharField()
    naf_derived = serializers.ChoiceField([*Entreprise.Derived.choices, ("", "neither")])
    tranche_effectif = serializers.CharField(help_text="Workforce band of INSEE.")
    est_employeur = serializers.BooleanField(allow_null=True)
    statut_diffusion = serializers.ChoiceField(
        Entreprise.Diffusion.choices,
        help_text="O: public; P: partly public, without sign, street and position.",
    )


COLUMNS = {str(name): str(name) for name in EtablissementSerializer().fields} | {"code_commune": "ville_id"}
del COLUMNS["distance_km"]


def shown(row: Row, nom: str) -> Row:
    """An establishment in a list, from its whole row and the name of its company."""
    distance = {"distance_km": row["distance"] / 1000} if "distance" in row else {}
    made = {
        "nom": nom,
        "adresse": _line(row),
        "enseignes": [name.nom for name in names(row | {"nom": nom})[1:]],
        "naf_libelle": naf.label(row["naf_code"]),
        "naf25_libelle": naf.label(row["naf25_code"]),
    }
    whole = row | made
    if nom == MASK:
        whole |= dict.fromkeys(("adresse", "nom_commercial", *(part for parts in LINE for part in parts)), "")
        whole |= {"enseignes": [], "localite": "", "latitude": None, "longitude": None}
        distance = {}
    return {name: whole[column] for name, column in COLUMNS.items()} | distance


def _line(row: Row) -> str:
    parts = [" ".join(filter(None, (row[name] for name in names))) for names in LINE]
    return ", ".join(filter(None, (*parts, row["localite"], row["pays"])))
