"""The generation that answers, open for writing: kept in sync with the database, change by change."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

from tantivy import Query

from foxreviews.enterprise import blocks
from foxreviews.enterprise.hidden_since import hidden_since
from foxreviews.reference.identifiers import SIREN_DIGITS
from foxreviews.search.errors import UnusableIndexError, wrap_errors
from foxreviews.search.index import changes, schema, storage
from foxreviews.search.index.changes import Changes
from foxreviews.search.index.document import COLUMNS, documents
from foxreviews.search.index.place_documents import fill_places
from foxreviews.search.index.storage import CORRUPTION, ENTREPRISES, META, PLACES, STATE, State

MEMORY = 50_000_000  # bytes; few documents come at once
MAX_COMPANIES = 20_000  # read by one query
SECONDS_BETWEEN_REPORTS = 60.0
LEFTOVERS_THRESHOLD = 0.25  # of the documents: what was replaced or removed still takes space and time
_SIREN = re.compile(SIREN_DIGITS)


class IndexWriter:
    """Writes to one generation. The process that makes one holds IndexStorage.writer_lock()."""

    def __init__(self, generation: Path) -> None:
        """Raises UnusableIndexError where it must be rebuilt, IndexFailedError where it cannot be opened."""
        self.generation = generation
        self.state = State.read(generation)
        self.state.require_database(changes.database())
        if found := storage.damage(generation):
            raise UnusableIndexError(f"The index is damaged: {found}.")
        with wrap_errors("The index cannot be opened"):
            self.index = schema.open_index(generation / ENTREPRISES)
        self._report()

    def apply(self) -> Changes:
        """Bring the index to what the database has now. Raises IndexFailedError; then make another IndexWriter."""
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
                self.state = storage.with_hashes(self.state, self.generation)
        if found.entries or time.monotonic() > self._reported + SECONDS_BETWEEN_REPORTS:
            self._report()
        return found

    def check_corruption(self) -> None:
        """Check the files where a web process could not read them (Indexes.report_corruption)."""
        report = self.generation / CORRUPTION
        if report.exists():
            if found := storage.damage(self.generation):
                self.require_rebuild(f"The index is damaged: {found}.", unusable=True)
            report.unlink(missing_ok=True)

    def is_there(self) -> bool:
        """Whether its folder was not removed."""
        return (self.generation / STATE).exists()

    def require_rebuild(self, reason: str, *, unusable: bool = False) -> None:
        """Store it where web processes and the next start see it."""
        self.state = replace(
            self.state,
            rebuild_reason=self.state.rebuild_reason or reason,
            unusable=self.state.unusable or unusable,
        )
        with wrap_errors("The index cannot be written"):
            self.state.write(self.generation)

    def _apply(self, found: Changes) -> None:
        if found.sirens:
            self.state = replace(self.state, documents=self._replace(found.sirens))
        if found.places:
            self.state = replace(self.state, places=fill_places(schema.open_index(self.generation / PLACES)))
        if found.everything:
            unusable = storage.misleads(self.state.documents, blocks.count_companies())
            self.require_rebuild("Many companies were changed at once.", unusable=unusable)
        elif self._leftovers() > LEFTOVERS_THRESHOLD * max(self.state.documents, MAX_COMPANIES):
            self.require_rebuild("A quarter of it is left over from companies that changed since.")

    def _replace(self, sirens: list[str]) -> int:
        """Index what the database has of these companies now; how many documents there are then."""
        sirens = [siren for siren in sirens if _SIREN.fullmatch(siren)]
        with schema.writing(self.index, MEMORY) as writer:
            for start in range(0, len(sirens), MAX_COMPANIES):
                some = sirens[start : start + MAX_COMPANIES]
                # By a query: deleting by a term leaves numbers where they are (tantivy 0.27).
                numbers = Query.term_set_query(self.index.schema, "siren", list(map(int, some)))
                writer.delete_documents_by_query(numbers)
                _, frame = blocks.companies_of(some, COLUMNS)
                for each in documents(frame):
                    writer.add_json(each)
        self.index.reload()
        return self.index.searcher().num_docs

    def _leftovers(self) -> int:
        meta = json.loads((self.generation / ENTREPRISES / META).read_bytes())
        deletes = (segment["deletes"] for segment in meta["segments"])
        return sum(each["num_deleted_docs"] for each in deletes if each)

    def _report(self) -> None:
        """Store in the database how far the index has come, once the state on the disk says so, and never before."""
        self._reported = time.monotonic()
        with wrap_errors("The index cannot be written"):
            self.state.write(self.generation)
        if not changes.report(self.generation.name, self.state.position):
            self.require_rebuild("The database no longer has all that changed since it was last in sync.")
        changes.prune()
