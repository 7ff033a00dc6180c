"""What was computed once and would take long again: kept in the process, and with CACHE_URL in Redis for all of them.

Whoever asks puts the version of what it was computed from into the key (search.version): a value is never swept
or replaced, it is asked for no more. So a value may be kept for as long as there is room.

Of many who ask at once for what is not there, one computes and the others wait: threads of a process for each other,
processes by a lock in Redis. It ends with the patience of those who wait.
"""

import random
import secrets
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from threading import Event, Lock
from typing import TypeVar, cast

import orjson
from django.conf import settings

from foxreviews.core.redis_server import AwayError, RedisServer, redis_server
from foxreviews.core.trace import asked_cache

Value = TypeVar("Value")

PREFIX = "foxreviews"
LIFETIME = 3600.0  # seconds
JITTER = 0.1  # of it, more or less: what was kept at once does not end at once
PATIENCE = 2.0  # seconds, for another thread or process that computes the same
PAUSE = 0.01  # seconds, between two looks at whether another process is done
ENTRY_BYTES = 300  # what an entry of the process takes besides its value
MEMORY, REDIS, COMPUTED = "memory", "redis", "computed"  # where a value came from


class Memory:
    """The values of this process: those that were asked for last, in so many bytes."""

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes, self._clock = max_bytes, clock
        self._bytes = 0
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            if (found := self._values.get(key)) is None:
                return None
            if found[0] < self._clock():
                self._remove(key)
                return None
            self._values.move_to_end(key)
            return found[1]

    def keep(self, key: str, value: bytes, seconds: float) -> None:
        if len(value) + ENTRY_BYTES > self._max_bytes:
            return
        with self._lock:
            if key in self._values:
                self._remove(key)
            self._values[key] = self._clock() + seconds, value
            self._bytes += len(value) + ENTRY_BYTES
            while self._bytes > self._max_bytes:
                self._remove(next(iter(self._values)))

    def _remove(self, key: str) -> None:
        self._bytes -= len(self._values.pop(key)[1]) + ENTRY_BYTES


class _Flight:
    """A value that one thread computes and others wait for."""

    def __init__(self) -> None:
        self.ended = Event()
        self.value: bytes | None = None


class Cache:
    """Of a process. A value that is None was not to be kept: whoever waited for it computes its own."""

    def __init__(self, memory: Memory, server: RedisServer | None = None) -> None:
        self._memory, self._server = memory, server
        self._flights: dict[str, _Flight] = {}
        self._lock = Lock()
        if server:
            self._claim, self._keep, self._give_up = map(server.script, ("claim", "keep", "give_up"))

    def get_or_compute(self, kind: str, key: str, compute: Callable[[], bytes | None]) -> bytes | None:
        """What `compute` returned once for this key, or returns now. What it raises is raised, and not kept."""
        name = f"{PREFIX}:{kind}:{blake2b(key.encode(errors='replace'), digest_size=16).hexdigest()}"
        if (packed := self._memory.get(name)) is not None:
            asked_cache(kind, MEMORY)
            return zlib.decompress(packed)
        with self._lock:
            flight, leads = self._flights.get(name), name not in self._flights
            if flight is None:
                flight = self._flights[name] = _Flight()
        if not leads:
            return self._wait_for(flight, kind, compute)
        try:
            flight.value = self._lead(kind, name, compute)
            return flight.value
        finally:
            with self._lock:
                del self._flights[name]
            flight.ended.set()

    def _wait_for(self, flight: _Flight, kind: str, compute: Callable[[], bytes | None]) -> bytes | None:
        if flight.ended.wait(PATIENCE) and flight.value is not None:
            asked_cache(kind, MEMORY)
            return flight.value
        asked_cache(kind, COMPUTED)
        return compute()

    def _lead(self, kind: str, name: str, compute: Callable[[], bytes | None]) -> bytes | None:
        """For all threads of the process."""
        if (packed := self._memory.get(name)) is not None:  # another thread has ended since
            asked_cache(kind, MEMORY)
            return zlib.decompress(packed)
        claimed = None
        if self._server:
            found = self._find_or_claim(name)
            if isinstance(found, bytes) and (value := _unpacked(found)) is not None:
                asked_cache(kind, REDIS)
                self._memory.keep(name, found, _lifetime())
                return value
            claimed = found if isinstance(found, str) else None
        asked_cache(kind, COMPUTED)
        value = None
        try:
            value = compute()
        finally:
            self._store(name, value, claimed)
        return value

    def _find_or_claim(self, name: str) -> bytes | str | None:
        """What Redis has; or the word by which it is ours to compute; or None, where it is to be computed without."""
        word, limit = secrets.token_hex(8), time.monotonic() + PATIENCE
        try:
            while time.monotonic() < limit:
                found = self._claim(keys=[name, f"{name}:lock"], args=[word, round(PATIENCE * 1000)])
                if found == b"":
                    return word
                if found is not None:
                    return cast("bytes", found)
                time.sleep(PAUSE)
        except AwayError:
            pass
        return None

    def _store(self, name: str, value: bytes | None, claimed: str | None) -> None:
        seconds = _lifetime()
        packed = b"" if value is None else zlib.compress(value, 1)
        if packed:
            self._memory.keep(name, packed, seconds)
        if self._server is None:
            return
        try:
            if packed:
                self._keep(keys=[name, f"{name}:lock"], args=[packed, round(seconds), claimed or ""])
            elif claimed:
                self._give_up(keys=[f"{name}:lock"], args=[claimed])
        except AwayError:
            pass


def _lifetime() -> float:
    return LIFETIME * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret


def _unpacked(packed: bytes) -> bytes | None:
    """None for what is none of ours."""
    try:
        return zlib.decompress(packed)
    except zlib.error:
        return None


@cache
def _cache_of(max_megabytes: int, url: str) -> Cache:
    return Cache(Memory(max_megabytes * 1_000_000), redis_server(url))


def cache_of_process() -> Cache:
    """By the settings CACHE_MEMORY and CACHE_URL."""
    return _cache_of(settings.CACHE_MEMORY, settings.CACHE_URL)


def cached(kind: str, key: str, compute: Callable[[], Value]) -> Value:
    """The same for values that are JSON. `kind` is a word for metrics: "count", "facets"."""
    value = cache_of_process().get_or_compute(kind, key, lambda: orjson.dumps(compute()))
    return cast("Value", orjson.loads(value or b"null"))
