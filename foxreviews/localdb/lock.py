"""One process at a time starts, stops or removes a cluster."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foxreviews.localdb.errors import LocaldbBusyError

PATIENCE = 120.0  # seconds; making a cluster takes 2, recovering from a crash during a large load about 60


@contextmanager
def exclusive(address: Path) -> Iterator[int]:
    """Hold the lock of the cluster at `address`; yields the lock's file descriptor.

    Raises LocaldbBusyError when another process holds it for longer than PATIENCE.
    """
    path = address.with_name(f"{address.name}.lock")
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > limit:
                raise LocaldbBusyError(
                    f"Another process has been starting or stopping this database for {PATIENCE:.0f} s. "
                    f"See which one: fuser {path}"
                ) from None
            time.sleep(0.05)
