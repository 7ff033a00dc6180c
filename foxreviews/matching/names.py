"""Two names compared: whether they are one, and which of their words the other lacks, the rare ones counting most."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from foxreviews.matching import bodies
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
MIN_OF_ESTABLISHMENT = 2  # of a name in front of «Agence de Lyon»
TOWN_SHARE = 0.2  # of what a word would tell, where it is that of the line's town

MIN_CUT = 18  # letters and spaces of a name that is cut at the width of a column

_MISSPELT_FORMS = ("SARL", "SASU", "EURL", "EARL", "GAEC", "SCEA", "SELARL", "ASSOCIATION", "SOCIETE")
# What divides a text that has several names: signs, and words in front of another name or of an establishment
_ESTABLISHMENT = (
    r"(?:AGENCE|SITE|USINE|ETABLISSEMENT|ÉTABLISSEMENT|DEPOT|DÉPÔT|SUCCURSALE|MAGASIN|SIEGE|SIÈGE|ANTENNE|ATELIER"
    r"|PLATEFORME|PLATE-FORME|CARRIERE|CARRIÈRE|CHANTIER|DELEGATION|DÉLÉGATION|DIRECTION|UNITE|UNITÉ|ENTREPOT|ENTREPÔT)"
)
_PARTS = re.compile(
    r""" [-–—/:] |[()\[\]"«»“”]"""
    r"|[ ,]+(?:ENSEIGNE|NOM COMMERCIAL|ANCIENNEMENT|C/O)\b[ :]*"
    rf"|[ ,-]+(?={_ESTABLISHMENT}\b)",
    re.IGNORECASE,
)
_OF_ESTABLISHMENT = re.compile(rf"{_ESTABLISHMENT}\b", re.IGNORECASE)

# Legal forms that the index keeps as words of a name, and other spellings of forms with what some of them mean
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
_MORE_FORMS = {
    "SOC": "",
    "SOCIETES": "",
    "ETABLISSEMENT": "",
    "ETABL": "",
    "SCOP": "",
    "SCIC": "",
    "SCCV": "",
    "SELURL": "SEL",
    "SELAFA": "SEL",
    "SPFPL": "",
    "SASP": "SAS",
    "SAEM": "SA",
    "SAEML": "SA",
    "ASSOCIATION": "ASSOCIATION",
}
_LONG_FORMS = {
    "SOCIETE D EXERCICE LIBERAL A RESPONSABILITE LIMITEE": "SEL",
    "SOCIETE D EXERCICE LIBERAL PAR ACTIONS SIMPLIFIEE": "SEL",
    "SOCIETE A RESPONSABILITE LIMITEE": "SARL",
    "SOCIETE PAR ACTIONS SIMPLIFIEE UNIPERSONNELLE": "SAS",
    "SOCIETE PAR ACTIONS SIMPLIFIEE": "SAS",
    "SOCIETE CIVILE IMMOBILIERE": "SCI",
    "SOCIETE CIVILE D EXPLOITATION AGRICOLE": "SCEA",
    "SOCIETE CIVILE PROFESSIONNELLE": "SCP",
    "SOCIETE CIVILE DE MOYENS": "SCM",
    "SOCIETE ANONYME": "SA",
    "SOCIETE EN NOM COLLECTIF": "SNC",
    "EXPLOITATION AGRICOLE A RESPONSABILITE LIMITEE": "EARL",
    "GROUPEMENT AGRICOLE D EXPLOITATION EN COMMUN": "GAEC",
    "GROUPEMENT D INTERET ECONOMIQUE": "GIE",
    "ENTREPRISE UNIPERSONNELLE A RESPONSABILITE LIMITEE": "SARL",
    "ENTREPRISE UNIPERSONNELLE": "SARL",
    "ENTREPRENEUR INDIVIDUEL": "EI",
    "ENTREPRISE INDIVIDUELLE": "EI",
    "AUTO ENTREPRENEUR": "EI",
    "AUTO ENTREPRISE": "EI",
    "MICRO ENTREPRISE": "EI",
    "MICRO ENTREPRENEUR": "EI",
}
_LONG_FORM = re.compile(rf"\b(?:{'|'.join(_LONG_FORMS)})\b")  # a longer one stands in front of its beginning
# What lists say of a company behind its name
_ADDED = re.compile(
    r" (?:AU CAPITAL (?:SOCIAL )?DE .*|A CAPITAL (?:VARIABLE|FIXE)|REPRESENTEE? PAR .*"
    r"|(?:EN )?(?:COURS DE )?(?:LIQUIDATION|REDRESSEMENT)(?: JUDICIAIRE| AMIABLE)?)$"
)
_NO_NAME_TEXT = (
    "CAPITAL REPRESENTE REPRESENTEE LIQUIDATION REDRESSEMENT RESPONSABILITE SIMPLIFIEE CIVILE ANONYME COLLECTIF "
    "GROUPEMENT UNIPERSONNELLE INDIVIDUEL INDIVIDUELLE AUTO MICRO"
)
_NO_NAME = frozenset(_NO_NAME_TEXT.split())
# «M. DUPONT JEAN», «M. ET MME DUPONT JEAN»: of LITTLE is «MME», but one letter is no title in the index
_TITLE = re.compile(r"^MM?(?: ET MME| OU MME)?(?= [A-Z]{2,} [A-Z]{2,})")
# «STE FROMAGERE» is a société, «STE ANNE» is a saint
_COMPANY = re.compile(
    r"^STE (?=[A-Z])(?!(?:AGATHE|AGNES|ANNE|BARBE|CATHERINE|CECILE|CHAPELLE|CLAIRE|CLOTILDE|COLOMBE|CROIX|ELISABETH"
    r"|EULALIE|FAMILLE|FLORINE|FOY|GENEVIEVE|HELENE|JEANNE|LUCE|LUCIE|MADELEINE|MARGUERITE|MARIE|MARTHE|MAURE|MAXIME|MENEHOULD"
    r"|ODILE|ORADOUX|RADEGONDE|SOLANGE|SOPHIE|SUZANNE|THERESE|TULLE|URSULE|VALERIE|VICTOIRE)\b)"
)
# Words that lists write short, and no other word is written so
_SHORT = {
    "ASSO": "ASSOCIATION",
    "ASSOC": "ASSOCIATION",
    "CTRE": "CENTRE",
    "COOP": "COOPERATIVE",
    "DISTRIB": "DISTRIBUTION",
    "ENTR": "ENTREPRISE",
    "FRES": "FRERES",
    "GLE": "GENERALE",
    "INTL": "INTERNATIONAL",
    "PHIE": "PHARMACIE",
    "RESTAU": "RESTAURANT",
    "SCES": "SERVICES",
    "SYND": "SYNDICAT",
    "TPTS": "TRANSPORTS",
    "TRANSP": "TRANSPORTS",
    "TRSPT": "TRANSPORTS",
    "TRSPTS": "TRANSPORTS",
}
# Digits that a machine read for letters: B0ULANGERIE, DUP0NT; not those at the end of a word, which count something
_MISREAD = re.compile(r"(?<=[A-Z])[0158]{1,2}(?=[A-Z])|^[0158]{1,2}(?=[A-Z]{4})")
_READ_AS = {"0": "O", "1": "I", "5": "S", "8": "B"}
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
    *bodies.OF_CATEGORY,
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
    whole: str  # its letters
    key: str  # the same without what stands for a legal form in full, or for a title
    core: str  # those of `words`
    ordered: tuple[str, ...]
    initials: tuple[str, ...]  # with and without articles
    forms: frozenset[str]  # legal forms, and kinds of public bodies
    is_long: bool = False  # enough to be cut


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
    """A name, read once: as it is compared."""
    folded, stated = _without_form(fold(text))
    with_kinds, kinds = bodies.with_kinds(folded)
    return _name_words(text, with_kinds, {*stated, *kinds})


@lru_cache(maxsize=20_000)
def asked_words(text: str) -> NameWords:
    """The same as the index is asked for it: in the words that stand there."""
    folded, stated = _without_form(fold(text))
    return _name_words(text, folded, stated)


def _without_form(folded: str) -> tuple[str, set[str]]:
    """A name without its legal form in full, a title or «société» in front, its capital; and the forms."""
    stated, rest = set[str](), folded
    if not _NO_NAME.isdisjoint(folded.split()):
        stated = {_LONG_FORMS[form] for form in _LONG_FORM.findall(folded)}
        rest = _LONG_FORM.sub(" ", _ADDED.sub("", folded)).strip()
    if rest.startswith("M"):
        rest = _TITLE.sub("", rest)
    elif rest.startswith("STE "):
        rest = _COMPANY.sub("", rest)
    return " ".join(rest.split()) or folded, stated


def _name_words(text: str, folded: str, stated: set[str]) -> NameWords:
    found = [_word(word) for word in words(folded)]
    forms = {_FORMS.get(word, word) for word in found if word in LEGAL_FORMS}
    forms |= {_MORE_FORMS[word] for word in found if word in _MORE_FORMS}
    counting = tuple(
        dict.fromkeys(word for word in found if word not in LITTLE and word not in _MORE_FORMS)
    ) or tuple(dict.fromkeys(found))
    letters = ("".join(word[0] for word in found), "".join(word[0] for word in counting))
    return NameWords(
        words=counting,
        whole=key(text),
        key=key(folded),
        core="".join(counting),
        ordered=tuple(sorted(counting)),
        initials=tuple(each for each in dict.fromkeys(letters) if MIN_INITIALS <= len(each) <= MAX_INITIALS),
        forms=frozenset(stated | forms) - {""},
        is_long=len(folded) >= MIN_CUT,
    )


def _word(word: str) -> str:
    """A word in full, without digits that are letters."""
    if not word.isalpha() and sum(map(str.isalpha, word)) >= MIN_PREFIX:
        word = _MISREAD.sub(lambda digits: "".join(map(_READ_AS.__getitem__, digits[0])), word)
    return _SHORT.get(word, word)


def form_of(category: str) -> str:
    """The legal form that a categorieJuridique is, as names state it; "" for others."""
    return next((form for beginning, form in _OF_CATEGORY if category.startswith(beginning)), "")


def are_other_bodies(typed: frozenset[str], known: frozenset[str], likeness: Likeness) -> bool:
    """Whether two names, by their forms, are not of one kind of public body.

    Two names that are one may leave it out or misspell it, as a sign does.
    """
    here, there = typed & bodies.WORDS, known & bodies.WORDS
    if likeness >= Likeness.SAME or likeness is Likeness.SPELLING:
        return bool(here and there) and not here & there
    return not here & there if here or there else False


def compare(typed: NameWords, known: NameWords, weight: Weight) -> Comparison:
    """How a typed name and one of a company's are alike."""
    if not typed.core or not known.core:
        return NOTHING_ALIKE
    if typed.core == known.core or typed.ordered == known.ordered or typed.key == known.key:
        told = sum(map(weight, known.words))
        likeness = Likeness.EXACT if typed.key == known.key else Likeness.SAME
        return Comparison(likeness, 1.0, 0.0, 0.0, told)
    if whole := _short(typed, known, weight):
        return whole
    shared = _by_words(typed, known, weight)
    if (typos := _typos(typed.core, known.core)) is not None:
        similarity = 1 - typos / max(len(typed.core), len(known.core))
        if similarity > shared.similarity or shared.likeness is Likeness.OTHER:
            told = similarity * sum(map(weight, known.words))
            return Comparison(Likeness.SPELLING, similarity, 1 - similarity, 1 - similarity, told)
    return shared


def _short(typed: NameWords, known: NameWords, weight: Weight) -> Comparison | None:
    """Where one name is the other in short: its initials, or cut at the width of a column."""
    if len(typed.words) == 1 and typed.core in known.initials:
        return Comparison(Likeness.INITIALS, 0.5, 0.0, 0.5, 0.5 * weight(typed.core))
    if len(known.words) == 1 and known.core in typed.initials:
        return Comparison(Likeness.INITIALS, 0.5, 0.5, 0.0, 0.5 * weight(known.core))
    if typed.is_long and (part := _cut(typed, known)):  # nobody left out what was cut away: it counts half
        told = sum(map(weight, typed.words[:-1]))
        return Comparison(Likeness.SPELLING, (1 + part) / 2, 0.0, (1 - part) / 2, told)
    return None


def _cut(typed: NameWords, known: NameWords) -> float:
    """How much of a company's name a list has that cut it in the middle of a word; 0 where it is not that name."""
    *whole, last = typed.words
    count = len(whole)
    if len(known.words) <= count or known.words[:count] != tuple(whole):
        return 0.0
    word = known.words[count]
    return len(typed.core) / len(known.core) if word != last and word.startswith(last) else 0.0


@lru_cache(maxsize=20_000)
def parts(text: str) -> tuple[str, ...]:
    """The names in a text that has several: «MARTIN SARL - Chez Sophie», «EDF - Agence de Lyon»."""
    pieces = [piece.strip(" ,-") for piece in _PARTS.split(text)]
    places = [piece for piece in pieces[1:] if _OF_ESTABLISHMENT.match(piece)]
    shortest = MIN_OF_ESTABLISHMENT if places else MIN_PART
    found = tuple(piece for piece in pieces if piece not in places and len(key(piece)) >= shortest)
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
