"""How the rows of an export are written: CSV, NDJSON and Parquet by polars, which streams them to any file."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Literal, cast

import polars as pl
from polars.io.plugins import register_io_source

from foxreviews.core.spreadsheet import BEGINNING, FORMULA, PADDING, neutralise
from foxreviews.exports.tables import LIST, MOMENT, Table
from foxreviews.exports.workbook import write_workbook

Compression = Literal["uncompressed", "gzip", "zstd"]
ROW_GROUP = 100_000  # rows
LEVELS: Mapping[Compression, int | None] = {"uncompressed": None, "gzip": 1, "zstd": 1}  # the quickest
DANGER = f"{BEGINNING}{PADDING}{FORMULA}"  # spreadsheet.DANGER without its look ahead, which polars has not
BETWEEN = "|"  # the values of a list, in a cell
MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%S%.6fZ"

Frames = Iterator[pl.DataFrame]


@dataclass(frozen=True)
class Form:
    """How a file is to be. `columns` are names of the table, in their order."""

    table: Table
    columns: tuple[str, ...]
    insee: bool = False
    excel: bool = False
    header: bool = True
    compression: Compression = "uncompressed"

    def named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns that were asked for, under their names, and states in INSEE's letters with its names."""
        chosen = frame.select(self.columns)
        if not self.insee:
            return chosen
        letters = {name: pair for name, pair in self.table.letters.items() if name in self.columns}
        spelt = chosen.with_columns(
            pl.when(pl.col(name)).then(pl.lit(yes)).when(~pl.col(name)).then(pl.lit(no)).alias(name)
            for name, (yes, no) in letters.items()
        )
        return spelt.rename({name: self.table.insee.get(name, name) for name in self.columns})


class Sink(io.RawIOBase):
    """Where polars writes to: it counts, and knows that the reader has left."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.bytes, self.is_broken = file, 0, False

    @property
    def for_polars(self) -> IO[bytes]:
        """Of the type that its stubs know."""
        return cast("IO[bytes]", self)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        try:
            self.file.write(data)
        except BrokenPipeError:
            self.is_broken = True
            raise
        size = memoryview(data).nbytes
        self.bytes += size
        return size


def write_csv(frames: Frames, form: Form, sink: Sink) -> None:
    lazy = _streamed(frames, form, lambda frame: form.named(_cells(frame, form)))
    separator, comma = (";", True) if form.excel else (",", False)
    lazy.sink_csv(
        sink.for_polars,
        include_bom=form.excel and form.header,
        include_header=form.header,
        separator=separator,
        decimal_comma=comma,
        compression=form.compression,
        compression_level=LEVELS[form.compression],
    )


def write_ndjson(frames: Frames, form: Form, sink: Sink) -> None:
    lazy = _streamed(frames, form, lambda frame: form.named(_with_moments(frame)))
    lazy.sink_ndjson(
        sink.for_polars,
        compression=form.compression,
        compression_level=LEVELS[form.compression],
    )


def write_parquet(frames: Frames, form: Form, sink: Sink) -> None:
    lazy = _streamed(frames, form, form.named)
    lazy.sink_parquet(sink.for_polars, row_group_size=ROW_GROUP, compression="zstd", compression_level=1)


def write_xlsx(frames: Frames, form: Form, sink: Sink) -> None:
    made = (form.named(_with_moments(_joined(frame))) for frame in frames)
    write_workbook(made, list(form.named(_empty(form)).columns), sink)


WRITERS: Mapping[str, Callable[[Frames, Form, Sink], None]] = {
    "csv": write_csv,
    "ndjson": write_ndjson,
    "parquet": write_parquet,
    "xlsx": write_xlsx,
}


def _streamed(frames: Frames, form: Form, made: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.LazyFrame:
    """The rows as polars asks for them."""

    def source(*_: object) -> Iterator[pl.DataFrame]:
        return map(made, frames)

    return register_io_source(source, schema=made(_empty(form)).schema)


def _empty(form: Form) -> pl.DataFrame:
    return pl.DataFrame(schema=form.table.schema)


def _cells(frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """What stands in the cells of a CSV. An empty text is an empty cell, without quotes."""
    frame = _with_moments(_joined(frame)).with_columns(pl.col(pl.String).replace("", None))
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    dangerous = frame.select(pl.col(texts).str.contains(DANGER).any())
    frame = frame.with_columns(_neutral(frame[name]) for name in texts if dangerous[name][0])
    if not form.excel:
        return frame
    return frame.with_columns(_as_text(name) for name in texts)


def _neutral(column: pl.Series) -> pl.Series:
    """The one rule of core.spreadsheet, for the few texts that need it."""
    found = column.filter(column.str.contains(DANGER)).unique()
    spelt = {text: neutralise(text) for text in found.to_list()}
    return column.replace(spelt)


def _as_text(name: str) -> pl.Expr:
    """A number that is a name, with its leading zeros: ="01234" is no number for Excel."""
    column = pl.col(name)
    quoted = pl.concat_str(pl.lit('="'), column, pl.lit('"'))
    return pl.when(column.str.contains("^[0-9]+$")).then(quoted).otherwise(column).alias(name)


def _joined(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(LIST).list.join(BETWEEN))


def _with_moments(frame: pl.DataFrame) -> pl.DataFrame:
    """As the API writes them, and as texts: polars would write them in several ways."""
    return frame.with_columns(pl.col(MOMENT).dt.strftime(MOMENT_FORMAT))
