"""Records that are not loaded, each with its place in the file, the reason, and its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from foxreviews.importing.read.blocks import RAW_KEPT, Records
from foxreviews.importing.read.buffer import decode

HALF_A_CHARACTER = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")


@dataclass(frozen=True)
class Reject:
    """A record that was not loaded: its first line's number, the bytes of text before it, why, the column, its text."""

    line: int
    offset: int
    reason: str
    column: str
    raw: str


def rejects_of(block: Records, frame: pl.DataFrame) -> Iterator[Reject]:
    """The rejects of a block, in the order of the file: those that could not be read and those that do not hold."""
    unread = [
        Reject(broken.line, broken.offset, broken.reason, "", _shown(broken.raw))
        for broken in block.malformed
    ]
    unfit = [
        Reject(block.line(row), block.offset(row), reason, column, _shown(block.raw(row)))
        for row, reason, column in frame.filter(frame["reject"].is_not_null())
        .select("row", "reject", "reject_column")
        .iter_rows()
    ]
    return iter(sorted([*unread, *unfit], key=lambda reject: reject.offset))


def _shown(raw: bytes) -> str:
    """The text without its line end; PostgreSQL cannot store NUL, which is shown as its symbol."""
    kept = raw[:RAW_KEPT]
    if len(raw) >= RAW_KEPT:
        kept = HALF_A_CHARACTER.sub(b"", kept)  # it would make cp1252 of the whole line
    return decode(kept).rstrip("\r\n").replace("\0", "␀")
