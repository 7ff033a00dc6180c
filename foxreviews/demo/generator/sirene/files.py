"""The register's files in a folder, written while their rows are made: as CSV, or as parquet."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Full, Queue

import polars as pl
from polars.io.plugins import register_io_source

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.demo.generator.output import writing
from foxreviews.demo.generator.sirene.stock import OPTIONAL, SCHEMAS

_ROW_GROUP = 100_000  # rows
_ZSTD_LEVEL = 1  # the quickest
_LOOK_AGAIN = 1  # second, whether a file that takes no rows has failed
_MOMENT = "%Y-%m-%dT%H:%M:%S%.3f"

Write = Callable[[pl.DataFrame], object]


@contextmanager
def register_files(folder: Path, *, parquet: bool) -> Iterator[Mapping[str, Write]]:
    """What adds rows to each of the files, which stand under their names once the block has ended.

    Raises UsageError where they cannot be written there, FoxreviewsError where the disk refuses in between.
    """
    try:
        folder.mkdir(exist_ok=True)
        (folder / OPTIONAL).mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Cannot make the folder {folder}: {error.strerror}. The register's files go into it."
        ) from error
    write, ending = (_parquet, "parquet") if parquet else (_csv, "csv")
    with ExitStack() as closing:
        yield {
            name: closing.enter_context(write(str(folder / f"{name}.{ending}"), schema))
            for name, schema in SCHEMAS.items()
        }


@contextmanager
def _csv(out: str, schema: pl.Schema) -> Iterator[Write]:
    with writing(out) as file:
        file.write(f"{','.join(schema)}\n".encode())
        yield lambda frame: frame.write_csv(file, include_header=False, datetime_format=_MOMENT)


@contextmanager
def _parquet(out: str, schema: pl.Schema) -> Iterator[Write]:
    """Polars writes a whole table only: a thread does, of a table whose rows come until None does."""
    waiting: Queue[pl.DataFrame | None] = Queue(1)

    def rows(*_: object) -> Iterator[pl.DataFrame]:
        while (frame := waiting.get()) is not None:
            yield frame

    with writing(out) as file, ThreadPoolExecutor(1) as thread:
        table = register_io_source(rows, schema=schema)
        sink = thread.submit(
            table.sink_parquet, file, row_group_size=_ROW_GROUP, compression_level=_ZSTD_LEVEL
        )

        def write(frame: pl.DataFrame | None) -> None:
            while not sink.done():
                with suppress(Full):
                    return waiting.put(frame, timeout=_LOOK_AGAIN)
            return sink.result()

        try:
            yield write
        finally:
            try:
                write(None)
                sink.result()
            except pl.exceptions.PolarsError as error:
                raise FoxreviewsError(f"Writing {out} failed: {error}.") from error
