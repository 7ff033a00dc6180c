"""What a load balancer and Prometheus see."""

import json
import shutil
from collections import namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from foxreviews.core.rate_table import Rate
from foxreviews.telemetry import health, probes
from foxreviews.telemetry.health import Health, look

Disk = namedtuple("Disk", "total used free")


@pytest.fixture(autouse=True)
def _look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_health", Health(look))


def found(client: Client, status: int) -> dict[str, Any]:
    answer = client.get("/health/ready")
    assert answer.status_code == status, answer.content
    body = answer.json()
    return {"status": body["status"]} | {each["subject"]: each["severity"] for each in body["checks"]}


def test_a_process_lives_without_a_database(client: Client) -> None:
    answer = client.get("/health/live")  # no db fixture: a query would fail
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_with_all_in_place_it_is_ready(client: Client, db: None, settings: Any) -> None:
    settings.SEARCH_ENGINE = "postgres"
    assert found(client, 200) == dict.fromkeys(("database", "migrations", "search index", "disk"), "ok") | {
        "status": "ready"
    }


def test_without_an_index_it_is_degraded_and_serves(client: Client, db: None) -> None:
    answer = found(client, 200)
    assert (answer["status"], answer["search index"]) == ("degraded", "warning")


def test_a_migration_that_the_database_has_not_seen_makes_it_unready(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")
    answer = found(client, 503)
    assert (answer["status"], answer["migrations"]) == ("unready", "error")


def test_a_migration_of_a_newer_program_is_no_harm(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('search', '9999', now())")
    assert found(client, 200)["migrations"] == "ok"


def test_an_empty_database_is_unready(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_migrations")
    assert found(client, 503)["migrations"] == "error"


def gone(*_: Any) -> None:
    raise OperationalError('connection to server at "10.0.0.7" failed: password')


def test_a_database_that_is_gone_makes_it_unready_and_is_not_described(client: Client, db: None) -> None:
    with connection.execute_wrapper(gone):
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert "10.0.0.7" not in answer.content.decode()


def test_a_full_disk_is_degraded(client: Client, db: None, settings: Any, monkeypatch: Any) -> None:
    settings.SEARCH_ENGINE = "postgres"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(100, 95, 5))
    answer = found(client, 200)
    assert (answer["status"], answer["disk"]) == ("degraded", "warning")


def test_a_look_is_good_for_every_probe_of_a_moment(client: Client, db: None, monkeypatch: Any) -> None:
    looks: list[int] = []
    health_ = Health(lambda: looks.append(1) or look())
    monkeypatch.setattr(probes, "_health", health_)
    monkeypatch.setattr(health, "FRESH_SECONDS", 1000.0)
    for _ in range(3):
        client.get("/health/ready")
    assert len(looks) == 1


def test_probes_of_a_look_that_hangs_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.01)
    ends, looks = Event(), []

    def hang() -> list[Any]:
        looks.append(1)
        ends.wait()
        return []

    with ThreadPoolExecutor(1) as executor:
        hanging = Health(hang, executor)
        try:
            found = [hanging.findings() for _ in range(3)]
        finally:
            ends.set()
    assert [finding.severity for (finding,) in found] == [health.Severity.ERROR] * 3
    assert len(looks) == 1


@pytest.mark.parametrize("address", ["/health/live", "/health/ready", "/metrics"])
def test_a_probe_needs_no_host_no_https_and_has_no_rate(db: None, settings: Any, address: str) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["annuaire.example"], True
    settings.RATES = dict.fromkeys(settings.RATES, Rate(1, 3600))
    for _ in range(3):
        answer = Client().get(address, headers={"host": "10.1.2.3:8000"})
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"


NEAR = ["127.0.0.1", "::1", "10.1.2.3", "192.168.7.7", "fd00::7", "::ffff:127.0.0.1", ""]
FAR = ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "nonsense"]


@pytest.mark.parametrize(
    ("address", "status"), [*((each, 200) for each in NEAR), *((each, 403) for each in FAR)]
)
def test_figures_are_for_this_machine_and_its_private_network(
    client: Client, db: None, address: str, status: int
) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == status
    assert ("checks" in client.get("/health/ready", REMOTE_ADDR=address).json()) == (status == 200)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_who_comes_through_a_proxy_is_not_near(client: Client, db: None, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403
    assert "checks" not in client.get("/health/ready", headers={header: "127.0.0.1"}).json()


def test_other_methods_and_addresses_are_not_probes(client: Client, db: None) -> None:
    assert client.post("/health/live").status_code == 404
    assert client.get("/health/nothing").status_code == 404


def test_the_index_that_lags_is_degraded(
    client: Client, company: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from foxreviews.search.lag import Lag

    monkeypatch.setattr(health, "read_lag", lambda: Lag("", 10, 7, 61.0))
    answer = client.get("/health/ready").json()
    (check,) = [each for each in answer["checks"] if each["subject"] == "search index"]
    assert answer["status"] == "degraded"
    assert check["found"] == "7 changes behind, the oldest 61 s old"
    assert json.dumps(check["fix"]) == '"manage.py search_status"'
