"""What Prometheus reads: what happened is counted, by route and never by address; and all of it is documented."""

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from foxreviews.core.postgresql import replicas
from foxreviews.core.trace import ANSWERED
from foxreviews.importing.models import ImportRun
from foxreviews.search.errors import IndexFailedError
from foxreviews.telemetry.metrics import METRICS, REPLICAS
from foxreviews.workers.models import TaskRun

CHECKOUT = Path(__file__).parents[3]
LIST = "/api/entreprises/"


class Figures:
    """One answer of /metrics."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        found = [each for each in self.samples if each.name == name and each.labels.items() >= labels.items()]
        return sum(each.value for each in found)


@pytest.fixture
def figures(client: Client, db: None) -> Callable[[], Figures]:
    return lambda: Figures(client.get("/metrics").content.decode())


Read = Callable[[], Figures]


def test_a_request_is_counted_by_its_route_method_and_status(client: Client, figures: Read) -> None:
    labels = {"route": "api-entreprises", "method": "GET", "status": "400"}
    before = figures()
    client.get(f"{LIST}?departements=75")
    after = figures()
    for name in ("foxreviews_request_seconds_count", "foxreviews_request_seconds_bucket"):
        assert after.value(name, le="+Inf", **labels) - before.value(name, le="+Inf", **labels) == (
            1 if "bucket" in name else 0
        )
    assert after.value("foxreviews_request_seconds_count", **labels) == (
        before.value("foxreviews_request_seconds_count", **labels) + 1
    )


def test_statements_are_counted(client: Client, figures: Read) -> None:
    before = figures().value("foxreviews_sql_queries_total", route="api-entreprises")
    client.get(LIST)
    assert figures().value("foxreviews_sql_queries_total", route="api-entreprises") == before + 1
    assert figures().value("foxreviews_sql_seconds_total", route="api-entreprises") > 0


def test_no_address_and_no_invented_method_makes_a_series(client: Client, figures: Read) -> None:
    for n in range(3):
        client.get(f"/what/ever/{n}/")
        client.get(f"/api/villes/{n}0000/")
        client.generic(f"BREW{n}", LIST)
    client.get(LIST)
    seen = figures()
    labels = {value for sample in seen.samples for value in sample.labels.values()}
    assert {"none", "api-ville", "other"} <= labels
    assert not any("/" in value or value.startswith("BREW") for value in labels)


def test_a_search_is_timed_by_the_engine_that_answered(
    client: Client, figures: Read, company: Callable[..., Any], index: Callable[[], None]
) -> None:
    company("BOULANGERIE")
    index()
    before = figures()
    client.get(f"{LIST}?q=boulangerie")
    client.get("/api/suggestions/?q=boul")
    client.get(f"{LIST}?q=732829320")  # which the index leaves to PostgreSQL: one search all the same
    after = figures()
    for engine, times in (("tantivy", 3), ("postgres", 0)):
        name = "foxreviews_search_seconds_count"
        assert after.value(name, engine=engine) - before.value(name, engine=engine) == times


def test_a_fallback_is_counted_with_why(
    client: Client,
    figures: Read,
    company: Callable[..., Any],
    index: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "foxreviews_search_fallbacks_total"
    before = figures()
    client.get(f"{LIST}?q=boulangerie")  # there is no index
    assert figures().value(name, why="not-ready") == before.value(name, why="not-ready") + 1
    company("BOULANGERIE")
    index()

    def damaged(*_: Any, **__: Any) -> None:
        raise IndexFailedError("damaged")

    monkeypatch.setattr("foxreviews.search.engines.tantivy.TantivyIndex.counted", damaged)
    client.get(f"{LIST}?q=boulangerie")
    assert figures().value(name, why="failed") == before.value(name, why="failed") + 1


def test_the_size_of_the_directory_is_estimated_and_no_row_counted(
    figures: Read, company: Callable[..., Any]
) -> None:
    company("FOX")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enterprise_entreprise")
    sent: list[str] = []

    def seen(execute: Any, statement: Any, *rest: Any) -> Any:
        sent.append(str(statement))
        return execute(statement, *rest)

    with connection.execute_wrapper(seen):
        now = figures()
    assert now.value("foxreviews_rows", table="enterprise_entreprise") == 1
    assert now.value("foxreviews_database_up") == 1
    assert not any(re.search(r"count\(\*\)\s+FROM\s+\W*enterprise", text, re.IGNORECASE) for text in sent)


def test_the_last_import_tells_its_age_and_its_rejects(figures: Read) -> None:
    at = dt.datetime(2026, 3, 1, 4, 15, tzinfo=dt.UTC)
    ImportRun.objects.create(
        source="a.csv", status="done", finished_at=at, report={"created": 7, "rejected": 2}
    )
    now = figures()
    assert now.value("foxreviews_last_import_timestamp_seconds") == at.timestamp()
    assert now.value("foxreviews_last_import_records", outcome="rejected") == 2
    assert now.value("foxreviews_last_import_failed") == 0
    ImportRun.objects.create(source="b.csv", status="failed")
    assert figures().value("foxreviews_last_import_failed") == 1
    assert figures().value("foxreviews_last_import_timestamp_seconds") == at.timestamp()


def test_without_a_database_the_figures_say_so_and_come_all_the_same(client: Client, db: None) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        answer = client.get("/metrics")
    now = Figures(answer.content.decode())
    assert answer.status_code == 200
    assert now.value("foxreviews_database_up") == 0
    assert now.value("foxreviews_disk_bytes", volume="logs") > 0
    assert "foxreviews_rows" not in now.families


def documented() -> dict[str, tuple[str, set[str]]]:
    """Each metric of the reference with its type and labels."""
    page = (CHECKOUT / "docs" / "reference" / "metrics.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|([^|]*)\|", page, re.MULTILINE)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


@pytest.fixture
def everything(
    client: Client, figures: Read, index: Callable[[], None], settings: Any, tmp_path: Path, monkeypatch: Any
) -> Figures:
    """The figures where there is something of everything."""
    from foxreviews.search.lag import Lag
    from foxreviews.telemetry import gauges

    index()
    client.get(f"{LIST}?q=boulangerie")
    ImportRun.objects.create(
        source="a.csv", status="done", finished_at=dt.datetime.now(dt.UTC), report={"created": 7}
    )
    monkeypatch.setattr(gauges, "read_lag", lambda: Lag(""))
    settings.SEARCH_ENGINE = "opensearch"
    monkeypatch.setattr(gauges, "list_backups", lambda _folder: [SomeBackup()])
    settings.REPLICA_WEIGHTS = {"replica-1": 1}
    monkeypatch.setattr(replicas.Server, "look_on", lambda _server: None)
    monkeypatch.setattr(replicas, "guard", guard := replicas.Guard())
    guard.replicas[0].look = guard.primary.look = replicas.Look(row=SomeLook)
    REPLICAS.labels("replica-1", ANSWERED).inc()
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(gauges.workers, "queue_length", lambda: 3)
    for state in ("running", "done"):
        TaskRun.objects.create(
            id=uuid.uuid4(), name="backup", state=state, finished_at=dt.datetime.now(dt.UTC)
        )
    return figures()


class SomeLook:
    position, is_standby = 1_000, True


class SomeBackup:
    is_complete, bytes, made_at = True, 10, dt.datetime.now(dt.UTC)

    class drill:  # noqa: N801 - an attribute of a backup
        held, at = True, "2026-03-01T04:15:00+00:00"


def test_every_metric_is_documented_with_its_labels_and_every_documented_one_exists(
    everything: Figures,
) -> None:
    given = {}
    for family in everything.families.values():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        given[name] = (family.type, labels)
    for metric in METRICS:  # those of the pool come with a pool
        name = f"{metric._name}_total" if metric._type == "counter" else metric._name
        given.setdefault(name, (metric._type, set(metric._labelnames)))
    assert given == documented()
    assert len(given) > 20


def expressions() -> Iterator[str]:
    rules = yaml.safe_load((CHECKOUT / "deploy" / "prometheus" / "alerts.yml").read_text())
    yield from (rule["expr"] for group in rules["groups"] for rule in group["rules"])
    board = json.loads((CHECKOUT / "deploy" / "grafana" / "dashboard.json").read_text())
    yield from (target["expr"] for panel in board["panels"] for target in panel["targets"])


def test_alerts_and_dashboard_ask_for_metrics_and_labels_that_there_are() -> None:
    known = documented()
    count = 0
    for expression in expressions():
        for name, matchers in re.findall(r"\b(foxreviews_\w+)(?:\{([^}]*)\})?", expression):
            kind, labels = known[re.sub(r"_(bucket|sum|count)$", "", name)]
            assert (kind == "histogram") == bool(re.search(r"_(bucket|sum|count)$", name)), name
            assert set(re.findall(r"(\w+)\s*[=!]", matchers)) <= labels, expression
            count += 1
    assert count > 40


def test_every_alert_says_how_bad_it_is_and_what_it_means() -> None:
    rules = yaml.safe_load((CHECKOUT / "deploy" / "prometheus" / "alerts.yml").read_text())
    page = (CHECKOUT / "docs" / "howto" / "monitor.md").read_text()
    for rule in rules["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]
        assert f"`{rule['alert']}`" in page
