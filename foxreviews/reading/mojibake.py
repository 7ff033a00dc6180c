"""UTF-8 that was read in another encoding and written again: "CrÃªperie" → "Crêperie".

Only what stands for a character of French text is put back, so "JOÃO" and "CHÂTEAU" stay as they are. None of the
characters that come back separates fields or records.
"""

import numpy as np
import polars as pl

from foxreviews.reading.encodings import LOST

LATIN_1 = "".join(map(chr, range(0x80, 0x100)))  # the first 32 come up on the way, in what was misread twice
FRENCH = LATIN_1 + "ŒœŸŠšŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™\u2009\u200b\u2010\u2011\u202f\ufeff"
MISREAD_AS = ("cp1252", "latin-1", "mac_roman", "cp850")
LOST_BYTES = LOST.encode()
MAX_TIMES = 3  # a file may have been through it more than once

# What begins such a sequence ends in one of these bytes (Â C3 82, Ã C3 83, â€ E2 82 AC, √ E2 88 9A, ├ E2 94 9C …), and
# a character that is not ASCII follows at once, which is rare.
BEGINNINGS = bytes((0x80, 0x82, 0x83, 0x85, 0x88, 0x94, 0x9A, 0x9C, 0x9E, 0xAC, 0xBC))
AFTER = {0x83: b" ?", 0xAC: b"?"}  # "Ã " was à; "Ã?" and "â€?" are lost
_BEGINS = np.isin(np.arange(256), [*BEGINNINGS])
FIRST_BYTE = 0xC2  # of a character that is not ASCII; lower ones continue one

TABLE = {
    character.encode().decode(encoding, errors="cp1252-holes"): character
    for encoding in MISREAD_AS
    for character in FRENCH
}
# A program that has no such character in its encoding has written a question mark.
TABLE |= {f"{lead}{end}": LOST for lead in ("Ã", "â€") for end in ("?", LOST)}
# The second half of à, and of a no-break space, is one that many programs turn into a space.
SPLIT = ((r"(^|[^A-ZÀ-Þ])Ã {1,2}", "${1}à "), (r"(^|[^A-ZÀ-Þ])Â ", "${1} "))


def suspected(data: bytes) -> bool:
    """Whether UTF-8 text may hold such sequences, or LOST: a look at bytes, which is right where it says no."""
    if LOST_BYTES[:1] in data and LOST_BYTES in data:
        return True
    bytes_ = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(bytes_[:-1] >= 0x80)  # few: once over all bytes, 8 MB in 5 ms, for all beginnings
    last, after = bytes_[places], bytes_[places + 1]
    if (_BEGINS[last] & (after >= FIRST_BYTE)).any():
        return True
    return any(np.isin(after[last == byte], [*ends]).any() for byte, ends in AFTER.items())


def mend(lines: list[str]) -> list[str]:
    """The lines with their characters put back; LOST where one cannot be known."""
    mended = pl.Series(lines, dtype=pl.String)
    for _ in range(MAX_TIMES):
        before = mended
        mended = mended.str.replace_many(list(TABLE), list(TABLE.values()))
        for pattern, character in SPLIT:
            mended = mended.str.replace_all(pattern, character)
        if mended.equals(before):
            break
    return mended.to_list()
