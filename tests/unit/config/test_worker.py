"""A worker of the production server and the connections that it takes."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from gunicorn.config import Config

from config import worker as of_server
from config.worker import CONNECTIONS, GONE, ArrivalWorker

OURS, OTHER = 1, 2


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArrivalWorker]:
    made = ArrivalWorker(OURS, 0, [], None, 30, Config(), None)
    taken: list[Any] = []
    monkeypatch.setattr(made, "enqueue_req", taken.append)
    yield made
    made.tmp.close()
    for connection in taken:
        connection.sock.close()
    CONNECTIONS[OURS] = CONNECTIONS[OTHER] = GONE


def _paused_with(monkeypatch: pytest.MonkeyPatch, what: Callable[[], None]) -> list[float]:
    """The pauses, in each of which this happens."""
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        what()

    monkeypatch.setattr(of_server.time, "sleep", pause)
    return pauses


def test_a_new_connection_is_left_to_the_worker_that_has_fewer(
    worker: ArrivalWorker, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.nr_conns, CONNECTIONS[OTHER] = 3, 2
    there: list[socket.socket] = []
    pauses = _paused_with(monkeypatch, lambda: there.append(listener.accept()[0]))
    with closing(socket.create_connection(listener.getsockname())):
        worker.accept(listener)
        assert (worker.nr_conns, len(there), len(pauses)) == (3, 1, 1)
    there[0].close()


def test_one_that_no_other_worker_takes_is_taken(
    worker: ArrivalWorker, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.nr_conns, CONNECTIONS[OTHER] = 3, 2
    pauses = _paused_with(monkeypatch, lambda: None)
    with closing(socket.create_connection(listener.getsockname())):
        worker.accept(listener)
    assert (worker.nr_conns, CONNECTIONS[OURS], len(pauses)) == (4, 4, 1)


@pytest.mark.parametrize("others", [3, 4, GONE])
def test_the_worker_with_the_fewest_waits_for_none(
    worker: ArrivalWorker, listener: socket.socket, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    worker.nr_conns, CONNECTIONS[OTHER] = 3, others
    pauses = _paused_with(monkeypatch, lambda: None)
    with closing(socket.create_connection(listener.getsockname())):
        worker.accept(listener)
    assert (worker.nr_conns, pauses) == (4, [])


def test_a_worker_that_ends_is_left_nothing(worker: ArrivalWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    worker.nr_conns, worker.alive = 3, True
    monkeypatch.setattr(worker.tmp, "notify", lambda: None)
    worker.notify()
    assert CONNECTIONS[OURS] == 3
    worker.alive = False
    worker.notify()
    assert CONNECTIONS[OURS] == GONE
