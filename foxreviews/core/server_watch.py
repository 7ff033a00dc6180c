"""A PostgreSQL that hangs (a stopped process, a frozen virtual machine, a dead disk) must not hang its clients.

It keeps its sockets open, so neither keepalive nor tcp_user_timeout notices it, and statement_timeout is its own clock.
"""

import logging
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, ClassVar, TypeVar

import psycopg
from psycopg.abc import PQGen

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)

SLOW_SECONDS = 0.5  # a statement that waits longer has the server looked at
CONNECT_SECONDS = 2  # within which a server that runs lets a client in; libpq takes no less
PAUSE_SECONDS = 0.5  # between two looks
STATEMENT_SECONDS = 12.0  # 2 more than WEB_SESSION's statement_timeout: only a server that hangs takes longer


class ServerSilentError(psycopg.OperationalError):
    """The server accepts connections and says nothing."""


class ServerWatch:
    """Looks at the server from a thread of its own, while a statement waits and as long as the server is silent.

    A look is a new connection: the server must start a process and let it in. One that refuses it answers.
    """

    def __init__(self, connect: Callable[..., Any] = psycopg.connect, name: str = "PostgreSQL") -> None:
        self.name = name
        self.is_silent = False
        self.parameters: Mapping[str, Any] = {}  # of a connection
        self._connect = connect
        self._wanted_until = 0.0
        self._thread: Thread | None = None
        self._lock = Lock()

    def look(self) -> None:
        """A statement waits. To be repeated while it does."""
        self._wanted_until = monotonic() + 2 * PAUSE_SECONDS
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="server-watch", daemon=True)
                self._thread.start()

    def require_answer(self) -> None:
        """Raises ServerSilentError where the last look found no answer."""
        if self.is_silent:
            raise ServerSilentError(f"{self.name} accepts connections and does not answer: it hangs")

    def _run(self) -> None:
        while self.is_silent or monotonic() < self._wanted_until:
            was, self.is_silent = self.is_silent, self._find_silent()
            if was != self.is_silent:
                logger.error("%s %s", self.name, "hangs" if self.is_silent else "answers again")
            sleep(PAUSE_SECONDS)

    def _find_silent(self) -> bool:
        try:
            self._connect(**{**self.parameters, "connect_timeout": CONNECT_SECONDS}).close()
        except psycopg.errors.ConnectionTimeout:
            return True
        except psycopg.Error:
            return False
        return False


watch = ServerWatch()


class WatchedConnection(psycopg.Connection[Any]):
    """Ends a statement, and itself, where the server hangs: after 3 s where it lets no one in, else after 12 s."""

    watch: ClassVar[ServerWatch] = watch

    def wait(self, gen: PQGen[Answer], *arguments: Any, **options: Any) -> Answer:
        """psycopg waits for each answer of the server here, and looks up ten times a second."""
        self.watch.require_answer()
        try:
            return super().wait(_watched(gen, self.watch), *arguments, **options)
        except ServerSilentError:
            self.pgconn.finish()  # a late answer must not be taken for that of the next statement
            raise


def watched_connection(name: str) -> type[WatchedConnection]:
    """The connections to one more server: its watch says nothing of the others."""
    return type("WatchedConnection", (WatchedConnection,), {"watch": ServerWatch(name=name)})


def _watched(gen: PQGen[Answer], watch: ServerWatch) -> PQGen[Answer]:
    """The generator, given up where the server hangs. It costs a statement 1 µs."""
    started = monotonic()
    try:
        state = next(gen)
        while True:
            ready = yield state
            if not ready:
                _require_progress(monotonic() - started, watch)
            state = gen.send(ready)
    except StopIteration as end:
        answer: Answer = end.value
        return answer


def _require_progress(waited: float, watch: ServerWatch) -> None:
    if waited > SLOW_SECONDS:
        watch.look()
        watch.require_answer()
    if waited > STATEMENT_SECONDS:
        raise ServerSilentError(f"{watch.name} has not answered a statement for {STATEMENT_SECONDS:.0f} s")
