"""The generation that answers, open for writing: brought in step with the database, change by change."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

from tantivy import Query

from foxreviews.search.errors import UnusableIndexError, failures_told
from foxreviews.search.index import changes, integrity, registry, schema, source
from foxreviews.search.index.changes import Changes
from foxreviews.search.index.document import documents
from foxreviews.search.index.rebuild import count_companies, fill_reperes
from foxreviews.search.index.state import FILE, misleads, usable
from foxreviews.search.index.storage import DOUBT, ENTREPRISES, REPERES

MEMORY = 50_000_000  # bytes; few documents come at once
AT_ONCE = 20_000  # companies read by one query
SECONDS_BETWEEN_REPORTS = 60.0
MOST_LEFTOVERS = 0.25  # of the documents: what was replaced or removed goes on taking room and time
_SIREN = re.compile(source.SIREN)


class Keeper:
    """One generation. Whoever makes one holds Generations.keeping()."""

    def __init__(self, generation: Path) -> None:
        """Raises UnusableIndexError where it must be built anew, IndexFailedError where it cannot be opened."""
        self.generation = generation
        self.state = usable(generation, changes.database())
        if found := damage(generation):
            raise UnusableIndexError(f"The index is damaged: {found}.")
        with failures_told("The index cannot be opened"):
            self.index = schema.open_index(generation / ENTREPRISES)
            self.writer = self.index.writer(MEMORY, 1)
        self._report()

    def apply(self) -> Changes:
        """Bring the index to what the database has now. Raises IndexFailedError; then make another Keeper."""
        news = changes.since(self.state.position)
        self.state = replace(self.state, position=news.position)
        if news.entries:
            with failures_told("The index cannot be written"):
                self._apply(news)
                self.state.write(self.generation)
        if news.entries or time.monotonic() > self._reported + SECONDS_BETWEEN_REPORTS:
            self._report()
        return news

    def follow(self) -> Changes:
        """The same, and look into what web processes have noted of its files (Opened.doubt)."""
        note = self.generation / DOUBT
        if note.exists():
            if found := damage(self.generation):
                self.must_be_rebuilt(f"The index is damaged: {found}.", void=True)
            note.unlink(missing_ok=True)
        return self.apply()

    def is_there(self) -> bool:
        """Nobody has removed it."""
        return (self.generation / FILE).exists()

    def close(self) -> None:
        """Let others write; what was not committed is not in the index."""
        del self.writer

    def must_be_rebuilt(self, why: str, *, void: bool = False) -> None:
        """Note it where web processes and a next start see it."""
        self.state = replace(self.state, due=self.state.due or why, void=self.state.void or void)
        with failures_told("The index cannot be written"):
            self.state.write(self.generation)

    def _apply(self, news: Changes) -> None:
        if news.sirens:
            self.state = replace(self.state, documents=self._replace(news.sirens))
        if news.reperes:
            towns = fill_reperes(schema.open_index(self.generation / REPERES))
            self.state = replace(self.state, reperes=towns)
        if news.everything:
            void = misleads(self.state.documents, count_companies())
            self.must_be_rebuilt("Many companies were changed at once.", void=void)
        elif self._leftovers() > MOST_LEFTOVERS * max(self.state.documents, AT_ONCE):
            self.must_be_rebuilt("A quarter of it is left over from companies that were changed since.")

    def _replace(self, sirens: list[str]) -> int:
        """Index what the database has of these companies now; how many documents there are then."""
        sirens = [siren for siren in sirens if _SIREN.fullmatch(siren)]
        for start in range(0, len(sirens), AT_ONCE):
            some = sirens[start : start + AT_ONCE]
            # By a query: deleting by a term leaves numbers where they are (tantivy 0.27).
            numbers = Query.term_set_query(self.index.schema, "siren", list(map(int, some)))
            self.writer.delete_documents_by_query(numbers)
            _, frame = source.companies_of(some)
            for each in documents(frame):
                self.writer.add_json(each)
        self.writer.commit()
        self.index.reload()
        return self.index.searcher().num_docs

    def _leftovers(self) -> int:
        meta = json.loads((self.generation / ENTREPRISES / "meta.json").read_bytes())
        deletes = (segment["deletes"] for segment in meta["segments"])
        return sum(each["num_deleted_docs"] for each in deletes if each)

    def _report(self) -> None:
        """Tell the database how far the index has come, once the state says so on the disk, and never before."""
        self._reported = time.monotonic()
        with failures_told("The index cannot be written"):
            self.state.write(self.generation)
        if not registry.report(self.generation.name, self.state.position):
            self.must_be_rebuilt("The database no longer has all that changed since it was last in step.")
        registry.prune()


def damage(generation: Path) -> str:
    """What is wrong with the files of a generation, "" where nothing is."""
    found = (integrity.damage(generation / part) for part in (ENTREPRISES, REPERES))
    return next(filter(None, found), "")
