"""A circuit breaker: a server that fails is left alone for a while, so that its clients need not wait for it."""

import time
from collections.abc import Callable
from enum import StrEnum
from threading import Lock


class State(StrEnum):
    CLOSED = "closed"  # calls go through
    OPEN = "open"  # no call does
    HALF_OPEN = "half-open"  # one call tries whether the server answers again


class CircuitBreaker:
    """Opens after `threshold` failed calls in a row; after `seconds`, one call at a time may try again.

    Around each call: `allows()`, then `succeeded()` or `failed()`. A trial that reports neither, because its thread has
    ended, gives its place to another after as many seconds.
    """

    def __init__(self, threshold: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold, self._seconds, self._clock = threshold, seconds, clock
        self._failures = 0
        self._opened_at: float | None = None
        self._tried_at: float | None = None
        self._lock = Lock()

    @property
    def state(self) -> State:
        with self._lock:
            if self._opened_at is None:
                return State.CLOSED
            return State.OPEN if self._tried_at is None else State.HALF_OPEN

    def allows(self) -> bool:
        """Whether a call may be made. Where the breaker is open and its time is over, that call is the trial."""
        if self._opened_at is None:  # without the lock: at worst one call more is made
            return True
        with self._lock:
            since = self._opened_at if self._tried_at is None else self._tried_at
            if since is not None and self._clock() < since + self._seconds:
                return False
            self._tried_at = self._clock()
            return True

    def succeeded(self) -> bool:
        """The server has answered. True where this has closed the breaker."""
        if not self._failures:
            return False
        with self._lock:
            closed = self._opened_at is not None
            self._failures, self._opened_at, self._tried_at = 0, None, None
            return closed

    def failed(self) -> bool:
        """The server has not answered. True where this has opened the breaker, False where it was open before."""
        with self._lock:
            self._failures += 1
            opens = self._opened_at is None and self._failures >= self._threshold
            if opens or self._tried_at is not None:
                self._opened_at, self._tried_at = self._clock(), None
            return opens
