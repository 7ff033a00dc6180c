"""With a real Redis: one computes for all, and whatever becomes of Redis, everybody gets an answer."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier, Event
from time import sleep
from typing import Any

import pytest

from foxreviews.core import cache as caching
from foxreviews.core.breaker import State
from foxreviews.core.cache import Cache, Memory
from foxreviews.core.redis_server import REST_SECONDS, AwayError, RedisServer
from tests.integration.cache.conftest import Clock
from tests.redis_process import RedisProcess, running_redis
from tests.waiting import DEADLINE, wait_until

CHECKOUT = Path(__file__).parents[3]
PROCESSES, THREADS = 5, 100
# Each process waits for all others before it asks; the one that computes waits until all others have asked.
STAMPEDE = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.conf import settings
settings.configure()
from foxreviews.core import cache, redis_server
redis_server.PATIENCE = cache.PATIENCE = 60.0
server = redis_server.RedisServer(sys.argv[1])
shared = cache.Cache(cache.Memory(int(sys.argv[3])), server)
together = Barrier(int(sys.argv[2]) + 1)

def compute():
    server.client.incr("computed")
    time.sleep(0.5)
    return b"the value"

def ask(_):
    together.wait()
    return shared.get_or_compute("count", "key", compute)

with ThreadPoolExecutor(int(sys.argv[2])) as threads:
    answers = [threads.submit(ask, n) for n in range(int(sys.argv[2]))]
    print("ready", flush=True)
    sys.stdin.readline()
    together.wait()
    print({answer.result() for answer in answers})
"""


def made(server: RedisServer | None, max_bytes: int = 1_000_000) -> Cache:
    """The cache of another process."""
    return Cache(Memory(max_bytes), server)


class Work:
    """What is computed, and how often."""

    def __init__(self, value: bytes | None = b"value") -> None:
        self.value, self.times = value, 0

    def __call__(self) -> bytes | None:
        self.times += 1
        return self.value


@pytest.mark.parametrize("memory", [0, 1_000_000], ids=["without memory", "with memory"])
def test_of_500_who_ask_at_once_in_5_processes_one_computes(redis_process: RedisProcess, memory: int) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", STAMPEDE, redis_process.url, str(THREADS), str(memory)],
            cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=DEADLINE)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait(DEADLINE)
    assert said == ["{b'the value'}\n"] * PROCESSES
    assert redis_process.client.get("computed") == b"1"


def test_what_one_process_has_computed_the_others_have(server: RedisServer) -> None:
    work = Work()
    assert [made(server).get_or_compute("count", "key", work) for _ in range(3)] == [b"value"] * 3
    assert work.times == 1
    assert made(server).get_or_compute("count", "another key", work) == b"value"
    assert made(server).get_or_compute("facets", "key", work) == b"value"
    assert work.times == 3


def test_a_process_asks_redis_once_for_what_it_has_room_for(
    server: RedisServer, redis_process: RedisProcess
) -> None:
    work, cache = Work(), made(server)
    cache.get_or_compute("count", "key", work)
    redis_process.client.flushall()
    assert cache.get_or_compute("count", "key", work) == b"value"
    assert work.times == 1


def test_keys_are_short_and_values_end(server: RedisServer, redis_process: RedisProcess) -> None:
    made(server).get_or_compute("answer", "https://example.org/?q=" + "é" * 5_000, Work(b"x" * 100_000))
    (key,) = redis_process.client.keys()
    assert len(key) < 60
    assert 0.85 * caching.LIFETIME < redis_process.client.ttl(key) < 1.15 * caching.LIFETIME
    assert redis_process.client.strlen(key) < 1_000  # it is compressed


def test_values_that_were_kept_at_once_do_not_end_at_once(
    server: RedisServer, redis_process: RedisProcess
) -> None:
    cache = made(server)
    for number in range(50):
        cache.get_or_compute("count", str(number), Work())
    ends = {redis_process.client.ttl(key) // 10 for key in redis_process.client.scan_iter()}
    assert len(ends) > 10


def test_what_is_not_to_be_kept_is_computed_by_each(server: RedisServer, redis_process: RedisProcess) -> None:
    work = Work(None)
    assert [made(server).get_or_compute("answer", "key", work) for _ in range(2)] == [None, None]
    assert work.times == 2
    assert not redis_process.client.keys()


def test_an_error_is_not_kept_and_holds_nobody_up(server: RedisServer, redis_process: RedisProcess) -> None:
    def fails() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        made(server).get_or_compute("count", "key", fails)
    assert not redis_process.client.keys()
    assert made(server).get_or_compute("count", "key", Work()) == b"value"


def test_who_waits_for_a_process_that_was_killed_computes_in_the_end(
    server: RedisServer, redis_process: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "PATIENCE", 0.3)
    cache = made(server)
    name = f"foxreviews:count:{caching.blake2b(b'key', digest_size=16).hexdigest()}"
    redis_process.client.set(f"{name}:lock", "of a process that was killed")
    assert cache.get_or_compute("count", "key", Work()) == b"value"
    assert redis_process.client.get(f"{name}:lock") == b"of a process that was killed"
    assert made(server).get_or_compute("count", "key", Work(b"another")) == b"value"


def test_what_is_none_of_ours_is_computed_again(server: RedisServer, redis_process: RedisProcess) -> None:
    made(server).get_or_compute("count", "key", Work())
    (key,) = redis_process.client.keys()
    redis_process.client.set(key, b"of somebody else")
    assert made(server).get_or_compute("count", "key", Work()) == b"value"


FAULTS: dict[str, Callable[[RedisProcess], None]] = {
    "hangs": RedisProcess.hang,
    "was killed": RedisProcess.kill,
}
REPAIRS: dict[str, Callable[[RedisProcess], None]] = {
    "hangs": RedisProcess.go_on,
    "was killed": RedisProcess.start,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_redis_that(
    fault: str,
    impatient: RedisServer,
    redis_process: RedisProcess,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """… is asked by nobody after three failures, but for one who tries each two seconds; everybody gets an answer."""
    asked: list[object] = []
    real = impatient.client.execute_command

    def execute(*words: Any, **options: Any) -> Any:
        asked.append(words)
        return real(*words, **options)

    monkeypatch.setattr(impatient.client, "execute_command", execute)
    made(impatient)  # the client is as it will be
    FAULTS[fault](redis_process)
    answers = [made(impatient, 0).get_or_compute("count", str(n), Work()) for n in range(20)]
    assert answers == [b"value"] * 20
    assert impatient.breaker.state is State.OPEN
    assert len(asked) == 3
    clock.now += REST_SECONDS + 0.1
    assert [made(impatient, 0).get_or_compute("count", str(n), Work()) for n in range(20)] == [b"value"] * 20
    assert len(asked) == 4

    REPAIRS[fault](redis_process)

    def is_back() -> bool:
        clock.now += REST_SECONDS + 0.1
        made(impatient, 0).get_or_compute("count", "x", Work())
        return impatient.breaker.state is State.CLOSED

    wait_until(is_back, "it is not asked again")
    assert caplog.text.count("Redis does not answer") == 1
    assert caplog.text.count("Redis answers again") == 1


def test_a_redis_that_was_started_again_or_flushed_is_used_at_once(
    server: RedisServer, redis_process: RedisProcess
) -> None:
    work = Work()
    made(server).get_or_compute("count", "key", work)
    redis_process.client.script_flush()
    redis_process.client.flushall()
    made(server).get_or_compute("count", "key", work)
    redis_process.kill()
    redis_process.start()
    made(server).get_or_compute("count", "key", work)
    assert work.times == 3
    assert made(server).get_or_compute("count", "key", work) == b"value"
    assert work.times == 3
    assert server.breaker.state is State.CLOSED


def test_a_full_redis_refuses_and_what_it_has_is_still_used(
    server: RedisServer, redis_process: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work()
    made(server).get_or_compute("count", "before", work)
    redis_process.client.config_set("maxmemory", 1)
    try:
        assert made(server).get_or_compute("count", "before", work) == b"value"
        assert work.times == 1
        for _ in range(5):
            assert made(server).get_or_compute("count", "after", work) == b"value"
        assert work.times == 6
        assert server.breaker.state is State.CLOSED
        assert caplog.text.count("Redis refuses (OutOfMemoryError)") == 1
    finally:
        redis_process.client.config_set("maxmemory", 0)
    made(server).get_or_compute("count", "after", work)
    made(server).get_or_compute("count", "after", work)
    assert work.times == 7


def test_with_the_policy_that_the_how_to_names_a_full_redis_forgets_what_nobody_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("foxreviews.core.redis_server.PATIENCE", 60.0)
    with running_redis("--maxmemory", "3mb", "--maxmemory-policy", "volatile-lru") as small:
        server = RedisServer(small.url)
        small.client.set("a task of Celery", "has no end")
        for number in range(300):
            noise = Random(number).randbytes(20_000)
            made(server, 0).get_or_compute("answer", str(number), Work(noise))
        assert small.client.info("stats")["evicted_keys"] > 0
        assert small.client.get("a task of Celery") == b"has no end"
        work = Work()
        made(server, 0).get_or_compute("answer", "299", work)
        assert not work.times
        server.client.close()


def test_a_redis_that_is_not_there_raises_nothing_else(tmp_path: Path) -> None:
    server = RedisServer(f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(AwayError):
        server.ask(lambda client: client.get("key"))
    assert made(server).get_or_compute("count", "key", Work()) == b"value"


def test_of_many_threads_without_redis_one_computes() -> None:
    cache, together, started, goes_on, work = made(None), Barrier(100), Event(), Event(), Work()

    def compute() -> bytes | None:
        started.set()
        goes_on.wait()
        return work()

    def ask(_: int) -> bytes | None:
        together.wait()
        return cache.get_or_compute("count", "key", compute)

    with ThreadPoolExecutor(100) as threads:
        answers = [threads.submit(ask, n) for n in range(100)]
        wait_until(started.is_set, "nobody computes")
        sleep(0.01)
        goes_on.set()
        assert {answer.result() for answer in answers} == {b"value"}
    assert work.times == 1
