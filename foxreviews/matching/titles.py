"""What the title of a list's column means: our own names, the import's synonyms, and what public lists make of them.

A title is read as it stands, then without the words that say whose it is («titulaire_denominationSociale»,
«nomBeneficiaire», «adrs_codepostal»), then as such a word alone («Fournisseur»). Of several columns that mean the same
the one that was read with less effort counts, then the first.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from foxreviews.matching.record import FIELDS
from foxreviews.reading import synonyms
from foxreviews.reading.header import FIRST_NAMES, NUMBER_OF_STREET, header_key

# What lists call columns, besides the names that an import reads
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "tva": (
        "N° TVA", "Numéro de TVA", "Numéro TVA", "TVA intracommunautaire", "N° TVA intracommunautaire",
        "Numéro de TVA intracommunautaire", "TVA intracom", "VAT", "VAT number", "VAT ID",
    ),
    "code_commune": (
        "Code INSEE", "INSEE", "Code commune INSEE", "Code INSEE commune", "Code INSEE de la commune",
        "Commune INSEE", "codeCommuneEtablissement", "Code commune", "Code géographique", "CODGEO", "Commune code",
        "COM INSEE", "DEPCOM",
    ),
    "departement": (
        "Dept", "Dépt", "Code département", "Numéro de département", "Département code", "Numéro département",
        "Num dép", "N° dép", "Code dép", "Dép", "Nom département", "Libellé département", "Lib département",
        "Département nom", "Nom du département", "Département nom officiel", "Département (nom)",
    ),
    "siren": ("SIRET / SIREN", "SIRET ou SIREN", "RCS", "N° RCS"),
    "siret": ("Titulaire id", "Id titulaire", "Titulaires id", "Id bénéficiaire", "Bénéficiaire id"),
    "nom": (
        "Dénomination courante", "Nom raison sociale", "Raison sociale longue", "RS longue", "RS", "Nom ets",
        "Nom juridique", "Name 1", "Denom", "Nom légal", "Organisme de formation", "Nom prénom", "Nom et prénom",
        "Nom et prénom ou raison sociale", "Nom prénom ou raison sociale", "Nom ou dénomination", "Dénomination ou nom",
        "Dénomination ou raison sociale", "Raison sociale ou dénomination", "Titulaire du marché",
        "Titulaires du marché", "Attributaire du marché", "Nom du titulaire du marché", "L1 normalisée",
        "Nomen long", "L1 nomen",
    ),
    "nom_commercial": (
        "Nom commercial", "Sigle", "Titre court", "Enseigne 1", "Nom usuel", "Nom court", "Enseigne ou nom commercial",
        "Commercial name",
    ),
    "adresse": (
        "Adr", "Adresse physique", "Adresse principale", "Adresse géographique", "Adresse géo", "Géo adresse",
        "Adresse administrative", "Ligne adresse", "Adresses opérateurs lieu", "L4 normalisée",
    ),
    "code_postal": (
        "Codpost", "Code pos", "C postal", "Code P", "Codpos", "Post code", "Codepost", "CP Ville",
        "Code postal et ville", "Code postal ville", "CP commune", "Code postal commune", "Ligne acheminement",
        "Ligne d'acheminement", "CD postal", "L6 normalisée",
    ),
    "ville_nom": (
        "Lib commune", "Libcom", "Lib com", "Commune nom", "Commune libellé", "Acheminement", "Libellé acheminement",
        "Libellé d'acheminement", "Achemine", "Bureau distributeur", "Ville / commune", "Ville ou commune",
        "Libellé ville", "Lib ville", "Nom officiel commune",
    ),
    "naf_code": ("activitePrincipaleEtablissement", "Code NAF (APE)", "NAF code", "APET", "APET700", "Code APET"),
    "naf_libelle": ("Métier", "Libellé métier", "Domaine d'activité", "Libellé NAF rév. 2", "Profession"),
}  # fmt: skip

# Words that say whose name or address it is, or that say nothing
_WHOSE_TEXT = (
    "titulaire titulaires beneficiaire beneficiaires fournisseur fournisseurs client clients tiers etablissement "
    "etablissements ets etab entreprise entreprises societe societes siege social organisme organismes structure "
    "structures operateur operateurs exploitant declarant association associations employeur adherent membre "
    "prestataire attributaire candidat demandeur porteur laureat professionnel office officine cabinet etude unite "
    "legale commercant ea of cfa esat siae principal principale courant courante actuel actuelle officiel officielle "
    "complet complete dem app cct ua s ct frs installation site etp de du des d la le les l 1 01"
)
_WHOSE = frozenset(_WHOSE_TEXT.split())
# Of the buyer in a list of contracts, the giver in one of grants: of use where no other name is there
_BUYER_TEXT = "acheteur acheteurs attribuant financeur adjudicateur"
_BUYER = frozenset(_BUYER_TEXT.split())
_OF_ADDRESS_TEXT = (
    "adresse adresses adr adrs physique organisme formation operateurs postale "
    "adressephysiqueorganismeformation adressesoperateurs"
)
_OF_ADDRESS = frozenset(_OF_ADDRESS_TEXT.split())
# Such a word alone is the title of the name
_ALONE_TEXT = (
    "titulaire beneficiaire fournisseur client tiers etablissement organisme structure operateur exploitant declarant "
    "association employeur adherent membre prestataire attributaire candidat demandeur laureat office officine cabinet "
    "etude acheteur attribuant commercant"
)
_ALONE = frozenset(_ALONE_TEXT.split())
_LIKE_NAMES_TEXT = "libelle intitule titre designation appellation"
_LIKE_NAMES = frozenset(_LIKE_NAMES_TEXT.split())

_PLAIN_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NUMBERED_ADDRESS = re.compile(
    r"(?:adresse|adr|address|ligneadresse|adresseligne|addressline|adresseua|adressel)([1-4])(?:ua)?"
)
_COMPLEMENT = re.compile(r"(?:indice|indicede|)repetition|(?:bister|btq)")
PART_OF_STREET = re.compile(r"(typ|type|nature|lib|libelle|nom)(de|dela)?(voie|rue)(etablissement)?")
_NUMBER = re.compile(r"(?:n|no|num|numero|code|identifiant|id)*(sirene?|siret)(?:id)?")


class Effort(IntEnum):
    """How a title was read; the least counts."""

    OWN = 0
    SYNONYM = 1
    OF_WHOM = 2
    ALONE = 3
    LIKE_A_NAME = 4  # «Libellé», which may be that of anything
    BUYER = 5


class Meaning(NamedTuple):
    """One of FIELDS, and how it was found."""

    effort: Effort
    field: str


_OWN = {header_key(name): name for name in FIELDS}
_SYNONYMS = {
    header_key(name): ours
    for table in (SYNONYMS, synonyms.SYNONYMS)
    for ours, names in table.items()
    if ours in FIELDS
    for name in names
}


@lru_cache(maxsize=10_000)
def meaning(title: str) -> Meaning | None:
    """What a column is called for, None where that is nothing of a company's name, place, trade or number."""
    key = header_key(title)
    if key in _OWN:
        return Meaning(Effort.OWN, _OWN[key])
    if key in _SYNONYMS:
        return Meaning(Effort.SYNONYM, _SYNONYMS[key])
    words = _words(title)
    is_buyer = not _BUYER.isdisjoint(words)
    effort = Effort.BUYER if is_buyer else Effort.OF_WHOM
    without = [word for word in words if word not in _WHOSE | _BUYER]
    for rest in (without, [word for word in without if word not in _OF_ADDRESS]):
        key = "".join(rest)
        if found := _OWN.get(key) or _SYNONYMS.get(key):
            return Meaning(effort, found)
        if number := _NUMBER.fullmatch(key):
            return Meaning(effort, "siret" if number[1] == "siret" else "siren")
    if "".join(without) in _LIKE_NAMES:
        effort = Effort.ALONE if len(words) > 1 else Effort.LIKE_A_NAME
    elif without or _ALONE.isdisjoint(words):
        return None
    else:
        effort = Effort.ALONE
    return Meaning(Effort.BUYER if is_buyer else effort, "nom")


def is_first_name(title: str) -> bool:
    """Whether a column has the first name of a person, whose other name is in a column called «Nom»."""
    return "".join(word for word in _words(title) if word not in _WHOSE) in FIRST_NAMES | {"prenomusuel"}


def number_of_address(title: str) -> int:
    """Which of several lines of an address a column has: 2 of «adresse_2», 0 where it is none of them."""
    found = _NUMBERED_ADDRESS.fullmatch(_of_address(title))
    return int(found[1]) if found else 0


def part_of_street(title: str) -> str:
    """ "number", "name" or "complement" where a column has that part of a street's address, else ""."""
    key = _of_address(title)
    if NUMBER_OF_STREET.fullmatch(key):
        return "number"
    if PART_OF_STREET.fullmatch(key):
        return "name"
    return "complement" if _COMPLEMENT.fullmatch(key) else ""


def _of_address(title: str) -> str:
    """Its key without whose address it is; the word «adresse» stays where nothing else would."""
    words = [word for word in _words(title) if word not in _WHOSE - {"1", "l", "ua"}]
    return "".join(words if words[:1] != ["adrs"] else words[1:])


def _words(title: str) -> Sequence[str]:
    """Its words: "titulaire_denominationSociale_1" → titulaire denomination sociale 1."""
    plain = unicodedata.normalize("NFKD", title.replace("°", "")).encode("ascii", "ignore").decode()
    return [word.lower() for word in _PLAIN_WORDS.findall(plain)]
