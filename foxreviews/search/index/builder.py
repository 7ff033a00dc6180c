"""A new generation, while it is filled."""

import json
import math
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import polars as pl
import tantivy

from foxreviews.core.files import sync_folder, write_json
from foxreviews.search.index import schema
from foxreviews.search.index.place_documents import fill_places
from foxreviews.search.index.schema import META
from foxreviews.search.index.storage import ENTREPRISES, MANAGED, PLACES

LANES = 2  # segments that are written at once
MERGED = 8  # Tantivy merges as many segments of one size, or more
SMALL = 80_000  # companies: one segment has them all. Segments of 10,000 documents or fewer are of one size to Tantivy
MAX_SEGMENT = 250_000  # documents: some 100 MB while they are gathered
MEMORY = 400_000_000  # bytes for each; Tantivy writes a segment when they are full


class Builder(Protocol):
    """Fills the indexes of one generation. Raises IndexFailedError, and what search.errors.wrap_errors wraps."""

    format: int  # of what it makes

    def add(self, sirens: pl.Series, documents: Sequence[str]) -> None:
        """Documents of companies, as JSON, with their SIREN."""

    def merge(self) -> None:
        """No more are added. That they can be found may take until `count`."""

    def fill_places(self) -> int:
        """Towns and trades; how many."""

    def count(self) -> int:
        """How many companies can be found, once all can."""

    def close(self) -> None:
        """It is not filled any further, be it complete or not."""


class IndexBuilder:
    """In a folder, with Tantivy.

    A word is looked up in each segment: in one instead of the 6 that were left of 4,000,000 companies a rare word takes
    0.6 of the time (decision 28). So all segments are merged into one, at once and at the end: on the way there, of 8
    each, half of the time was for merging what is merged again.
    """

    format = schema.FORMAT

    def __init__(self, generation: Path, companies: int) -> None:
        self.generation = generation
        lanes, size = _layout(companies)
        self._lanes = [_Lane(generation / f"lane{number}", size) for number in range(lanes)]
        self._pool = ThreadPoolExecutor(lanes, "lane")
        self._added = 0

    def add(self, _sirens: pl.Series, documents: Sequence[str]) -> None:
        # By turns, so that all lanes have as many in the end, and all segments are of one size.
        lanes = len(self._lanes)
        shares = [documents[(number - self._added) % lanes :: lanes] for number in range(lanes)]
        list(self._pool.map(_Lane.add, self._lanes, shares))
        self._added += len(documents)

    def merge(self) -> None:
        """By one thread: towns and trades are made meanwhile."""
        list(self._pool.map(_Lane.end_segment, self._lanes))
        self._merging = self._pool.submit(self._merge)

    def _merge(self) -> tantivy.Index:
        target = self.generation / ENTREPRISES
        schema.create_index(target, schema.entreprises())
        bring_together([folder for lane in self._lanes for folder in lane.segments], target)
        index = schema.open_index(target)
        with schema.writing(index, schema.MIN_MEMORY):
            pass  # a commit looks for what is to be merged
        for lane in self._lanes:
            shutil.rmtree(lane.folder, ignore_errors=True)
        index.reload()
        return index

    def fill_places(self) -> int:
        return fill_places(schema.create_index(self.generation / PLACES, schema.places()))

    def count(self) -> int:
        return self._merging.result().searcher().num_docs

    def close(self) -> None:
        """Its threads end with it."""
        self._pool.shutdown(cancel_futures=True)
        for lane in self._lanes:
            lane.drop()


class _Lane:
    """Writes one segment after the other, each in a folder of its own, where nothing merges it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.segments: list[Path] = []
        self._writer: tantivy.IndexWriter | None = None
        self._left = 0  # documents that the segment still takes

    def add(self, documents: Sequence[str]) -> None:
        for each in documents:
            writer = self._writer or self._begin_segment()
            writer.add_json(each)
            self._left -= 1
            if self._left == 0:
                self.end_segment()

    def _begin_segment(self) -> tantivy.IndexWriter:
        folder = self.folder / str(len(self.segments))
        self._writer = schema.create_index(folder, schema.entreprises()).writer(MEMORY, num_threads=1)
        self.segments.append(folder)
        self._left = self.size
        return self._writer

    def end_segment(self) -> None:
        if writer := self._writer:
            self._writer = None
            writer.commit()
            writer.wait_merging_threads()

    def drop(self) -> None:
        """What was not committed is lost."""
        self._writer = None


def bring_together(indexes: Sequence[Path], target: Path) -> None:
    """Move the segments of indexes, to which nobody writes and from which nothing was deleted, into an empty one.

    Relied upon, and held by a test: a segment is the files that its random id names, knows documents by numbers of its
    own, and says nothing of the index that it is in; META has the ids, and MANAGED the files that Tantivy may remove
    once they are merged. The binding has no call for it (Tantivy itself has one, which merges with one thread, too).
    """
    meta, managed = (json.loads((target / name).read_bytes()) for name in (META, MANAGED))
    for index in indexes:
        added = json.loads((index / META).read_bytes())
        meta["segments"] += added["segments"]
        meta["opstamp"] = max(meta["opstamp"], added["opstamp"])
        for name in json.loads((index / MANAGED).read_bytes()):
            if name != META and (index / name).exists():
                (index / name).rename(target / name)
                managed.append(name)
    write_json(target / MANAGED, managed)
    sync_folder(target)
    write_json(target / META, meta)


def _layout(companies: int) -> tuple[int, int]:
    """How many lanes there are, and documents of a segment, so that in the end all are merged into one."""
    if companies <= SMALL:
        return 1, max(companies, 1)
    for_each = max(MERGED // LANES, math.ceil(companies / LANES / MAX_SEGMENT))
    return LANES, math.ceil(companies / LANES / for_each)
