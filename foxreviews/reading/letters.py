"""What a byte above 127 tells of a text's encoding: how well the letter that it would be stands between its neighbours.

An é in a word earns points; an upper-case letter after a lower-case one or a sign inside a word costs some. A file of
any size is judged by reading.encodings, which has these points in tables; a short list by `best`.
"""

import codecs
import re
from functools import cache

ENCODINGS = ("cp1252", "iso8859-15", "mac_roman", "cp850")
CP1252_HOLES = {0x81: "\x81", 0x8D: "\x8d", 0x8F: "\x8f", 0x90: "\x90", 0x9D: "\x9d"}
FILLED = "cp1252-holes"  # the handler of errors that decodes them

USUAL_FIRST = (1.5, 0.5, 0.0, 0.0)  # points that each encoding has before anything is read
JUNK = -2.0  # points of a byte that stands for nothing in French text

NONE, LOWER, UPPER = range(3)  # what stands next to a byte
FREQUENT = {"é": 3.0, "è": 2.5, "à": 2.5, "ç": 2.5, "É": 3.0, "È": 2.0, "À": 2.0}
LETTERS = dict.fromkeys("êôîûâùëïüöœæ", 2.0) | dict.fromkeys("ÊÇÔÎÛÂÙËÏÜÖŒÆ", 1.5) | FREQUENT
BESIDE_WORDS = dict.fromkeys("º«»“”„–—•·€™®©§²³¹½¼¾£\xa0", 1.0) | {"°": 2.0}
WINDOWS = ENCODINGS[:2]  # where keyboards have no Ô, so people write "HôTEL"
ODD_CASE = 1.5
MAX_JUDGED = 20_000  # bytes of a short list, which is read in four encodings

_ODD = re.compile(rb"[\x80-\xff]")


def best(data: bytes) -> tuple[str, float]:
    """The encoding of a text that is not UTF-8, and its points: below 0 it is no French text in any that is known."""
    points = list(USUAL_FIRST)
    text = b"\n" + data + b"\n"
    for count, found in enumerate(_ODD.finditer(text)):
        if count == MAX_JUDGED:
            break
        at = found.start()
        for number, encoding in enumerate(ENCODINGS):
            table = characters(encoding)
            before, after = kind(table[text[at - 1]]), kind(table[text[at + 1]])
            points[number] += judge(table[text[at]], before, after, encoding)
    most = max(range(len(points)), key=points.__getitem__)
    return ENCODINGS[most], points[most]


@cache
def characters(encoding: str) -> str:
    """What each of the 256 bytes is in it."""
    return bytes(range(256)).decode(encoding, errors=FILLED)


def kind(letter: str) -> int:
    """What a neighbour is."""
    return LOWER if letter.islower() else UPPER if letter.isupper() else NONE


@cache
def judge(letter: str, before: int, after: int, encoding: str) -> float:
    """The points of a character between two neighbours, in a text of that encoding."""
    points = _judge(letter, before, after)
    is_odd = letter.islower() and before == UPPER and after != LOWER
    return points - ODD_CASE if is_odd and encoding not in WINDOWS else points


def _judge(letter: str, before: int, after: int) -> float:
    if letter.isupper():
        return _judge_upper(letter, before, after)
    if letter.islower() and letter not in "ªº":
        points = LETTERS.get(letter, 0.0)
        return points - 1 if before == UPPER and after != LOWER else points
    return _judge_sign(letter, before, after)


def _judge_upper(letter: str, before: int, after: int) -> float:
    points = LETTERS.get(letter)
    if before == LOWER:
        return -4.0 if points is None else max(points - 4, JUNK + 0.5)
    if before == after == NONE:
        return -0.5 if points else JUNK
    if points is None:
        return 0.0
    return points - 1 if before == UPPER and after == LOWER else points


def _judge_sign(sign: str, before: int, after: int) -> float:
    inside = NONE not in (before, after)
    if sign in CP1252_HOLES.values():
        return -4.0
    if sign in "’‘´":
        return 2.0 if inside and sign == "’" else 0.5
    if sign == "…":
        return JUNK if inside else 0.0 if before == NONE else 1.0
    if sign in BESIDE_WORDS:
        return JUNK if inside and sign != "\xa0" else BESIDE_WORDS[sign]
    return -1.0 if before == after == NONE else -3.0


def _fill_hole(error: UnicodeError) -> tuple[str, int]:
    """Five bytes have no character in cp1252; as in browsers they stand for themselves."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return CP1252_HOLES[error.object[error.start]], error.start + 1


codecs.register_error(FILLED, _fill_hole)
