"""The index as a web process has it open: always the generation that answers, as it was last committed."""

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Lock

import tantivy

from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.search.errors import IndexFailedError, UnusableIndexError, wrap_errors
from foxreviews.search.index import changes, schema
from foxreviews.search.index.storage import CORRUPTION, ENTREPRISES, PLACES, STATE, IndexStorage, State

MAX_TRIES = 3  # a generation may be replaced and removed while it is being opened


@dataclass(frozen=True)
class Indexes:
    """A generation, open. It can be read to its end even if it is replaced and removed meanwhile.

    `hidden` knows who became hidden since: what the index has is at least as new as its position.
    """

    generation: Path
    entreprises: tantivy.Index
    places: tantivy.Index
    hidden: HiddenSince = field(default_factory=HiddenSince)

    def report_corruption(self, error: Exception) -> None:
        """Reading it failed: ask the process that keeps it in sync to check its files."""
        with suppress(OSError):
            (self.generation / CORRUPTION).write_text(str(error))


class IndexReader:
    """One for a process and all its threads. `why` says why there is no index to read, "" where there is."""

    def __init__(self, folder: Path) -> None:
        self.storage = IndexStorage(folder)
        self.why = ""
        self._indexes: Indexes | None = None
        self._stamp: tuple[int, ...] | None = (0,)
        self._lock = Lock()

    def indexes(self) -> Indexes | None:
        """What to read, None where PostgreSQL must answer. Costs 3 µs where nothing has changed."""
        if self._read_stamp() != self._stamp:
            with self._lock:
                self._refresh()
        return self._indexes

    def _read_stamp(self) -> tuple[int, ...] | None:
        """What differs as soon as another generation answers, or something was committed; None without an index."""
        try:
            found = os.stat(self.storage.link / STATE)  # noqa: PTH116 - a third faster, for each request
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_dev

    def _refresh(self) -> None:
        for _ in range(MAX_TRIES):
            stamp = self._read_stamp()
            if stamp == self._stamp:  # another thread was faster
                return
            try:
                self._indexes, self.why = self._open(), ""
            except (UnusableIndexError, IndexFailedError) as error:
                self._indexes, self.why = None, str(error)
            if stamp == self._read_stamp():
                self._stamp = stamp
                return

    def _open(self) -> Indexes:
        generation = self.storage.required()
        state, known = State.read(generation), self._indexes
        if known is None or known.generation != generation:
            known = None
            state.require_database(changes.database())
        if state.unusable:
            raise UnusableIndexError(state.rebuild_reason)
        with wrap_errors("The index cannot be read"):
            found = known or Indexes(
                generation,
                entreprises=schema.open_index(generation / ENTREPRISES),
                places=schema.open_index(generation / PLACES),
            )
            found.entreprises.reload()
            found.places.reload()
        return replace(found, hidden=HiddenSince(state.position))


@cache
def reader_of(folder: Path) -> IndexReader:
    """The one reader of a folder in this process."""
    return IndexReader(folder)


def why_not_ready(folder: Path) -> str:
    """Why PostgreSQL answers for the index of a folder, "" where the index answers."""
    reader = reader_of(folder)
    reader.indexes()
    return reader.why
