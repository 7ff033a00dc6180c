"""Two names compared: whether they are one, and which of their words the other lacks, the rare ones counting most."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from foxreviews.reference.text import fold
from foxreviews.reference.words import LEGAL_FORMS, LITTLE, distance, key, typos_of, words

Weight = Callable[[str], float]  # how much a word tells: 0 that all companies have it, 1 that none other has

MIN_PREFIX = 3  # letters of a word that is cut: DISTRIB
MIN_JOINED = 5  # letters of a word that is written as two
MIN_WHOLE = 6  # letters of a name that is compared whole
MAX_TYPOS = 3  # of a whole name
MIN_INITIALS, MAX_INITIALS = 3, 7
# How much of its word each of these proves
TYPO, TYPO_IN_SHORT, SHORTENED, INITIAL = 0.85, 0.5, 0.6, 0.35
MIN_SURE_TYPO = 5  # letters: HPY is not HGY
STRANGE = 0.9  # what a word tells that hardly a company has
PART = 0.9  # how much one name of two in a line proves
MIN_PART = 4  # letters
TOWN_SHARE = 0.2  # of what a word would tell, where it is that of the line's town

_MISSPELT_FORMS = ("SARL", "SASU", "EURL", "EARL", "GAEC", "SCEA", "SELARL", "ASSOCIATION", "SOCIETE")
_PARTS = re.compile(r" [-–/] |[()]")

# Other spellings of legal forms, and what some of them mean
_FORMS = {
    "STE": "",
    "SOCIETE": "",
    "ETS": "",
    "ETABLISSEMENTS": "",
    "CIE": "",
    "SASU": "SAS",
    "EURL": "SARL",
    "SELARL": "SEL",
    "SELAS": "SEL",
    "EIRL": "EI",
}
_LONG_FORMS = (
    ("SOCIETE A RESPONSABILITE LIMITEE", "SARL"),
    ("SOCIETE PAR ACTIONS SIMPLIFIEE", "SAS"),
    ("SOCIETE CIVILE IMMOBILIERE", "SCI"),
    ("SOCIETE ANONYME", "SA"),
    ("SOCIETE EN NOM COLLECTIF", "SNC"),
    ("ENTREPRISE UNIPERSONNELLE", "SARL"),
)
# categorieJuridique, by its beginning
_OF_CATEGORY = (
    ("1", "EI"),
    ("52", "SNC"),
    ("548", "SEL"),
    ("54", "SARL"),
    ("55", "SA"),
    ("56", "SA"),
    ("57", "SAS"),
    ("65", "SCI"),
    ("92", "ASSOCIATION"),
)


class Likeness(IntEnum):
    """How two names are alike, best last."""

    OTHER = 0
    WORDS = 1  # they share words
    SPELLING = 2  # the whole but for some letters
    INITIALS = 3  # one is the initials of the other
    SAME = 4  # but for legal forms, articles, spaces and order
    EXACT = 5  # letter by letter


@dataclass(frozen=True)
class NameWords:
    """A name as it is compared."""

    words: tuple[str, ...]  # that count: no articles, no legal forms
    key: str  # its letters
    core: str  # those of `words`
    ordered: tuple[str, ...]
    initials: tuple[str, ...]  # with and without articles
    forms: frozenset[str]


@dataclass(frozen=True)
class Comparison:
    """`similarity`, and what of each name's weight the other lacks, are parts of 1; `told` is the weight in common."""

    likeness: Likeness
    similarity: float = 0.0
    lacking: float = 1.0  # of the typed name
    added: float = 1.0  # of the company's name
    told: float = 0.0


NOTHING_ALIKE = Comparison(Likeness.OTHER)


@lru_cache(maxsize=50_000)
def name_words(text: str) -> NameWords:
    """A name, read once."""
    folded = fold(text)
    stated = set[str]()
    for long, form in _LONG_FORMS:
        if long in folded:
            folded = " ".join(folded.replace(long, " ").split()) or folded
            stated.add(form)
    found = words(folded)
    stated.update(_FORMS.get(word, word) for word in found if word in LEGAL_FORMS)
    counting = tuple(dict.fromkeys(word for word in found if word not in LITTLE)) or tuple(
        dict.fromkeys(found)
    )
    letters = ("".join(word[0] for word in found), "".join(word[0] for word in counting))
    return NameWords(
        words=counting,
        key=key(folded),
        core="".join(counting),
        ordered=tuple(sorted(counting)),
        initials=tuple(each for each in dict.fromkeys(letters) if MIN_INITIALS <= len(each) <= MAX_INITIALS),
        forms=frozenset(stated - {""}),
    )


def form_of(category: str) -> str:
    """The legal form that a categorieJuridique is, as names state it; "" for others."""
    return next((form for beginning, form in _OF_CATEGORY if category.startswith(beginning)), "")


def compare(typed: NameWords, known: NameWords, weight: Weight) -> Comparison:
    """How a typed name and one of a company's are alike."""
    if not typed.core or not known.core:
        return NOTHING_ALIKE
    if typed.core == known.core or typed.ordered == known.ordered or typed.key == known.key:
        told = sum(map(weight, known.words))
        likeness = Likeness.EXACT if typed.key == known.key else Likeness.SAME
        return Comparison(likeness, 1.0, 0.0, 0.0, told)
    if len(typed.words) == 1 and typed.core in known.initials:
        return Comparison(Likeness.INITIALS, 0.5, 0.0, 0.5, 0.5 * weight(typed.core))
    if len(known.words) == 1 and known.core in typed.initials:
        return Comparison(Likeness.INITIALS, 0.5, 0.5, 0.0, 0.5 * weight(known.core))
    shared = _by_words(typed, known, weight)
    if (typos := _typos(typed.core, known.core)) is not None:
        similarity = 1 - typos / max(len(typed.core), len(known.core))
        if similarity > shared.similarity or shared.likeness is Likeness.OTHER:
            told = similarity * sum(map(weight, known.words))
            return Comparison(Likeness.SPELLING, similarity, 1 - similarity, 1 - similarity, told)
    return shared


@lru_cache(maxsize=20_000)
def parts(text: str) -> tuple[str, ...]:
    """The names in a text that has several: «MARTIN SARL - Chez Sophie»."""
    found = tuple(part.strip() for part in _PARTS.split(text) if len(key(part)) >= MIN_PART)
    return found if len(found) > 1 or (found and found[0] != text) else ()


def compare_part(part: NameWords, known: NameWords, weight: Weight) -> Comparison:
    """One of several names in a line, which is the company's name, or proves nothing."""
    found = compare(part, known, weight)
    if found.likeness < Likeness.SAME:
        return NOTHING_ALIKE
    return Comparison(Likeness.WORDS, PART, 1 - PART, 0.0, PART * found.told)


def _typos(one: str, other: str) -> int | None:
    """How many letters two whole names differ in; None where it is too many for their length."""
    length = min(len(one), len(other))
    limit = min(MAX_TYPOS, length // 5 + 1)
    if length < MIN_WHOLE or abs(len(one) - len(other)) > limit or len({*one} ^ {*other}) > 2 * limit:
        return None
    typos = distance(one, other, limit)
    return typos if typos <= limit else None


def _by_words(typed: NameWords, known: NameWords, weight: Weight) -> Comparison:
    """Each typed word is met by one of the company's: itself, misspelt, cut, an initial, or as part of a joined one."""
    left = dict.fromkeys(known.words)
    common, unmet = 0.0, list[str]()
    for word in typed.words:
        if word in left:
            common += weight(word)
            del left[word]
        else:
            unmet.append(word)
    met_of_known = common
    forgiven = 0.0
    for word in unmet:
        share, met = _best(word, left, known.core)
        if share:
            common += share * weight(word)
            met_of_known += share * sum(map(weight, met))
            for each in met:
                del left[each]
            continue
        if weight(word) >= STRANGE and _is_form(word):  # SARNL
            forgiven += weight(word)
    for word in list(left):  # TOTAL ENERGIES of TOTALENERGIES is met by words that are written as one
        if len(word) >= MIN_JOINED and word in typed.core and word not in typed.words:
            met_of_known += weight(word)
            del left[word]
            parts = [each for each in unmet if each in word]
            common += sum(map(weight, parts))
    typed_weight = sum(map(weight, typed.words)) - forgiven
    known_weight = sum(map(weight, known.words))
    if not common and not met_of_known:
        return NOTHING_ALIKE
    lacking = max(0.0, 1 - common / typed_weight) if typed_weight else 0.0
    added = max(0.0, 1 - met_of_known / known_weight) if known_weight else 0.0
    similarity = 1 - (lacking * typed_weight + added * known_weight) / ((typed_weight + known_weight) or 1)
    return Comparison(Likeness.WORDS, similarity, lacking, added, min(common, met_of_known))


def _best(word: str, left: Iterable[str], whole: str) -> tuple[float, list[str]]:
    """How much of a typed word is met, and by which of the company's words."""
    best, met = 0.0, list[str]()
    for other in left:
        share = _share(word, other)
        if share > best:
            best, met = share, [other]
    is_joined = best < TYPO and len(word) >= MIN_JOINED and word in whole
    if is_joined and (within := [other for other in left if other in word]):
        return 1.0, within
    return best, met


@lru_cache(maxsize=100_000)
def _share(word: str, other: str) -> float:
    """How much of a word another one proves."""
    short, long = sorted((word, other), key=len)
    begins_alike = word[0] == other[0]
    typos = min(typos_of(word), typos_of(other), 2 if begins_alike else 1)
    if len(short) == 1:
        return INITIAL if begins_alike else 0.0
    if len(short) >= MIN_PREFIX and long.startswith(short):
        return SHORTENED if len(long) - len(short) > 1 else TYPO
    if typos and len(long) - len(short) <= typos and distance(word, other, typos) <= typos:
        return TYPO if len(short) >= MIN_SURE_TYPO else TYPO_IN_SHORT
    return SHORTENED if begins_alike and _is_abbreviation(short, long) else 0.0


@lru_cache(maxsize=20_000)
def _is_form(word: str) -> bool:
    """Whether a word is a legal form but for a typo."""
    return len(word) >= len("SARL") and any(distance(word, form, 1) <= 1 for form in _MISSPELT_FORMS)


def _is_abbreviation(short: str, long: str) -> bool:
    """Whether the letters of a word stand in another one in their order, the last one last: CTRE in CENTRE."""
    rest = iter(long)
    return (
        len(short) >= MIN_PREFIX
        and short[-1] == long[-1]
        and not short.isdigit()
        and all(letter in rest for letter in short)
    )
