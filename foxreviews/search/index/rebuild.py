"""The index rebuilt from the directory, next to the one that answers, which it then replaces; or only caught up.

What it holds is one moment of the database (a snapshot); whatever changes while it is built stands in the change log
behind that moment's position.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import Error, connection, transaction

from foxreviews.core.files import format_bytes
from foxreviews.core.prefetch import prefetch
from foxreviews.core.progress import Reporter
from foxreviews.enterprise import blocks
from foxreviews.search.errors import IndexFailedError, UnusableIndexError, wrap_errors
from foxreviews.search.index import changes
from foxreviews.search.index.builder import Builder, IndexBuilder
from foxreviews.search.index.document import COLUMNS, documents
from foxreviews.search.index.storage import State
from foxreviews.search.index.writer import IndexWriter, Writer


class Storage(Protocol):
    """Where the generations of an index are, one of which answers: a folder, or a cluster.

    A generation is a pathlib.PurePath, whose name is its own.
    """

    def current(self) -> Any:
        """The generation that answers, None without one."""

    def required(self) -> Any:
        """The same. Raises UnusableIndexError where there is none."""

    def create(self) -> Any:
        """A new generation, which does not answer yet."""

    def publish(self, generation: Any, state: State) -> None:
        """Let this one answer from now on."""

    def others(self) -> Sequence[Any]:
        """The generations that do not answer."""

    def worth_keeping(self, generation: Any) -> Any:
        """The generation, None where it is of no use once another one answers."""

    def is_there(self, generation: Any) -> bool:
        """Whether it was not removed."""

    def bytes_of(self, generation: Any) -> int:
        """What it takes."""

    def remove(self, generation: Any) -> None:
        """Remove one that does not answer."""

    def writer_lock(self) -> AbstractContextManager[object]:
        """Hold the right to write to the current generation. Raises LockedError."""

    def rebuild_lock(self) -> AbstractContextManager[object]:
        """Hold the right to build a generation. Raises LockedError."""


@dataclass(frozen=True)
class Tools:
    """What works on the generations of a storage: what keeps one in sync, and what fills one for so many companies."""

    writer: Callable[[Any], Writer]
    builder: Callable[[Any, int], Builder]


TANTIVY = Tools(IndexWriter, IndexBuilder)
AHEAD = 3  # blocks that are read, and made, while Tantivy writes a segment


def catch_up(storage: Storage, reporter: Reporter, tools: Tools = TANTIVY) -> None:
    """Apply once what changed, or rebuild the index where that is not enough; search.index.daemon does it continuously.

    Raises LockedError where another process does it, IndexFailedError.
    """
    changes.database()  # before anything is said of the index
    with storage.writer_lock():
        if reason := _apply(storage, reporter, tools):
            reporter.line(f"{reason} It is rebuilt.")
            rebuild(storage, reporter, tools)
            _apply(storage, reporter, tools)  # what changed meanwhile


def rebuild(storage: Storage, reporter: Reporter, tools: Tools = TANTIVY) -> None:
    """Build a generation, compare it with the database, and let it answer. Until then, the old one does.

    Raises LockedError where another process builds, IndexFailedError where the disk is full or the counts differ.
    """
    changes.database()
    with storage.rebuild_lock(), wrap_errors("The index cannot be built"):
        _remove(storage, storage.others())  # what a killed process left
        before, generation = storage.current(), storage.create()
        try:
            # Before the snapshot is taken: the log is kept from here on.
            changes.register(generation, changes.position())
            with transaction.atomic():
                _see_one_moment()
                companies = blocks.count_companies()
                with closing(tools.builder(generation, companies)) as builder:
                    state = _build(builder, companies, reporter)
            storage.publish(generation, state)
        except BaseException:
            _remove(storage, [generation])
            raise
        kept = storage.worth_keeping(before)
        _remove(storage, [each for each in storage.others() if each != kept])
        size = format_bytes(storage.bytes_of(generation))
    counts = f"{state.documents:,} companies, {state.places:,} towns and trades"
    reporter.line(f"{generation} answers: {counts}, {size}.")


def _apply(storage: Storage, reporter: Reporter, tools: Tools) -> str:
    """Why the index must be rebuilt, "" where it need not be."""
    try:
        writer = tools.writer(storage.required())
    except UnusableIndexError as error:
        return str(error)
    found = writer.apply()
    towns = ", and all towns" if found.places else ""
    reporter.line(f"{writer.generation.name}: {len(found.sirens):,} companies updated{towns}.")
    return writer.state.rebuild_reason


def _build(builder: Builder, companies: int, reporter: Reporter) -> State:
    position = changes.position()
    with reporter.stage("Companies", total=companies, unit="companies") as stage:
        read = indexed = 0
        # The server reads one block, the next is made into documents, and one is indexed, all at once.
        read_blocks = prefetch(blocks.companies(COLUMNS), AHEAD)
        with closing(
            prefetch(((rows, frame["siren"], documents(frame)) for rows, frame in read_blocks), AHEAD)
        ) as made:
            for rows, sirens, some in made:
                builder.add(sirens, some)
                read, indexed = read + rows, indexed + len(some)
                stage.advance(rows)
    with reporter.stage("Towns and trades"):
        builder.merge()
        places = builder.fill_places()
    with reporter.stage("Merging"):
        found = builder.count()
    if read != companies or found != indexed:
        raise IndexFailedError(
            f"The database has {companies:,} companies, {read:,} were read, {indexed:,} sent to the index, and it has "
            f"{found:,}. It was not put into service. Run the same command again."
        )
    if left_out := read - indexed:
        reporter.line(f"{left_out:,} companies have no SIREN of nine digits and are not found by words.")
    return State(
        format=builder.format,
        database=changes.database(),
        position=position,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=indexed,
        places=places,
    )


def _remove(storage: Storage, generations: Sequence[Any]) -> None:
    for generation in generations:
        storage.remove(generation)
    with suppress(Error):  # without it, they are forgotten after some days
        changes.unregister([generation.name for generation in generations])


def _see_one_moment() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
