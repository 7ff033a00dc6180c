"""The index rebuilt from the directory, next to the one that answers, which it then replaces; or only caught up.

What it holds is one moment of the database (a snapshot); whatever changes while it is built stands in the change log
behind that moment's position.
"""

import math
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.db import Error, connection, transaction

from foxreviews.core.files import bytes_in, format_bytes
from foxreviews.core.prefetch import prefetch
from foxreviews.core.progress import Reporter
from foxreviews.enterprise import blocks
from foxreviews.search.errors import IndexFailedError, UnusableIndexError, wrap_errors
from foxreviews.search.index import changes, schema
from foxreviews.search.index.document import COLUMNS, documents
from foxreviews.search.index.place_documents import fill_places
from foxreviews.search.index.storage import ENTREPRISES, PLACES, IndexStorage, State
from foxreviews.search.index.writer import IndexWriter

# Tantivy merges 8 segments of one size, and what came of them again. A word is looked up in each segment: in one
# instead of the 6 that were left of 4,000,000 companies a rare word takes half of the processor time.
MERGED = 8
MIN_SEGMENT = 10_000  # documents; smaller ones are of one size to Tantivy
MEMORY = 400_000_000  # bytes, for 8 * MIN_SEGMENT documents; it writes a segment when they are full


def catch_up(storage: IndexStorage, reporter: Reporter) -> None:
    """Apply once what changed, or rebuild the index where that is not enough; search.index.daemon does it continuously.

    Raises LockedError where another process does it, IndexFailedError.
    """
    changes.database()  # before anything is said of the index
    with storage.writer_lock():
        if reason := _apply(storage, reporter):
            reporter.line(f"{reason} It is rebuilt.")
            rebuild(storage, reporter)
            _apply(storage, reporter)  # what changed meanwhile


def rebuild(storage: IndexStorage, reporter: Reporter) -> None:
    """Build a generation, compare it with the database, and let it answer. Until then, the old one does.

    Raises LockedError where another process builds, IndexFailedError where the disk is full or the counts differ.
    """
    changes.database()
    with storage.rebuild_lock(), wrap_errors("The index cannot be built"):
        _remove(storage, storage.others())  # what a killed process left
        generation = storage.create()
        try:
            # Before the snapshot is taken: the log is kept from here on.
            changes.register(generation, changes.position())
            with transaction.atomic():
                _see_one_moment()
                state = _build(generation, reporter)
            storage.publish(generation, state)
        except BaseException:
            _remove(storage, [generation])
            raise
        _remove(storage, storage.others())
    counts = f"{state.documents:,} companies, {state.places:,} towns and trades"
    reporter.line(f"{generation} answers: {counts}, {format_bytes(bytes_in(generation))}.")


def _apply(storage: IndexStorage, reporter: Reporter) -> str:
    """Why the index must be rebuilt, "" where it need not be."""
    try:
        writer = IndexWriter(storage.required())
    except UnusableIndexError as error:
        return str(error)
    found = writer.apply()
    towns = ", and all towns" if found.places else ""
    reporter.line(f"{writer.generation.name}: {len(found.sirens):,} companies updated{towns}.")
    return writer.state.rebuild_reason


def _build(generation: Path, reporter: Reporter) -> State:
    position, companies = changes.position(), blocks.count_companies()
    index = schema.create_index(generation / ENTREPRISES, schema.entreprises())
    with reporter.stage("Companies", total=companies, unit="companies") as stage:
        read = indexed = 0
        writer, segment = index.writer(MEMORY, num_threads=1), _segment_size(companies)
        # The next block is made while one is indexed.
        with (
            closing(blocks.companies(COLUMNS)) as read_blocks,
            closing(prefetch((rows, documents(frame)) for rows, frame in read_blocks)) as made,
        ):
            for rows, some in made:
                for each in some:
                    writer.add_json(each)
                    indexed += 1
                    if indexed % segment == 0:
                        writer.commit()
                read += rows
                stage.advance(rows)
        writer.commit()
    with reporter.stage("Merging"):
        writer.wait_merging_threads()
    with reporter.stage("Towns and trades"):
        places = fill_places(schema.create_index(generation / PLACES, schema.places()))
    index.reload()
    found = index.searcher().num_docs
    if read != companies or found != indexed:
        raise IndexFailedError(
            f"The database has {companies:,} companies, {read:,} were read, {indexed:,} sent to the index, and it has "
            f"{found:,}. It was not put into service. Run the same command again."
        )
    if left_out := read - indexed:
        reporter.line(f"{left_out:,} companies have no SIREN of nine digits and are not found by words.")
    return State(
        format=schema.FORMAT,
        database=changes.database(),
        position=position,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=indexed,
        places=places,
    )


def _segment_size(companies: int) -> int:
    """Documents of a segment so that in the end all are merged into one."""
    segments = 1
    while companies > MERGED * MIN_SEGMENT * segments:
        segments *= MERGED
    return max(1, math.ceil(companies / segments))


def _remove(storage: IndexStorage, generations: list[Path]) -> None:
    for generation in generations:
        storage.remove(generation)
    with suppress(Error):  # without it, they are forgotten after some days
        changes.unregister([generation.name for generation in generations])


def _see_one_moment() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
