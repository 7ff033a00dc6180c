"""A stock file, open behind its header: CSV (plain, .gz, .zip) or parquet, read in blocks of text columns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from foxreviews.core.sources import open_source
from foxreviews.importing.read.blocks import Records, read_blocks
from foxreviews.importing.read.buffer import Buffer
from foxreviews.importing.read.header import Columns, first_line
from foxreviews.sirene import parquet
from foxreviews.sirene.layout import Layout


@dataclass(frozen=True)
class Stock:
    """`blocks` reads the next records: so many, or all (None). `position` says how much of `size` is read."""

    name: str
    columns: Columns
    blocks: Callable[[int | None], Iterator[Records]]
    size: float | None
    position: Callable[[], float]


@contextmanager
def open_stock(path: str, layout: Layout) -> Iterator[Stock]:
    """Open the file and match its header. Raises UnreadableSource, WrongColumns."""
    if parquet.is_parquet(path):
        table = parquet.Table(path)
        columns = layout.match(table.names, path)
        yield Stock(path, columns, partial(table.blocks, columns), table.rows, lambda: table.read)
        return
    with open_source(path) as source:
        buffer = Buffer(source.read)
        columns = layout.match_line(first_line(buffer, source.name), source.name)
        yield Stock(source.name, columns, partial(read_blocks, buffer, columns), source.size, source.position)
