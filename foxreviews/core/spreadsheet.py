"""Tables that people open in a spreadsheet: nothing in them runs, and nothing in them is lost.

A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula, also behind spaces and
quotes, and the full-width signs as well. Opened with another separator than it was written with, a cell falls into
several, so what follows a separator inside a cell counts as a beginning, too. There an apostrophe is put, which makes
it text; `restore` takes it away again and gives exactly what was there.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from foxreviews.core.errors import UnwritableOutput

BEGINNING = r"(^|[,;\t|\r\n])"
# Spaces of any width and what cannot be seen, quotes, and the apostrophe, without which `restore` would be ambiguous
PADDING = (
    "[ \"'’`\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]*"
)
FORMULA = r"[=+\-@\t\r＝＋－＠﹢﹣﹦﹫−]"
DANGER = re.compile(rf"{BEGINNING}(?={PADDING}{FORMULA})")
NEUTRAL = re.compile(rf"{BEGINNING}'(?={PADDING}{FORMULA})")


def neutralise(text: str) -> str:
    """`text` with an apostrophe wherever a spreadsheet would begin a formula: "=1+1" → "'=1+1"."""
    return DANGER.sub(r"\1'", text)


def restore(text: str) -> str:
    """What `neutralise` was given: "'=1+1" → "=1+1"."""
    return NEUTRAL.sub(r"\1", text)


class Writer:
    """Writes rows of text and numbers as CSV, every text neutralised. The file is replaced when the first row comes."""

    def __init__(self, path: Path, header: Sequence[str], *, excel: bool) -> None:
        self._path, self._header, self._excel = path, header, excel
        self._file: IO[str] | None = None

    def write(self, rows: Iterable[Sequence[str | int | None]]) -> None:
        """Append the rows. Raises UnwritableOutput."""
        left = iter(rows)
        if (first := next(left, None)) is not None:
            self._written(chain([first], left))

    def _written(self, rows: Iterable[Sequence[str | int | None]]) -> None:
        if self._file is None:
            encoding = "utf-8-sig" if self._excel else "utf-8"
            try:
                self._file = self._path.open("w", encoding=encoding, newline="")
            except OSError as error:
                raise UnwritableOutput(self._path, error) from error
            rows = chain([self._header], rows)
        csv.writer(self._file, delimiter=";" if self._excel else ",").writerows(
            [neutralise(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
        )

    def close(self, *, is_done: bool) -> None:
        """One that is done has a file in any case, with the header alone where there are no rows."""
        if is_done:
            self._written([])
        if self._file:
            self._file.close()


@contextmanager
def open_writer(path: Path, header: Sequence[str], *, excel: bool = False) -> Iterator[Writer]:
    """A file to write to, in UTF-8 with commas; for Excel with semicolons and a byte order mark.

    A block that fails before it wrote a row leaves what is there.
    """
    writer, is_done = Writer(path, header, excel=excel), False
    try:
        yield writer
        is_done = True
    finally:
        writer.close(is_done=is_done)
