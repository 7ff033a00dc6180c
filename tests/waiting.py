"""Waiting for a state, never for seconds."""

import time
from collections.abc import Callable

DEADLINE = 600.0  # seconds: beyond what a busy machine needs; reached only where the state never comes


def wait_until(holds: Callable[[], object], otherwise: str | Callable[[], str], pause: float = 0.02) -> None:
    """Return once it holds; fail with `otherwise` after DEADLINE. `pause` is in seconds."""
    limit = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < limit, otherwise if isinstance(otherwise, str) else otherwise()
        time.sleep(pause)
