"""The official register (INSEE, base Sirene): its legal forms, its workforce bands, the columns of its files."""

import re
from dataclasses import dataclass

from foxreviews.reference import rows
from foxreviews.reference.text import fold

# categorieJuridique: catégories juridiques, level III
_LEGAL_FORMS = rows("legal_forms")
LEGAL_FORMS: dict[str, str] = {row["code"]: row["libelle"] for row in _LEGAL_FORMS}
# The same in a sentence, with its article: "une société par actions simplifiée"
FORM_PHRASES: dict[str, str] = {row["code"]: row["phrase"] for row in _LEGAL_FORMS}
NATURAL_PERSON = "1000"  # a sole trader (entrepreneur individuel)


@dataclass(frozen=True, slots=True)
class Band:
    """A workforce band: from `minimum` to `maximum` employees, both included; `maximum` None where it is open."""

    code: str
    label: str
    minimum: int
    maximum: int | None


_NO_EMPLOYEE = (
    "Unité non employeuse (pas de salarié au cours de l'année de référence et pas d'effectif au 31/12)"
)
_NO_EMPLOYEE_LEFT = (
    "0 salarié (n'ayant pas d'effectif au 31/12 mais ayant employé des salariés au cours de l'année"
    " de référence)"
)

# trancheEffectifs
BANDS: dict[str, Band] = {
    band.code: band
    for band in (
        Band("NN", _NO_EMPLOYEE, 0, 0),
        Band("00", _NO_EMPLOYEE_LEFT, 0, 0),
        Band("01", "1 ou 2 salariés", 1, 2),
        Band("02", "3 à 5 salariés", 3, 5),
        Band("03", "6 à 9 salariés", 6, 9),
        Band("11", "10 à 19 salariés", 10, 19),
        Band("12", "20 à 49 salariés", 20, 49),
        Band("21", "50 à 99 salariés", 50, 99),
        Band("22", "100 à 199 salariés", 100, 199),
        Band("31", "200 à 249 salariés", 200, 249),
        Band("32", "250 à 499 salariés", 250, 499),
        Band("41", "500 à 999 salariés", 500, 999),
        Band("42", "1 000 à 1 999 salariés", 1_000, 1_999),
        Band("51", "2 000 à 4 999 salariés", 2_000, 4_999),
        Band("52", "5 000 à 9 999 salariés", 5_000, 9_999),
        Band("53", "10 000 salariés et plus", 10_000, None),
    )
}

# categorieEntreprise (décret 2008-1354): of the whole group that a company is part of, computed by INSEE once a year
CATEGORIES: dict[str, str] = {
    "PME": "Petite ou moyenne entreprise",
    "ETI": "Entreprise de taille intermédiaire",
    "GE": "Grande entreprise",
}
_CATEGORY_OF = {fold(each): code for code, label in CATEGORIES.items() for each in (code, label)}

_NUMBER = re.compile(r"[0-9]{1,3}(?: ?[0-9]{3})*")
_PEOPLE = re.compile(
    rf"({_NUMBER.pattern})(?:[.,]0+)?(?: (?:salari|employ|personne|pers)\w*\.?)?", re.IGNORECASE
)
_CODES = {fold(band.label): band.code for band in BANDS.values() if band.minimum}
_RANGES: dict[tuple[int | None, ...], str] = {
    (band.minimum, band.maximum): band.code for band in BANDS.values() if band.minimum
}


def band_code(text: str) -> str:
    """The code of a band, from itself, its label or its limits ("10 à 19 salariés", "10-19"); "" where it is none."""
    code = text.upper().zfill(2) if text.isascii() and text.isdigit() else text.upper()
    if code in BANDS:
        return code
    limits = tuple(int(found.replace(" ", "")) for found in _NUMBER.findall(text))
    return _CODES.get(fold(text)) or _RANGES.get(limits, "")


def category_code(text: str) -> str:
    """The code of a category, from itself or its label; "" where it is none."""
    return _CATEGORY_OF.get(fold(text), "")


def band_of_people(text: str) -> str:
    """The band of a number of people, with or without a noun; "" where it is none, or is a code with its zero."""
    found = _PEOPLE.fullmatch(text)
    if not found or text.startswith("0"):
        return "00" if text == "0" else ""
    people = int(found[1].replace(" ", ""))
    return next(
        code
        for code, band in BANDS.items()
        if code != "NN" and band.minimum <= people and (band.maximum is None or people <= band.maximum)
    )


# INSEE's files have their columns in the order that INSEE gives them. StockUniteLegale has a row for each legal
# unit (SIREN), StockEtablissement one for each establishment (SIRET).
LEGAL_UNIT_COLUMNS = (
    "siren", "statutDiffusionUniteLegale", "unitePurgeeUniteLegale", "dateCreationUniteLegale",
    "sigleUniteLegale", "sexeUniteLegale", "prenom1UniteLegale", "prenom2UniteLegale", "prenom3UniteLegale",
    "prenom4UniteLegale", "prenomUsuelUniteLegale", "pseudonymeUniteLegale", "identifiantAssociationUniteLegale",
    "trancheEffectifsUniteLegale", "anneeEffectifsUniteLegale", "dateDernierTraitementUniteLegale",
    "nombrePeriodesUniteLegale", "categorieEntreprise", "anneeCategorieEntreprise", "dateDebut",
    "etatAdministratifUniteLegale", "nomUniteLegale", "nomUsageUniteLegale", "denominationUniteLegale",
    "denominationUsuelle1UniteLegale", "denominationUsuelle2UniteLegale", "denominationUsuelle3UniteLegale",
    "categorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale",
    "nomenclatureActivitePrincipaleUniteLegale", "nicSiegeUniteLegale", "economieSocialeSolidaireUniteLegale",
    "societeMissionUniteLegale", "caractereEmployeurUniteLegale", "activitePrincipaleNAF25UniteLegale",
)  # fmt: skip

# Older files have 34 or 33 columns: they lack one of these or both.
ADDED_LEGAL_UNIT_COLUMNS = frozenset({"societeMissionUniteLegale", "activitePrincipaleNAF25UniteLegale"})

ESTABLISHMENT_COLUMNS = (
    "siren", "nic", "siret", "statutDiffusionEtablissement", "dateCreationEtablissement",
    "trancheEffectifsEtablissement", "anneeEffectifsEtablissement",
    "activitePrincipaleRegistreMetiersEtablissement", "dateDernierTraitementEtablissement",
    "etablissementSiege", "nombrePeriodesEtablissement", "complementAdresseEtablissement",
    "numeroVoieEtablissement", "indiceRepetitionEtablissement", "dernierNumeroVoieEtablissement",
    "indiceRepetitionDernierNumeroVoieEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement",
    "codePostalEtablissement", "libelleCommuneEtablissement", "libelleCommuneEtrangerEtablissement",
    "distributionSpecialeEtablissement", "codeCommuneEtablissement", "codeCedexEtablissement",
    "libelleCedexEtablissement", "codePaysEtrangerEtablissement", "libellePaysEtrangerEtablissement",
    "identifiantAdresseEtablissement", "coordonneeLambertAbscisseEtablissement",
    "coordonneeLambertOrdonneeEtablissement", "complementAdresse2Etablissement", "numeroVoie2Etablissement",
    "indiceRepetition2Etablissement", "typeVoie2Etablissement", "libelleVoie2Etablissement",
    "codePostal2Etablissement", "libelleCommune2Etablissement", "libelleCommuneEtranger2Etablissement",
    "distributionSpeciale2Etablissement", "codeCommune2Etablissement", "codeCedex2Etablissement",
    "libelleCedex2Etablissement", "codePaysEtranger2Etablissement", "libellePaysEtranger2Etablissement",
    "dateDebut", "etatAdministratifEtablissement", "enseigne1Etablissement", "enseigne2Etablissement",
    "enseigne3Etablissement", "denominationUsuelleEtablissement", "activitePrincipaleEtablissement",
    "nomenclatureActivitePrincipaleEtablissement", "caractereEmployeurEtablissement",
    "activitePrincipaleNAF25Etablissement",
)  # fmt: skip

# Older files have 48 columns: they lack all of these.
ADDED_ESTABLISHMENT_COLUMNS = frozenset({
    "dernierNumeroVoieEtablissement", "indiceRepetitionDernierNumeroVoieEtablissement",
    "identifiantAdresseEtablissement", "coordonneeLambertAbscisseEtablissement",
    "coordonneeLambertOrdonneeEtablissement", "activitePrincipaleNAF25Etablissement",
})  # fmt: skip

# Who took over whom (SIRET), and which SIREN is the double of which.
SUCCESSION_COLUMNS = (
    "siretEtablissementPredecesseur", "siretEtablissementSuccesseur", "dateLienSuccession", "transfertSiege",
    "continuiteEconomique", "dateDernierTraitementLienSuccession",
)  # fmt: skip
DOUBLE_COLUMNS = ("siren", "sirenDoublon", "dateDernierTraitementDoublon")

# StockUniteLegaleHistorique has a row for each period of a legal unit, the latest first.
HISTORY_COLUMNS = (
    "siren", "dateFin", "dateDebut", "etatAdministratifUniteLegale", "changementEtatAdministratifUniteLegale",
    "nomUniteLegale", "changementNomUniteLegale", "nomUsageUniteLegale", "changementNomUsageUniteLegale",
    "denominationUniteLegale", "changementDenominationUniteLegale", "denominationUsuelle1UniteLegale",
    "denominationUsuelle2UniteLegale", "denominationUsuelle3UniteLegale",
    "changementDenominationUsuelleUniteLegale", "categorieJuridiqueUniteLegale",
    "changementCategorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale",
    "nomenclatureActivitePrincipaleUniteLegale", "changementActivitePrincipaleUniteLegale", "nicSiegeUniteLegale",
    "changementNicSiegeUniteLegale", "economieSocialeSolidaireUniteLegale",
    "changementEconomieSocialeSolidaireUniteLegale", "societeMissionUniteLegale",
    "changementSocieteMissionUniteLegale", "caractereEmployeurUniteLegale",
    "changementCaractereEmployeurUniteLegale",
)  # fmt: skip
