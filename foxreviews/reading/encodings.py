"""Which encoding a line that is not UTF-8 is in, by what French text looks like.

Each byte above 127 gets points for the character that it would be between its two neighbours (reading.letters). The
encoding with the most points is taken. Lines near it lend their evidence to a line that has too little of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from foxreviews.reading.letters import (
    ENCODINGS,
    FILLED,
    JUNK,
    LOWER,
    NONE,
    UPPER,
    USUAL_FIRST,
    characters,
    judge,
    kind,
)

NAMES = {"mac_roman": "macroman"} | {name: name for name in ENCODINGS if name != "mac_roman"}
LOST = "\ufffd"  # stands for a letter that nothing brings back

MAX_LENT = 4.0  # points that the lines before and around may count against an encoding

Points = npt.NDArray[np.float64]


@dataclass
class Evidence:
    """The points of each of ENCODINGS in all the lines so far."""

    points: Points

    @classmethod
    def none(cls) -> "Evidence":
        """Before the first line."""
        return cls(np.array(USUAL_FIRST))

    @property
    def lent(self) -> Points:
        """What a line starts from."""
        lent: Points = np.clip(self.points - self.points.max(), -MAX_LENT, 0) + np.array(USUAL_FIRST)
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
    text = line.decode(encoding, errors=FILLED)
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
    text = characters(encoding)
    table = np.zeros((3, 256, 3))
    for before in (NONE, LOWER, UPPER):
        for after in (NONE, LOWER, UPPER):
            table[before, :, after] = [judge(each, before, after, encoding) for each in text]
    return np.array([kind(each) for each in text]), table
