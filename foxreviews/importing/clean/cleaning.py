"""A block of records goes through the cleaning steps; each record comes out good, blank or rejected with a reason."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from foxreviews.enterprise.privacy import MASK
from foxreviews.importing.clean import not_known
from foxreviews.importing.clean.places import Places
from foxreviews.reading.blocks import RAW_KEPT, Records

PARTIAL_CHARACTER = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")


@dataclass
class Cleaner:
    """What the steps share for one block. `left_out` counts, by reason, the values that were not kept.

    `is_suspect` says whether some text of the block may be none (steps.SUSPECT); None where nobody has looked.
    """

    places: Places
    left_out: dict[str, int] = field(default_factory=dict)
    is_suspect: bool | None = None

    def keep_where(self, frame: pl.DataFrame, column: str, valid: pl.Expr, reason: str) -> pl.DataFrame:
        """Keep the values of a text column that are valid, leave out and count the others, which are not known."""
        wrong = frame.select(pl.col(column).ne_missing(pl.lit("")) & ~valid).to_series()
        count = int(wrong.sum())
        if not count:
            return frame
        self.left_out[reason] = self.left_out.get(reason, 0) + count
        frame = not_known.mark(frame, [column], pl.lit(wrong))
        return frame.with_columns(pl.when(valid).then(pl.col(column)).otherwise(pl.lit("")).alias(column))


Step = Callable[[Cleaner, pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Reject:
    """A record that was not loaded: its first line's number, the bytes of text before it, why, the column, its text."""

    line: int
    offset: int
    reason: str
    column: str
    raw: str


@dataclass(frozen=True)
class Cleaned:
    """A block, what the steps made of its frame, and how many values they left out, by reason.

    `frame` has, next to the directory's columns, `row` (the place in the block), `blank`, `reject`, `reject_column`.
    """

    block: Records
    frame: pl.DataFrame
    left_out: Mapping[str, int]

    @property
    def good(self) -> pl.DataFrame:
        """The records that are neither blank nor rejected."""
        return self.frame.filter(~pl.col("blank") & pl.col("reject").is_null())

    @property
    def blank(self) -> int:
        """How many records are blank."""
        return self.block.blank + int(self.frame["blank"].sum())

    def rejects(self) -> list[Reject]:
        """In the order of the file: the records that could not be read, and those that a step rejected."""
        return sorted([*self._malformed(), *self._rejected()], key=lambda reject: reject.offset)

    def _malformed(self) -> Iterator[Reject]:
        for record in self.block.malformed:
            yield Reject(record.line, record.offset, record.reason, "", _as_text(record.raw))

    def _rejected(self) -> Iterator[Reject]:
        block, rejected = self.block, self.frame.filter(self.frame["reject"].is_not_null())
        named = pl.col("nom") if "nom" in rejected.columns else pl.lit("").alias("nom")
        for row, reason, column, nom in rejected.select("row", "reject", "reject_column", named).iter_rows():
            # Of who is hidden by the record itself the text is not kept.
            raw = MASK if nom == MASK else _as_text(block.raw(row))
            yield Reject(block.line(row), block.offset(row), reason, column, raw)


def clean(block: Records, places: Places, steps: Iterable[Step]) -> Cleaned:
    """Take the block through the steps."""
    cleaner, frame = Cleaner(places), block.frame.with_row_index("row")
    for step in steps:
        frame = step(cleaner, frame)
    return Cleaned(block, frame, cleaner.left_out)


def _as_text(raw: bytes) -> str:
    """The text without its line end; PostgreSQL cannot store NUL, which is shown as its symbol."""
    kept = raw[:RAW_KEPT]
    if len(raw) >= RAW_KEPT:
        kept = PARTIAL_CHARACTER.sub(b"", kept)
    return kept.decode().rstrip("\r\n").replace("\0", "␀")
