"""A line of a list as what it says of a company: cleaned, put into the right columns, its town resolved."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from foxreviews.matching.towns import Towns
from foxreviews.reference import naf
from foxreviews.reference.geography import DEPARTEMENTS, departement_of_postal_code
from foxreviews.reference.identifiers import is_siren, is_siret, is_vat_number
from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import fold, town_key
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

_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028\u2029\u2060\ufeff\ud800-\udfff]+")
_DIGITS = re.compile(r"[^0-9]+")
_POSTAL_CODE = re.compile(r"(?<![0-9])(?:F ?- ?)?([0-9]{5})(?![0-9])")
_POSTAL_END = re.compile(
    r"^(.*?)[\s,;-]*\b(?:F ?- ?)?([0-9]{5})\s+([^0-9]{2,60}?(?:\s+CEDEX(?:\s+[0-9]+)?)?)\s*$", re.IGNORECASE
)
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
    given = {name: _text(values.get(name, "")) for name in FIELDS}
    _swap_name_and_address(given)
    _find_postal_code(given)
    siren, siret = _numbers(given)
    place = towns.resolve(given["code_commune"], given["code_postal"], given["ville_nom"])
    departement = place.departement or _departement(given["departement"])
    code = naf.read(given["naf_code"])
    return Record(
        names=tuple(dict.fromkeys(filter(fold, (given[name] for name in NAMES)))),
        adresse=given["adresse"],
        code_postal=given["code_postal"],
        ville_nom=place.ville_nom or given["ville_nom"],
        code_commune=place.code_commune,
        departement=departement,
        naf_code=code,
        trade=given["naf_libelle"] if code else f"{given['naf_libelle']} {given['naf_code']}".strip(),
        siren=siren,
        siret=siret,
    )


def _text(value: str) -> str:
    """One line of at most so many characters, in composed letters. What is no text in it becomes a space."""
    if value.isascii() and value.isprintable() and len(value) <= MAX_CHARACTERS:
        return " ".join(value.split())
    value = unicodedata.normalize("NFC", _NOT_TEXT.sub(" ", value[: 4 * MAX_CHARACTERS]))
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


def _find_postal_code(given: dict[str, str]) -> None:
    """The postal code and the town, wherever they stand: «75011 PARIS» in either column, or behind the street."""
    code, town = given["code_postal"], given["ville_nom"]
    digits = _DIGITS.sub("", code.removesuffix(".0"))
    letters = _letters(code)
    if len(digits) == 4 and not letters:
        digits = f"0{digits}"  # a spreadsheet took the zero
    if len(digits) != 5:
        found = _POSTAL_CODE.search(town)
        digits = found[1] if found else ""
    given["code_postal"] = digits
    given["ville_nom"] = " ".join(_POSTAL_CODE.sub(" ", town).split()).strip(" ,;-")
    if not _letters(given["ville_nom"]):
        given["ville_nom"] = letters
    if (end := _POSTAL_END.match(given["adresse"])) and (not digits or digits == end[2]):
        given["code_postal"] = end[2]
        given["ville_nom"] = given["ville_nom"] or end[3].strip()
        given["adresse"] = end[1].strip(" ,;-")


def _letters(text: str) -> str:
    return " ".join(_POSTAL_CODE.sub(" ", text).split()) if any(map(str.isalpha, text)) else ""


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


def _departement(text: str) -> str:
    code = text.upper().zfill(2)
    return code if code in DEPARTEMENTS else departement_of_postal_code(text) or _named(town_key(text))


@lru_cache(maxsize=1_000)
def _named(name: str) -> str:
    return next((code for code, known in DEPARTEMENTS.items() if name and town_key(known.nom) == name), "")
