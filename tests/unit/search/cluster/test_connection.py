"""How a cluster is reached: several addresses, TLS, a user or a key; and what is said of it shows nothing secret."""

import socket
from typing import Any

import pytest

from foxreviews.core.breaker import State
from foxreviews.search.cluster import connection
from foxreviews.search.cluster.connection import Access, Cluster
from foxreviews.search.errors import BusyError, IndexFailedError, UnusableIndexError


def test_each_address_is_a_node_with_who_asks() -> None:
    access = Access(("https://ann:a%40b@node1:9201/search", "http://[::1]"), ca_file="/ca.pem")
    assert access.nodes() == [
        {"host": "node1", "port": 9201, "url_prefix": "search", "use_ssl": True, "http_auth": ("ann", "a@b"),
         "ca_certs": "/ca.pem"},
        {"host": "::1", "port": 9200, "url_prefix": "", "use_ssl": False},
    ]  # fmt: skip
    assert access.shown == "https://node1:9201/search, http://[::1]"


def test_a_user_of_the_settings_is_who_asks_everywhere() -> None:
    nodes = Access(("https://node1", "https://ann:x@node2"), user="bob", password="secret").nodes()
    assert [node["http_auth"] for node in nodes] == [("bob", "secret")] * 2


class Refusing(Cluster):
    """Answers each call with an error of the client."""

    def __init__(self, status: int, info: Any) -> None:
        super().__init__(Access(("http://ann:secret@127.0.0.1:1",)))
        from opensearchpy.exceptions import HTTP_EXCEPTIONS, TransportError

        kind = HTTP_EXCEPTIONS.get(status, TransportError)

        def fail(*_arguments: Any, **_named: Any) -> None:
            raise kind(status, "kind_of_exception", info)

        self._transport.perform_request = fail  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("status", "kind", "opens"),
    [(404, UnusableIndexError, False), (429, BusyError, True), (503, BusyError, True), (500, IndexFailedError, True),
     (400, IndexFailedError, False), (401, IndexFailedError, True), (409, IndexFailedError, False)],
)  # fmt: skip
def test_what_the_cluster_answers_is_said_and_counted_where_it_is_its_fault(
    status: int, kind: type[Exception], opens: bool
) -> None:
    cluster = Refusing(
        status, {"error": {"root_cause": [{"reason": "the reason"}], "reason": "all shards failed"}}
    )
    for _ in range(connection.MAX_FAILURES):
        with pytest.raises(kind, match=r"the reason|has no some/where"):
            cluster.call("GET", "/some/where")
    assert (cluster.breaker.state is State.OPEN) == opens


def test_one_that_is_away_is_said_to_be_so_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    cluster = Cluster(Access((f"http://ann:secret@127.0.0.1:{port}",)))
    with pytest.raises(IndexFailedError, match=f"does not answer at http://127.0.0.1:{port}") as error:
        cluster.call("GET", "/")
    assert "secret" not in str(error.value)


def test_all_calls_of_a_search_have_two_seconds_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: now[0])
    several = Cluster(Access(("http://127.0.0.1:1", "http://127.0.0.1:2"))).deadline()
    alone = Cluster(Access(("http://127.0.0.1:1",))).deadline()
    assert (several.seconds, alone.seconds) == (1.0, 2.0), "time is left to ask another node"
    now[0] += 1.5
    assert (several.seconds, alone.seconds) == (0.5, 0.5)
    now[0] += 0.5
    with pytest.raises(IndexFailedError, match="longer than 2 s"):
        _ = several.seconds
