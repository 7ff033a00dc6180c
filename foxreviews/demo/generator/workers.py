"""Two cores at work on the blocks of a file."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_WORKERS = 2

Block = TypeVar("Block")


def ahead(make: Callable[[int], Block], numbers: Iterable[int]) -> Iterator[Block]:
    """What `make` gives for each number, in their order, two being made while one is written."""
    waiting: deque[Future[Block]] = deque()
    with ThreadPoolExecutor(_WORKERS) as workers:
        for number in numbers:
            waiting.append(workers.submit(make, number))
            if len(waiting) > _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
