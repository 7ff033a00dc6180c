"""Kinds of bodies whose names say what they are, in full or in short: «CCAS», «Centre communal d'action sociale».

Such a kind is one word of a name, however it is written. It tells as little as a legal form, and as much: the commune
of a town is not its CCAS.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from foxreviews.reference.text import fold


class Kind(NamedTuple):
    """What a body is called, as a regular expression of folded text; the first way of two is the usual one."""

    word: str  # that stands for it in a name
    usual: str  # as the register mostly has it, "" where it has both
    ways: str


# Words at the beginning of a name alone are anchored: «VILLE DE LYON», but «HOTEL DE VILLE»
_KINDS = (
    Kind("COMMUNE", "COMMUNE", r"^(?:MAIRIE|COMMUNE|CNE|VILLE(?= (?:DE|D|DU|DES) ))\b"),
    Kind(
        "COMMUNAUTE",
        "COMMUNAUTE DE COMMUNES",
        r"\bCOMMUNAUTE (?:DE |DES )?COMMUNES?\b|^COM(?:MUNAUTE)? ?(?:DE )?C(?:OM|NES)\b"
        r"|^CC(?= (?:DE|DU|DES|D|PAYS|VAL|VALLEE|VALLEES)\b)",
    ),
    Kind("AGGLOMERATION", "COMMUNAUTE D AGGLOMERATION", r"\bCOMMUNAUTE (?:D )?AGGLO(?:MERATION)?\b"),
    Kind("METROPOLE", "", r"\bCOMMUNAUTE URBAINE\b|^METROPOLE(?= (?:DE|DU|D)\b)"),
    Kind("DEPARTEMENT", "DEPARTEMENT", r"^(?:CONSEIL (?:DEPARTEMENTAL|GENERAL)|DEPARTEMENT)\b"),
    Kind("REGION", "REGION", r"^(?:CONSEIL REGIONAL|REGION)\b"),
    Kind(
        "CCAS", "CENTRE COMMUNAL D ACTION SOCIALE", r"\b(?:CENTRE COMMUNAL (?:D )?ACTION SOCIALE|CCAS|C C A S)\b"
    ),
    Kind("CIAS", "CENTRE INTERCOMMUNAL D ACTION SOCIALE", r"\b(?:CENTRE INTERCOMMUNAL (?:D )?ACTION SOCIALE|CIAS)\b"),
    Kind("SIVOM", "", r"\b(?:SYNDICAT (?:INTERCOMMUNAL|INTERCOM) A VOCATIONS? MULTIPLES?|SIVOM)\b"),
    Kind("SIVU", "", r"\b(?:SYNDICAT (?:INTERCOMMUNAL|INTERCOM) A VOCATION UNIQUE|SIVU)\b"),
    Kind("SYNDICAT", "", r"\bSYND(?:ICAT)? (?:INTERCOM(?:MUNAL)?|MIXTE)\b"),
    Kind(
        "CHU",
        "",
        r"\b(?:CENTRE HOSPITALIER (?:REGIONAL )?(?:ET )?UNIVERSITAIRE|CHRU|CHU)\b",
    ),
    Kind("HOSPITALIER", "CENTRE HOSPITALIER", r"\bC(?:EN)?TRE? HOSP(?:ITALIER)?\b|^CH(?= (?:DE|DU|D) )"),
    Kind("SDIS", "", r"\b(?:SERVICE (?:DEPARTEMENTAL|DEP) (?:D )?INCENDIE(?: ET DE SECOURS)?|SDIS)\b"),
    Kind("CPAM", "", r"\b(?:CAISSE PRIMAIRE (?:D )?ASSURANCE MALADIE|CPAM)\b"),
    Kind("CAF", "", r"\b(?:CAISSE (?:D )?ALLOCATIONS FAMILIALES|CAF)\b"),
    Kind("CCI", "", r"\b(?:CHAMBRE (?:DE )?COMMERCE (?:ET )?(?:D )?INDUSTRIE|CCI)\b"),
    Kind("OPH", "", r"\b(?:OFFICE PUBLIC (?:DE )?(?:L )?HABITAT|OPH)\b"),
    Kind(
        "EHPAD",
        "",
        r"\b(?:ETABLISSEMENT (?:D )?HEBERGEMENT (?:POUR )?PERSONNES AGEES DEPENDANTES|EHPAD)\b",
    ),
    Kind(
        "CUMA",
        "",
        r"\bCOOP(?:ERATIVE)? (?:D )?UTIL(?:ISATION)? (?:DE )?MAT(?:ERIEL)? AGRIC(?:OLE)?(?: EN COMMUN)?\b|\bCUMA\b",
    ),
    Kind(
        "OGEC",
        "",
        r"\bORGANISME (?:DE )?GESTION (?:DE )?(?:L )?(?:ENSEIGNEMENT|DES ECOLES|ECOLES?) CATHOLIQUES?\b|\bOGEC\b",
    ),
    Kind("MJC", "", r"\b(?:MAISON (?:DES )?JEUNES (?:ET )?(?:DE )?(?:LA )?CULTURE|MJC)\b"),
    Kind("MFR", "", r"\b(?:MAISON FAMILIALE RURALE|MFR)\b"),
)  # fmt: skip
WORDS = frozenset(kind.word for kind in _KINDS)

# By the beginning of categorieJuridique
OF_CATEGORY = (
    ("7210", "COMMUNE"),
    ("7220", "DEPARTEMENT"),
    ("7230", "REGION"),
    ("7344", "METROPOLE"),
    ("7346", "COMMUNAUTE"),
    ("7348", "AGGLOMERATION"),
    ("7361", "CCAS"),
)

_WAYS = tuple((kind, re.compile(kind.ways)) for kind in _KINDS)
# One of them is in each way: most names have none, and are not looked at any further
_SIGNS_TEXT = (
    "MAIRIE COMMUNE COMMUNES CNE VILLE COMMUNAUTE COM COMCOM CC CONSEIL DEPARTEMENT REGION METROPOLE COMMUNAL CCAS "
    "C INTERCOMMUNAL CIAS SYNDICAT SYND SIVOM SIVU HOSPITALIER HOSP CHRU CHU CH INCENDIE SDIS CAISSE CPAM CAF "
    "CHAMBRE CCI OFFICE OPH HEBERGEMENT EHPAD COOPERATIVE COOP CUMA ORGANISME OGEC JEUNES MJC FAMILIALE MFR"
)
_SIGNS = frozenset(_SIGNS_TEXT.split())


def with_kinds(folded: str) -> tuple[str, frozenset[str]]:
    """A folded name in which each kind of body is one word, and those words."""
    if _SIGNS.isdisjoint(folded.split()):
        return folded, frozenset()
    found = set[str]()
    for kind, way in _WAYS:
        folded, count = way.subn(kind.word, folded)
        if count:
            found.add(kind.word)
    return folded, frozenset(found)


@lru_cache(maxsize=20_000)
def spellings(name: str) -> tuple[str, ...]:
    """A name, and the same with the kind of body as the register mostly writes it, and as one word."""
    folded = fold(name)
    if _SIGNS.isdisjoint(folded.split()):
        return (name,)
    usual, short = folded, folded
    for kind, way in _WAYS:
        short = way.sub(kind.word, short)
        usual = way.sub(kind.usual or kind.word, usual)
    return (name, *(each for each in dict.fromkeys((usual, short)) if each != folded))


def is_kind_of_body(name: str) -> bool:
    """Whether a name is nothing but a kind of body: «Mairie», «C.C.A.S.»."""
    text = fold(name)
    return bool(text) and (text == "VILLE" or any(way.fullmatch(text) for _, way in _WAYS))
