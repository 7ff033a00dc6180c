"""A new generation, while it is filled."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import polars as pl

from foxreviews.search.index import schema
from foxreviews.search.index.place_documents import fill_places
from foxreviews.search.index.storage import ENTREPRISES, PLACES

# Tantivy merges 8 segments of one size, and what came of them again. A word is looked up in each segment: in one
# instead of the 6 that were left of 4,000,000 companies a rare word takes 0.6 of the time (decision 28).
MERGED = 8
MIN_SEGMENT = 10_000  # documents; smaller ones are of one size to Tantivy
MEMORY = 400_000_000  # bytes, for 8 * MIN_SEGMENT documents; it writes a segment when they are full


class Builder(Protocol):
    """Fills the indexes of one generation. Raises IndexFailedError, and what search.errors.wrap_errors wraps."""

    format: int  # of what it makes

    def add(self, sirens: pl.Series, documents: Sequence[str]) -> None:
        """Documents of companies, as JSON, with their SIREN."""

    def merge(self) -> None:
        """Wait until all of them can be found."""

    def fill_places(self) -> int:
        """Towns and trades; how many."""

    def count(self) -> int:
        """How many companies can be found."""

    def close(self) -> None:
        """It is not filled any further, be it complete or not."""


class IndexBuilder:
    """In a folder, with Tantivy."""

    format = schema.FORMAT

    def __init__(self, generation: Path, companies: int) -> None:
        self.generation = generation
        self.index = schema.create_index(generation / ENTREPRISES, schema.entreprises())
        self._writer, self._segment = self.index.writer(MEMORY, num_threads=1), _segment_size(companies)
        self._added = 0

    def add(self, _sirens: pl.Series, documents: Sequence[str]) -> None:
        for each in documents:
            self._writer.add_json(each)
            self._added += 1
            if self._added % self._segment == 0:
                self._writer.commit()

    def merge(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()

    def fill_places(self) -> int:
        return fill_places(schema.create_index(self.generation / PLACES, schema.places()))

    def count(self) -> int:
        self.index.reload()
        return self.index.searcher().num_docs

    def close(self) -> None:
        """Its threads end with it."""


def _segment_size(companies: int) -> int:
    """Documents of a segment so that in the end all are merged into one."""
    segments = 1
    while companies > MERGED * MIN_SEGMENT * segments:
        segments *= MERGED
    return max(1, math.ceil(companies / segments))
