"""The generation that answers, open for writing: kept in sync with the database, change by change."""

import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath

import polars as pl
from tantivy import Query

from foxreviews.enterprise import blocks
from foxreviews.enterprise.hidden_since import hidden_since
from foxreviews.reference.identifiers import SIREN_DIGITS
from foxreviews.search.errors import UnusableIndexError, wrap_errors
from foxreviews.search.index import changes, schema, storage
from foxreviews.search.index.changes import Changes
from foxreviews.search.index.document import COLUMNS, documents
from foxreviews.search.index.place_documents import fill_places
from foxreviews.search.index.schema import META
from foxreviews.search.index.storage import CORRUPTION, ENTREPRISES, PLACES, State

MEMORY = 50_000_000  # bytes; few documents come at once
MAX_COMPANIES = 20_000  # read by one query
SECONDS_BETWEEN_REPORTS = 60.0
LEFTOVERS_THRESHOLD = 0.25  # of the documents: what was replaced or removed still takes space and time
_SIREN = re.compile(SIREN_DIGITS)


class Writer(ABC):
    """Writes to one generation, wherever it is. The process that makes one holds the storage's writer_lock()."""

    def __init__(self, generation: PurePath, state: State) -> None:
        """Raises UnusableIndexError where it must be rebuilt, IndexFailedError."""
        self.generation, self.state = generation, state
        state.require_database(changes.database())

    def apply(self) -> Changes:
        """Bring the index to what the database has now. Raises IndexFailedError; then make another writer."""
        found = changes.since(self.state.position)
        hidden = hidden_since(self.state.position) if found.entries else set()
        self.state = replace(self.state, position=found.position)
        if found.entries:
            with wrap_errors("The index cannot be written"):
                self._apply(found)
                if hidden:
                    self.require_rebuild(
                        "Some companies were hidden: their names are in its files until then."
                    )
                self._seal()
        if found.entries or time.monotonic() > self._reported + SECONDS_BETWEEN_REPORTS:
            self._report()
        return found

    def check_corruption(self) -> None:  # noqa: B027 - a cluster checks by itself
        """Check what a web process could not read."""

    def require_rebuild(self, reason: str, *, unusable: bool = False) -> None:
        """Store it where web processes and the next start see it."""
        self.state = replace(
            self.state,
            rebuild_reason=self.state.rebuild_reason or reason,
            unusable=self.state.unusable or unusable,
        )
        with wrap_errors("The index cannot be written"):
            self._write_state()

    @abstractmethod
    def _write_state(self) -> None:
        """Store it: what was written before it can be found then."""

    @abstractmethod
    def _replace(self, sirens: list[str]) -> int:
        """Index what the database has of these companies now; how many documents there are then."""

    @abstractmethod
    def _fill_places(self) -> int:
        """Replace all places; how many there are then."""

    def _is_worn(self) -> bool:
        """Whether what was replaced takes so much that it is better rebuilt."""
        return False

    def _seal(self) -> None:  # noqa: B027
        """Note what proves later that it is whole."""

    def _apply(self, found: Changes) -> None:
        if found.sirens:
            self.state = replace(self.state, documents=self._replace(found.sirens))
        if found.places:
            self.state = replace(self.state, places=self._fill_places())
        if found.everything:
            unusable = storage.misleads(self.state.documents, blocks.count_companies())
            self.require_rebuild("Many companies were changed at once.", unusable=unusable)
        elif self._is_worn():
            self.require_rebuild("A quarter of it is left over from companies that changed since.")

    def _report(self) -> None:
        """Store in the database how far the index has come, once what is stored with it says so, and never before."""
        self._reported = time.monotonic()
        with wrap_errors("The index cannot be written"):
            self._write_state()
        if not changes.report(self.generation.name, self.state.position):
            self.require_rebuild("The database no longer has all that changed since it was last in sync.")
        changes.prune()


def batches(sirens: list[str]) -> Iterator[tuple[list[str], pl.DataFrame]]:
    """The valid ones of the SIREN, and what the database has of their companies now, some at a time."""
    sirens = [siren for siren in sirens if _SIREN.fullmatch(siren)]
    for start in range(0, len(sirens), MAX_COMPANIES):
        some = sirens[start : start + MAX_COMPANIES]
        yield some, blocks.companies_of(some, COLUMNS)[1]


class IndexWriter(Writer):
    """Writes to a folder, with Tantivy."""

    generation: Path

    def __init__(self, generation: Path) -> None:
        """Raises UnusableIndexError where it must be rebuilt, IndexFailedError where it cannot be opened."""
        super().__init__(generation, State.read(generation))
        if found := storage.damage(generation):
            raise UnusableIndexError(f"The index is damaged: {found}.")
        with wrap_errors("The index cannot be opened"):
            self.index = schema.open_index(generation / ENTREPRISES)
        self._report()

    def check_corruption(self) -> None:
        """Check the files where a web process could not read them (Indexes.report_corruption)."""
        report = self.generation / CORRUPTION
        if report.exists():
            if found := storage.damage(self.generation):
                self.require_rebuild(f"The index is damaged: {found}.", unusable=True)
            report.unlink(missing_ok=True)

    def _write_state(self) -> None:
        self.state.write(self.generation)

    def _replace(self, sirens: list[str]) -> int:
        with schema.writing(self.index, MEMORY) as writer:
            for some, frame in batches(sirens):
                # By a query: deleting by a term leaves numbers where they are (tantivy 0.27).
                numbers = Query.term_set_query(self.index.schema, "siren", list(map(int, some)))
                writer.delete_documents_by_query(numbers)
                for each in documents(frame):
                    writer.add_json(each)
        self.index.reload()
        return self.index.searcher().num_docs

    def _fill_places(self) -> int:
        return fill_places(schema.open_index(self.generation / PLACES))

    def _is_worn(self) -> bool:
        meta = json.loads((self.generation / ENTREPRISES / META).read_bytes())
        deletes = (segment["deletes"] for segment in meta["segments"])
        left = sum(each["num_deleted_docs"] for each in deletes if each)
        return bool(left > LEFTOVERS_THRESHOLD * max(self.state.documents, MAX_COMPANIES))

    def _seal(self) -> None:
        self.state = storage.with_hashes(self.state, self.generation)
