"""A list of at most 1,000 lines in memory, as a page is given one: its text, its columns, its lines.

The columns are those that `match` knows (matching.lists). The text is read without data frames, which web processes do
not load, so a line is read or it is not: there is no resync behind a quote that stays open.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from foxreviews.matching.errors import ListRefusedError, Refusal
from foxreviews.matching.lists import ListColumns, find_header
from foxreviews.reading import letters
from foxreviews.reading.errors import WrongColumns
from foxreviews.reading.header import printable

MAX_BYTES = 200_000  # what a web server takes of a request is 256 kB (config/worker.py)
MAX_LINES = 1_000
MAX_COLUMNS = 100
MAX_RECORD_LINES = 20  # physical lines of a record
MAX_SHOWN = 80  # letters of a first line

MIN_ACCENTS = 8  # of which an encoding is told that is not French: «Été» has two accents and one plain letter

csv.field_size_limit(max(csv.field_size_limit(), MAX_BYTES))  # no cell is longer than its list

_SAID = re.compile(r"[^\s,;|]")
_ACCENT, _PLAIN = re.compile(rb"[\x80-\xff]"), re.compile(rb"[A-Za-z]")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF")  # workbooks, gzip, PDF


@dataclass(frozen=True)
class Line:
    """A line of a list: the number of its first line of text, and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ShortList:
    """`unread` are the numbers of lines that have more cells than there are columns."""

    columns: ListColumns
    lines: tuple[Line, ...]
    unread: tuple[int, ...] = ()


class _Text:
    """What find_header takes the header from."""

    ended = True

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.line = 1  # number of the one that `data` begins with

    def fill(self, size: int) -> None:
        """All is there."""

    def take(self, size: int) -> bytes:
        taken, self.data = self.data[:size], self.data[size:]
        self.line += len(taken.splitlines())
        return taken


def read_list(data: bytes) -> ShortList:
    """The list that these bytes are. Raises ListRefusedError."""
    if len(data) > MAX_BYTES:
        raise ListRefusedError(
            Refusal.TOO_LARGE,
            f"The list has {len(data):,} bytes, and may have {MAX_BYTES:,}.",
            bytes=len(data),
        )
    text = _Text(whole := _decode(data))
    if not _SAID.search(whole):
        raise ListRefusedError(Refusal.EMPTY, "The list is empty.")
    try:
        columns = find_header(text, "The list")
    except WrongColumns as error:
        first = printable(whole.strip().splitlines()[0])[:MAX_SHOWN]
        raise ListRefusedError(Refusal.NO_NAMES, str(error), first=first) from error
    if (width := len(columns.titles)) > MAX_COLUMNS:
        raise ListRefusedError(
            Refusal.TOO_WIDE, f"The list has {width:,} columns, and may have {MAX_COLUMNS}.", columns=width
        )
    lines: list[Line] = []
    unread: list[int] = []
    for line in _lines(text, columns.delimiter):
        cells = _without_empty_end(line.cells, width)
        if len(cells) > width:
            unread.append(line.number)
        elif any(cell.strip() for cell in cells):
            lines.append(Line(line.number, cells))
    if len(lines) > MAX_LINES:
        raise ListRefusedError(
            Refusal.TOO_MANY_LINES, f"The list has {len(lines):,} lines, and may have {MAX_LINES:,}.",
            lines=len(lines),
        )  # fmt: skip
    if not lines:
        raise ListRefusedError(Refusal.EMPTY, "The list has a header and no line below it.")
    return ShortList(columns, tuple(lines), tuple(unread))


def _without_empty_end(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Spreadsheets write empty columns behind the last one; a line that has less than its header is filled."""
    wide = len(cells)
    while wide > width and not cells[wide - 1].strip():
        wide -= 1
    return (*cells[:wide], *[""] * (width - wide))


def _lines(text: _Text, delimiter: str) -> Iterator[Line]:
    """Each record below the header. Raises ListRefusedError."""
    body = text.data.decode()
    raw = io.StringIO(body, newline="").readlines()
    reader = csv.reader(raw, delimiter=delimiter)
    before = 0
    while True:
        cells = next(reader, None)
        if cells is None:
            return
        record, number = raw[before : reader.line_num], text.line + before
        before = reader.line_num
        is_open = len(record) > 1 and "".join(record).count('"') % 2
        if is_open or len(record) > MAX_RECORD_LINES:
            raise _open_quote(number)
        yield Line(number, tuple(cells))


def _open_quote(number: int) -> ListRefusedError:
    return ListRefusedError(
        Refusal.OPEN_QUOTE, f"Line {number:,} opens a quotation mark and does not close it.", line=number
    )


def _decode(data: bytes) -> str:
    """UTF-8 or, by its mark, UTF-16; lines that are neither in the encoding that makes French of them.

    Raises ListRefusedError.
    """
    if data.startswith(_NO_TEXT):
        raise ListRefusedError(Refusal.WORKBOOK, "This is no text file.")
    try:
        text = _decoded(data)
    except UnicodeError as error:
        raise _unknown_encoding() from error
    if "\0" in text:
        raise _unknown_encoding()
    return text


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data.decode(encoding)
    try:
        return data.decode()
    except UnicodeError:
        lines = data.splitlines(keepends=True)
    others = b"".join(line for line in lines if not _is_utf8(line))
    encoding, points = letters.best(others)
    if points < 0 or _is_of_other_letters(others):
        raise _unknown_encoding()
    return "".join(
        line.decode() if _is_utf8(line) else line.decode(encoding, letters.FILLED) for line in lines
    )


def _is_of_other_letters(text: bytes) -> bool:
    """Whether accents are more frequent than plain letters: Greek or Cyrillic, whose bytes are French accents, too."""
    accents = len(_ACCENT.findall(text))
    return accents >= MIN_ACCENTS and accents > len(_PLAIN.findall(text))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeError:
        return False
    return True


def _unknown_encoding() -> ListRefusedError:
    return ListRefusedError(Refusal.ENCODING, "The list is in an encoding that is not known.")
