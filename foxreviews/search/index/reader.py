"""The index as a web process has it open: always the generation that answers, as it was last committed."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import tantivy

from foxreviews.search.errors import IndexFailedError, UnusableIndexError, failures_told
from foxreviews.search.index import changes, schema
from foxreviews.search.index.state import FILE, State, usable
from foxreviews.search.index.storage import DOUBT, ENTREPRISES, REPERES, Generations

TRIES = 3  # a generation may be replaced and removed while it is being opened


@dataclass(frozen=True)
class Indexes:
    """A generation, open. It can be read to its end though it is replaced and removed meanwhile."""

    generation: Path
    entreprises: tantivy.Index
    reperes: tantivy.Index

    def doubt(self, error: Exception) -> None:
        """Reading it failed: ask whoever keeps it in step to look into its files."""
        with suppress(OSError):
            (self.generation / DOUBT).write_text(str(error))


class Opened:
    """One for a process and all its threads. `why` says why there is no index to read, "" where there is."""

    def __init__(self, folder: Path) -> None:
        self.generations = Generations(folder)
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
            found = os.stat(self.generations.link / FILE)  # noqa: PTH116 - a third faster, for each request
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_dev

    def _refresh(self) -> None:
        for _ in range(TRIES):
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
        generation = self.generations.required()
        known = self._indexes
        if known and known.generation == generation:
            state = State.read(generation)
        else:
            known, state = None, usable(generation, changes.database())
        if state.void:
            raise UnusableIndexError(state.due)
        with failures_told("The index cannot be read"):
            found = known or Indexes(
                generation, *(_opened(generation / part) for part in (ENTREPRISES, REPERES))
            )
            found.entreprises.reload()
            found.reperes.reload()
        return found


def _opened(path: Path) -> tantivy.Index:
    index = schema.open_index(path)
    index.config_reader("manual")  # by default a thread looks for commits twice a second
    return index
