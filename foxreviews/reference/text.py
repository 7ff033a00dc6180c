"""The keys under which names are compared: how a register, the post and a person spell the same word."""

import re
import unicodedata

# Upper case and digits stay, every other ASCII character separates words.
_WORDS = {code: chr(code).upper() if chr(code).isalnum() else " " for code in range(128)}

# What Unicode does not decompose into a letter and its accents; the accents themselves then go.
_SPELLINGS = {"OE": "Œœ", "AE": "Ææ", "SS": "ßẞ", "O": "Øø", "L": "Łł", "D": "ĐđÐð", "TH": "Þþ", "I": "ı"}
SPELLED = {letter: spelled for spelled, letters in _SPELLINGS.items() for letter in letters}
_LETTERS: dict[int, str | None] = {
    **{ord(letter): spelled for letter, spelled in SPELLED.items()},
    **dict.fromkeys(range(0x300, 0x370)),
}

_SAINT = re.compile(r"\b(?:ST|STE|STS|STES)\b")
_SAINTS = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES"}

# AULNAY S/S BOIS is "sous"; VITRY S/SEINE is nearly always "sur". At the end of a name it means neither.
_SOUS = re.compile(r"\bS/S(?=[ -]+\w)", re.IGNORECASE)
_SUR = re.compile(r"\bS/(?=[ -]*\w\w)", re.IGNORECASE)

_DISTRICTS = {"PARIS": 20, "LYON": 9, "MARSEILLE": 16}
_DISTRICT = re.compile(
    r"(PARIS|LYON|MARSEILLE) (?:CEDEX )?0*([1-9]\d?)"
    r"(?: ?(?:ER|E|EM|EME|ND|NDE))?(?: (?:ARR|ARRT|ARRDT|ARROND|ARRONDISSEMENT))?(?: CEDEX\b.*)?"
)


def fold(text: str) -> str:
    """`text` in upper-case ASCII letters and digits, one space between words: "L'Œuvre" → "L OEUVRE".

    Folding twice changes nothing. Twenty letters take about 1 µs, 3 µs where one has an accent.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).translate(_LETTERS).encode("ascii", "replace").decode()
    return " ".join(text.translate(_WORDS).split())


def town_key(name: str) -> str:
    """The key under which the spellings of one town meet.

    "ST ETIENNE", "Saint-Étienne" and "SAINT ETIENNE CEDEX 2" are "SAINT ETIENNE". Paris, Lyon and Marseille
    keep the district, whose number is also that of the CEDEX: "Paris 15e Arrondissement", "PARIS 15" and
    "PARIS CEDEX 15" are "PARIS 15". The key of a key is itself.
    """
    if "/" in name:
        name = _SUR.sub("SUR ", _SOUS.sub("SOUS", name))
    key = _SAINT.sub(lambda word: _SAINTS[word[0]], fold(name))
    district = _DISTRICT.fullmatch(key)
    if district and int(district[2]) <= _DISTRICTS[district[1]]:
        return f"{district[1]} {int(district[2])}"
    if "CEDEX" in key:
        return f" {key} ".partition(" CEDEX ")[0].strip()
    return key
