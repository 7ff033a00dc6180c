"""French as sentences need it: numbers, dates, prepositions before places, articles before activities.

number(519127)             519 127, with thin spaces that break no line
date(dt.date(2020, 1, 1))  1er janvier 2020
in_town("Le Havre")        au Havre
in_departement("69")       dans le Rhône
in_region("94")            en Corse
activity("Programmation informatique")  la programmation informatique
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from foxreviews.reference import rows

THIN_SPACE, FIXED_SPACE = "\u202f", "\u00a0"  # neither breaks a line
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip

_AREAS = rows("area_phrases")
# The usual preposition of each; of the names of two rivers with «et» it is «en», as the Académie française says.
_DEPARTEMENTS = {row["code"]: row["phrase"] for row in _AREAS if row["kind"] == "departement"}
_REGIONS = {row["code"]: row["phrase"] for row in _AREAS if row["kind"] == "region"}

# The first words of the labels of both nomenclatures of activities, but for «autre(s)» and «tous»
_ARTICLES = {row["nom"]: row["article"] for row in rows("activity_nouns")}
_NOT_CLASSIFIED = re.compile(r",? n\.c\.a\.$")
# «Achat et vente de biens propres»: one article does not stand for both
_COORDINATED = re.compile(r"[\w-]+(?:,| et\b| ou\b)|.*;")
_AREA_ARTICLES = {"Le": "au", "Les": "aux"}


def number(value: int) -> str:
    """In groups of three digits."""
    return f"{value:,}".replace(",", THIN_SPACE)


def date(day: dt.date) -> str:
    """Without its article."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def ordinal(value: int) -> str:
    """Of what is masculine: 1er, 2e."""
    return f"{value}{'er' if value == 1 else 'e'}"


def listed(parts: Sequence[str]) -> str:
    """«a, b et c»."""
    return " et ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def quoted(text: str) -> str:
    """In French quotation marks."""
    return f"«{FIXED_SPACE}{text}{FIXED_SPACE}»"


def capitalised(text: str) -> str:
    """With its first letter as a capital, and the others as they are."""
    return text[:1].upper() + text[1:]


def is_elided(word: str) -> bool:
    """Whether «le», «la», «de» lose their vowel before it. An aspirated h is not known: our nouns have none."""
    return unicodedata.normalize("NFKD", word[:1]).casefold()[:1] in tuple("aeiouhœæ")


def in_town(nom: str) -> str:
    """«à Lyon», «au Havre», «aux Sables-d'Olonne», «à La Rochelle»; of a commune by its official name."""
    first, space, rest = nom.partition(" ")
    if space and (contracted := _AREA_ARTICLES.get(first)):
        return f"{contracted} {rest}"
    return f"à {nom}"


def in_departement(code: str) -> str:
    """«dans le Rhône», «en Seine-et-Marne», «à Paris»; "" where there is no such département or collectivity."""
    return _DEPARTEMENTS.get(code, "")


def in_region(code: str) -> str:
    """«en Bretagne», «dans le Grand Est», «à La Réunion»; "" where there is no such région."""
    return _REGIONS.get(code, "")


@lru_cache(maxsize=2_048)  # both nomenclatures have 1,479
def lowered(label: str) -> str:
    """The label of an activity within a sentence: small, without «n.c.a.» (not classified elsewhere)."""
    label = _NOT_CLASSIFIED.sub("", label.strip())
    first = label.split(" ", 1)[0]
    return label if first.isupper() else label[:1].lower() + label[1:]


@lru_cache(maxsize=2_048)
def activity(label: str) -> str:
    """The label with its article: «la programmation informatique», «l'élevage de vaches laitières».

    "" where none stands before all of it: «achat et vente de biens propres», «autres travaux d'installation».
    """
    text = lowered(label)
    found = re.match(r"[\w-]+", text)
    article = _ARTICLES.get(found[0], "") if found else ""
    if not article or _COORDINATED.match(text):
        return ""
    return f"l'{text}" if article != "les" and is_elided(text) else f"{article} {text}"


def is_plural(label: str) -> bool:
    """Whether the verb behind `activity(label)` is in the plural."""
    return activity(label).startswith("les ")
