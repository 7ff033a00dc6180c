"""The words of a name, as they are looked for, and their typos. What is typed and what is indexed are read alike.

"L'Œuvre de St-Étienne" and "l oeuvre de saint etienne" are the words OEUVRE DE SAINT ETIENNE. The same rules exist
twice, for one text here and for a column of them in reference.word_columns; a test holds them together.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import fold

# "S N C F" → "SNCF", also "H M", "H ET M" and "3 M"; an elision before a vowel is none of them.
LETTERS = r"\b[A-Z0-9](?: (?:ET )?[A-Z0-9])+\b"
# "L OEUVRE", "D ARTAGNAN", "QU IL": what stood before an apostrophe
ELISION = r"\b(?:[LDSNJMTC]|QU) (?P<word>[AEIOUYH][A-Z]+)"
# … but not in "H M HENNES" and "S A S ANDRIEUX"
_LONE = r"(?<!\b[A-Z] )"
# "ST ETIENNE", "AULNAY S/S BOIS"
ABBREVIATIONS = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES", "SS": "SOUS"}
ORDINAL = r"\b(?P<number>[0-9]{1,2})(?:ERE|ER|EME|EM|E|NDE|ND)\b"  # 3e, 3ème, 1er

# Words that a search may leave out where it has others: they are forgotten as easily as they are added.
_ARTICLES = "A AU AUX D DE DES DU EN ET L LA LE LES OU PAR POUR SUR UN UNE THE AND"
_LEGAL_FORMS = (
    "EARL EI EIRL EURL GAEC GFA GIE SA SARL SAS SASU SC SCEA SCI SCM SCP SELARL SELAS SNC STE SOCIETE ETS "
    "ETABLISSEMENTS CIE"
)
_TITLES = "MME MADAME MLLE MR MONSIEUR DR DOCTEUR ME MAITRE"
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
LITTLE = frozenset([*_ARTICLES.split(), *LEGAL_FORMS, *_TITLES.split(), "ARRONDISSEMENT", "CEDEX"])

FROM_TO = " … "  # from one number of a street to another: "10 … 14 B RUE DES LILAS"
RANGE = rf"\b([0-9]{{1,4}})(?: [A-Z])?{FROM_TO}([0-9]{{1,4}})\b"
MAX_NUMBERS = 100  # between two of a street, for each of which it is found

Rule = Callable[[str], list[str]]
# Letters typed from which a word may have them: three may be four, one of which is lost; seven may be nine.
MIN_ONE_TYPO, MIN_TWO_TYPOS = 3, 7
SHORT = 2  # letters: what stands in the middle of three words that are written as one

_LETTERS, _ELISION, _ORDINAL = re.compile(LETTERS), re.compile(_LONE + ELISION), re.compile(ORDINAL)
_RANGE = re.compile(RANGE)


def words(text: str) -> list[str]:
    """The words of a name or a town in their order."""
    text = _ELISION.sub(r"\g<word>", fold(text))
    text = _LETTERS.sub(lambda letters: letters[0].replace(" ET ", "").replace(" ", ""), text)
    return [ABBREVIATIONS.get(word, word) for word in _ORDINAL.sub(r"\g<number>", text).split()]


def key(text: str) -> str:
    """The letters and digits of a name and nothing else: "S.N.C.F." and "sncf", "Clin d'œil" and "CLINDOEIL"."""
    return fold(text).replace(" ", "")


def street_words(text: str) -> list[str]:
    """The words of an address, the kind of way in full: "12 bd Voltaire" → 12 BOULEVARD VOLTAIRE.

    Of numbers from one to another also those between: "10 … 14 B RUE" → 10 14 B RUE 11 12 13.
    """
    ranges = _RANGE.findall(text)
    parts = text.split(FROM_TO) if ranges else [text]
    found = [STREET_TYPES.get(word, word) for part in parts for word in words(part)]
    between = (range(int(first) + 1, int(last))[:MAX_NUMBERS] for first, last in ranges)
    return [*" ".join(found).split(), *(str(number) for numbers in between for number in numbers)]


def joined(text: str) -> list[str]:
    """Neighbouring words as one: "TOTAL ENERGIES SERVICES" → TOTALENERGIES, ENERGIESSERVICES.

    The neighbours are those of the folded text, elisions with them: "CLIN D OEIL" → CLIND, DOEIL, CLINDOEIL.
    """
    parts = fold(text).split()
    pairs = [a + b for a, b in pairwise(parts)]
    triples = [a + b + c for a, b, c in zip(parts, parts[1:], parts[2:], strict=False) if len(b) <= SHORT]
    return [*pairs, *triples]


def typos_of(word: str) -> int:
    """How many typos a word may have: none in a number or a short word."""
    if len(word) < MIN_ONE_TYPO or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) < MIN_TWO_TYPOS else 2


def distance(one: str, other: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two words; `limit` + 1 where more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    one, other = _differing(one, other)
    if not one or not other:
        return min(len(one) or len(other), limit + 1)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before = before, row
        row = _next_row(i, a, one[i - 2] if i > 1 else "", other, (last, before), limit)
        if min(row) > limit and min(before) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def _differing(one: str, other: str) -> tuple[str, str]:
    """Two words without what both begin with, and end with."""
    if one == other:
        return "", ""
    start = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return one, other


def _next_row(
    i: int, letter: str, letter_before: str, other: str, rows: tuple[list[int], list[int]], limit: int
) -> list[int]:
    """The costs of the first `i` letters of a word; further than `limit` from the diagonal none is looked at."""
    last, before = rows
    row = [limit + 1] * (len(other) + 1)
    row[0] = i
    for j in range(max(1, i - limit), min(len(other), i + limit) + 1):
        cost = before[j - 1] + (letter != other[j - 1])
        cost = min(cost, before[j] + 1, row[j - 1] + 1)
        if j > 1 and letter == other[j - 2] and letter_before == other[j - 1]:
            cost = min(cost, last[j - 2] + 1)
        row[j] = cost
    return row
