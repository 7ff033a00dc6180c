"""A cluster that is away, hangs, or has no whole index: searches go on, no request fails, and it answers again soon."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foxreviews.core.breaker import State
from foxreviews.search import upkeep
from foxreviews.search.cluster import connection, reader
from foxreviews.search.cluster.storage import ClusterStorage
from foxreviews.search.index import rebuild as local
from foxreviews.search.index.storage import IndexStorage
from tests import memory
from tests.integration.search.cluster.conftest import Quiet
from tests.opensearch import node
from tests.waiting import DEADLINE, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Found = Callable[..., tuple[str, list[str]]]
WaitFor = Callable[[str, str, list[str]], None]


@pytest.fixture(scope="module")
def own() -> Iterator[node.Node]:
    """A node to which this module does harm."""
    if why := node.why_missing():
        pytest.skip(why)
    # In the run's folder: the account that runs it passes through.
    folder = Path(os.environ[memory.VARIABLE]) / f"opensearch-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o755)
    started = node.start(folder, f"foxreviews-{secrets.token_hex(4)}")
    wait_until(started.answers, lambda: started.log)
    try:
        yield started
    finally:
        started.signal(signal.SIGCONT)
        started.let_go()


@pytest.fixture
def opensearch(own: node.Node) -> node.Node:
    """The node of the settings of `storage`."""
    return own


@pytest.fixture
def directory(
    own: node.Node, storage: ClusterStorage, company: Any, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClusterStorage]:
    """ALPHA, in an index of the cluster, which is waited for as long as in production."""
    company("ALPHA")
    upkeep.rebuild_index(Quiet())
    wait_for("alpha", "opensearch", ["ALPHA"])
    for module, name, seconds in (
        (connection, "SEARCH_SECONDS", 2.0), (connection, "CALL_SECONDS", 1.0), (reader, "CALL_SECONDS", 1.0),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, seconds)
    yield storage
    monkeypatch.setattr(connection, "SEARCH_SECONDS", DEADLINE)
    own.signal(signal.SIGCONT)
    wait_until(own.answers, lambda: own.log)


def test_while_it_hangs_postgresql_answers_and_nothing_waits(
    directory: ClusterStorage, own: node.Node, found: Found, wait_for: WaitFor
) -> None:
    own.signal(signal.SIGSTOP)
    assert [found("alpha") for _ in range(4)] == [("postgres", ["ALPHA"])] * 4
    wait_until(lambda: found("alpha") and not is_closed(directory), "the breaker does not open")
    asked = counted(directory)
    assert [found("alpha")[0] for _ in range(30)] == ["postgres"] * 30
    assert asked() <= 5, "what does not answer is not asked for each request"
    own.signal(signal.SIGCONT)
    wait_for("alpha", "opensearch", ["ALPHA"])


def test_while_it_is_away_this_machine_s_index_answers_where_there_is_one(
    directory: ClusterStorage, own: node.Node, found: Found, wait_for: WaitFor, settings: Any
) -> None:
    local.rebuild(IndexStorage(settings.SEARCH_INDEX_DIR), Quiet())
    wait_for("alpa", "opensearch", ["ALPHA"])
    own.signal(signal.SIGKILL)
    assert own.process
    own.process.wait(DEADLINE)
    assert [found("alpa") for _ in range(10)] == [("tantivy", ["ALPHA"])] * 10
    node.start_again(own)
    wait_for("alpa", "opensearch", ["ALPHA"])


def is_closed(storage: ClusterStorage) -> bool:
    return storage.cluster.breaker.state is State.CLOSED


def counted(storage: ClusterStorage) -> Callable[[], int]:
    """How often the cluster was asked since."""
    transport, asked = storage.cluster._transport, [0]
    perform = transport.perform_request

    def count(*arguments: Any, **named: Any) -> Any:
        asked[0] += 1
        return perform(*arguments, **named)

    transport.perform_request = count
    return lambda: asked[0]


def test_an_alias_that_is_gone_or_points_at_what_is_half_built_is_no_index(
    directory: ClusterStorage, found: Found, wait_for: WaitFor
) -> None:
    generation, cluster = directory.required(), directory.cluster
    cluster.call("DELETE", f"/{generation.name}/_alias/{directory.alias}")
    wait_for("alpha", "postgres", ["ALPHA"])
    half = directory.create()
    directory.create_companies(half, 0)
    directory._point_at(half)
    time.sleep(2 * reader.LOOK_SECONDS)
    assert found("alpha") == ("postgres", ["ALPHA"])
    directory._point_at(generation)
    wait_for("alpha", "opensearch", ["ALPHA"])
    directory.remove(half)


def test_a_red_index_is_not_asked_for_a_part_of_the_answer(
    directory: ClusterStorage, found: Found, wait_for: WaitFor
) -> None:
    name, cluster = directory.required().name, directory.cluster
    cluster.call("POST", f"/{name}/_close")
    wait_for("alpha", "postgres", ["ALPHA"])
    cluster.call("POST", f"/{name}/_open")
    wait_for("alpha", "opensearch", ["ALPHA"])


def test_a_walk_goes_on_where_the_engine_changes_between_two_pages(
    directory: ClusterStorage, company: Any, settings: Any, client: Any, wait_for: WaitFor
) -> None:
    """Local index and cluster rank alike, so one answers the next page of the other."""
    for number in range(7):
        company(f"ALPHA {number}", tranche_effectif="53" if number % 2 else "")
    upkeep.rebuild_index(Quiet())
    local.rebuild(IndexStorage(settings.SEARCH_INDEX_DIR), Quiet())
    wait_until(lambda: client.get("/api/entreprises/?q=alpha").json()["total"] == 8, "not all are there")
    whole = [row["siren"] for row in client.get("/api/entreprises/?q=alpha").json()["results"]]
    met, engines, url = [], [], "/api/entreprises/?q=alpha&page_size=2"
    for engine in ("opensearch", "tantivy") * 2:
        settings.SEARCH_ENGINE = engine
        page = client.get(url).json()
        met += [row["siren"] for row in page["results"]]
        engines.append(page["engine"])
        url = page["next"]
    assert met == whole
    assert engines == ["opensearch", "tantivy"] * 2
    assert url is None


def test_of_three_addresses_one_that_refuses_and_one_that_hangs_are_passed_by(
    directory: ClusterStorage, own: node.Node, settings: Any, found: Found, wait_for: WaitFor
) -> None:
    """As where one node of three was killed, and one hangs."""
    with socket.create_server(("127.0.0.1", 0)) as hangs, socket.create_server(("127.0.0.1", 0)) as closed:
        refuses = f"http://127.0.0.1:{closed.getsockname()[1]}"
        closed.close()
        settings.OPENSEARCH_URL = [refuses, f"http://127.0.0.1:{hangs.getsockname()[1]}", own.url]
        wait_for("alpha", "opensearch", ["ALPHA"])
        answers = [found("alpha") for _ in range(20)]
    assert {tuple(names) for _, names in answers} == {("ALPHA",)}
    assert "opensearch" in {engine for engine, _ in answers}
