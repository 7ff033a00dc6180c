"""How often each client came, for all processes of a web server together: a table of fixed size in shared memory.

A bucket for each client: a request fills it by one, time empties it, and one that would overflow is refused. All that
is kept of a bucket is the moment at which it is empty. config/gunicorn.py makes the table before its workers, so it
outlives each of them. A request costs 20 µs.
"""

import fcntl
import mmap
import os
import re
import secrets
import struct
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import mkstemp
from threading import Lock

SETS, WAYS = 4096, 8  # buckets: 32,768, in 512 KiB
_SET = struct.Struct("=" + "Qd" * WAYS)  # a client's key, and when its bucket is empty
_BUCKET = struct.Struct("=Qd")
_RATE = re.compile(r"([1-9][0-9]{0,8})/(s|m|h|d)[a-z]*", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Rate:
    """So many at once, and as many in `seconds`."""

    count: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """«1200/min». Raises ValueError."""
        if not (found := _RATE.fullmatch(text.strip())):
            raise ValueError(
                f"a number and a time such as 1200/min, 20/sec, 5000/hour or 100000/day, not {text!r}"
            )
        return cls(int(found[1]), _SECONDS[found[2]])


class RateTable:
    """A new client takes the place of the one in its set whose bucket is empty first: the lightest one."""

    def __init__(self, sets: int = SETS, clock: Callable[[], float] = time.monotonic) -> None:
        self._sets, self._clock = sets, clock
        self._file, path = mkstemp(prefix="foxreviews-rates-")
        Path(path).unlink()  # it is the processes' that have it open
        weakref.finalize(self, os.close, self._file)
        os.truncate(self._file, sets * _SET.size)
        self._memory = mmap.mmap(self._file, sets * _SET.size)
        self._secret = secrets.token_bytes(16)  # nobody can choose an address that falls on another's set
        self._lock = Lock()  # between threads; the file's is between processes

    def take(self, client: str, rate: Rate) -> float:
        """Count a request. 0.0: it is within the rate. Otherwise it is not counted: seconds until one would be."""
        return self.fill(client, rate, 1)[0]

    def give_back(self, client: str, rate: Rate) -> None:
        """What was taken does not count."""
        self.fill(client, rate, -1)

    def fill(self, client: str, rate: Rate, count: int) -> tuple[float, float]:
        """Count so many requests: the seconds that `take` says, and those until the bucket is empty."""
        digest = blake2b(client.encode(errors="replace"), digest_size=8, key=self._secret).digest()
        key = int.from_bytes(digest) or 1
        start = key % self._sets * _SET.size
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                at, empty = self._find(start, key)
                now = self._clock()
                filled = max(empty, now) + count * rate.seconds / rate.count
                wait = filled - now - rate.seconds
                if wait > 1e-6:
                    return wait, empty - now
                _BUCKET.pack_into(self._memory, at, key, filled)
                return 0.0, max(filled - now, 0.0)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _find(self, start: int, key: int) -> tuple[int, float]:
        """Where the client's bucket is, or the one that it gets, and when it is empty."""
        found = _SET.unpack_from(self._memory, start)
        keys, moments = found[::2], found[1::2]
        if key in keys:
            way = keys.index(key)
            return start + way * _BUCKET.size, moments[way]
        way = min(range(WAYS), key=moments.__getitem__)
        return start + way * _BUCKET.size, 0.0


@cache
def shared() -> RateTable:
    """The table of this process and of those that it forks."""
    return RateTable()
