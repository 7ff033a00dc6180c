"""A circuit breaker: what does not answer is left alone for a while, so that no request waits for it."""

import time
from collections.abc import Callable
from enum import StrEnum
from threading import Lock


class State(StrEnum):
    """`CLOSED`: calls go through. `OPEN`: none does. `HALF_OPEN`: one does, and decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Opens after `threshold` failures in a row, and lets one call through each `seconds` until one succeeds.

    One for a process and all its threads. Who is let through says how it went: `succeeded` or `failed`. One that says
    neither within `seconds` is not waited for.
    """

    def __init__(self, threshold: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold, self._seconds, self._clock = threshold, seconds, clock
        self._failures = 0  # in a row
        self._since = 0.0  # when it opened, or let its last trial through
        self._is_tried = False
        self._lock = Lock()

    @property
    def state(self) -> State:
        """As it is now. It costs no lock."""
        if self._failures < self._threshold:
            return State.CLOSED
        return State.HALF_OPEN if self._is_tried else State.OPEN

    def allows(self) -> bool:
        """Whether a call may go through now; a trial is given to one caller alone."""
        if self._failures < self._threshold:
            return True
        with self._lock:
            if self._clock() < self._since + self._seconds:
                return False
            self._since, self._is_tried = self._clock(), True
            return True

    def succeeded(self) -> None:
        """A call that went through was answered."""
        if self._failures:
            with self._lock:
                self._failures, self._is_tried = 0, False

    def failed(self) -> None:
        """A call that went through was not answered."""
        with self._lock:
            self._failures += 1
            self._since, self._is_tried = self._clock(), False
