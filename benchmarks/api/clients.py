"""Clients of a server on this machine, all of them in one thread: what they need of the processor is the server's loss.

Requests are bytes that were made before, and of an answer only its status and its length are read.
"""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from threading import Event

from benchmarks.search.figures import Times

LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:[ \t]*chunked", re.IGNORECASE | re.MULTILINE)
CLOSE = re.compile(rb"^connection:[ \t]*close", re.IGNORECASE | re.MULTILINE)
LAST_CHUNK = b"0\r\n\r\n"
RECEIVED = 256 * 1024
PATIENCE = 60.0  # seconds that a client waits for an answer
NO_ANSWER = 0
GOOD = {200, 301, 304}


def get(path: str, host: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a request."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Answers:
    """What was answered within `seconds`: the milliseconds of each good answer, and how often each status came."""

    seconds: float = 0.0
    times: Times = field(default_factory=Times)
    statuses: Counter[int] = field(
        default_factory=Counter
    )  # NO_ANSWER: the connection broke, or nothing came

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.times.times) / self.seconds if self.seconds else 0.0

    @property
    def errors(self) -> int:
        return sum(number for status, number in self.statuses.items() if status not in GOOD)


class _Client:
    """A connection, which is used again, and the request that it waits for."""

    def __init__(self, port: int, source: str) -> None:
        self._port, self._source = port, source
        self.received, self.started = b"", 0.0
        self.socket: socket.socket | None = None
        self._request, self._is_fresh = b"", True

    @property
    def waits(self) -> bool:
        return bool(self.started)

    def send(self, request: bytes, selector: selectors.BaseSelector) -> bool:
        """Whether it was taken."""
        self._request, self.received, self.started = request, b"", time.perf_counter()
        self._is_fresh = self.socket is None
        try:
            if self.socket is None:
                source = (self._source, 0) if self._source else None
                self.socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE, source)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(self.socket, selectors.EVENT_READ, self)
            self.socket.sendall(request)
        except OSError:
            was_fresh = self._is_fresh
            self.close(selector)
            return not was_fresh and self.send(request, selector)
        return True

    def receive(self, selector: selectors.BaseSelector) -> int | None:
        """The status of the answer; None while it is not whole.

        A connection that was kept, and that the server has closed as the request came, is no failure: any client asks
        again over another one.
        """
        try:
            chunk = self.socket.recv(RECEIVED) if self.socket else b""
        except OSError:
            chunk = b""
        if not chunk and self.waits and not self.received and not self._is_fresh:
            request, started = self._request, self.started
            self.close(selector)
            if self.send(request, selector):
                self.started = started
                return None
            return NO_ANSWER
        self.received += chunk
        head, end, body = self.received.partition(b"\r\n\r\n")
        is_whole = bool(end) and _is_whole(head, body)
        if is_whole or not chunk:
            status = int(head[9:12]) if is_whole else NO_ANSWER
            self.started = 0.0
            if not chunk or CLOSE.search(head):
                self.close(selector)
            return status
        return None

    def close(self, selector: selectors.BaseSelector) -> None:
        if self.socket is not None:
            with suppress(KeyError, ValueError):
                selector.unregister(self.socket)
            self.socket.close()
            self.socket = None
        self.started = 0.0


def _is_whole(head: bytes, body: bytes) -> bool:
    if CHUNKED.search(head):
        return body.endswith(LAST_CHUNK)
    length = LENGTH.search(head)
    return len(body) >= (int(length[1]) if length else 0)


def ask(
    port: int,
    requests: Sequence[bytes],
    clients: int = 1,
    seconds: float = float("inf"),
    rate: float = 0.0,
    ends: Event | None = None,
    sources: Sequence[str] = (),
) -> Answers:
    """Ask one request after the other, over and over, until the time is over or `ends` is set.

    Each client sends the next one when it has its answer; with `rate` at most so many a second are sent by all.
    `sources` are the addresses that they come from, in turn.
    """
    found, turns = Answers(), _turns(rate)
    each = [_Client(port, sources[n % len(sources)] if sources else "") for n in range(clients)]
    due, waiting, started = next(turns), cycle(requests), time.perf_counter()
    with selectors.DefaultSelector() as selector:
        while not (ends and ends.is_set()):
            now = time.perf_counter() - started
            if now > seconds and found.statuses:  # one answer at least, on the busiest machine
                break
            for client in each:
                if client.waits and time.perf_counter() - client.started > PATIENCE:
                    client.close(selector)
                    found.statuses[NO_ANSWER] += 1
                if not client.waits and due <= now:
                    if not client.send(next(waiting), selector):
                        found.statuses[NO_ANSWER] += 1
                    due = next(turns)
            _receive(selector, found, min(0.1, max(due - now, 0.0)) if rate else 0.1)
        found.seconds = time.perf_counter() - started
        for client in each:
            client.close(selector)
    return found


def _turns(rate: float) -> Iterator[float]:
    """When each request is due, in seconds from the start."""
    return (number / rate if rate else 0.0 for number in count())


def _receive(selector: selectors.BaseSelector, found: Answers, patience: float) -> None:
    if not selector.get_map():
        time.sleep(patience)
        return
    for key, _ in selector.select(patience):
        client: _Client = key.data
        started = client.started
        status = client.receive(selector)
        if status is None or not started:  # an idle connection that the server has closed was no answer
            continue
        found.statuses[status] += 1
        if status in GOOD:
            found.times.times.append((time.perf_counter() - started) * 1000)
