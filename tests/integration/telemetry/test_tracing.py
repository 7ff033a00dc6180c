"""A request can be followed: its id in the answer, the log and the SQL; and nothing of what was typed with it."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from foxreviews.core.logs import JsonFormatter, TextFormatter
from foxreviews.core.trace import current
from foxreviews.telemetry.middleware import HEADER
from tests.shape import one_table

ID = "f00d-1234.abcd_9"
LIST = "/api/entreprises/"


class Sent:
    """The statements as they leave for the server."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
        cursor = context["cursor"].cursor
        result = execute(statement, params, many, context)
        self.statements.append(cursor._query.query.decode())
        return result


@pytest.fixture
def sent(db: None) -> Iterator[list[str]]:
    seen = Sent()
    with connection.execute_wrapper(seen):
        yield seen.statements


@pytest.fixture
def lines(settings: Any) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """lines(): what is written to the log from now on, as JSON."""
    yield from _written(JsonFormatter(), lambda text: [json.loads(line) for line in text.splitlines()])


def _written(formatter: logging.Formatter, read: Callable[[str], Any]) -> Iterator[Callable[[], Any]]:
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root, requests = logging.getLogger(), logging.getLogger("foxreviews.request")
    level = requests.level
    root.addHandler(handler)
    requests.setLevel(logging.INFO)
    try:
        yield lambda: read(out.getvalue())
    finally:
        root.removeHandler(handler)
        requests.setLevel(level)


def test_a_proxy_s_id_is_taken_and_answered(client: Client, db: None) -> None:
    assert client.get(LIST, headers={HEADER: ID})[HEADER] == ID


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "12345678*/ DROP", "12345678\n", "１２３４５６７８", "a b c d e f"]
)
def test_an_id_that_is_not_well_formed_is_replaced(client: Client, sent: list[str], given: str) -> None:
    answered = client.get(LIST, headers={HEADER: given})[HEADER]
    assert answered != given
    assert len(answered) == 32
    assert f"request={answered} */" in sent[0]
    assert sent[0].count("*/") == 1


def test_each_statement_begins_with_the_name_of_its_route_and_then_the_id(
    client: Client, sent: list[str], company: Callable[..., Any]
) -> None:
    company("FOX", siren="732829320")
    sent.clear()
    for address, route in (
        (LIST, "api-entreprises"),
        (f"{LIST}?q=fox", "api-entreprises"),
        (f"{LIST}732829320/", "api-entreprise"),
        ("/api/villes/?q=lyon", "api-villes"),
        ("/api/suggestions/?q=fo", "api-suggestions"),
        ("/health/ready", "health-ready"),
        ("/metrics", "metrics"),
    ):
        before = len(sent)
        client.get(address, headers={HEADER: ID})
        mine = [text for text in sent[before:] if "SAVEPOINT" not in text]
        assert mine or route == "health-ready", address  # what was found a moment ago is good for it
        assert all(text.startswith(f"/* {route} request={ID} */ ") for text in mine), mine


def test_the_server_keeps_the_name_of_the_route(client: Client, transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'")
        if not cursor.fetchone()[0]:
            cursor.execute("CREATE EXTENSION pg_stat_statements")
        cursor.execute("SELECT pg_stat_statements_reset()")
    client.get("/api/villes/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_statements WHERE query LIKE '/* api-villes request=%'")
        assert 'FROM "location_ville"' in cursor.fetchone()[0]


def route_names(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from route_names(
                pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            )
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name or ''}"


def test_every_route_of_ours_has_a_name_that_can_stand_in_a_comment() -> None:
    names = list(route_names(get_resolver().url_patterns))
    assert len(names) > 20
    for name in names:
        assert set("*/%'\\ ").isdisjoint(name)
        assert name.removeprefix("admin:") or name.startswith("admin:")


@one_table
def test_a_request_is_one_line_with_where_its_time_went(
    client: Client, company: Callable[..., Any], index: Any, lines: Any
) -> None:
    company("BOULANGERIE")
    index()
    client.get(f"{LIST}?q=boulangerie&page_size=5", headers={HEADER: ID})
    (line,) = lines()
    assert line["message"] == "request"
    assert (line["route"], line["method"], line["status"]) == ("api-entreprises", "GET", 200)
    assert (line["request"], line["engine"], line["queries"]) == (ID, "tantivy", 1)
    assert line["ms"] >= line["sql_ms"] > 0
    assert line["params"] == {"q": 11, "page_size": 1}


def test_a_slow_request_and_a_slow_statement_say_so(
    client: Client, settings: Any, db: None, lines: Any
) -> None:
    settings.SLOW_REQUEST_MS = settings.SLOW_QUERY_MS = 0
    client.get("/api/villes/69123/", headers={HEADER: ID})
    statement, request = lines()
    assert (statement["message"], statement["level"]) == ("slow query", "WARNING")
    assert statement["statement"].startswith("SELECT ")
    assert (request["message"], request["level"]) == ("slow request", "WARNING")
    assert statement["request"] == request["request"] == ID


TYPED = "jeanne-mystere"


@pytest.mark.parametrize(
    "address",
    [
        f"{LIST}?q={TYPED}",
        f"{LIST}?{TYPED}=1",
        f"{LIST}{TYPED}/",
        f"/api/villes/{TYPED}/",
        f"/{TYPED}/?q={TYPED}",
        f"/api/suggestions/?q={TYPED}",
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_what_was_typed_is_nowhere_in_the_log(
    db: None, settings: Any, lines: Any, address: str, broken: bool
) -> None:
    settings.SLOW_REQUEST_MS = settings.SLOW_QUERY_MS = 0

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    client = Client(raise_request_exception=False, REMOTE_ADDR="198.51.100.7")
    if broken:
        with connection.execute_wrapper(fail):
            client.get(address)
    else:
        client.get(address)
    written = json.dumps(lines())
    assert lines()
    assert TYPED not in written
    assert "198.51" not in written


def test_a_failure_has_its_id_in_every_line_and_in_the_answer(db: None, lines: Any) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with connection.execute_wrapper(broken):
        answer = Client(raise_request_exception=False).get(LIST, headers={HEADER: ID})
    assert (answer.status_code, answer.json()["request_id"]) == (500, ID)
    failure, request = lines()
    assert "ZeroDivisionError" in failure["exception"]
    assert failure["message"] == "Internal Server Error: api-entreprises"
    assert (request["message"], request["level"]) == ("failed request", "ERROR")
    assert failure["request"] == request["request"] == ID


def test_a_database_that_is_gone_is_reported_once_with_its_id(client: Client, db: None, lines: Any) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        answer = client.get(LIST, headers={HEADER: ID})
    assert (answer.status_code, answer.json()["request_id"]) == (503, ID)
    assert [line["message"] for line in lines()] == ["The database does not answer: gone", "failed request"]
    assert {line["request"] for line in lines()} == {ID}


def test_a_probe_is_worth_no_line(client: Client, db: None, lines: Any) -> None:
    client.get("/health/live")
    assert lines() == []


def test_nothing_of_a_request_is_left_behind_it(client: Client, db: None) -> None:
    client.get(LIST)
    assert current() is None
    assert connection.execute_wrappers == []


def test_for_people_a_line_is_a_sentence_with_its_figures(client: Client, db: None) -> None:
    for lines in _written(TextFormatter(), str):
        client.get("/api/villes/", headers={HEADER: ID})
        assert "INFO foxreviews.request request method=GET status=200 ms=" in lines()
        assert lines().endswith(f"request={ID} route=api-villes\n")
