"""Companies as the API shows them.

The serializers say what an answer holds, for the schema; `shown` and `shown_in_detail` make it from a row of
`.values()`, in 1 µs where a ModelSerializer takes 47 µs. A test holds them together.
"""

from rest_framework import serializers

from foxreviews.core.keyset import Row
from foxreviews.descriptions.facts import Company
from foxreviews.descriptions.shown import SOURCES, description
from foxreviews.enterprise.models import AncienNom, Entreprise
from foxreviews.enterprise.names import Kind
from foxreviews.enterprise.privacy import is_hidden, masked
from foxreviews.reference import naf
from foxreviews.reference.register import BANDS, CATEGORIES, LEGAL_FORMS
from foxreviews.search.query.explain import HOW
from foxreviews.search.query.ranking import Tier


class EntrepriseSerializer(serializers.Serializer[Row]):
    """A company in a list. Texts are empty where the register does not say."""

    siren = serializers.CharField(help_text="Nine digits.")
    siret = serializers.CharField(help_text="Fourteen digits: the head office.")
    nom = serializers.CharField(
        help_text="[ND] where the company is hidden: a natural person who is not public."
    )
    nom_commercial = serializers.CharField()
    adresse = serializers.CharField()
    code_postal = serializers.CharField()
    ville_nom = serializers.CharField(help_text="The city, also for a municipal district.")
    code_commune = serializers.CharField(
        allow_null=True, help_text="INSEE code of the commune or municipal district."
    )
    departement = serializers.CharField()
    naf_code = serializers.CharField(help_text="NAF rév. 2, with its dot: 62.01Z.")
    naf_libelle = serializers.CharField()
    naf25_code = serializers.CharField(help_text="NAF 2025, the reference from 2027 on: 62.10Y.")
    naf25_libelle = serializers.CharField()
    naf_derived = serializers.ChoiceField(
        [*Entreprise.Derived.choices, ("", "neither")],
        help_text="The code that no source gave, and that follows from the other: naf_code or naf25_code; or empty.",
    )
    categorie_juridique = serializers.CharField(help_text="Legal form, INSEE level III: 5710.")
    tranche_effectif = serializers.CharField(help_text="Workforce band of INSEE: NN, 00, 01 … 53.")
    categorie_entreprise = serializers.CharField(
        help_text="PME, ETI or GE: the category of INSEE, of the whole group that the company is part of."
    )
    est_employeur = serializers.BooleanField(
        allow_null=True,
        help_text="Whether an open establishment has employees; null: the register does not say.",
    )
    date_creation = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()
    statut_diffusion = serializers.ChoiceField(
        Entreprise.Diffusion.choices, help_text="O: public; P: partly public."
    )
    latitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    longitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    telephone = serializers.CharField()
    email = serializers.CharField()
    site_web = serializers.CharField()
    created_at = serializers.DateTimeField(help_text="When the directory first had it, UTC.")
    updated_at = serializers.DateTimeField(help_text="When the directory last changed it, UTC.")


class WordMatchSerializer(serializers.Serializer[Row]):
    """How a typed word matches."""

    word = serializers.CharField(help_text="As it is looked for: capitals without accents.")
    field = serializers.CharField(help_text="Where it was found.")
    found = serializers.CharField(help_text="The word found there.")
    how = serializers.ChoiceField(HOW)


class MatchSerializer(serializers.Serializer[Row]):
    """Why a company was found."""

    tier = serializers.ChoiceField([tier.label for tier in Tier], help_text="Best: exact; last: most.")
    words = WordMatchSerializer(many=True)


class FoundEntrepriseSerializer(EntrepriseSerializer):
    """A company in a list; in the answer to `q` with the name that matches, and with `explain` why it matches."""

    nom_highlighted = serializers.CharField(required=False, help_text="HTML: <mark> around the words found.")
    matched_name = serializers.CharField(
        required=False, help_text="The name with the words found, empty where none has any."
    )
    matched_name_kind = serializers.ChoiceField(
        [*Kind, ""], required=False, help_text="What kind of name it is."
    )
    matched_siret = serializers.CharField(
        required=False,
        help_text="The open establishment, not the head office, by whose sign or town it was found; else empty.",
    )
    distance_km = serializers.FloatField(
        required=False, help_text="Of the head office from `near`, with `near`."
    )
    match = MatchSerializer(required=False)


class VilleOfEntrepriseSerializer(serializers.Serializer[Row]):
    """The commune or municipal district of a company."""

    code_insee = serializers.CharField()
    nom = serializers.CharField()
    slug = serializers.CharField()


class AncienNomSerializer(serializers.Serializer[Row]):
    """A name that a company had and has no more."""

    nom = serializers.CharField()
    nature = serializers.ChoiceField(AncienNom.Nature.choices, help_text="What kind of name it is.")
    date_debut = serializers.DateField(allow_null=True, help_text="null: not known.")
    date_fin = serializers.DateField()


class EntrepriseDetailSerializer(EntrepriseSerializer):
    """A company with the labels of its codes, and its town where the directory has it."""

    categorie_juridique_libelle = serializers.CharField()
    tranche_effectif_libelle = serializers.CharField()
    categorie_entreprise_libelle = serializers.CharField()
    ville = VilleOfEntrepriseSerializer(allow_null=True)
    anciens_noms = AncienNomSerializer(many=True, help_text="The latest first; none where it is hidden.")
    doublon_de = serializers.CharField(help_text="The SIREN to use instead, where this one is a double.")
    description = serializers.CharField(help_text="One to four French sentences that state what is above.")
    description_source = serializers.ChoiceField(SOURCES)


COLUMNS = {str(name): str(name) for name in EntrepriseSerializer().fields} | {"code_commune": "ville_id"}


def shown(row: Row) -> Row:
    """A company in a list, from its whole row."""
    seen = masked(row) | {"naf25_libelle": naf.label(row["naf25_code"])}
    distance = {"distance_km": row["distance"] / 1000} if "distance" in row else {}
    return {name: seen[column] for name, column in COLUMNS.items()} | distance


def shown_in_detail(row: Row) -> Row:
    """A company by itself, from its whole row as `company_with_town` gives it."""
    band = BANDS.get(row["tranche_effectif"])
    town = None
    if row["town_slug"] is not None:
        town = {"code_insee": row["ville_id"], "nom": row["town_nom"], "slug": row["town_slug"]}
    return shown(row) | {
        "categorie_juridique_libelle": LEGAL_FORMS.get(row["categorie_juridique"], ""),
        "tranche_effectif_libelle": band.label if band else "",
        "categorie_entreprise_libelle": CATEGORIES.get(row["categorie_entreprise"], ""),
        "ville": town,
        "anciens_noms": [] if is_hidden(row) else row["anciens_noms"],
        "doublon_de": row["doublon_de"],
        **description(Company.of(row)),
    }
