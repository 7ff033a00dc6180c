"""The memory of a process is bounded, and forgets what was not asked for longest."""

import pytest

from foxreviews.core.cache import ENTRY_BYTES, Cache, Memory


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def room_for(values: int, clock: Clock) -> Memory:
    """Of a hundred bytes each."""
    return Memory(values * (100 + ENTRY_BYTES), clock)


def test_what_was_asked_for_last_stays(clock: Clock) -> None:
    memory = room_for(3, clock)
    for key in "abc":
        memory.keep(key, key.encode() * 100, 60)
    assert memory.get("a")
    memory.keep("d", b"d" * 100, 60)
    assert [key for key in "abcd" if memory.get(key)] == ["a", "c", "d"]


def test_a_value_that_is_kept_again_takes_its_room_once(clock: Clock) -> None:
    memory = room_for(2, clock)
    for _ in range(10):
        memory.keep("a", b"a" * 100, 60)
    memory.keep("b", b"b" * 100, 60)
    assert memory.get("a")
    assert memory.get("b")


def test_a_value_ends(clock: Clock) -> None:
    memory = room_for(1, clock)
    memory.keep("a", b"a", 60)
    clock.now += 59
    assert memory.get("a") == b"a"
    clock.now += 2
    assert memory.get("a") is None


def test_what_has_no_room_at_all_pushes_nothing_out(clock: Clock) -> None:
    memory = room_for(1, clock)
    memory.keep("a", b"a", 60)
    memory.keep("b", b"b" * 1_000, 60)
    assert (memory.get("a"), memory.get("b")) == (b"a", None)


def test_without_memory_and_without_redis_each_value_is_computed() -> None:
    values = iter((b"1", b"2"))
    cache = Cache(Memory(0))
    assert [cache.get_or_compute("count", "key", lambda: next(values)) for _ in range(2)] == [b"1", b"2"]


def test_what_cannot_be_compressed_into_its_key_is_no_error() -> None:
    """A lone surrogate, as Python makes of bytes that are no text."""
    assert Cache(Memory(1_000)).get_or_compute("answer", "/\udcff", lambda: b"value") == b"value"
