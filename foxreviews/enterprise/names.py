"""The names by which a company is known besides the registered one: `Entreprise.autres_noms`, as text and as pairs.

Each name follows its kind and a colon, with a tab, which no name has, between two:
"sigle:ADAPEI\\tenseigne:LE MOULIN".
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

SEPARATOR, COLON = "\t", ":"


class Kind(StrEnum):
    """What kind of name it is, by the register's own word. The first two are columns of their own."""

    NOM = "nom"
    NOM_COMMERCIAL = "nom_commercial"
    ENSEIGNE = "enseigne"
    SIGLE = "sigle"
    PSEUDONYME = "pseudonyme"
    NOM_NAISSANCE = "nom_naissance"
    DENOMINATION_USUELLE = (
        "denomination_usuelle"  # before 2008 mostly, and never checked since: the doubtful one
    )
    ANCIEN_NOM = "ancien_nom"  # it had it, and has it no more: as doubtful


class Name(NamedTuple):
    """A name, and a Kind."""

    nom: str
    kind: str


def names(row: Mapping[str, Any]) -> list[Name]:
    """All names of a row of Entreprise, the registered one first. What has no kind, such as a mask, is none.

    `anciens_noms`, where the row has it, is the text of its former names (enterprise/sql/former_names.sql).
    """
    pairs = (each.partition(COLON) for each in row["autres_noms"].split(SEPARATOR))
    others = [Name(nom, kind) for kind, colon, nom in pairs if colon]
    commercial = row["nom_commercial"]
    if commercial and all(other.nom != commercial for other in others):
        others.insert(0, Name(commercial, Kind.NOM_COMMERCIAL))
    if former := row.get("anciens_noms"):
        others += [Name(nom, Kind.ANCIEN_NOM) for nom in former.split(SEPARATOR)]
    return [Name(row["nom"], Kind.NOM), *others]
