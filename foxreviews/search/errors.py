"""Queries that are refused before they are sent, and searches that are given up."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.processes import find_processes

TANTIVY_LOCK = ".tantivy-writer.lock"


class EmptyQueryError(UsageError):
    """Nothing was typed."""

    code = "empty-query"


class QueryTooLongError(UsageError):
    """More was typed than a name can hold."""

    code = "query-too-long"


class TooManyToSortError(UsageError):
    """More companies were found than can be sorted by something else than relevance."""

    code = "too-many-to-sort"


class SearchTimeoutError(FoxreviewsError):
    """The search took longer than it may."""

    status = 503
    code = "search-timeout"


class UnusableIndexError(FoxreviewsError):
    """There is no index, or it must be rebuilt; PostgreSQL answers meanwhile."""

    status = 503
    code = "no-search-index"


class IndexFailedError(FoxreviewsError):
    """The index could not be read or written: the disk is full, files are damaged or gone."""

    status = 503
    code = "search-index-failed"


class BusyError(IndexFailedError):
    """The cluster that has the index does not take more now: the same call passes later."""

    code = "search-index-busy"


@contextmanager
def wrap_errors(doing: str) -> Iterator[None]:
    """Raises IndexFailedError, «The index cannot be written: …», for what Tantivy or the disk raises in the block.

    Over damaged files Tantivy panics, and Python sees an exception that is no Exception.
    """
    try:
        yield
    except (ValueError, OSError) as error:
        reason = _other_writer() if "LockBusy" in str(error) else error
        raise IndexFailedError(f"{doing}: {reason}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise IndexFailedError(f"{doing}: its files are damaged ({error})") from error


def _other_writer() -> str:
    """Who holds Tantivy's own lock: a process that writes to the index and has not asked IndexStorage."""
    folder = settings.SEARCH_INDEX_DIR.resolve()
    holders = find_processes(
        lambda process: any(
            file.name == TANTIVY_LOCK and file.is_relative_to(folder) for file in process.open_files
        )
    )
    who = " and ".join(f"process {pid}" for pid in holders) or "another process"
    return f"{who} writes to it. Wait until it has ended"
