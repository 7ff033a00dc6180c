"""Several clients at once: how many requests a second they are answered."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from itertools import cycle
from multiprocessing import get_context

from benchmarks.server import Client

CLIENTS = 4
SECONDS = 10.0


def answers_a_second(port: int, urls: Sequence[str], clients: int = CLIENTS) -> float:
    """The requests that all clients together are answered in a second, each over a connection of its own.

    A search that took too long (503) is no answer.

    Clients are processes: what they need of the processor is the server's loss.
    """
    with ProcessPoolExecutor(clients, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(partial(_rate, port), [urls[first::clients] for first in range(clients)]))


def _rate(port: int, urls: Sequence[str]) -> float:
    answered, started = 0, time.monotonic()
    with closing(Client(port)) as client:
        for url in cycle(urls):
            answered += client.get(url) is not None
            if (elapsed := time.monotonic() - started) > SECONDS:
                return answered / elapsed
    return 0.0
