"""What is reconciled: companies, establishments, towns and activities; each by its id, which says what it is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foxreviews.api.entreprises.serializers import COLUMNS as OF_ENTREPRISES
from foxreviews.api.entreprises.serializers import shown as shown_entreprise
from foxreviews.api.etablissements.serializers import COLUMNS as OF_ETABLISSEMENTS
from foxreviews.api.etablissements.views import shown_with_names
from foxreviews.enterprise.by_siren import companies_by_siren, establishments_by_siret
from foxreviews.location.models import Ville
from foxreviews.reference import naf

ENTREPRISE, ETABLISSEMENT, VILLE, ACTIVITE = "entreprise", "etablissement", "ville", "activite"
TYPES: Mapping[str, str] = {
    ENTREPRISE: "Entreprise (SIREN)",
    ETABLISSEMENT: "Établissement (SIRET)",
    VILLE: "Ville (code INSEE)",
    ACTIVITE: "Activité (code NAF)",
}
# What a query may say of an entity: its name in a list, and that of a record (matching.record.FIELDS)
PROPERTIES: Mapping[str, tuple[str, str]] = {
    "ville": ("Ville", "ville_nom"),
    "code_postal": ("Code postal", "code_postal"),
    "adresse": ("Adresse", "adresse"),
    "departement": ("Département", "departement"),
    "code_commune": ("Code INSEE de la commune", "code_commune"),
    "activite": ("Activité : code NAF ou libellé", "naf_code"),
    "enseigne": ("Enseigne", "nom_commercial"),
    "siren": ("SIREN", "siren"),
    "siret": ("SIRET", "siret"),
    "tva": ("Numéro de TVA", "tva"),
}
# What may be fetched of an entity, by the names of /api/entreprises/ and /api/etablissements/
EXTENSIONS: Mapping[str, str] = {
    "nom": "Nom",
    "siren": "SIREN",
    "siret": "SIRET",
    "nom_commercial": "Nom commercial",
    "adresse": "Adresse",
    "code_postal": "Code postal",
    "ville_nom": "Ville",
    "departement": "Département",
    "naf_code": "Code NAF rév. 2",
    "naf_libelle": "Activité",
    "naf25_code": "Code NAF 2025",
    "categorie_juridique": "Catégorie juridique",
    "tranche_effectif": "Tranche d'effectif",
    "categorie_entreprise": "Catégorie d'entreprise",
    "est_employeur": "Employeur",
    "date_creation": "Date de création",
    "is_active": "En activité",
    "population": "Population",
}
# Those that entities of a type have
OF_TYPES: Mapping[str, Collection[str]] = {
    ENTREPRISE: OF_ENTREPRISES,
    ETABLISSEMENT: OF_ETABLISSEMENTS,
    VILLE: ("nom", "code_postal", "departement", "population"),
    ACTIVITE: ("nom", "naf_code"),
}


@dataclass(frozen=True)
class Entity:
    """Something by its id, with what is known of it, as the API shows it."""

    id: str
    type: str
    name: str
    detail: str
    values: Mapping[str, Any]


def type_of(identifier: str) -> str:
    """What an id names: by its form."""
    if identifier.isascii() and identifier.isdigit() and len(identifier) in (9, 14):
        return ENTREPRISE if len(identifier) == 9 else ETABLISSEMENT
    return ACTIVITE if "." in identifier else VILLE


def entities(identifiers: Iterable[str]) -> dict[str, Entity]:
    """Those of the ids that there are, by a statement for each type. What is hidden is masked."""
    of_type: dict[str, list[str]] = {each: [] for each in TYPES}
    for identifier in filter(str.isprintable, dict.fromkeys(identifiers)):
        of_type[type_of(identifier)].append(identifier)
    found = [
        *_companies(of_type[ENTREPRISE]),
        *_establishments(of_type[ETABLISSEMENT]),
        *_towns(of_type[VILLE]),
        *_activities(of_type[ACTIVITE]),
    ]
    return {each.id: each for each in found}


def _companies(sirens: Sequence[str]) -> list[Entity]:
    rows = companies_by_siren(sirens) if sirens else {}
    shown = [shown_entreprise(row) for row in rows.values()]
    return [Entity(each["siren"], ENTREPRISE, each["nom"], _place(each), each) for each in shown]


def _establishments(sirets: Sequence[str]) -> list[Entity]:
    rows = establishments_by_siret(sirets) if sirets else {}
    shown = shown_with_names([*rows.values()]) if rows else []
    return [Entity(each["siret"], ETABLISSEMENT, each["nom"], _place(each), each) for each in shown]


def _towns(codes: Sequence[str]) -> list[Entity]:
    found = Ville.objects.filter(code_insee__in=codes) if codes else []
    return [
        Entity(
            each.code_insee,
            VILLE,
            each.nom,
            each.departement_nom,
            {
                "nom": each.nom,
                "code_postal": ", ".join(each.codes_postaux),
                "departement": each.departement,
                "population": each.population,
            },
        )
        for each in found
    ]


def _activities(codes: Sequence[str]) -> list[Entity]:
    return [
        Entity(code, ACTIVITE, naf.label(code), code, {"nom": naf.label(code), "naf_code": code})
        for code in codes
        if naf.label(code)
    ]


def _place(shown: Mapping[str, Any]) -> str:
    return f"{shown.get('code_postal', '')} {shown.get('ville_nom', '')}".strip()
