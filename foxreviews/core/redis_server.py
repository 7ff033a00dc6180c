"""The Redis of CACHE_URL: what processes and hosts share, and can do without.

It is asked with little patience. After some failures in a row nobody asks for a while, but for one who tries.
"""

import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from foxreviews.core.breaker import CircuitBreaker

if TYPE_CHECKING:
    from redis import Redis

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)

LUA = Path(__file__).parent / "lua"
PATIENCE = 0.05  # seconds, for a connection and for an answer: what a page takes without it
MAX_FAILURES = 3  # in a row
REST_SECONDS = 2.0
MAX_CONNECTIONS = 32  # of a process; it has fewer threads


class AwayError(Exception):
    """Redis has not answered, or refused: go on without it."""


class RedisServer:
    """One for a process and all its threads."""

    def __init__(self, url: str, breaker: CircuitBreaker | None = None) -> None:
        # Here: it takes 0.1 s that a process without CACHE_URL need not wait.
        import redis  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        self.breaker = breaker or CircuitBreaker(MAX_FAILURES, REST_SECONDS)
        self._silences: tuple[type[Exception], ...] = (redis.ConnectionError, redis.TimeoutError, OSError)
        self._refusals: type[Exception] = redis.RedisError
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            max_connections=MAX_CONNECTIONS,
            client_name="foxreviews",
        )
        self._refused = ""

    def ask(self, command: "Callable[[Redis], Answer]") -> Answer:
        """What the command answers. Raises AwayError."""
        if not self.breaker.allows():
            raise AwayError
        try:
            answer = command(self.client)
        except self._silences as error:
            if self.breaker.failed():
                kind = type(error).__name__  # its text may name the host
                logger.error("Redis does not answer (%s): each process goes on alone", kind)  # noqa: TRY400
            raise AwayError from error
        except self._refusals as error:  # it answers: its memory is full, it is a replica, it may not write
            self._answered()
            self._note_refusal(error)
            raise AwayError from error
        self._answered()
        return answer

    def script(self, name: str) -> Callable[..., Any]:
        """lua/`name`.lua, to be called with keys= and args=: one command to Redis, which is sent it after a restart."""
        registered = self.client.register_script((LUA / f"{name}.lua").read_text(encoding="utf-8"))
        return lambda **given: self.ask(lambda _client: registered(**given))

    def _answered(self) -> None:
        if self.breaker.succeeded():
            logger.warning("Redis answers again")

    def _note_refusal(self, error: Exception) -> None:
        """The first of its kind, so that a full server does not fill the log."""
        if (kind := type(error).__name__) != self._refused:
            self._refused = kind
            logger.error("Redis refuses (%s): %s", kind, error)


@cache
def _server_of(url: str) -> RedisServer:
    return RedisServer(url)


def redis_server(url: str) -> RedisServer | None:
    """The one of this process; None without CACHE_URL."""
    return _server_of(url) if url else None
