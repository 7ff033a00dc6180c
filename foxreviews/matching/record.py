"""A line of a list as what it says of a company: cleaned, put into the right columns, its town resolved."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape

from foxreviews.matching.bodies import is_kind_of_body
from foxreviews.matching.places import put_right
from foxreviews.matching.towns import Towns
from foxreviews.reference import naf
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.identifiers import is_siren, is_siret, is_vat_number
from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import fold
from foxreviews.reference.vocabulary import trades
from foxreviews.reference.words import LITTLE, street_words, words

# What a line may say, in the words of the directory's columns
NAMES = ("nom", "nom_commercial")
PLACE = ("adresse", "code_postal", "ville_nom", "code_commune", "departement")
NUMBERS = ("siren", "siret", "tva")
TRADE = ("naf_code", "naf_libelle")
FIELDS = (*NAMES, *PLACE, *TRADE, *NUMBERS)
MAX_CHARACTERS = 256  # of a text: the longest name of a company has 255
MAX_NAME_WORDS = 16
MAX_UNKNOWN = len("non renseigné")

_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028\u2029\u2060\ufeff\ud800-\udfff]+")
# A letter with an accent that a program could not write: «SOCI?T?», «L?ATELIER»
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]|\ufffd")
_LOST_APOSTROPHE = re.compile(r"(?<=\b[LDSNJMTC])[?\ufffd](?=[AEIOUYH])", re.IGNORECASE)
_LOST_LETTER = re.compile(r"\ufffd|(?<=[^\W\d_])\?|\?(?=[^\W\d_])")
_DIGITS = re.compile(r"[^0-9]+")
# What programs write where nothing is known
_NO_NAMES = "null nan none n/a #n/a <na> [nd]"
_NO_VALUES = "- -- . x xx na nc nd néant neant inconnu inconnue"
_NOTHING = frozenset(_NO_NAMES.split())
_UNKNOWN = frozenset([*_NOTHING, *_NO_VALUES.split(), "non renseigné"])
_STREET_WORDS = frozenset([*STREET_TYPES, *STREET_TYPES.values(), "RUE", "ZI", "ZA", "ZAC", "ZONE", "QUAI"])
# A text that is an address, folded: "12 B AV DE LYON", "RUE DES LILAS"
_STREET = re.compile(
    r"^(?:[0-9]{1,4} )?(?:(?:BIS|TER|QUATER|[A-D]) )?"
    r"(?:RUE|AVENUE|BOULEVARD|CHEMIN|IMPASSE|ROUTE|ALLEE|ALLEES|QUAI|LIEU DIT|ZONE INDUSTRIELLE|ZI|ZA|ZAC"
    r"|(?:R|AV|BD|CH|CHE|RTE|IMP|ALL) (?=(?:D|DE|DES|DU|L|LA) ))\b"
)

_NUMBERED = re.compile(
    r"^[0-9]{1,4} (?:(?:BIS|TER|QUATER|[A-D]) )?"
    r"(?:R|AV|BD|CH|CHE|RTE|IMP|ALL|PL|PLACE|COURS|CRS|SQ|SQUARE|PASSAGE|PAS|ESPLANADE|SENTIER|LOTISSEMENT) "
)


@dataclass(frozen=True)
class Address:
    """The numbers of an address, and the words of its street without the kind of way."""

    numbers: frozenset[str] = frozenset()
    street: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """What a line says. A text that it does not give is empty; `siren` and `siret` have the right keys."""

    names: tuple[str, ...] = ()  # the name, then the sign
    adresse: str = ""
    code_postal: str = ""
    ville_nom: str = ""
    code_commune: str = ""  # INSEE code of the town, where it resolves
    departement: str = ""
    naf_code: str = ""
    trade: str = ""  # in words
    siren: str = ""
    siret: str = ""

    @cached_property
    def address(self) -> Address:
        """Of the street."""
        return address(self.adresse)

    @cached_property
    def town_words(self) -> frozenset[str]:
        """The words of the town and the département: in a name they tell little."""
        known = DEPARTEMENTS.get(self.departement)
        return frozenset([*words(self.ville_nom), *words(known.nom if known else "")])

    @cached_property
    def trade_codes(self) -> frozenset[str]:
        """The NAF codes that the trade's words name."""
        return frozenset[str]().union(*map(trades, words(self.trade)))

    @property
    def is_empty(self) -> bool:
        """Whether nothing names a company."""
        return not (self.names or self.siren)


@lru_cache(maxsize=20_000)
def address(text: str) -> Address:
    """The parts of an address, as a register and a person write it."""
    found = [word for word in street_words(text) if word not in _STREET_WORDS]
    numbers = frozenset(word for word in found if word.isdigit() and len(word) <= 4)
    street = tuple(word for word in found if not word.isdigit() and len(word) > 1 and word not in LITTLE)
    return Address(numbers, street)


def read(values: Mapping[str, str], towns: Towns) -> Record:
    """The record of a line; `values` has texts under some of FIELDS. What is in the wrong column is moved."""
    given = {name: _said(_text(values.get(name, "")), name) for name in FIELDS}
    _swap_name_and_address(given)
    put_right(given, towns)
    siren, siret = _numbers(given)
    place = towns.resolve(
        given["code_commune"], given["code_postal"], given["ville_nom"], given["departement"]
    )
    code = naf.read(given["naf_code"])
    ville_nom = place.ville_nom or given["ville_nom"]
    names = (each for name in NAMES for each in _with_town(given[name], ville_nom))
    return Record(
        names=tuple(dict.fromkeys(filter(fold, names))),
        adresse=given["adresse"],
        code_postal=given["code_postal"],
        ville_nom=ville_nom,
        code_commune=place.code_commune,
        departement=place.departement or given["departement"],
        naf_code=code,
        trade=given["naf_libelle"] if code else f"{given['naf_libelle']} {given['naf_code']}".strip(),
        siren=siren,
        siret=siret,
    )


def _said(text: str, name: str) -> str:
    """A text, "" where it says that nothing is known."""
    if len(text) > MAX_UNKNOWN:
        return text
    return "" if text.lower() in (_NOTHING if name in NAMES else _UNKNOWN) else text


def _with_town(name: str, ville_nom: str) -> tuple[str, ...]:
    """A public body that is called by its kind alone («Mairie») is that of the line's town."""
    return (f"{name} {ville_nom}", name) if ville_nom and is_kind_of_body(name) else (name,)


def _text(value: str) -> str:
    """One line of at most so many characters, in composed letters. What is no text in it becomes a space."""
    if "&" in value and ";" in value:
        value = unescape(value[: 4 * MAX_CHARACTERS])  # «DUPONT &amp; FILS»
    if value.isascii() and value.isprintable() and len(value) <= MAX_CHARACTERS and "?" not in value:
        return " ".join(value.split())
    value = unicodedata.normalize("NFC", _NOT_TEXT.sub(" ", value[: 4 * MAX_CHARACTERS]))
    if _LOST.search(value):
        value = _LOST_LETTER.sub("E", _LOST_APOSTROPHE.sub("'", value))  # nine accents in ten stand on an E
    return " ".join(value.split())[:MAX_CHARACTERS].rstrip()


def _swap_name_and_address(given: dict[str, str]) -> None:
    """«12 RUE DE LYON» as a name, next to an address that is none, stands in the wrong column."""
    nom, adresse = given["nom"], given["adresse"]
    if not adresse or _is_street(adresse):
        return
    if _is_street(nom) or not (nom or given["nom_commercial"] or any(map(str.isdigit, adresse))):
        given["nom"], given["adresse"] = adresse, nom


def _is_street(text: str) -> bool:
    folded = fold(text)
    return bool(_STREET.match(folded) or _NUMBERED.match(folded))


def _numbers(given: Mapping[str, str]) -> tuple[str, str]:
    """A SIREN and a SIRET that have their keys, each wherever it stands; "" where none does."""
    numbers = [_DIGITS.sub("", given[name]) for name in NUMBERS]
    siret = next((number for number in map(_siret, numbers) if number), "")
    sirens = [number for number in map(_siren, numbers) if number]
    return (sirens[0] if sirens else siret[:9]), siret


def _siret(digits: str) -> str:
    """A spreadsheet takes up to three leading zeros."""
    whole = digits.zfill(14) if 11 < len(digits) < 14 else digits
    return whole if is_siret(whole) and whole.strip("0") else ""


def _siren(digits: str) -> str:
    if len(digits) == 11 and is_vat_number(digits):
        digits = digits[2:]
    elif len(digits) in (7, 8):
        digits = digits.zfill(9)
    elif len(digits) == 14:
        digits = digits[:9]
    return digits if is_siren(digits) and digits.strip("0") else ""
