"""gunicorn's threaded worker, for clients that send nothing, or a byte now and then.

gunicorn gives a connection to a thread before the request is there, and a thread waits for as long as the client
likes: sixteen silent clients stop a server of two workers. Here a thread gets a request when all of it has arrived.
Probes have threads of their own, so they are answered while all others wait for a database.

A connection that is used again and again stays with its worker. So a new one is left to the worker that has the fewest:
else the first one awake takes all that come together, and half of the processors have nothing to do
(`python -m benchmarks.api.speed --servers`: 178 searches a second of four clients by gunicorn's own worker, 313 here).
"""

import mmap
import re
import selectors
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from http import HTTPStatus
from threading import local
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

ARRIVAL_SECONDS = 10.0  # within which a request must have arrived, and an answer be taken
MAX_REQUEST = 256 * 1024  # bytes; 10,000 SIRET at /api/lots/ are 180 kB
PROBES = (b"GET /health/", b"HEAD /health/")
PROBE_THREADS = 2
EXPORTS = (b"GET /api/exports/", b"HEAD /api/exports/")
SPARE_THREADS = 2  # next to those that pass exports on: who must wait for one is told so at once
MAX_LINE = 20_000  # bytes of an address: 1,000 SIRET are 15,000

WORKERS = 64  # that may live at once, with those that end after a reload
GIVE_WAY_SECONDS = 0.001
GONE = -1
# How many connections each worker has; it is made before the workers, which share it.
CONNECTIONS = memoryview(mmap.mmap(-1, WORKERS * 4)).cast("i")
CONNECTIONS[:] = memoryview(bytes([0xFF]) * WORKERS * 4).cast("i")

_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FORM = re.compile(rb"^POST (/(?:en/)?rapprocher/[a-z]{1,20}) ")  # of a page: what refuses it is a page
_LANGUAGES = re.compile(rb"^accept-language:[ \t]*([!-~ ]{1,200})\r?$", re.IGNORECASE | re.MULTILINE)


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A client, and what it has sent of its next request."""

    received = b""
    head = b""  # of the request under way

    def init(self) -> None:
        """A thread begins with a request: gunicorn's parser finds in its buffer what has arrived."""
        super().init()
        self.sock.settimeout(ARRIVAL_SECONDS)
        self.parser.unreader.unread(self.received)
        self.head = self.received.partition(b"\r\n\r\n")[0]
        self.received = b""

    def receive(self) -> bool:
        """Take what has arrived without waiting for more; False where the client is gone."""
        self.sock.setblocking(False)
        try:
            while chunk := self.sock.recv(MAX_REQUEST):
                self.received += chunk
                if len(self.received) > MAX_REQUEST:
                    return True
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        return self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether all of a request has arrived."""
        head, end, body = self.received.partition(b"\r\n\r\n")
        return bool(end) and len(body) >= _body_size(head)

    @property
    def refusal(self) -> bytes:
        """The answer to a request that is not waited for, b"" to any other."""
        head, _, _ = self.received.partition(b"\r\n\r\n")
        if _CHUNKED.search(head):
            return _refuse(411, head)
        if len(head.partition(b"\r\n")[0]) > MAX_LINE:
            return _refuse(414, head, most=MAX_LINE)
        if len(head) + _body_size(head) > MAX_REQUEST:
            return _refuse(413, head, most=MAX_REQUEST)
        return b""


def _body_size(head: bytes) -> int:
    length = _LENGTH.search(head)
    return int(length[1]) if length else 0


def _refuse(status: int, head: bytes, **values: int) -> bytes:
    """A problem of the API, as bytes of HTTP, in the language that its head asks for; to a form a page."""
    from foxreviews.api.errors import of_server  # noqa: PLC0415 - Django is there once a worker answers
    from foxreviews.api.language import preferred  # noqa: PLC0415
    from foxreviews.web import errors  # noqa: PLC0415

    languages = _LANGUAGES.search(head)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and (form := _FORM.match(head)):
        answer = errors.of_server(form[1].decode("ascii"), status)
    else:
        answer = of_server(status, preferred(languages[1].decode("ascii") if languages else ""), **values)
    lines = [f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines += [f"Content-Length: {len(answer.content)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + answer.content


class _Problem:
    """Stands for a client while gunicorn refuses its request, and sends a problem for the page that it writes."""

    def __init__(self, client: Any, head: bytes) -> None:
        self._client, self._head = client, head

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, page: bytes) -> None:
        status = int(page.split(b" ", 2)[1])
        self._client.send(_refuse(status, self._head))


class ArrivalWorker(ThreadWorker):  # type: ignore[misc]
    """Receives requests in its main thread, which waits for all clients at once."""

    def init_process(self) -> None:
        self.probes = ThreadPoolExecutor(PROBE_THREADS, "probe")
        self.answered = local()  # by this thread
        super().init_process()

    @cached_property
    def exports(self) -> ThreadPoolExecutor:
        """Passing an export on takes as long as its client; made at the first one, when the settings are there."""
        from django.conf import settings  # noqa: PLC0415 - see above

        return ThreadPoolExecutor(settings.EXPORTS_AT_ONCE + SPARE_THREADS, "export")

    def notify(self) -> None:
        """At each turn of its loop."""
        super().notify()
        self._count()

    def _count(self) -> None:
        CONNECTIONS[self.age % WORKERS] = self.nr_conns if self.alive else GONE

    def accept(self, listener: Any) -> None:
        if any(GONE < count < self.nr_conns for count in CONNECTIONS):
            time.sleep(GIVE_WAY_SECONDS)  # for a worker that has fewer
        with suppress(
            BlockingIOError, ConnectionAbortedError
        ):  # another worker was faster, or the client left
            client, address = listener.accept()
            if self.pending_conns and self.nr_conns >= self.worker_connections - 1:
                self._drop(self.pending_conns[0])  # who has sent nothing for longest makes room
            self.nr_conns += 1
            self._count()
            self.enqueue_req(Connection(self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """A connection is new, or its next request begins."""
        if conn.parser:  # what arrived together with the last one
            conn.received += conn.parser.unreader.take_buffered()
        conn.timeout = time.monotonic() + ARRIVAL_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))
        self._receive(conn)

    def _receive(self, conn: Connection, _client: Any = None) -> None:
        is_there = conn.receive()
        if refusal := conn.refusal:
            with suppress(OSError):
                conn.sock.send(refusal)
            is_there = False
        if not is_there:
            self._drop(conn)
        elif conn.is_whole:
            self._stop_waiting(conn)
            conn.data_ready = True
            answering = self._pool(conn).submit(self.handle, conn)
            answering.add_done_callback(
                lambda answered: self.method_queue.defer(self.finish_request, conn, answered)
            )

    def handle(self, conn: Connection) -> Any:
        """In a thread."""
        self.answered.conn = conn
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        super().handle_error(req, _Problem(client, self.answered.conn.head), addr, exc)

    def _pool(self, conn: Connection) -> ThreadPoolExecutor:
        """Whose threads answer the request."""
        if conn.received.startswith(PROBES):
            return self.probes
        pool: ThreadPoolExecutor = self.exports if conn.received.startswith(EXPORTS) else self.tpool
        return pool

    def _stop_waiting(self, conn: Connection) -> None:
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()
