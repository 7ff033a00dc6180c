"""Physical lines → records. One broken record costs one record.

A record may span lines, inside quotes. Where the quotes of a record do not close properly (RFC 4180), only its
first line is given up, and reading resumes at the very next line: an unterminated quote cannot swallow the good
lines after it.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_LINES = 100  # in one record; the longest real address met has 4
MOST_CHARACTERS = 100_000  # in one field

csv.field_size_limit(MOST_CHARACTERS)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record whose fields cannot be told apart."""

    line: int
    reason: str
    raw: str


@dataclass
class Block:
    """Some consecutive records of a file: the fields of each, where it begins, and its text as it stands."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    raws: list[str] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)
    blank: int = 0

    @property
    def records(self) -> int:
        """How many records the block accounts for."""
        return len(self.rows) + len(self.malformed) + self.blank


class TooManyLines(Exception):
    """Signals through csv.reader that a quote stays open for too long."""


class _Feed:
    """Hands lines to csv.reader, remembers those of the current record, takes back the ones read too far."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise TooManyLines
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def keep_only_first_line(self) -> None:
        self._returned.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


class RecordReader:
    """Reads blocks of records, each of `width` fields, separated by `delimiter`."""

    def __init__(self, lines: Iterator[str], delimiter: str, width: int, first_line: int = 1) -> None:
        self._feed = _Feed(lines)
        self._delimiter = delimiter
        self._width = width
        self._line = first_line  # the number of the next record's first line
        self._csv = self._new_csv()

    def read_block(self, size: int) -> Block:
        """The next `size` records; fewer, or none, at the end of the file."""
        block = Block()
        feed, taken, width = self._feed, self._feed.taken, self._width
        rows, lines, raws = block.rows, block.lines, block.raws
        for _ in range(size):
            taken.clear()
            try:
                row = next(self._csv)
            except StopIteration:
                break
            except (csv.Error, TooManyLines) as error:
                self._csv = self._new_csv()
                feed.keep_only_first_line()
                block.malformed.append(Malformed(self._line, _reason(error), taken[0]))
            else:
                if len(row) == width:
                    rows.append(row)
                    lines.append(self._line)
                    raws.append(taken[0] if len(taken) == 1 else "".join(taken))
                elif not "".join(row).strip():
                    block.blank += 1
                else:
                    feed.keep_only_first_line()
                    reason = "too-few-fields" if len(row) < width else "too-many-fields"
                    block.malformed.append(Malformed(self._line, reason, taken[0]))
            self._line += len(taken)
        return block

    def _new_csv(self) -> "Iterator[list[str]]":
        return csv.reader(self._feed, delimiter=self._delimiter, strict=True)


def _reason(error: Exception) -> str:
    if "field larger than" in str(error):
        return "field-too-long"
    return "broken-quotes"
