"""Clients that mean harm, in a process of their own: each opens connections, sends what it has, and waits.

They come from addresses of their own (127.1.x.y), because a proxy counts by address.
"""

import resource
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import cast

HEAD = b"GET /api/entreprises/ HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /api/lots/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SPARE_FILES = 200
OPENED_AT_ONCE = 200  # connections, between two looks at the others
PIECE = 64 * 1024
NICENESS = 5  # their processors are not the server's, on any machine but this one


@dataclass(frozen=True)
class Attack:
    """What many do at once. `first` is sent as a connection opens, a byte of `drip` each second after that."""

    name: str
    connections: int
    first: bytes = b""
    drip: bytes = b""
    rate: float = 2_000.0  # connections a second that are opened at most
    addresses: int = 1


ATTACKS = (
    Attack("10,000 idle connections of one address", 10_000),
    Attack("10,000 idle connections of 1,000 addresses", 10_000, addresses=1_000),
    Attack("headers, a byte a second", 400, HEAD, b"X-Slow: " + b"a" * 3600, addresses=20),
    Attack("bodies, a byte a second", 400, POST + b"Content-Length: 9999\r\n\r\n", b"[" * 3600, addresses=20),
    Attack("headers of 64 KB", 50, HEAD + b"X-Long: " + b"a" * 65_536 + b"\r\n\r\n", rate=50, addresses=20),
    Attack(
        "bodies of 10 MB",
        20,
        POST + b"Content-Length: 10000000\r\n\r\n" + b" " * 10_000_000,
        rate=20,
        addresses=20,
    ),
    Attack("bad Host", 50, HEAD.replace(b"localhost", b"evil.example") + b"\r\n", rate=50, addresses=20),
    Attack(
        "NUL in the address",
        50,
        HEAD.replace(b"/entreprises/", b"/entreprises/?q=a\0b%00") + b"\r\n",
        rate=50,
        addresses=20,
    ),
    Attack(
        "no UTF-8 in the address",
        50,
        HEAD.replace(b"/entreprises/", b"/entreprises/?ville=%ff%fe\xff") + b"\r\n",
        rate=50,
        addresses=20,
    ),
)


def most_connections() -> int:
    """How many this process may open, once it has raised its own limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES


@contextmanager
def attacked(attack: Attack, port: int) -> Iterator[Counter[str]]:
    """While the block runs; afterwards the counter has what became of the connections."""
    context, found = get_context("spawn"), Counter[str]()
    begun, ends, said = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=_run, args=(attack, port, begun, ends, said))
    process.start()
    try:
        begun.wait(60)
        yield found
        ends.set()
        found.update(said.get(timeout=60))
    finally:
        ends.set()
        process.join(60)
        if process.is_alive():
            process.kill()


def _run(attack: Attack, port: int, begun: Event, ends: Event, said: "Queue[Counter[str]]") -> None:
    import os

    os.nice(NICENESS)
    most = min(attack.connections, most_connections())
    attackers = _Attackers(attack, port, most)
    started = time.monotonic()
    while not ends.is_set():
        attackers.go_on()
        if len(attackers.opened) == most or time.monotonic() - started > 10:
            begun.set()
    said.put(attackers.finished())


class _Attackers:
    def __init__(self, attack: Attack, port: int, most: int) -> None:
        self._attack, self._port, self._most = attack, port, most
        self._selector = selectors.DefaultSelector()
        self._count = 0
        self._started = self._dripped = time.monotonic()
        self.opened: dict[socket.socket, memoryview] = {}  # what each has still to send
        self._found: Counter[str] = Counter()

    def go_on(self) -> None:
        """Open what is missing, send what is due, and hear what is answered."""
        due = int((time.monotonic() - self._started) * self._attack.rate)
        for _ in range(min(self._most - len(self.opened), due - self._count, OPENED_AT_ONCE)):
            self._open()
        if self._attack.drip and time.monotonic() - self._dripped > 1:
            self._dripped = time.monotonic()
            for client, left in [*self.opened.items()]:
                self._send(client, left, 1)
        for key, events in self._selector.select(0.05):
            client = cast("socket.socket", key.fileobj)
            if events & selectors.EVENT_READ:
                self._hear(client)
            elif client in self.opened:
                self._send(client, self.opened[client], PIECE)

    def finished(self) -> Counter[str]:
        """What became of all."""
        for client in [*self.opened]:
            self._found["open to the end"] += 1
            self._close(client)
        self._selector.close()
        return self._found

    def _open(self) -> None:
        number = self._count % self._attack.addresses
        self._count += 1
        client = socket.socket()
        client.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        client.settimeout(2)
        try:
            client.bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
            client.connect(("127.0.0.1", self._port))
        except OSError as error:
            self._found["not connected" if not isinstance(error, ConnectionError) else "reset"] += 1
            client.close()
            return
        client.setblocking(False)
        self.opened[client] = memoryview(self._attack.first + self._attack.drip)
        self._selector.register(client, selectors.EVENT_READ)
        if self._attack.first:
            self._send(client, self.opened[client], len(self._attack.first))

    def _send(self, client: socket.socket, left: memoryview, most: int) -> None:
        try:
            sent = client.send(left[:most]) if left else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self._hear(client)
            return
        self.opened[client] = left[sent:]
        waits = len(left) - sent > len(self._attack.drip)
        self._selector.modify(client, selectors.EVENT_READ | (selectors.EVENT_WRITE if waits else 0))

    def _hear(self, client: socket.socket) -> None:
        """An answer, or the end of the connection: either ends it."""
        try:
            said = client.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            self._found["reset"] += 1
        else:
            self._found[said[9:12].decode("ascii", "replace") if said.startswith(b"HTTP/") else "closed"] += 1
        self._close(client)

    def _close(self, client: socket.socket) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(client)
        self.opened.pop(client, None)
        client.close()
