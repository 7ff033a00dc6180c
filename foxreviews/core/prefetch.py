"""Reading ahead: the next block is read and cleaned while the server takes in the last one."""

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def prefetch(items: Iterable[Item]) -> Generator[Item, None, None]:
    """The items in their order, each made in another thread while the one before it is being used."""
    iterator = iter(items)
    worker = ThreadPoolExecutor(1)
    try:
        coming = worker.submit(next, iterator, _END)
        while (item := coming.result()) is not _END:
            coming = worker.submit(next, iterator, _END)
            yield item  # type: ignore[misc]
    finally:  # a caller that stops does not wait for the next item: the pipe it is read from may stay silent
        worker.shutdown(wait=False, cancel_futures=True)
