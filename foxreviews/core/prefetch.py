"""Reading ahead: the next block is read and cleaned while the server takes in the last one."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def prefetch(items: Iterable[Item], ahead: int = 1) -> Generator[Item, None, None]:
    """The items in their order, made in another thread while those before them are used: `ahead` of them at most."""
    iterator = iter(items)
    worker = ThreadPoolExecutor(1)
    try:
        coming = deque(worker.submit(next, iterator, _END) for _ in range(ahead))
        while (item := coming.popleft().result()) is not _END:
            coming.append(worker.submit(next, iterator, _END))
            yield item  # type: ignore[misc]
    finally:  # a caller that stops does not wait for the next item: the pipe it is read from may stay silent
        worker.shutdown(wait=False, cancel_futures=True)
