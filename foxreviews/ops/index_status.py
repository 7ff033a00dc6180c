"""How the search index stands: what answers, and how far it is behind the database."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from foxreviews.core import clock
from foxreviews.core.files import bytes_in, format_bytes
from foxreviews.core.sql import value
from foxreviews.reference.identifiers import SIREN_DIGITS
from foxreviews.search.cluster.reader import configured_storage
from foxreviews.search.cluster.storage import Generation
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.opensearch import OpenSearchEngine
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index import changes
from foxreviews.search.index.changes import Changes
from foxreviews.search.index.reader import why_not_ready
from foxreviews.search.index.storage import IndexStorage, State, damage

DAEMON = "manage.py search_catchup --follow"
LAG_THRESHOLD = 5.0  # seconds behind the database, and still in sync: changes come all the time


@dataclass(frozen=True)
class Status:
    """`why` is why the index is not in sync, "" where it is.

    `companies` are those of the database that can be in an index. `changes` are the entries of the log that are not in
    it yet, `seconds` the age of the oldest. `daemon` and `rebuild` are processes, None where there is none; `rebuild`
    was asked first, so an index that is in sync meanwhile counts as such.
    """

    in_sync: bool
    why: str
    engine: str  # that a web process asks now
    folder: str
    generation: str
    format: int | None
    built_at: str
    documents: int
    places: int
    companies: int
    changes: int
    seconds: float
    bytes: int
    daemon: int | None
    rebuild: int | None
    health: str = ""  # of a cluster, in its own words
    previous: str = ""  # the generation before, where it is kept


def read_status() -> Status:
    """How it stands. Reads all files of the index, and counts all companies: 2 s with 4,000,000.

    Of a cluster `daemon` and `rebuild` are sessions of PostgreSQL, since the processes may be on another machine.
    """
    return _of_cluster() if OpenSearchEngine.name == settings.SEARCH_ENGINE else _of_machine()


def _of_machine() -> Status:
    storage = IndexStorage(settings.SEARCH_INDEX_DIR)
    daemon, rebuild = storage.writer_pid(), storage.rebuild_pid()
    current, state, why = storage.current(), _state(storage), why_not_ready(settings.SEARCH_INDEX_DIR)
    answers = state is not None and not why
    found = changes.since(state.position) if state and answers else None
    companies = _companies()
    if state and found:
        why = _missing(state, found, companies) or damage(storage.required())
    if why and rebuild:
        why = f"A new one is being built by process {rebuild}; it answers by itself when it is complete."
    return Status(
        in_sync=not why,
        why=why,
        engine=settings.SEARCH_ENGINE if answers else "postgres",
        folder=str(settings.SEARCH_INDEX_DIR),
        generation=current.name if current else "",
        format=state.format if state else None,
        built_at=state.built_at if state else "",
        documents=state.documents if state else 0,
        places=state.places if state else 0,
        companies=companies,
        changes=found.entries if found else 0,
        seconds=round(found.seconds, 1) if found else 0.0,
        bytes=bytes_in(current) if current else 0,
        daemon=daemon,
        rebuild=rebuild,
    )


def _of_cluster() -> Status:
    """One that does not answer is asked once, and no longer than a second."""
    storage = configured_storage()
    daemon, rebuild = storage.writer_pid(), storage.rebuild_pid()
    current: Generation | None = None
    state, why, health, previous, size, documents = None, "", "", "", 0, 0
    try:
        current, state = storage.known(seconds=1.0)
        state.require_database(changes.database())
        documents, size = storage.documents_in(current), storage.bytes_of(current)
        previous = getattr(storage.previous(), "name", "")
        found_health = storage.health()
        health = f"{found_health.colour}, {found_health.nodes} nodes"
        why = state.rebuild_reason if state.unusable else ""
    except (UnusableIndexError, IndexFailedError) as error:
        why = str(error)
    answers = state is not None and not why
    found = changes.since(state.position) if state and answers else None
    companies = _companies()
    if state and found:
        why = _missing(replace(state, documents=documents), found, companies)
    if why and rebuild:
        why = f"A new one is being built (session {rebuild}); it answers by itself when it is complete."
    return Status(
        in_sync=not why,
        why=why,
        engine=search_engine().name,
        folder=str(storage),
        generation=current.name if current else "",
        format=state.format if state else None,
        built_at=state.built_at if state else "",
        documents=documents,
        places=state.places if state else 0,
        companies=companies,
        changes=found.entries if found else 0,
        seconds=round(found.seconds, 1) if found else 0.0,
        bytes=size,
        daemon=daemon,
        rebuild=rebuild,
        health=health,
        previous=previous,
    )


def _companies() -> int:
    """Those that can be in an index."""
    return int(value("SELECT count(*) FROM enterprise_entreprise WHERE siren ~ %s", SIREN_DIGITS))


def lines(status: Status) -> Iterator[tuple[str, str]]:
    """As a person reads it: names and values."""
    yield "searches", f"answered by {status.engine}"
    yield "index", "in sync" if status.in_sync else f"not in sync: {status.why}"
    if status.format:
        generation = f"{status.folder}/{status.generation}"
        built_at = clock.local(datetime.fromisoformat(status.built_at))
        yield "generation", f"{generation}, built {built_at}, format {status.format}"
        documents = f"{status.documents:,} for {status.companies:,} companies"
        yield "documents", f"{documents}, {status.places:,} towns and trades, {format_bytes(status.bytes)}"
        oldest = f", the oldest {status.seconds:,.1f} s old" if status.changes else ""
        yield "not yet in", f"{status.changes:,} changes{oldest}"
    if status.health:
        yield "cluster", status.health
    if status.previous:
        yield "before it", f"{status.previous}, to which search_rebuild --back goes back"
    who = "session" if OpenSearchEngine.name == settings.SEARCH_ENGINE else "process"
    yield "daemon", f"{who} {status.daemon}" if status.daemon else f"none. Run: {DAEMON}"
    if status.rebuild:
        yield "rebuild", f"{who} {status.rebuild}"


def _state(storage: IndexStorage) -> State | None:
    try:
        return State.read(storage.required())
    except UnusableIndexError:
        return None


def _missing(state: State, found: Changes, companies: int) -> str:
    """Why the index is not in sync, "" where it is."""
    if state.rebuild_reason:
        return state.rebuild_reason
    if found.seconds > LAG_THRESHOLD:
        return f"It lacks {found.entries:,} changes, the oldest {found.seconds:,.0f} s old."
    if not found.entries and state.documents != companies:
        counts = f"{state.documents:,} documents for {companies:,} companies"
        return f"It has {counts}. Run: manage.py search_rebuild"
    return ""
