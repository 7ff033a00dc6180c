"""The clients that measure the API: what they count is what was answered."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from benchmarks import proxies
from benchmarks.api.attackers import ATTACKS, Attack, _Attackers
from benchmarks.api.clients import NO_ANSWER, ask, get
from benchmarks.api.speed import LIST, Line
from tests.waiting import wait_until

REQUEST = get("/", "localhost")
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
IN_PIECES = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
FAILED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def served(answer: bytes, *, at_most: int = 1_000_000) -> Iterator[tuple[int, list[int]]]:
    """A server that gives one answer to each request; it closes a connection after so many. Its port, and what it has
    counted: connections, requests."""
    counted = [0, 0]

    def talk(client: socket.socket) -> None:
        with client, suppress(OSError):
            for _ in range(at_most):
                if not client.recv(65_536):
                    return
                counted[1] += 1
                client.sendall(answer)
                if b"Connection: close" in answer:
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                counted[0] += 1
                threading.Thread(target=talk, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept)
        thread.start()
        yield int(listening.getsockname()[1]), counted
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def asked(port: int, counted: list[int], clients: int = 1, requests: int = 50) -> object:
    """What clients are answered until the server has counted so many requests."""
    ends, found = threading.Event(), []
    thread = threading.Thread(target=lambda: found.append(ask(port, [REQUEST], clients, ends=ends)))
    thread.start()
    wait_until(lambda: counted[1] >= requests, "nobody asks")
    ends.set()
    thread.join()
    return found[0]


@pytest.mark.parametrize("answer", [GOOD, IN_PIECES])
def test_a_client_uses_its_connection_again(answer: bytes) -> None:
    with served(answer) as (port, counted):
        found = asked(port, counted, clients=3)
    assert counted[0] == 3
    assert 45 <= len(found.times.times) <= counted[1]
    assert (found.errors, set(found.statuses)) == (0, {200})


@pytest.mark.parametrize(("answer", "at_most"), [(CLOSING, 1), (GOOD, 1), (GOOD, 5)])
def test_a_connection_that_the_server_closes_is_opened_again_and_is_no_error(
    answer: bytes, at_most: int
) -> None:
    with served(answer, at_most=at_most) as (port, counted):
        found = asked(port, counted)
    assert counted[0] >= 50 // at_most
    assert found.errors == 0
    assert found.rate > 0


def test_what_is_no_200_is_an_error_and_no_time() -> None:
    with served(FAILED) as (port, counted):
        found = asked(port, counted)
    assert found.errors == found.statuses[503] > 0
    assert found.times.times == []


def test_a_server_that_is_away_is_no_answer() -> None:
    with served(GOOD) as (port, _):
        pass
    found = ask(port, [REQUEST], seconds=0.05)
    assert found.statuses.keys() == {NO_ANSWER}
    assert found.errors > 0


def test_no_more_are_sent_than_the_rate_allows() -> None:
    with served(GOOD) as (port, counted):
        found = ask(port, [REQUEST], clients=4, seconds=0.5, rate=20)
    assert counted[1] <= 11
    assert sum(found.statuses.values()) <= counted[1]


def attack(harm: Attack, port: int, until: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    attackers = _Attackers(harm, port, harm.connections)

    def go_on() -> bool:
        attackers.go_on()
        return until(attackers._found) or until({"opened": len(attackers.opened)})

    wait_until(go_on, "it comes to nothing", pause=0)
    return dict(attackers.finished())


def test_an_attacker_says_what_became_of_its_connections() -> None:
    with served(FAILED) as (port, _):
        idle = attack(Attack("idle", 20), port, lambda found: found.get("opened") == 20)
        refused = attack(Attack("sent", 5, REQUEST, rate=500), port, lambda found: found.get("503", 0) >= 20)
    assert idle == {"open to the end": 20}
    assert refused["503"] >= 20


def test_an_attacker_sends_what_is_longer_than_a_socket_takes() -> None:
    received, whole = [0], b"a" * 3_000_000

    def read(listening: socket.socket) -> None:
        client, _ = listening.accept()
        with client:
            while received[0] < len(whole) and (chunk := client.recv(65_536)):
                received[0] += len(chunk)
            client.sendall(GOOD)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=read, args=(listening,))
        thread.start()
        found = attack(
            Attack("long", 1, whole, rate=1e-9 + 1),
            int(listening.getsockname()[1]),
            lambda found: found.get("200", 0) == 1,
        )
        thread.join()
    assert (received[0], found["200"]) == (len(whole), 1)


def test_the_attacks_are_those_that_are_promised() -> None:
    promised = ("idle", "headers, a byte", "bodies, a byte", "64 KB", "10 MB", "Host", "NUL", "UTF-8")
    for each in promised:
        assert [attack for attack in ATTACKS if each in attack.name], each


def test_the_proxies_configurations_have_all_that_is_replaced_in_them(tmp_path: Path) -> None:
    site = proxies.nginx_site(tmp_path, 1234, 1235)
    assert "listen 127.0.0.1:1234;" in site
    assert "/run/" not in site.replace(str(tmp_path), "")
    configuration = proxies.haproxy_configuration(tmp_path, 1234, 1235, [1, 2, 3, 4])
    assert "bind 127.0.0.1:1234" in configuration
    assert "10.0.0." not in configuration


@pytest.mark.parametrize(
    ("p50", "p99", "ratio", "errors", "holds"),
    [
        (3, 15, 0.5, 0, True),
        (3.1, 15, 0.5, 0, False),
        (3, 15.1, 0.5, 0, False),
        (3, 15, 0.49, 0, False),
        (3, 15, 0.5, 1, False),
    ],
)
def test_a_list_is_held_to_its_targets(
    p50: float, p99: float, ratio: float, errors: int, holds: bool
) -> None:
    line = Line(LIST, 100, p50, p99, p99, {4: 100.0, 8: 200.0}, errors, ratio)
    assert (line.holds, line.rate) == (holds, 200.0)
    assert line.targets.endswith("holds" if holds else "MISSED")
