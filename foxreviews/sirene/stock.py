"""A stock file, open behind its header: CSV (plain, .gz, .zip), or parquet as the text that its CSV has."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from foxreviews.core.errors import UnreadableSource
from foxreviews.reading.blocks import Input, open_csv
from foxreviews.reading.errors import UnbalancedReading
from foxreviews.reading.resync import Malformed
from foxreviews.sirene.layout import Layout

MAGIC = b"PAR1"
# Row groups of a million rows are read by parts: 140 MB at the peak, where polars' own batches take 900 MB.
BLOCK_ROWS = 50_000
LEGAL_FORM = "categorieJuridiqueUniteLegale"  # a whole number in INSEE's files: 1000, and 7 for 0007
LENGTH_OF_LEGAL_FORM = 4


@dataclass(frozen=True)
class Rows:
    """Consecutive rows. The line of a row is the one that it would have in a CSV file below a header."""

    frame: pl.DataFrame
    before: int  # rows of the file
    malformed: tuple[Malformed, ...] = ()
    blank: int = 0

    @property
    def records(self) -> int:
        """How many records there are."""
        return self.frame.height

    def line(self, row: int) -> int:
        """The row's number, counted from 2."""
        return self.before + row + 2

    def offset(self, row: int) -> int:
        """How many rows stand before the row: there are no bytes of text."""
        return self.before + row

    def raw(self, row: int) -> bytes:
        """The values that were read of a row, as a line of CSV."""
        return self.frame[row].write_csv(include_header=False).encode()


class ParquetInput:
    """The rows of a file, of which `size` has the number."""

    def __init__(self, path: str, layout: Layout) -> None:
        """Match its columns. Raises UnreadableSource, WrongColumns."""
        self._path = path
        self._scan = pl.scan_parquet(path, glob=False)
        with _readable(path):
            self._schema = self._scan.collect_schema()
            self.size = int(self._scan.select(pl.len()).collect().item())
        self.columns = layout.match(self._schema.names(), path)
        self._read = 0

    def position(self) -> int:
        """How many rows are read."""
        return self._read

    def blocks(self, limit: int | None) -> Iterator[Rows]:
        """The columns that are known, of the first rows or of all."""
        text = [_as_text(name, self._schema[name]) for name in self.columns.known]
        end = self.size if limit is None else min(limit, self.size)
        while self._read < end:
            size = min(BLOCK_ROWS, end - self._read)
            with _readable(self._path):
                frame = self._scan.select(text).slice(self._read, size).collect()
            if frame.height != size:
                raise UnbalancedReading(f"{size} rows from row {self._read} on were read as {frame.height}.")
            yield Rows(frame, self._read)
            self._read += size


@contextmanager
def open_stock(path: str, layout: Layout) -> Iterator[Input]:
    """Open the file and match its header. Raises UnreadableSource, WrongColumns."""
    if is_parquet(path):
        yield ParquetInput(path, layout)
        return
    with open_csv(path, layout.match_first_line) as file:
        yield file


def is_parquet(path: str) -> bool:
    """Whether the file begins like one. What cannot be opened is not: reading it as text says why."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    """The column as CSV has it: booleans as true and false, dates in ISO 8601, nothing for NULL."""
    text = pl.col(name).cast(pl.String)
    if name == LEGAL_FORM and kind.is_integer():
        text = text.str.zfill(LENGTH_OF_LEGAL_FORM)
    return text.fill_null("")


@contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UnreadableSource(
            f"{path} cannot be read: {error}. Is it whole? Fetch the file again. Nothing was loaded."
        ) from error
