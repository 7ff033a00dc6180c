"""The index made anew from the directory, beside the one that answers, which it then replaces.

What it holds is one moment of the database (a snapshot); whatever changes while it is built stands in the change log
behind that moment's position.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import tantivy
from django.db import Error, connection, transaction

from foxreviews.core.prefetch import prefetch
from foxreviews.core.progress import Reporter
from foxreviews.search.errors import IndexFailedError, failures_told
from foxreviews.search.index import changes, registry, schema, source
from foxreviews.search.index import places as reperes
from foxreviews.search.index.document import documents
from foxreviews.search.index.state import State
from foxreviews.search.index.storage import ENTREPRISES, REPERES, Generations

THREADS = 2  # of Tantivy
MEMORY = 600_000_000  # bytes; a thread writes a segment whenever its share is full
SMALL_MEMORY = 30_000_000  # for some ten thousand documents


@dataclass(frozen=True)
class Built:
    """A generation that answers from now on."""

    generation: Path
    state: State
    left_out: int  # companies whose number is no SIREN


def rebuild(generations: Generations, reporter: Reporter) -> Built:
    """Build a generation, hold it against the database, and let it answer. Whatever is raised, the old one goes on.

    Raises LockedError where somebody else builds, IndexFailedError where the disk is full or the counts differ.
    """
    with generations.building(), failures_told("The index cannot be built"):
        _remove(generations.others())  # what a killed builder left
        generation = generations.create()
        try:
            # Before the snapshot is taken: the log is kept from here on.
            registry.register(generation, changes.position())
            with _snapshot():
                built = _build(generation, reporter)
            generations.publish(generation)
        except BaseException:
            _remove([generation])
            raise
        _remove(generations.others())
    return built


def count_companies() -> int:
    """How many the database has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enterprise_entreprise")
        return int(cursor.fetchone()[0])


def fill_reperes(index: tantivy.Index) -> int:
    """Replace the towns and trades of an index by those of the database, at once; how many."""
    writer = index.writer(SMALL_MEMORY, 1)
    writer.delete_all_documents()
    made = reperes.documents()
    for each in made:
        writer.add_json(each)
    writer.commit()
    writer.wait_merging_threads()
    return len(made)


def _build(generation: Path, reporter: Reporter) -> Built:
    position, companies = changes.position(), count_companies()
    index = schema.create_index(generation / ENTREPRISES, schema.entreprises())
    with reporter.stage("Companies", total=companies, unit="companies") as stage:
        read = indexed = 0
        writer = index.writer(MEMORY, THREADS)
        for rows, made in _documents():
            for each in made:
                writer.add_json(each)
            read, indexed = read + rows, indexed + len(made)
            stage.advance(rows)
        writer.commit()
    with reporter.stage("Merging"):
        writer.wait_merging_threads()
    with reporter.stage("Towns and trades"):
        towns = fill_reperes(schema.create_index(generation / REPERES, schema.reperes()))
    index.reload()
    found = index.searcher().num_docs
    if read != companies or found != indexed:
        raise IndexFailedError(
            f"The database has {companies:,} companies, {read:,} were read, {indexed:,} sent to the index, and it has "
            f"{found:,}. It was not put into service. Run the same command again."
        )
    state = State(
        format=schema.FORMAT,
        database=changes.database(),
        position=position,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=indexed,
        reperes=towns,
    )
    state.write(generation)
    return Built(generation, state, read - indexed)


def _documents() -> Iterator[tuple[int, list[str]]]:
    """How many companies were read, and the documents made of them; the next block is made while one is indexed."""
    with (
        closing(source.companies()) as blocks,
        closing(prefetch((rows, documents(frame)) for rows, frame in blocks)) as made,
    ):
        yield from made


def _remove(generations: list[Path]) -> None:
    for generation in generations:
        shutil.rmtree(generation, ignore_errors=True)
    with suppress(Error):  # without it, they are forgotten after some days
        registry.forget([generation.name for generation in generations])


@contextmanager
def _snapshot() -> Iterator[None]:
    """See one moment of the database in the block."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
