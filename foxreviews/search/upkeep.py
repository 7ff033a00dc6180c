"""The index of the engine that is set, rebuilt and kept in sync, wherever it is: what the commands call."""

from django.conf import settings

from foxreviews.core.errors import UsageError
from foxreviews.core.progress import Reporter
from foxreviews.search.cluster.reader import configured_storage
from foxreviews.search.cluster.writer import tools
from foxreviews.search.engines.opensearch import OpenSearchEngine
from foxreviews.search.index import daemon, rebuild
from foxreviews.search.index.rebuild import TANTIVY, Storage, Tools
from foxreviews.search.index.storage import IndexStorage


def rebuild_index(reporter: Reporter) -> None:
    """See index.rebuild.rebuild."""
    storage, how = _of_settings()
    rebuild.rebuild(storage, reporter, how)


def catch_up_index(reporter: Reporter) -> None:
    """See index.rebuild.catch_up."""
    storage, how = _of_settings()
    rebuild.catch_up(storage, reporter, how)


def follow_index(reporter: Reporter) -> None:
    """Until the process is stopped. See index.daemon.IndexDaemon."""
    storage, how = _of_settings()
    daemon.IndexDaemon(storage, reporter, how).run()


def go_back(reporter: Reporter) -> None:
    """Let the generation before answer again. Raises UsageError where none is ever kept, UnusableIndexError."""
    if OpenSearchEngine.name != settings.SEARCH_ENGINE:
        raise UsageError("Only a cluster keeps the generation before (SEARCH_ENGINE=opensearch).")
    storage = configured_storage()
    with storage.rebuild_lock():
        generation = storage.go_back()
    reporter.line(f"{generation} answers again; its daemon applies what changed since.")


def _of_settings() -> tuple[Storage, Tools]:
    """That of a cluster where it answers searches, else that of this machine."""
    if OpenSearchEngine.name == settings.SEARCH_ENGINE:
        storage = configured_storage()
        return storage, tools(storage)
    return IndexStorage(settings.SEARCH_INDEX_DIR), TANTIVY
