"""A directory whose searches a cluster answers: the node of this run, and names of indexes of this test's own."""

import logging
import secrets
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from foxreviews.core.progress import Reporter
from foxreviews.search import upkeep
from foxreviews.search.cluster import connection, reader
from foxreviews.search.cluster.storage import ClusterStorage
from foxreviews.search.cluster.writer import ClusterWriter
from foxreviews.search.index import place_documents
from tests.opensearch import node
from tests.waiting import DEADLINE, wait_until


class Quiet(Reporter):
    """Says what it does to a test."""

    def __init__(self) -> None:
        self.said = StringIO()
        super().__init__(self.said, logging.getLogger("quiet"))


@pytest.fixture(scope="session")
def opensearch() -> node.Node:
    """The node that all tests of this run share."""
    if why := node.why_missing():
        pytest.skip(why)
    return node.shared()


@pytest.fixture
def few_trades(monkeypatch: pytest.MonkeyPatch) -> None:
    """That all of them are in an index is for test_places.py."""
    every = place_documents._same_trades
    monkeypatch.setattr(place_documents, "_same_trades", lambda companies: islice(every(companies), 5))


@pytest.fixture
def storage(
    opensearch: node.Node, settings: Any, tmp_path: Path, few_trades: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClusterStorage]:
    """The settings of a directory of its own in the cluster."""
    for name in ("SEARCH_SECONDS", "CALL_SECONDS"):  # a busy machine is no fault of the cluster
        monkeypatch.setattr(connection, name, DEADLINE)
    monkeypatch.setattr(reader, "CALL_SECONDS", DEADLINE)
    settings.SEARCH_ENGINE = "opensearch"
    settings.OPENSEARCH_URL = [opensearch.url]
    settings.OPENSEARCH_INDEX = f"test-{secrets.token_hex(4)}"
    settings.SEARCH_INDEX_DIR, settings.LOG_DIR = tmp_path / "search", tmp_path / "logs"
    connection.cluster.cache_clear()
    reader._reader.cache_clear()
    found = reader.configured_storage()
    yield found
    for generation in [*found.others(), *filter(None, [found.current()])]:
        found.remove(generation)


@pytest.fixture
def rebuild(storage: ClusterStorage) -> Callable[[], str]:
    """rebuild(): what it says."""

    def run() -> str:
        reporter = Quiet()
        upkeep.rebuild_index(reporter)
        return reporter.said.getvalue()

    return run


@pytest.fixture
def writer(storage: ClusterStorage) -> Iterator[Callable[[], ClusterWriter]]:
    """writer(): one for the generation that answers."""
    with storage.writer_lock():
        yield lambda: ClusterWriter(storage.required(), storage)


@pytest.fixture
def found(storage: ClusterStorage, client: Any) -> Callable[..., tuple[str, list[str]]]:
    """found("alpha"): the engine that has answered, and the names that it has found; no answer is an error."""

    def ask(typed: str, **parameters: object) -> tuple[str, list[str]]:
        answer = client.get("/api/entreprises/", {"q": typed, **parameters})
        assert answer.status_code == 200, answer.content
        page = answer.json()
        return page["engine"], [row["nom"] for row in page["results"]]

    return ask


@pytest.fixture
def wait_for(found: Callable[..., tuple[str, list[str]]]) -> Callable[[str, str, list[str]], None]:
    """wait_for("alpha", "opensearch", ["ALPHA"]): until this is the answer."""

    def wait(typed: str, engine: str, names: list[str]) -> None:
        wait_until(
            lambda: found(typed) == (engine, names),
            lambda: f"{found(typed)}: {reader.cluster_reader().why}",
            pause=0.1,
        )

    return wait
