"""A setting that cannot be meant is refused at the start, in a sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from foxreviews.search.engine import ENGINES

CHECKOUT = Path(__file__).parents[3]

REFUSED = {
    "THROTTLE_RATE": "often",
    "THROTTLE_SEARCH_RATE": "0/min",
    "THROTTLE_LOGIN_RATE": "3/year",
    "TRUSTED_PROXIES": "²",
    "DATABASE_POOL_SIZE": "-1",
    "HTTPS": "maybe",
    "ALLOWED_HOSTS": "https://directory.example.org",
    "SEARCH_ENGINE": "elastic",
    "LOG_FORMAT": "xml",
    "DATABASE_URL": "nonsense://secret@host/name",
    "SLOW_QUERY_MS": "fast",
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
