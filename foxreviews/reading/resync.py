"""The resync reader: record by record where a stretch of a file is not well-formed. One broken record costs one record.

Where the quotes of a record do not close as RFC 4180 says, or its number of fields is not the header's, only its
first line is given up and reading resumes at the very next line: an unterminated quote cannot swallow the good
lines after it. Nor can two stray quotes swallow those between them: a line inside quotes that is a complete record is
read as one.
"""

import csv
from dataclasses import dataclass, field

from foxreviews.reading.csv_proof import MAX_LINES
from foxreviews.reading.header import Columns
from foxreviews.reference.identifiers import names_company

# No limit of its own: a line that is longer than the buffer is given up before it comes here, and a value that is
# too long for its column is rejected for that, whichever of the two readers found it.
csv.field_size_limit(1 << 30)
BROKEN_QUOTES = "broken-quotes"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record whose fields cannot be separated: where it begins, why, and its first line."""

    line: int
    offset: int
    reason: str
    raw: bytes


@dataclass
class Reading:
    """What was read: the fields of each good record, and where its bytes start and end in the text."""

    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)
    blank: int = 0
    length: int = 0  # bytes accounted for

    @property
    def records(self) -> int:
        """How many records the reading accounts for."""
        return len(self.rows) + len(self.malformed) + self.blank


class _OpenQuote(Exception):
    """Signals through csv.reader that a quote stays open for too long."""


class _Feed:
    """Hands lines to csv.reader and counts those of the current record."""

    def __init__(self, lines: list[bytes], at: int) -> None:
        self.lines, self.first, self.next = lines, at, at

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.next == len(self.lines):
            raise StopIteration
        if self.next - self.first >= MAX_LINES:
            raise _OpenQuote
        self.next += 1
        return self.lines[self.next - 1].decode()


def read_records(
    lines: list[bytes], columns: Columns, *, limit: int, final: bool, line: int, offset: int
) -> Reading:
    """Read up to `limit` records from whole lines, the first of which has that number and byte offset in the file.

    Unless `final`, a record that the last line leaves open is left for the next call.
    """
    reading = Reading()
    at = 0
    while at < len(lines) and reading.records < limit:
        feed = _Feed(lines, at)
        row, reason = _read_one(feed, columns)
        if reason == BROKEN_QUOTES and feed.next == len(lines) and not final and feed.next - at < MAX_LINES:
            break  # perhaps not broken, only cut
        if reason:
            feed.next = at + 1
            reading.malformed.append(Malformed(line + at, offset + reading.length, reason, lines[at]))
        elif row:
            reading.rows.append(row)
            reading.starts.append(reading.length)
        else:
            reading.blank += 1
        reading.length += sum(map(len, lines[at : feed.next]))
        if row and not reason:
            reading.ends.append(reading.length)
        at = feed.next
    return reading


def _read_one(feed: _Feed, columns: Columns) -> tuple[list[str], str]:
    """The fields of the next record (none: a blank line), or the reason why it is broken."""
    try:
        row = next(csv.reader(feed, delimiter=columns.delimiter, strict=True))
    except (csv.Error, _OpenQuote):
        return [], BROKEN_QUOTES
    if not "".join(row).strip():
        return [], ""
    if len(row) != len(columns.names):
        return [], "too-few-fields" if len(row) < len(columns.names) else "too-many-fields"
    swallowed = feed.lines[feed.first + 1 : feed.next]
    if any(_is_company(line, columns) for line in swallowed):
        return [], BROKEN_QUOTES
    return row, ""


def _is_company(line: bytes, columns: Columns) -> bool:
    """Whether a line is a complete record with a SIREN: no value continues so, so the quote before it is an error."""
    try:
        row = next(csv.reader([line.decode()], delimiter=columns.delimiter, strict=True))
    except csv.Error:
        return False
    return len(row) == len(columns.names) and names_company(row[columns.siren_at])
