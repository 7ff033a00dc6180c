"""Two web servers with one Redis, as on two hosts: they share answers and rates, and go on whatever becomes of it."""

import itertools
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from tests.acceptance.web import Server, serving
from tests.redis_process import MISSING, PROGRAM, RedisProcess, running_redis
from tests.waiting import wait_until

CHECKOUT = Path(__file__).parents[2]
COUNTED = re.compile(r'^foxreviews_cache_requests_total\{found="(\w+)",kind="answer"\} (\S+)$', re.MULTILINE)
CLIENT = {"X-Forwarded-For": "192.0.2.1"}
pytestmark = pytest.mark.skipif(PROGRAM is None, reason=MISSING)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisProcess]:
    with running_redis() as running:
        yield running


@pytest.fixture(scope="module")
def hosts(
    shared_database: dict[str, str], redis: RedisProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    """With no memory of their own, and a low rate for who comes through a proxy."""
    settings = {
        "CACHE_URL": redis.url,
        "CACHE_MEMORY": "0",
        "TRUSTED_PROXIES": "1",
        "THROTTLE_RATE": "5/hour",
    }
    folder = tmp_path_factory.mktemp("hosts")
    with ExitStack() as running:
        yield [
            running.enter_context(serving(shared_database | settings, folder / f"{name}.log"))
            for name in ("one", "other")
        ]


def found(server: Server) -> dict[str, float]:
    """How many whole answers the server has found where."""
    return {where: float(count) for where, count in COUNTED.findall(server.get("/metrics")[1])}


def test_what_one_host_has_computed_the_other_finds(hosts: list[Server]) -> None:
    one, other = hosts
    sizes = itertools.count(1)

    def shares() -> bool:
        page = f"/api/entreprises/?page_size={next(sizes)}"
        host = {"Host": "localhost"}  # an answer has the address that was asked in its links
        assert one.get(page, host) == other.get(page, host)
        return found(other).get("redis", 0) > 0

    wait_until(shares, "it finds nothing")


def test_a_client_has_one_rate_on_all_hosts(hosts: list[Server], redis: RedisProcess) -> None:
    def counted_together() -> bool:
        """Redis may be slow on a busy machine; then a host counts for itself."""
        redis.client.flushall()
        return [host.get("/api/", CLIENT)[0] for host in hosts * 3] == [200] * 5 + [429]

    wait_until(counted_together, "each counts for itself")


@pytest.mark.parametrize("fault", ["hang", "kill", "flush"])
def test_no_request_fails_whatever_becomes_of_redis(
    hosts: list[Server], redis: RedisProcess, fault: str
) -> None:
    statuses: list[int] = []
    ends = Event()

    def ask(server: Server) -> None:
        for number in itertools.count():
            statuses.append(server.get(f"/api/entreprises/?page_size={number % 7 + 1}")[0])
            statuses.append(server.get("/api/", {"X-Forwarded-For": f"198.51.100.{number % 250}"})[0])
            if ends.is_set():
                return

    def answered(count: int) -> None:
        before = len(statuses)
        wait_until(lambda: len(statuses) > before + count, "nobody is answered")

    with ThreadPoolExecutor(2) as clients:
        asking = [clients.submit(ask, host) for host in hosts]
        try:
            answered(20)
            {"hang": redis.hang, "kill": redis.kill, "flush": redis.client.flushall}[fault]()
            answered(40)
            {"hang": redis.go_on, "kill": redis.start, "flush": redis.client.flushall}[fault]()
            wait_until(redis.client.keys, "Redis is not used again")
            answered(20)
        finally:
            redis.go_on()
            ends.set()
        for each in asking:
            each.result()
    assert set(statuses) <= {200, 429}


@pytest.mark.parametrize("page", ["cache.md", "cdn.md"])
def test_what_the_how_to_tells_to_type_shows_what_it_says(
    hosts: list[Server], redis: RedisProcess, page: str
) -> None:
    text = (CHECKOUT / "docs" / "howto" / page).read_text()
    said = ""
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        typed = block.replace("127.0.0.1:8000", f"127.0.0.1:{hosts[0].port}")
        typed = typed.replace("redis-cli", f"redis-cli -s {redis.url.removeprefix('unix://')}")
        done = subprocess.run(["sh", "-ec", typed], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said += done.stdout
    assert re.search(r"^x-dataset-version: \d+-", said, re.MULTILINE | re.IGNORECASE)
    assert ("foxreviews_cache_requests_total{" in said) == (page == "cache.md")
    assert ("\n304\n" in said) == (page == "cdn.md")
