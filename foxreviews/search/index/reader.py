"""The index as a web process has it open: always the generation that answers, as it was last committed."""

import os
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import NoReturn, TypeVar

import tantivy
from django.db import Error, connection

from foxreviews.core.cache import cached
from foxreviews.core.postgresql import routing
from foxreviews.core.trace import waited_for_index
from foxreviews.enterprise import dataset
from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.search.errors import IndexFailedError, UnusableIndexError, wrap_errors
from foxreviews.search.index import changes, schema
from foxreviews.search.index.storage import (
    CORRUPTION,
    ENTREPRISES,
    PLACES,
    STATE,
    IndexStorage,
    State,
    Whole,
    damage,
)

Answer = TypeVar("Answer")

LOOK_SECONDS = 1.0  # between two looks at whether files were overwritten
PATIENCE = (
    2.0,
    0.1,
)  # seconds a request waits for an index where there is none yet, and where there is an older one
OPENING = "It is being opened and checked."
MAX_TRIES = 3  # a generation may be replaced and removed while it is being opened


@dataclass(frozen=True)
class Answers:
    """What was found in one state of the index of companies and took long, kept in the cache under `content`."""

    searcher: tantivy.Searcher
    content: str = ""  # names what is in it, on any machine; "" where that is not known, and nothing is kept

    def get_or_find(self, kind: str, key: Hashable, find: Callable[[], Answer]) -> Answer:
        """What `find` has found before, here or in another process, or finds now."""
        return cached(kind, f"{self.content} {key!r}", find) if self.content else find()


@dataclass(frozen=True)
class Indexes:
    """A generation, open. It can be read to its end even if it is replaced and removed meanwhile.

    `hidden` knows who became hidden since: what the index has is at least as new as its position. Where there are
    replicas, it has nothing that lies behind `read_up_to` in the database's log: with rows that are older than the
    index, a company that is public again would be taken for hidden until the index changes.
    """

    generation: Path
    entreprises: tantivy.Index
    places: tantivy.Index
    hidden: HiddenSince = field(default_factory=HiddenSince)
    answers: Answers | None = None
    read_up_to: int | None = None

    @property
    def content(self) -> str:
        """Names what is in them, "" where that is not known."""
        return self.answers.content if self.answers else ""

    def report_corruption(self, error: Exception) -> None:
        """Reading it failed: ask the process that keeps it in sync to check its files."""
        report_corruption(self.generation, str(error))


def report_corruption(generation: Path, found: str) -> None:
    """Leave word in its folder (IndexWriter.check_corruption)."""
    with suppress(OSError):
        (generation / CORRUPTION).write_text(found)


class IndexReader:
    """One for a process and all its threads. `why` says why there is no index to read, "" where there is.

    Files that somebody wrote since they were hashed are compared with their hashes before they are read; all of them
    where Tantivy cannot open them. A web worker opens and compares in a thread of its own:
    a request waits for it no longer than `patience` says, and reads what was open before, or PostgreSQL answers.
    """

    def __init__(self, folder: Path, patience: tuple[float, float] | None = None) -> None:
        self.storage = IndexStorage(folder)
        self.why = ""
        self._patience = patience
        self._indexes: Indexes | None = None
        self._whole: Whole | None = None
        self._stamp: tuple[int, ...] | None = (0,)
        self._looked = 0.0
        self._lock = Lock()
        self._refreshing: Future[None] | None = None

    def indexes(self) -> Indexes | None:
        """What to read, None where PostgreSQL must answer. Costs 3 µs where nothing has changed."""
        if self._read_stamp() != self._stamp or self._is_overwritten():
            self._refresh_in_time()
        return self._indexes

    def _is_overwritten(self) -> bool:
        """Whether somebody writes to the files that are open; looked at once a second."""
        if self._whole is None or time.monotonic() < self._looked + LOOK_SECONDS:
            return False
        self._looked = time.monotonic()
        if self._whole.is_unchanged:
            return False
        self._stamp = (0,)
        return True

    def _refresh_in_time(self) -> None:
        if self._patience is None:
            with self._lock:
                self._refresh()
            return
        with self._lock:
            if self._refreshing is None or self._refreshing.done():
                self._refreshing = _opener().submit(self._refresh_aside)
            refreshing = self._refreshing
        started = time.perf_counter()
        try:
            refreshing.result(self._patience[self._indexes is not None])
        except TimeoutError:
            self.why = self.why if self._indexes else OPENING
        waited_for_index(time.perf_counter() - started)

    def _refresh_aside(self) -> None:
        try:
            self._refresh()
        finally:
            connection.close()  # back into the pool: no request ends that would do so

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
            state.require_database(routing.ask(changes.database))
        if state.unusable:
            raise UnusableIndexError(state.rebuild_reason)
        if self._whole is None or self._whole.generation != generation:
            self._whole = Whole.as_hashed(generation, state)
        if found := damage(generation, self._whole):
            self._report_damage(generation, found)
        try:
            with wrap_errors("The index cannot be read"):
                indexes = self._read(generation, known)
        except IndexFailedError:
            self._whole = Whole(generation)
            if found := damage(generation, self._whole):
                self._report_damage(generation, found)
            raise
        return replace(
            indexes,
            hidden=HiddenSince(state.position),
            answers=Answers(indexes.entreprises.searcher(), _content(state)),
            read_up_to=routing.ask(routing.position),
        )

    def _read(self, generation: Path, known: Indexes | None) -> Indexes:
        """As last committed."""
        indexes = known or Indexes(
            generation,
            entreprises=schema.open_index(generation / ENTREPRISES),
            places=schema.open_index(generation / PLACES),
        )
        indexes.entreprises.reload()
        indexes.places.reload()
        return indexes

    def _report_damage(self, generation: Path, found: str) -> NoReturn:
        """For the process that keeps it in sync, which rebuilds it. Raises IndexFailedError."""
        report_corruption(generation, found)
        raise IndexFailedError(
            f"The index is damaged: {found}. PostgreSQL answers; manage.py search_catchup rebuilds it."
        )


def _content(state: State) -> str:
    """The state of the directory that the index was made from: the same for all indexes that have the same."""
    try:
        statements, transaction = dataset.state(state.position)
    except Error:
        return ""
    return f"{state.database}/{statements}/{transaction}/{state.format}"


@cache
def _opener() -> Executor:
    return ThreadPoolExecutor(1, "index-opener")


@cache
def reader_of(folder: Path) -> IndexReader:
    """The one reader of a folder in this process. Web workers, which have a pool of connections, do not wait for it."""
    return IndexReader(folder, PATIENCE if getattr(connection, "pool", None) else None)


def why_not_ready(folder: Path) -> str:
    """Why PostgreSQL answers for the index of a folder, "" where the index answers."""
    reader = reader_of(folder)
    reader.indexes()
    return reader.why
