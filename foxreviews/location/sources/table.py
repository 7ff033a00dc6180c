"""A public table in a text file: its header matched loosely, one record a line, bad lines set aside.

These files have one record on each line, also where a field is quoted: a quote left open costs its own line
and no other.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from foxreviews.core.errors import UsageError
from foxreviews.reference.text import fold

SEPARATORS = (";", ",", "\t")
ARTICLES = {"D", "DE", "DES", "DU", "L", "LA", "LE", "LES"}  # «Nom_de_la_commune» is «Nom_commune»
MAX_SHOWN = 300  # characters of a header or line repeated in a message

Row = TypeVar("Row")


class WrongTableError(UsageError):
    """The file is not the table that was asked for. Nothing was written."""

    code = "wrong-columns"


class BadLineError(Exception):
    """The line cannot be used; `reason` is the word that reports count it under."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Column:
    """A column by the names that vintages give it, the first being today's."""

    names: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Layout(Generic[Row]):
    """What the table is called, its columns, and what one of its lines says (or BadLineError)."""

    title: str
    columns: Mapping[str, Column]
    parse: Callable[[Mapping[str, str]], Row]


@dataclass(frozen=True)
class Reject:
    """A line that was set aside; the first line of the file is number 1."""

    line: int
    reason: str
    text: str


@dataclass
class Reading(Generic[Row]):
    """All of a file: `records` = the used `rows` + `rejects` + `blank` lines, the header not counted."""

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    blank: int = 0
    records: int = 0

    @property
    def rejects_by_reason(self) -> dict[str, int]:
        """How many lines were set aside for each reason, most frequent first."""
        return dict(Counter(reject.reason for reject in self.rejects).most_common())


def lines_of(read: Callable[[], bytes]) -> Iterator[str]:
    """The lines of the text whose next bytes `read` gives, b"" at its end.

    They end with LF, CR LF or a lone CR. A line that is not UTF-8 is taken for cp1252.
    """
    rest = b""
    while chunk := read():
        lines = (rest + chunk).splitlines(keepends=True)
        rest = lines.pop()  # may go on in the next chunk, and so may a CR LF
        yield from map(_decode, lines)
    if rest:
        yield _decode(rest)


def _decode(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def check(lines: Iterable[str], name: str, layout: Layout[Any]) -> None:
    """Read the header of the file called `name`. Raises WrongTableError where it is another table."""
    _read_header(enumerate(lines, start=1), name, layout)


def read(lines: Iterable[str], name: str, layout: Layout[Row]) -> Reading[Row]:
    """Read every line of the file called `name`. Raises WrongTableError where it is another table."""
    numbered = enumerate(lines, start=1)
    separator, places, width = _read_header(numbered, name, layout)
    reading: Reading[Row] = Reading()
    for number, line in numbered:
        reading.records += 1
        try:
            fields = _split(line, separator)
            if not any(fields):
                reading.blank += 1
                continue
            _check_width(fields, width)
            reading.rows.append(layout.parse({column: fields[place] for column, place in places.items()}))
        except BadLineError as bad:
            reading.rejects.append(Reject(number, bad.reason, line.strip()[:MAX_SHOWN]))
    return reading


def _read_header(
    numbered: Iterator[tuple[int, str]], name: str, layout: Layout[Row]
) -> tuple[str, dict[str, int], int]:
    """The separator, the place of each column that is there, and how many fields a line has."""
    header = next((line.strip() for _, line in numbered if line.strip()), "")
    if not header:
        raise WrongTableError(f"{name} is empty. Give {layout.title}.")
    separator = max(SEPARATORS, key=header.count)
    try:
        found = _split(header, separator)
    except BadLineError:
        found = header.split(separator)
    keys = [_key(title) for title in found]
    places: dict[str, int] = {}
    missing: list[str] = []
    for name_of_ours, column in layout.columns.items():
        place = next((keys.index(key) for key in map(_key, column.names) if key in keys), None)
        if place is not None:
            places[name_of_ours] = place
        elif column.required:
            missing.append(column.names[0])
    if missing:
        raise WrongTableError(
            f"{name} has no column {', '.join(missing)}; its first line is: {', '.join(found)[:MAX_SHOWN]!r}. "
            f"Give {layout.title}, separated by semicolons, commas or tabs."
        )
    return separator, places, len(found)


def _split(line: str, separator: str) -> list[str]:
    if '"' not in line:
        return [text.strip() for text in line.split(separator)]
    try:
        fields = next(csv.reader([line.rstrip("\r\n")], delimiter=separator, strict=True))
    except csv.Error as error:
        raise BadLineError("broken-quotes") from error
    return [text.strip() for text in fields]


def _check_width(fields: list[str], width: int) -> None:
    if len(fields) < width:
        raise BadLineError("too-few-fields")
    if len(fields) > width and any(fields[width:]):
        raise BadLineError("too-many-fields")


def _key(title: str) -> str:
    return "".join(word for word in fold(title).split() if word not in ARTICLES)
