"""Of three nodes of a cluster one is killed: searches and the follower go on, and it is asked again when it is back."""

import os
import secrets
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from opensearchpy import Urllib3HttpConnection

from foxreviews.enterprise.models import Entreprise
from foxreviews.search import upkeep
from foxreviews.search.cluster import connection, reader
from foxreviews.search.cluster.storage import ClusterStorage
from foxreviews.search.cluster.writer import ClusterWriter
from tests import memory
from tests.integration.search.cluster.conftest import Quiet
from tests.opensearch import node
from tests.waiting import DEADLINE, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = ("-Xms256m", "-Xmx512m", *node.QUICK[2:])
BACK_SECONDS = 10.0
REQUESTS = 60


@pytest.fixture(scope="module")
def three() -> Iterator[list[node.Node]]:
    if why := node.why_missing():
        pytest.skip(why)
    folder = Path(os.environ[memory.VARIABLE]) / f"opensearch-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o755)
    nodes = node.start_together(folder, f"foxreviews-{secrets.token_hex(4)}", 3, SMALL)
    try:
        yield nodes
    finally:
        for each in nodes:
            each.let_go()


@pytest.fixture
def opensearch(three: list[node.Node]) -> node.Node:
    return three[0]


@pytest.fixture
def storage(storage: ClusterStorage, three: list[node.Node], settings: Any) -> ClusterStorage:
    """By all three addresses."""
    settings.OPENSEARCH_URL = [each.url for each in three]
    return reader.configured_storage()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[int, bool]]:
    """How often each port was asked, and has answered."""
    counted: Counter[tuple[int, bool]] = Counter()
    perform = Urllib3HttpConnection.perform_request

    def noted(self: Any, *arguments: Any, **named: Any) -> Any:
        port, answered = int(self.host.rpartition(":")[2]), False
        try:
            answer = perform(self, *arguments, **named)
            answered = True
            return answer
        finally:
            counted[port, answered] += 1

    monkeypatch.setattr(Urllib3HttpConnection, "perform_request", noted)
    return counted


def manager(nodes: list[node.Node]) -> node.Node:
    """The one that the others have elected."""
    state = nodes[0].ask("GET", "/_cluster/state/cluster_manager_node,nodes")
    address = state["nodes"][state["cluster_manager_node"]]["transport_address"]
    return next(each for each in nodes if f"transport.port: {address.rpartition(':')[2]}\n" in each.settings)


def is_green(nodes: list[node.Node]) -> bool:
    """Every shard and its copy is on a node."""
    health = nodes[0].ask("GET", "/_cluster/health")
    return bool(health["status"] == "green" and health["number_of_nodes"] == len(nodes))


def test_a_node_of_three_is_killed_and_no_answer_fails(
    three: list[node.Node],
    storage: ClusterStorage,
    company: Any,
    client: Any,
    asked: Counter[tuple[int, bool]],
    wait_for: Callable[[str, str, list[str]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """First the one that manages the cluster, then another."""
    alpha, took = company("ALPHA"), list[float]()
    first = manager(three)
    upkeep.rebuild_index(Quiet())
    wait_until(lambda: is_green(three), "no copy of the index")
    wait_for("alpha", "opensearch", ["ALPHA"])
    for module, name, seconds in (
        (connection, "SEARCH_SECONDS", 2.0), (connection, "CALL_SECONDS", 1.0), (reader, "CALL_SECONDS", 1.0),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, seconds)
    with storage.writer_lock():
        writer = ClusterWriter(storage.required(), storage)
        for number, killed in enumerate((first, next(each for each in three if each is not first))):
            name = f"ALPHA {number}"
            begun = time.monotonic()
            asked.clear()
            Timer(0.2, killed.signal, [signal.SIGKILL]).start()
            answers = [client.get("/api/entreprises/", {"q": "alpha"}) for _ in range(REQUESTS)]
            assert {answer.status_code for answer in answers} == {200}
            assert {row["siren"] for each in answers for row in each.json()["results"]} == {alpha.siren}
            assert killed.process
            killed.process.wait(DEADLINE)
            Entreprise.objects.filter(pk=alpha.pk).update(nom=name)
            writer.apply()
            wait_for(f"alpha {number}", "opensearch", [name])
            refused, seconds = asked[killed.http, False], time.monotonic() - begun
            assert 0 < refused <= 3 + seconds / connection.DEAD_SECONDS, (
                "a dead address is asked now and then alone"
            )
            assert sum(count for (port, _), count in asked.items() if port != killed.http) > REQUESTS
            node.start_again(killed)
            asked.clear()
            started = time.monotonic()
            wait_until(
                lambda killed=killed: (
                    client.get("/api/entreprises/", {"q": "alpha"}) and asked[killed.http, True]
                ),
                "it is not asked again",
            )
            took.append(time.monotonic() - started)
            wait_until(lambda: is_green(three), "no copy of the index")
    assert min(took) < BACK_SECONDS, took  # a busy machine delays one of them, a client that forgets both
