"""Which encoding a line that is not UTF-8 is in, by what French text looks like.

Each byte above 127 gets points for the character that it would be between its two neighbours: an é in a word earns
some, an upper-case letter after a lower-case one or a sign inside a word costs some. The encoding with the most points
is taken. Lines near it lend their evidence to a line that has too little of its own.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

ENCODINGS = ("cp1252", "iso8859-15", "mac_roman", "cp850")
NAMES = {"mac_roman": "macroman"} | {name: name for name in ENCODINGS if name != "mac_roman"}
LOST = "\ufffd"  # stands for a letter that nothing brings back
CP1252_HOLES = {0x81: "\x81", 0x8D: "\x8d", 0x8F: "\x8f", 0x90: "\x90", 0x9D: "\x9d"}

USUAL_FIRST = np.array([1.5, 0.5, 0, 0])  # points that each encoding has before anything is read
MAX_LENT = 4.0  # points that the lines before and around may count against an encoding
JUNK = -2.0  # points of a byte that stands for nothing in French text

NONE, LOWER, UPPER = range(3)  # what stands next to a byte
FREQUENT = {"é": 3.0, "è": 2.5, "à": 2.5, "ç": 2.5, "É": 3.0, "È": 2.0, "À": 2.0}
LETTERS = dict.fromkeys("êôîûâùëïüöœæ", 2.0) | dict.fromkeys("ÊÇÔÎÛÂÙËÏÜÖŒÆ", 1.5) | FREQUENT
BESIDE_WORDS = dict.fromkeys("º«»“”„–—•·€™®©§²³¹½¼¾£\xa0", 1.0) | {"°": 2.0}
WINDOWS = ENCODINGS[:2]  # where keyboards have no Ô, so people write "HôTEL"
ODD_CASE = 1.5

Points = npt.NDArray[np.float64]


@dataclass
class Evidence:
    """The points of each of ENCODINGS in all the lines so far."""

    points: Points

    @classmethod
    def none(cls) -> "Evidence":
        """Before the first line."""
        return cls(USUAL_FIRST.copy())

    @property
    def lent(self) -> Points:
        """What a line starts from."""
        lent: Points = np.clip(self.points - self.points.max(), -MAX_LENT, 0) + USUAL_FIRST
        return lent


def decode_lines(lines: Sequence[bytes], evidence: Evidence) -> tuple[list[str], list[str]]:
    """The lines' texts, in which LOST stands for a byte that is nothing, and their encodings; adds to the evidence.

    Bytes that are UTF-8 inside the line count for none of the encodings, and are decoded with the others.
    """
    if not lines:
        return [], []
    bytes_ = np.frombuffer(b"".join((b"\n", *lines, b"\n")), np.uint8)
    places = _odd_bytes(bytes_)
    line_ends = np.cumsum([len(line) for line in lines])
    line_of = np.searchsorted(line_ends, places - 1, side="right")
    points = [_points(number, bytes_, places) for number in range(len(ENCODINGS))]
    of_lines = np.stack([np.bincount(line_of, each, len(lines)) for each in points], axis=1)
    evidence.points += of_lines.sum(axis=0)
    chosen = (of_lines + evidence.lent).argmax(axis=1)
    junk = np.choose(chosen[line_of], points) <= JUNK
    starts = line_ends - [len(line) for line in lines]
    junk_of: dict[int, list[int]] = {}
    for place, line in zip((places - 1)[junk].tolist(), line_of[junk].tolist(), strict=True):
        junk_of.setdefault(line, []).append(place - int(starts[line]))
    encodings = [ENCODINGS[choice] for choice in chosen.tolist()]
    texts = [
        _decode(line, encoding, junk_of.get(number, ()))
        for number, (line, encoding) in enumerate(zip(lines, encodings, strict=True))
    ]
    return texts, encodings


def _decode(line: bytes, encoding: str, junk: Sequence[int]) -> str:
    text = line.decode(encoding, errors="cp1252-holes")
    if not junk:
        return text
    letters = list(text)
    for place in junk:
        letters[place] = LOST
    return "".join(letters)


def _odd_bytes(bytes_: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The places of the bytes above 127 that are not part of a UTF-8 character of French text."""
    high = bytes_ >= 0x80
    following = high & (bytes_ < 0xC0)
    utf8 = np.zeros(bytes_.size, bool)
    pair = np.flatnonzero((bytes_[:-1] >= 0xC2) & (bytes_[:-1] <= 0xC5) & following[1:])
    triple = np.flatnonzero((bytes_[:-2] == 0xE2) & following[1:-1] & following[2:])
    for first, length in ((pair, 2), (triple, 3)):
        for step in range(length):
            utf8[first + step] = True
    return np.flatnonzero(high & ~utf8)


def _points(
    encoding: int, bytes_: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    kinds, table = _table(ENCODINGS[encoding])
    found: Points = table[kinds[bytes_[places - 1]], bytes_[places], kinds[bytes_[places + 1]]]
    return found


@cache
def _table(encoding: str) -> tuple[npt.NDArray[np.int64], Points]:
    """What each byte is to its neighbours, and its points between each two kinds of them."""
    text = bytes(range(256)).decode(encoding, errors="cp1252-holes")
    kinds = np.array([LOWER if each.islower() else UPPER if each.isupper() else NONE for each in text])
    table = np.zeros((3, 256, 3))
    for before in (NONE, LOWER, UPPER):
        for after in (NONE, LOWER, UPPER):
            table[before, :, after] = [_judge(each, before, after) for each in text]
            if encoding not in WINDOWS:
                table[before, kinds == LOWER, after] -= ODD_CASE if before == UPPER and after != LOWER else 0
    return kinds, table


def _judge(letter: str, before: int, after: int) -> float:
    """The points of a character between two neighbours."""
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


codecs.register_error("cp1252-holes", _fill_hole)
