"""NAF rév. 2: the nomenclature of activities that every company of the register has a code of.

From INSEE (decree 2007-1888, in force since 2008): 732 sub-classes in 615 classes, 272 groups, 88 divisions
and 21 sections. Labels have the straight apostrophe, as registers export them.
"""

import re
from dataclasses import dataclass

from foxreviews.reference import rows

SECTIONS: dict[str, str] = {
    "A": "Agriculture, sylviculture et pêche",
    "B": "Industries extractives",
    "C": "Industrie manufacturière",
    "D": "Production et distribution d'électricité, de gaz, de vapeur et d'air conditionné",
    "E": "Production et distribution d'eau ; assainissement, gestion des déchets et dépollution",
    "F": "Construction",
    "G": "Commerce ; réparation d'automobiles et de motocycles",
    "H": "Transports et entreposage",
    "I": "Hébergement et restauration",
    "J": "Information et communication",
    "K": "Activités financières et d'assurance",
    "L": "Activités immobilières",
    "M": "Activités spécialisées, scientifiques et techniques",
    "N": "Activités de services administratifs et de soutien",
    "O": "Administration publique",
    "P": "Enseignement",
    "Q": "Santé humaine et action sociale",
    "R": "Arts, spectacles et activités récréatives",
    "S": "Autres activités de services",
    "T": "Activités des ménages en tant qu'employeurs ; activités indifférenciées des ménages en tant que"
    " producteurs de biens et services pour usage propre",
    "U": "Activités extra-territoriales",
}

_DIVISIONS = rows("naf_divisions")
DIVISIONS: dict[str, str] = {row["code"]: row["libelle"] for row in _DIVISIONS}
_SECTION_OF = {row["code"]: row["section"] for row in _DIVISIONS}

NAF: dict[str, str] = {row["code"]: row["libelle"] for row in rows("naf_sous_classes")}

# Everyday names of trades, with the codes under which their companies are registered: the nomenclature says
# "Travaux d'installation d'eau et de gaz en tous locaux"; people say plombier.
TRADES: dict[str, tuple[str, ...]] = {row["nom"]: tuple(row["naf_codes"].split()) for row in rows("trades")}

_SHAPE = re.compile(r"([0-9]{2})[ .]?([0-9]{2}) ?([A-Z])")


@dataclass(frozen=True, slots=True)
class Levels:
    """Where a sub-class stands: "62.01Z" is in J, 62, 62.0 and 62.01. All are "" for an unknown code."""

    section: str = ""
    division: str = ""
    groupe: str = ""
    classe: str = ""
    sous_classe: str = ""


def normalise(code: str) -> str:
    """The official spelling, "6201z" or " 62.01 Z" → "62.01Z"; "" for what is not of that shape.

    NAF 2025 has the same shape, and so has 00.00Z (not classified yet): `label` is empty for those that do not exist.
    """
    shape = _SHAPE.fullmatch(code.strip().upper())
    return f"{shape[1]}.{shape[2]}{shape[3]}" if shape else ""


def label(code: str) -> str:
    """The label of a sub-class in its official spelling; "" when NAF rév. 2 has no such code."""
    return NAF.get(code, "")


def section_of(division: str) -> str:
    """The letter of the section a division is in, "62" → "J"; "" when there is no such division."""
    return _SECTION_OF.get(division, "")


def levels(code: str) -> Levels:
    """The section, division, group, class and sub-class of a code in its official spelling."""
    if code not in NAF:
        return Levels()
    return Levels(section_of(code[:2]), code[:2], code[:4], code[:5], code)
