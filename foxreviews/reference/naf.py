"""The nomenclatures of activities, NAF rév. 2 and NAF 2025: every company of the register has a code of one or both.

NAF rév. 2 (INSEE, decree 2007-1888, in force since 2008): 732 sub-classes in 615 classes, 272 groups, 88 divisions and
21 sections. NAF 2025 (INSEE, the reference from January 2027 on): 747 sub-classes in 22 sections, whose letters are
other ones from J on. No code is in both: a code says which one it is of. Labels have the straight apostrophe, as
registers export them.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from foxreviews.reference import rows
from foxreviews.reference.text import fold

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

NAF25: dict[str, str] = {row["code"]: row["libelle"] for row in rows("naf25_sous_classes")}

_SECTIONS25 = rows("naf25_sections")
SECTIONS25: dict[str, str] = {row["section"]: row["libelle"] for row in _SECTIONS25}
DIVISIONS25: tuple[str, ...] = tuple(sorted({code[:2] for code in NAF25}))
_SECTION25_OF = {
    division: row["section"]
    for row in _SECTIONS25
    for division in DIVISIONS25
    if row["first"] <= division <= row["last"]
}

# INSEE's table of correspondence: the codes of NAF 2025 that a code of rév. 2 has become, or become a part of, in no
# order that means anything. 46.89Y is in no row of it.
SUCCESSORS: dict[str, tuple[str, ...]] = {
    row["naf"]: tuple(row["naf25"].split()) for row in rows("naf_correspondance")
}


def _turned(codes: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    turned: defaultdict[str, list[str]] = defaultdict(list)
    for code, others in codes.items():
        for other in others:
            turned[other].append(code)
    return {code: tuple(others) for code, others in turned.items()}


PREDECESSORS: dict[str, tuple[str, ...]] = _turned(SUCCESSORS)

# Everyday names of trades, with the codes under which their companies are registered: the nomenclature says
# "Travaux d'installation d'eau et de gaz en tous locaux"; people say plombier.
_TRADES = rows("trades")
TRADES: dict[str, tuple[str, ...]] = {row["nom"]: tuple(row["naf_codes"].split()) for row in _TRADES}
TRADES25: dict[str, tuple[str, ...]] = {row["nom"]: tuple(row["naf25_codes"].split()) for row in _TRADES}

_SHAPE = re.compile(r"([0-9]{2})[ .]?([0-9]{2}) ?([A-Z])")
_LABELLED = re.compile(
    r"([0-9]{2}[ .]?[0-9]{2} ?[A-Z])[^0-9A-Z]+[^0-9]*"
)  # a label has no digits, a second code has
_BEGINNING = re.compile(r"([0-9]{2})\.?([0-9]{0,2})")


class Nomenclature(StrEnum):
    """Which of both a code is of."""

    REV2 = "NAFRev2"
    NAF2025 = "NAF2025"


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

    Both nomenclatures have this shape, and so has 00.00Z (not classified yet): `label` is empty for those that are in
    neither.
    """
    shape = _SHAPE.fullmatch(code.strip().upper())
    return f"{shape[1]}.{shape[2]}{shape[3]}" if shape else ""


def read(text: str) -> str:
    """The code of a cell that may have its label behind it: "5630Z Débits de boissons" → "56.30Z"; else ""."""
    labelled = _LABELLED.fullmatch(text.strip().upper())
    return normalise(labelled[1] if labelled else text)


def nomenclature_of(code: str) -> Nomenclature | None:
    """Which nomenclature has the code, in its official spelling; None where neither has it."""
    if code in NAF:
        return Nomenclature.REV2
    return Nomenclature.NAF2025 if code in NAF25 else None


def label(code: str) -> str:
    """The label of a sub-class of either nomenclature in its official spelling; "" when neither has the code."""
    return NAF.get(code) or NAF25.get(code, "")


def successor(code: str) -> str:
    """The code of NAF 2025 that a code of rév. 2 has become; "" where it was split, or is not known."""
    return _only(SUCCESSORS.get(code, ()))


def predecessor(code: str) -> str:
    """The code of rév. 2 that a code of NAF 2025 was; "" where it comes from several, or is not known."""
    return _only(PREDECESSORS.get(code, ()))


def _only(codes: tuple[str, ...]) -> str:
    return codes[0] if len(codes) == 1 else ""


def section_of(division: str) -> str:
    """The letter of the section of rév. 2 a division is in, "62" → "J"; "" when there is no such division."""
    return _SECTION_OF.get(division, "")


def section25_of(division: str) -> str:
    """The letter of the section of NAF 2025 a division is in, "62" → "K"; "" when there is no such division."""
    return _SECTION25_OF.get(division, "")


def levels(code: str) -> Levels:
    """The section, division, group, class and sub-class of a code of either nomenclature, in its official spelling."""
    nomenclature = nomenclature_of(code)
    if nomenclature is None:
        return Levels()
    section = section_of(code[:2]) if nomenclature is Nomenclature.REV2 else section25_of(code[:2])
    return Levels(section, code[:2], code[:4], code[:5], code)


@lru_cache(maxsize=2_048)  # rév. 2 has 732
def same_trade(code: str) -> str:
    """The code of NAF 2025 that is the same trade as a code of rév. 2, or is called so; "" where there is none."""
    other = successor(code)
    if other and predecessor(other) == code:
        return other
    called = (each for each in SUCCESSORS.get(code, ()) if fold(NAF25[each]) == fold(NAF[code]))
    return next(called, "")


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Codes of one nomenclature or the other that begin with one of these, written with their dot."""

    rev2: tuple[str, ...] = ()
    naf25: tuple[str, ...] = ()

    def __or__(self, other: "Beginnings") -> "Beginnings":
        """What begins like one or the other."""
        rev2, naf25 = ((*self.rev2, *other.rev2), (*self.naf25, *other.naf25))
        return Beginnings(tuple(dict.fromkeys(rev2)), tuple(dict.fromkeys(naf25)))

    @property
    def are_codes(self) -> bool:
        """Whether each is a whole code."""
        return all(len(each) == len("62.01Z") for each in (*self.rev2, *self.naf25))

    def codes(self) -> tuple[str, ...]:
        """All codes of both nomenclatures that begin so, and those that are written out here and in neither."""
        written = {code for code in (*self.rev2, *self.naf25) if normalise(code) == code}
        met = {code for code in NAF if code.startswith(self.rev2)} if self.rev2 else set()
        met |= {code for code in NAF25 if code.startswith(self.naf25)} if self.naf25 else set()
        return tuple(sorted(met | written))


@lru_cache(maxsize=2_048)  # all codes of a nomenclature are looked through
def beginning(value: str) -> Beginnings | None:
    """What begins with "62.01Z", "6201Z", "62.0", "620" or "62", in either nomenclature; None for what is no beginning.

    Only the nomenclatures that have such codes are named; both where neither has one.
    """
    begun = normalise(value)
    if not begun:
        shape = _BEGINNING.fullmatch(value)
        if shape is None:
            return None
        begun = f"{shape[1]}.{shape[2]}" if shape[2] else shape[1]
    rev2, naf25 = (any(code.startswith(begun) for code in codes) for codes in (NAF, NAF25))
    neither = not (rev2 or naf25)
    return Beginnings((begun,) if rev2 or neither else (), (begun,) if naf25 or neither else ())


def section(letter: str) -> Beginnings | None:
    """What is in a section of rév. 2; None where there is no such section."""
    divisions = tuple(division for division in DIVISIONS if section_of(division) == letter)
    return Beginnings(rev2=divisions) if divisions else None


def section25(letter: str) -> Beginnings | None:
    """What is in a section of NAF 2025; None where there is no such section."""
    divisions = tuple(division for division in DIVISIONS25 if section25_of(division) == letter)
    return Beginnings(naf25=divisions) if divisions else None
