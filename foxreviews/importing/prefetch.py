"""Reading ahead: the next block is read and cleaned while the server takes in the last one."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def prefetch(items: Iterable[Item]) -> Iterator[Item]:
    """The items in their order, each made in another thread while the one before it is being used."""
    iterator = iter(items)
    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(next, iterator, _END)
        while (item := coming.result()) is not _END:
            coming = worker.submit(next, iterator, _END)
            yield item  # type: ignore[misc]
