"""A CSV file → blocks of records: vectorised where the text is proven well-formed, by the resync reader elsewhere."""

import io
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl

from foxreviews.core.sources import Source, open_source
from foxreviews.reading.buffer import Buffer, count_lines
from foxreviews.reading.csv_proof import Positions, prove
from foxreviews.reading.errors import BarrenFile, UnbalancedReading
from foxreviews.reading.header import Columns
from foxreviews.reading.resync import BROKEN_QUOTES, Malformed, read_records
from foxreviews.reading.transcoder import Transcoder

BLOCK_BYTES = 8 << 20
MAX_BLOCK_BYTES = 64 << 20  # keeps the memory of a run below 1 GiB
RECORD_BYTES = 200  # of a usual record
RESYNC_BYTES = 512 << 10  # for the resync reader, before the vectorised one is tried again
BARREN_BYTES = 1 << 20  # that a file may begin with and have no record in
MAX_BARREN_BYTES = 16 << 20  # the same anywhere else
LONG_LINE_BYTES = (
    64 << 10
)  # from which on a broken line is passed over as fast as it is read, and costs itself alone
BLANK_BYTES = 64 << 10  # of line ends, from which on they are not read one by one
RAW_KEPT = 10_000  # bytes of a broken line that are kept to be shown
LINE_END = re.compile(rb"\r\n?|\n")


@dataclass(frozen=True)
class Place:
    """A point between two records: bytes and lines of text before it, and the fingerprint of that text."""

    offset: int
    line: int
    digest: str

    @classmethod
    def of(cls, buffer: Buffer) -> "Place":
        """Where the buffer stands."""
        return cls(buffer.offset, buffer.line, buffer.digest)


class Records(Protocol):
    """Consecutive records of a file, CSV or not, each of which can be shown with its place in it."""

    @property
    def frame(self) -> pl.DataFrame: ...
    @property
    def malformed(self) -> Sequence[Malformed]: ...
    @property
    def blank(self) -> int: ...
    @property
    def records(self) -> int: ...
    def line(self, row: int) -> int: ...
    def offset(self, row: int) -> int: ...
    def raw(self, row: int) -> bytes: ...


@dataclass
class Block:
    """Consecutive records. `frame` has the file's known columns as text, one row per record, in the file's order."""

    frame: pl.DataFrame
    text: bytes
    start: Place
    end: Place
    starts: Positions  # of each row's record in `text`
    ends: Positions
    malformed: list[Malformed] = field(default_factory=list)
    blank: int = 0

    @property
    def records(self) -> int:
        """How many records the block accounts for."""
        return self.frame.height + len(self.malformed) + self.blank

    def raw(self, row: int) -> bytes:
        """The record of a row, as it stands in the file."""
        return self.text[self.starts[row] : self.ends[row]]

    def offset(self, row: int) -> int:
        """How many bytes of text stand before a row's record."""
        return self.start.offset + int(self.starts[row])

    def line(self, row: int) -> int:
        """The number of the line that a row's record begins on."""
        return self.start.line + int(np.searchsorted(self._line_ends, self.starts[row], side="right"))

    @cached_property
    def _line_ends(self) -> Positions:
        """Found once: counting them again for each of 40,000 rejects took two minutes."""
        return np.fromiter((found.end() for found in LINE_END.finditer(self.text)), np.int64)


class Input(Protocol):
    """An open file of records. `position` says how much of `size` is read, in bytes or rows."""

    @property
    def columns(self) -> Columns: ...
    @property
    def size(self) -> float | None: ...
    def position(self) -> float: ...
    def blocks(self, limit: int | None, /) -> Iterator[Records]: ...


class CsvInput:
    """A CSV file, open after its header. `size` is None for standard input; `text` knows its encodings."""

    def __init__(self, source: Source, text: Transcoder, buffer: Buffer, columns: Columns) -> None:
        self.text, self.buffer, self.columns = text, buffer, columns
        self.size, self.position = source.size, source.position

    def blocks(self, limit: int | None, block_records: int = 0) -> Iterator[Block]:
        """The next records: `limit` of them, or all."""
        return read_blocks(self.buffer, self.columns, limit, block_records)


@contextmanager
def open_csv(
    path: str, match_header: Callable[[Buffer, str], Columns], encoding: str | None = None
) -> Iterator[CsvInput]:
    """Open the file and take its header (which may need the file's name). Raises UnreadableSource, WrongColumns."""
    with open_source(path) as source:
        text = Transcoder(source.read, encoding)
        buffer = Buffer(text.read)
        yield CsvInput(source, text, buffer, match_header(buffer, source.name))


def read_blocks(
    buffer: Buffer, columns: Columns, limit: int | None = None, block_records: int = 0
) -> Iterator[Block]:
    """The next records of the buffer, in blocks: `limit` of them, or all that the text holds.

    A block holds about 40,000 records; `block_records` asks for more of them.
    """
    block_bytes = max(BLOCK_BYTES, min(block_records * RECORD_BYTES, MAX_BLOCK_BYTES))
    left = limit if limit is not None else sys.maxsize
    barren = _Barren(buffer.offset, BARREN_BYTES if buffer.offset < BARREN_BYTES else MAX_BARREN_BYTES)
    while left:
        buffer.fill(block_bytes)
        if not buffer.data:
            return
        block = _blank_lines(buffer, columns, left) or _read_block(buffer, columns, left)
        left -= block.records
        barren.extend(block)
        yield block


def _read_block(buffer: Buffer, columns: Columns, limit: int) -> Block:
    ends = prove(buffer.data, columns.delimiter, len(columns.names))[:limit]
    return _read_proven(buffer, columns, ends) if ends.size else _resync(buffer, columns, limit)


@dataclass
class _Barren:
    """The stretch since the last record. At 13,000 broken lines a second, a gigabyte of them would take an hour."""

    begin: int
    allowed: int  # bytes
    broken: Malformed | None = None  # the first one in it
    lines: int = 0  # how many are broken

    def extend(self, block: Block) -> None:
        """Raises BarrenFile where it is too long."""
        if block.frame.height:
            self.begin, self.allowed = block.end.offset, MAX_BARREN_BYTES
            self.broken, self.lines = None, 0
            return
        self.broken = self.broken or next(iter(block.malformed), None)
        self.lines += len(block.malformed)
        size = block.end.offset - self.begin
        few_long_ones = self.lines and size > self.lines * LONG_LINE_BYTES
        if size > self.allowed and not few_long_ones and (self.broken or self.allowed == BARREN_BYTES):
            raise BarrenFile(
                f"There is no record in {size:,} bytes on end: {self._why()}. Is it the right file? Nothing was loaded."
            )

    def _why(self) -> str:
        if self.broken is None:
            return "nothing but blank lines"
        if self.broken.reason == BROKEN_QUOTES:
            return f"in line {self.broken.line:,} a quote opens that is not closed, or stands where none may"
        return f"the lines from {self.broken.line:,} on are {self.broken.reason}"


def _blank_lines(buffer: Buffer, columns: Columns, limit: int) -> Block | None:
    """A long stretch of line ends, counted without looking at each line; None where there is none."""
    if buffer.data[:BLANK_BYTES].strip(b"\r\n") or len(buffer.data) < BLANK_BYTES:
        return None
    size = len(buffer.data) - len(buffer.data.lstrip(b"\r\n"))
    if buffer.data[size - 1 : size] == b"\r":
        size -= 1  # it may be half of a CR LF
    blank = count_lines(buffer.data[:size])
    if blank > limit:
        return None
    start, nothing = Place.of(buffer), np.zeros(0, np.int64)
    buffer.take(size)
    return Block(_frame([], columns), b"", start, Place.of(buffer), nothing, nothing, blank=blank)


def _read_proven(buffer: Buffer, columns: Columns, ends: Positions) -> Block:
    start = Place.of(buffer)
    text = buffer.take(int(ends[-1]))
    plain = text.replace(b"\r\n", b"\n") if b"\r" in text else text
    frame = pl.read_csv(
        io.BytesIO(plain),
        has_header=False,
        new_columns=columns.known,
        columns=[number for number, name in enumerate(columns.names) if name],
        separator=columns.delimiter,
        infer_schema=False,
        empty_string_is_null=False,
        n_threads=1,  # the cleaning of the block before it and the server have the cores
    )
    if frame.height != ends.size:
        raise UnbalancedReading(f"{ends.size} records from line {start.line} on were read as {frame.height}.")
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    return Block(frame, text, start, Place.of(buffer), starts, ends)


def _resync(buffer: Buffer, columns: Columns, limit: int) -> Block:
    start = Place.of(buffer)
    size = RESYNC_BYTES
    while True:
        whole = size >= len(buffer.data)
        final = whole and buffer.ended
        # Bytes split at LF, CR LF and a lone CR, and nowhere else.
        lines = buffer.data[:size].splitlines(keepends=True)
        if not final:
            lines.pop()  # it may be cut, and a CR may be half of a CR LF
        reading = read_records(lines, columns, limit=limit, final=final, line=start.line, offset=start.offset)
        if reading.length or whole:
            break
        size *= 2
    if not reading.length:  # a record that is longer than the whole buffer
        return _skip_endless_line(buffer, columns)
    text = buffer.take(reading.length)
    frame = _frame(reading.rows, columns)
    starts, ends = np.array(reading.starts, np.int64), np.array(reading.ends, np.int64)
    return Block(frame, text, start, Place.of(buffer), starts, ends, reading.malformed, reading.blank)


def _frame(rows: list[list[str]], columns: Columns) -> pl.DataFrame:
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns.names)
    return pl.DataFrame(
        {
            name: pl.Series(values, dtype=pl.String)
            for name, values in zip(columns.names, by_column, strict=True)
            if name
        }
    )


def _skip_endless_line(buffer: Buffer, columns: Columns) -> Block:
    """Give up a line that is longer than the buffer, without ever holding it whole."""
    start = Place.of(buffer)
    raw = buffer.data[:RAW_KEPT]
    while not (found := LINE_END.search(buffer.data)) and not buffer.ended:
        buffer.take(len(buffer.data))
        buffer.fill(BLOCK_BYTES)
    if found and found.end() == len(buffer.data):
        buffer.fill(len(buffer.data) + 1)  # a CR may be half of a CR LF
        found = LINE_END.search(buffer.data)
    buffer.take(found.end() if found else len(buffer.data))
    nothing = np.zeros(0, np.int64)
    broken = Malformed(start.line, start.offset, "line-too-long", raw)
    return Block(_frame([], columns), b"", start, Place.of(buffer), nothing, nothing, [broken])
