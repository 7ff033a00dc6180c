"""Where a line says that a company is: postal code, town and département, in whichever column and order they stand."""

import re
from functools import lru_cache

from foxreviews.matching.towns import Towns
from foxreviews.reference.geography import DEPARTEMENTS, departement_of_postal_code
from foxreviews.reference.text import town_key

MAX_TOWN_WORDS = 6  # of a town that stands behind a street without a sign between them

_DIGITS = re.compile(r"[^0-9]+")
_POSTAL_CODE = re.compile(r"(?<![0-9])(?:F ?- ?)?([0-9]{5})(?![0-9])")
_TOWN = (
    r"[^0-9]{2,60}?(?:\s+(?:CEDEX\s*)?[0-9]{1,2}(?:\s?(?:ERE?|[EÈ]ME|E|ND))?(?:\s+ARR\w*\.?)?)?"
    r"(?:\s+CEDEX(?:\s+[0-9]+)?)?"
)
_NO_BOX = r"(?<![0-9])(?<!\bBP )(?<!\bCS )(?<!\bTSA )(?<!\bBP)(?<!\bCS)"  # no post-office box's number
# «12 rue de Lyon, 75011 Paris», «… 75 011 Paris 11e», «… Paris (75011)», «… Paris - 75011»
_CODE_AND_TOWN = re.compile(
    rf"^(.*?)[\s,;(-]*{_NO_BOX}(?:\bF ?- ?)?([0-9]{{2}} ?[0-9]{{3}})\)?[\s,;-]+({_TOWN})\s*$", re.IGNORECASE
)
_CODE_LAST = re.compile(rf"^(.*?)[\s,;(-]+{_NO_BOX}(?:F ?- ?)?([0-9]{{5}})\)?\s*$", re.IGNORECASE)
_PIECES = re.compile(r"\s*[,;–—]\s*|\s+-\s+")
_COUNTRY = re.compile(r"(?<!\bEN)(?<!\bDE)(?<!\bD')[\s,;(-]+FRANCE\b\)?\.?\s*$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"^(.*?)\s*\((0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-6])\)\s*$", re.IGNORECASE)
_ARTICLE_BEHIND = re.compile(r"^(.*?)\s*\((LE|LA|LES|L'|L’|L)\)\s*$", re.IGNORECASE)  # MANS (LE)


def put_right(given: dict[str, str], towns: Towns) -> None:
    """Give each of a line's place its own column: `given` has texts under record.FIELDS."""
    given["departement"] = departement(given["departement"])
    if given["code_commune"].isdigit():
        given["code_commune"] = given["code_commune"].zfill(5)  # a spreadsheet took the zero
    code, letters = _of_code(given)
    town = _COUNTRY.sub("", given["ville_nom"])
    if not code and (found := _POSTAL_CODE.search(town)):
        code = found[1]
    given["code_postal"] = code
    given["ville_nom"] = _town(town, given) or letters
    _take_from_address(given, towns)


def departement(text: str) -> str:
    """The code of a département that a text names by its code, a postal code or its name, "" where it names none."""
    code = text.upper().removesuffix(".0").zfill(2)
    if code in DEPARTEMENTS:
        return code
    return departement_of_postal_code(text) or _named(town_key(text))


def _of_code(given: dict[str, str]) -> tuple[str, str]:
    """The postal code of its column, and a town that stands there, too. A département's code is taken for that."""
    text = given["code_postal"]
    found = _POSTAL_CODE.search(text)
    digits = found[1] if found else _DIGITS.sub("", text.removesuffix(".0"))
    letters = _town(text, given) if any(map(str.isalpha, text)) else ""
    if len(digits) == 4 and not letters:
        digits = f"0{digits}"  # a spreadsheet took the zero
    if len(digits) == 5:
        return digits, letters
    if not given["departement"] and len(text) <= 3:
        given["departement"] = departement(text) if text else ""
        letters = "" if given["departement"] else letters
    return "", letters


def _town(text: str, given: dict[str, str]) -> str:
    """A town without its postal code, with its article in front; «Lyon (69)» gives the département, too."""
    text = " ".join(_POSTAL_CODE.sub(" ", text).split()).strip(" ,;-")
    if found := _IN_BRACKETS.match(text):
        text = found[1]
        given["departement"] = given["departement"] or departement(found[2])
    if found := _ARTICLE_BEHIND.match(text):
        text = f"{found[2]} {found[1]}"
    return text if any(map(str.isalpha, text)) else ""


def _take_from_address(given: dict[str, str], towns: Towns) -> None:
    """The postal code and the town behind a street, unless the line says them otherwise."""
    code = given["code_postal"]
    if (code and given["ville_nom"] and code not in given["adresse"]) or not given["adresse"]:
        return
    text = _COUNTRY.sub("", given["adresse"])
    if found := _CODE_AND_TOWN.match(text):
        street, there, town = found[1], found[2].replace(" ", ""), found[3]
        is_sure = " " not in found[2] or bool(towns.resolve("", there, town).code_commune)
        if is_sure and code in ("", there):
            _take(given, street, there, town)
            return
    if found := _CODE_LAST.match(text):
        street, there = found[1], found[2]
        if code in ("", there) and (split := _split(street, there, towns)):
            _take(given, split[0], there, split[1])
            return
    if not (code or given["ville_nom"]):
        *streets, last = _PIECES.split(text)
        if streets and last and towns.resolve("", "", _town(last, given), given["departement"]).code_commune:
            _take(given, ", ".join(streets), "", last)


def _take(given: dict[str, str], street: str, code: str, town: str) -> None:
    given["code_postal"] = code
    given["ville_nom"] = given["ville_nom"] or _town(town, given)
    given["adresse"] = street.strip(" ,;-(")


def _split(text: str, code: str, towns: Towns) -> tuple[str, str] | None:
    """A street, and the town at its end that has the postal code: the longest one. None where none has."""
    words = text.split()
    for count in range(min(MAX_TOWN_WORDS, len(words)), 0, -1):
        town = " ".join(words[-count:]).strip(" ,;-(")
        if town and towns.resolve("", code, town).code_commune:
            return " ".join(words[:-count]), town
    return (text, "") if towns.resolve("", code, "").code_commune else None


@lru_cache(maxsize=1_000)
def _named(name: str) -> str:
    return next((code for code, known in DEPARTEMENTS.items() if name and town_key(known.nom) == name), "")
