"""One export: from validated parameters to a file."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

import polars as pl
from django.http import QueryDict

from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.exports.params import PARAMS, check
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.prefetch import prefetch
from foxreviews.exports.formats import WRITERS, Compression, Form, Sink
from foxreviews.exports.sources import frames, require_sheet
from foxreviews.exports.tables import TABLES

Advance = Callable[[int], object]


@dataclass(frozen=True)
class Result:
    """What was written. `last` is the key of the last row, "" where there is none: what `after` takes."""

    rows: int
    bytes: int
    seconds: float
    last: str

    def as_json(self) -> dict[str, Any]:
        rate = round(self.rows / self.seconds) if self.seconds else 0
        return {
            "rows": self.rows,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "rows_per_second": rate,
            "last": self.last,
        }


class Export:
    """An export of a table in a format, with the parameters of a query string: departement=69&naf=62."""

    def __init__(
        self, table: str, form: str, parameters: str, compression: Compression = "uncompressed"
    ) -> None:
        """Raises InvalidParametersError, EmptyQueryError, QueryTooLongError."""
        self.table, self.format = TABLES[table], form
        self.params = PARAMS[table].parse(QueryDict(parameters))
        check(table, form, self.params)
        if compression != "uncompressed" and form in ("parquet", "xlsx"):
            raise InvalidParametersError({"compress": [f"{form} is compressed in itself."]})
        self.form = Form(
            self.table,
            self.params.get("fields", tuple(self.table.columns)),
            insee=self.params.get("headers") == "insee",
            excel=self.params.get("excel", False),
            header="after" not in self.params,
            compression=compression,
        )
        self._rows, self._last = 0, ""
        self._failure: Exception | None = None

    def write(self, file: BinaryIO, advance: Advance = lambda _count: None) -> Result:
        """Write all of it. Raises FoxreviewsError, DatabaseError, BrokenPipeError where the reader has left."""
        started, sink = time.monotonic(), Sink(file)
        if self.format == "xlsx" and "rows" not in self.params:
            require_sheet(self.table, self.params)
        blocks = self._begun(prefetch(frames(self.table, self.params)))
        try:
            WRITERS[self.format](self._counted(blocks, advance), self.form, sink)
        except Exception as error:
            if sink.is_broken:
                raise BrokenPipeError from error
            if self._failure and error is not self._failure:  # polars wraps what the rows failed with
                raise self._failure from None
            if isinstance(error, pl.exceptions.PolarsError):
                raise FoxreviewsError(f"The export failed: {error}.") from error
            raise
        return Result(self._rows, sink.bytes, time.monotonic() - started, self._last)

    def _begun(self, blocks: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """With the first block read: what fails then, has written nothing."""
        first = next(blocks, None)
        return chain([] if first is None else [first], blocks)

    def _counted(self, blocks: Iterator[pl.DataFrame], advance: Advance) -> Iterator[pl.DataFrame]:
        try:
            for frame in blocks:
                self._rows += frame.height
                self._last = str(frame[self.table.key][-1])
                advance(frame.height)
                yield frame
        except Exception as error:
            self._failure = error
            raise
