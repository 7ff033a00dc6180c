"""With Redis a client has one rate for all hosts; without it, one for each."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from foxreviews.core import rate_limiter, rate_table
from foxreviews.core.rate_limiter import give_back, take
from foxreviews.core.rate_table import Rate
from foxreviews.core.redis_server import RedisServer
from tests.redis_process import RedisProcess

RATE = Rate(10, 3600)


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of its own, as each host has."""
    rate_table.shared.cache_clear()


@pytest.fixture
def shared(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """Requests are counted in Redis."""
    monkeypatch.setattr(rate_limiter, "redis_server", lambda _url: server)
    return server


@pytest.mark.usefixtures("shared")
def test_a_client_has_its_requests_at_once_and_then_as_they_come_back_on_any_host() -> None:
    waits = []
    for _ in range(12):
        rate_table.shared.cache_clear()  # another host
        waits.append(take("fox", RATE).wait)
    assert waits[:10] == [0.0] * 10
    assert all(0 < wait <= 360 for wait in waits[10:])
    assert take("owl", RATE).wait == 0.0


@pytest.mark.usefixtures("shared")
def test_what_is_left_is_said_as_by_the_table_of_one_host(monkeypatch: pytest.MonkeyPatch) -> None:
    in_redis = [take("fox", RATE) for _ in range(11)]
    monkeypatch.setattr(rate_limiter, "redis_server", lambda _url: None)
    in_table = [take("fox", RATE) for _ in range(11)]
    assert [each.left for each in in_redis] == [each.left for each in in_table] == [*range(9, -1, -1), 0]
    assert [round(each.full, -2) for each in in_redis] == [round(each.full, -2) for each in in_table]


@pytest.mark.usefixtures("shared")
def test_of_many_requests_at_once_exactly_as_many_are_counted_as_fit() -> None:
    with ThreadPoolExecutor(16) as clients:
        waits = list(clients.map(lambda _: take("fox", Rate(100, 3600)).wait, range(300)))
    assert waits.count(0.0) == 100


@pytest.mark.usefixtures("shared")
def test_what_is_given_back_was_not_taken(redis_process: RedisProcess) -> None:
    for _ in range(3 * RATE.count):
        assert take("fox", RATE).wait == 0.0
        give_back("fox", RATE)
    assert not redis_process.client.keys()


@pytest.mark.usefixtures("shared")
def test_redis_learns_no_address_and_forgets_a_client_once_its_bucket_is_empty(
    redis_process: RedisProcess,
) -> None:
    take("page 192.0.2.1", RATE)
    (key,) = redis_process.client.keys()
    assert b"192" not in key
    assert 0 < redis_process.client.pttl(key) <= 360_000


@pytest.mark.usefixtures("shared")
def test_a_redis_that_was_flushed_counts_from_nothing(redis_process: RedisProcess) -> None:
    while not take("fox", RATE).wait:
        pass
    redis_process.client.flushall()
    redis_process.client.script_flush()
    assert take("fox", RATE).wait == 0.0


def test_while_redis_is_away_each_host_counts_for_itself(
    impatient: RedisServer, redis_process: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limiter, "redis_server", lambda _url: impatient)
    redis_process.kill()
    waits = [take("fox", RATE).wait for _ in range(11)]
    assert waits[:10] == [0.0] * 10
    assert waits[10] > 0
    rate_table.shared.cache_clear()
    assert take("fox", RATE).wait == 0.0
