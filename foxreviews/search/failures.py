"""What goes wrong in Tantivy, as an error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from foxreviews.search.errors import IndexFailedError


@contextmanager
def failures_told(doing: str) -> Iterator[None]:
    """Raises IndexFailedError, «The index cannot be written: …», for whatever Tantivy or the disk raises in the block.

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
