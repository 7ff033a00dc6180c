"""Where manage.py scaling reads: the log that the middleware writes, Prometheus, and the ledger of imports."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from foxreviews.core.logs import JsonFormatter
from foxreviews.importing.models import ImportRun
from foxreviews.ops.traffic import QUERIES, PrometheusError, from_log, from_prometheus
from tests.integration.ops.conftest import Check
from tests.shape import one_table


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The file to which the middleware writes, as in production."""
    path, logger = tmp_path / "web.log", logging.getLogger("foxreviews.request")
    handler = logging.FileHandler(path)
    handler.setFormatter(JsonFormatter())
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield path
    logger.removeHandler(handler)
    logger.setLevel(level)
    handler.close()


def test_the_lines_of_the_middleware_are_counted_by_what_was_asked(
    log: Path, client: Client, db: None
) -> None:
    for address in (
        "/api/entreprises/?q=boulangerie",
        "/api/villes/",
        "/health/live",
        "/nothing/",
        "/admin/login/",
    ):
        client.get(address)
    read = from_log("web.log", log.read_bytes().splitlines())
    assert (read.pages, read.searches, read.by_postgres) == (2, 1, 1), "there is no index in a test"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert read.search_ms == pytest.approx(sum(line.get("search_ms", 0) for line in lines))
    assert read.page_ms == pytest.approx(
        sum(line["ms"] for line in lines if line["route"].startswith("api-")) / 2
    )
    assert read.cpu is None


def line(hours: float, **fields: Any) -> bytes:
    at = datetime.now(UTC) - timedelta(hours=hours)
    given = {"time": at.isoformat(timespec="milliseconds"), "logger": "foxreviews.request", "method": "GET",
             "route": "api-entreprises", "ms": 10.0, "search_ms": 8.0, "engine": "tantivy"}  # fmt: skip
    return json.dumps(given | fields, separators=(",", ":")).encode()


def test_the_last_24_hours_are_counted_and_peaks_are_over_500_ms() -> None:
    read = from_log(
        "", [line(24.01, search_ms=900.0), line(23), line(1, search_ms=500.0), line(1, search_ms=500.1)]
    )
    assert (read.searches, read.peaks) == (3, 1)
    assert read.hours == pytest.approx(24, abs=0.01)
    assert from_log("", [line(2)]).hours == pytest.approx(2, abs=0.01)


def test_lines_of_other_programs_are_skipped() -> None:
    others = [
        b"",
        b"gunicorn started",
        b'"foxreviews.request" {',
        b'{"logger":"x","note":"foxreviews.request"}',
    ]
    assert from_log("", [*others, b"Nov 28 web[1]: " + line(1)]).searches == 1


def test_the_log_is_read_from_a_file_the_settings_or_standard_input(
    check: Check, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "web.log"
    path.write_bytes(b"\n".join(line(1) for _ in range(3)))
    assert "3 pages and 3 searches" in check("scaling", log=str(path))["requests"]["found"]
    settings.REQUEST_LOG = str(path)
    assert "3 pages and 3 searches" in check("scaling")["requests"]["found"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(line(1))))
    assert "1 pages and 1 searches" in check("scaling", log="-")["requests"]["found"]


def test_a_log_that_is_not_there_is_wrong_usage(db: None) -> None:
    with pytest.raises(CommandError, match="cannot be read") as failed:
        call_command("scaling", "--log", "/nowhere/web.log")
    assert failed.value.returncode == 2


def test_without_a_log_or_prometheus_requests_are_not_measured(check: Check) -> None:
    assert check("scaling")["requests"]["found"] == "not measured"


@one_table
def test_growth_comes_from_the_ledger_of_imports(check: Check) -> None:
    now = datetime.now(UTC)
    for days, created in ((73, 100_000), (43, 100_000), (13, 100_000), (400, 9)):
        ImportRun.objects.create(
            source="a.csv", status="done", finished_at=now - timedelta(days=days), report={"created": created}
        )
    ImportRun.objects.create(source="a.csv", status="failed", finished_at=now, report={"created": 999})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 4000000 WHERE relname = 'enterprise_entreprise'")
    figures = check("scaling")["growth"]["figures"]
    assert (figures["rows_a_year"], figures["created"]) == (1_000_000, 200_000)


class FakePrometheus(HTTPServer):
    """Answers /api/v1/query as Prometheus' documentation has it. No real Prometheus is in these tests."""

    values: dict[str, float] = {}
    body: bytes | None = None


class Handler(BaseHTTPRequestHandler):
    server: FakePrometheus

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)["query"][0]
        assert address.path == "/api/v1/query"
        name = next(name for name, text in QUERIES.items() if text == query)
        known = name in self.server.values
        vector = [{"metric": {}, "value": [1796000000.123, str(self.server.values[name])]}] if known else []
        answer = {"status": "success", "data": {"resultType": "vector", "result": vector}}
        body = self.server.body if self.server.body is not None else json.dumps(answer).encode()
        self.send_response(200 if self.server.body is None else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    with FakePrometheus(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def url(server: FakePrometheus) -> str:
    return f"http://127.0.0.1:{server.server_port}/"


def test_prometheus_is_asked_for_the_counts_of_metrics(
    check: Check, prometheus: FakePrometheus, settings: Any
) -> None:
    prometheus.values = {
        "hours": 24.0, "searches": 999.9, "search_seconds": 250.0, "within_peak": 900.1, "by_postgres": 0.0,
        "pages": 5_000.0, "page_seconds": 30.0, "cpu": 0.35,
    }  # fmt: skip
    settings.PROMETHEUS_URL = url(prometheus)
    found = check("scaling")
    assert "5,000 pages and 1,000 searches in 24 h" in found["requests"]["found"]
    assert found["search, mean"]["figures"] == {"ms": 250.0}
    assert found["search, over 500 ms"]["figures"]["searches"] == 100
    assert found["pages, mean"]["figures"] == {"ms": 6.0}
    assert found["CPU"]["figures"] == {"share": 0.35}
    assert found["answer"]["figures"]["answer"] == "move search to a cluster"


def test_what_prometheus_has_no_series_of_is_not_measured(prometheus: FakePrometheus) -> None:
    read = from_prometheus(url(prometheus))
    assert (read.cpu, read.search_ms, read.pages) == (None, None, 0)


def test_a_prometheus_that_refuses_or_is_silent_is_said(
    check: Check, prometheus: FakePrometheus, settings: Any
) -> None:
    prometheus.body = b'{"status":"error","errorType":"bad_data","error":"parse error"}'
    with pytest.raises(PrometheusError, match="parse error"):
        from_prometheus(url(prometheus))
    settings.PROMETHEUS_URL = "http://127.0.0.1:9"
    found = check("scaling")["requests"]
    assert (found["severity"], found["found"]) == ("warning", "not measured")
    assert "curl http://127.0.0.1:9/-/ready" in found["why"]


def test_the_queries_name_metrics_that_metrics_has(client: Client, db: None) -> None:
    client.get("/api/entreprises/?q=boulangerie")
    text = client.get("/metrics").content.decode()
    names = {name for query in QUERIES.values() for name in re.findall(r"foxreviews_\w+", query)}
    assert len(names) == 6
    assert not [name for name in names if f"\n{name}" not in text]


def test_it_says_what_is_switched_on(check: Check, settings: Any) -> None:
    off = check("scaling")["switches"]
    assert off["found"].startswith(("on: nothing; off: CACHE_URL", "on: partitions; off: CACHE_URL"))
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    assert check("scaling")["switches"]["found"].startswith("on: CACHE_URL")
    settings.CDN_SECONDS = 600
    assert check("scaling")["switches"]["found"].startswith("on: CACHE_URL, CDN")
