"""Queries that are refused before they are sent, and searches that are given up."""

from collections.abc import Iterator
from contextlib import contextmanager

from foxreviews.core.errors import FoxreviewsError, UsageError


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


@contextmanager
def wrap_errors(doing: str) -> Iterator[None]:
    """Raises IndexFailedError, «The index cannot be written: …», for what Tantivy or the disk raises in the block.

    Over damaged files Tantivy panics, and Python sees an exception that is no Exception.
    """
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexFailedError(f"{doing}: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise IndexFailedError(f"{doing}: its files are damaged ({error})") from error
