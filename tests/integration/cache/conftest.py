"""A real redis-server for the tests of a module, emptied before each."""

from collections.abc import Iterator

import pytest

from foxreviews.core import redis_server as product
from foxreviews.core.breaker import CircuitBreaker
from foxreviews.core.redis_server import RedisServer
from tests.redis_process import MISSING, PROGRAM, RedisProcess, running_redis


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def _process() -> Iterator[RedisProcess]:
    if PROGRAM is None:
        pytest.skip(MISSING)
    with running_redis() as running:
        yield running


@pytest.fixture
def redis_process(_process: RedisProcess) -> Iterator[RedisProcess]:
    """Running and empty before and after each test."""
    _process.client.flushall()
    yield _process
    _process.go_on()
    if _process.process.poll() is not None:
        _process.start()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(
    redis_process: RedisProcess, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RedisServer]:
    """As a process has it; a server that runs has as long as a busy machine needs."""
    monkeypatch.setattr(product, "PATIENCE", 60.0)
    made = RedisServer(redis_process.url, CircuitBreaker(product.MAX_FAILURES, product.REST_SECONDS, clock))
    yield made
    made.client.close()


@pytest.fixture
def impatient(redis_process: RedisProcess, clock: Clock) -> Iterator[RedisServer]:
    """As in production, for a server that does not answer."""
    made = RedisServer(redis_process.url, CircuitBreaker(product.MAX_FAILURES, product.REST_SECONDS, clock))
    yield made
    made.client.close()
