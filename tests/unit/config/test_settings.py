"""A setting that cannot be meant is refused at the start, in a sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from csp.constants import SELF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from foxreviews.search.engine import ENGINES

CHECKOUT = Path(__file__).parents[3]

REFUSED = {
    "THROTTLE_RATE": "often",
    "THROTTLE_SEARCH_RATE": "0/min",
    "THROTTLE_LOGIN_RATE": "3/year",
    "THROTTLE_MATCH_RATE": "many",
    "TRUSTED_PROXIES": "²",
    "DATABASE_POOL_SIZE": "-1",
    "HTTPS": "maybe",
    "ALLOWED_HOSTS": "https://directory.example.org",
    "SEARCH_ENGINE": "elastic",
    "LOG_FORMAT": "xml",
    "DATABASE_URL": "nonsense://secret@host/name",
    "SLOW_QUERY_MS": "fast",
    "DATABASE_REPLICA_URLS": "postgresql://u:secret@host:port/name",
    "MAX_REPLICA_LAG": "2",
    "CACHE_URL": "http://secret@host/0",
    "CACHE_MEMORY": "16 MB",
    "CDN_SECONDS": "1.5",
    "STATIC_URL": "cdn.example.org",
    "CELERY_BROKER_URL": "amqp://secret@host",
    "DESCRIPTION_URL": "https://secret@example.org/v1",
    "DESCRIPTION_BUDGET": "-1",
    "OPENSEARCH_URL": "https://node1:9200,secret@node2",
    "OPENSEARCH_INDEX": "Foxreviews",
    "OPENSEARCH_CA_FILE": "/nowhere.pem",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_setting_is_refused_in_a_sentence_that_names_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "k")
    monkeypatch.setenv(name, REFUSED[name])
    source = Path(str(settings.BASE_DIR), "config", "settings.py")
    with pytest.raises(ImproperlyConfigured, match=f"^{name} ") as refused:
        exec(compile(source.read_text(), source, "exec"), {"__file__": str(source), "__name__": "again"})
    assert "secret" not in str(refused.value)


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """What the settings are with that environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    source = Path(str(settings.BASE_DIR), "config", "settings.py")
    found: dict[str, Any] = {"__file__": str(source), "__name__": "again"}
    exec(compile(source.read_text(), source, "exec"), found)
    return found


def test_without_replicas_there_is_nothing_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, DATABASE_POOL_SIZE="4")
    assert list(found["DATABASES"]) == ["default"]
    assert not any("replicas" in name for name in found["MIDDLEWARE"])


def test_each_replica_has_a_pool_and_a_watch_of_its_own_in_web_workers_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    urls = "postgresql://u@db2/name?weight=2,postgresql://u@db3:5433/name"
    found = read(monkeypatch, DATABASE_REPLICA_URLS=urls, DATABASE_POOL_SIZE="4")
    assert found["REPLICA_WEIGHTS"] == {"replica-1": 2, "replica-2": 1}
    watches = {each["OPTIONS"]["pool"]["connection_class"].watch.name for each in found["DATABASES"].values()}
    assert watches == {"PostgreSQL", "replica-1", "replica-2"}
    assert "weight" not in found["DATABASES"]["replica-1"]["OPTIONS"]
    assert found["MIDDLEWARE"][-1].endswith("ReadReplicas")
    found = read(monkeypatch, DATABASE_POOL_SIZE="0")
    assert not any("replicas" in name for name in found["MIDDLEWARE"])


@pytest.mark.parametrize("weight", ["0", "100", "half", "-1"])
def test_a_weight_that_is_none_is_refused(weight: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="a weight is a whole number from 1 to 99"):
        read(monkeypatch, DATABASE_REPLICA_URLS=f"postgresql://u@db2/name?weight={weight}")


def test_pages_may_load_files_from_the_cdn_that_is_set_and_from_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = read(monkeypatch, STATIC_URL="https://cdn.example.org/static/")
    directives = there["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert directives["default-src"] == [SELF, "https://cdn.example.org"]
    assert directives["img-src"] == [SELF, "data:", "https://cdn.example.org"]
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["default-src"] == [SELF]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_can_be_set(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCH_ENGINE", engine)
    monkeypatch.setenv("OPENSEARCH_URL", "https://user:a%40b@node1:9200, http://[::1]:9201/search")
    source = Path(str(settings.BASE_DIR), "config", "settings.py")
    exec(compile(source.read_text(), source, "exec"), {"__file__": str(source), "__name__": "again"})


def test_a_cluster_needs_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCH_ENGINE", "opensearch")
    monkeypatch.delenv("OPENSEARCH_URL", raising=False)
    source = Path(str(settings.BASE_DIR), "config", "settings.py")
    with pytest.raises(ImproperlyConfigured, match="OPENSEARCH_URL=https://node1:9200"):
        exec(compile(source.read_text(), source, "exec"), {"__file__": str(source), "__name__": "again"})


def test_the_web_server_says_it_without_a_traceback() -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "config/gunicorn.py",
            "--bind",
            "127.0.0.1:0",
            "config.wsgi",
        ],
        cwd=CHECKOUT,
        env=os.environ | {"THROTTLE_RATE": "often"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode
    assert "THROTTLE_RATE is a number and a time such as 1200/min" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_endpoint_needs_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCRIPTION_URL", "https://example.org/v1")
    source = Path(str(settings.BASE_DIR), "config", "settings.py")
    with pytest.raises(ImproperlyConfigured, match=r"^DESCRIPTION_MODEL is not set"):
        exec(compile(source.read_text(), source, "exec"), {"__file__": str(source), "__name__": "again"})
