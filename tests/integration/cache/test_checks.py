"""What the health of a server, preflight, verify and doctor say of Redis."""

import json
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from foxreviews.core import redis_server
from foxreviews.core.findings import Severity
from foxreviews.ops import cache
from foxreviews.telemetry import health
from tests.redis_process import RedisProcess


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "PATIENCE", 60.0)
    redis_server._server_of.cache_clear()


@pytest.fixture
def url(redis_process: RedisProcess, settings: Any) -> str:
    settings.CACHE_URL = redis_process.url
    return redis_process.url


def test_without_the_setting_nothing_is_asked_or_said(db: None) -> None:
    assert "cache" not in {each.subject for each in health.look()}


@pytest.mark.usefixtures("url")
def test_a_redis_that_is_away_is_a_warning_and_the_server_is_ready(
    db: None, redis_process: RedisProcess
) -> None:
    def severity() -> Severity:
        return next(each.severity for each in health.look() if each.subject == "cache")

    assert severity() is Severity.OK
    redis_process.kill()
    assert severity() is Severity.WARNING
    assert [each.severity for each in cache.check()] == [Severity.WARNING]


def _subjects(command: str) -> set[str]:
    out = StringIO()
    with suppress(SystemExit):
        call_command(command, json=True, stdout=out)
    return {each["subject"] for each in json.loads(out.getvalue())["findings"]}


@pytest.mark.parametrize("command", ["preflight", "verify", "doctor"])
def test_the_checks_know_it_where_it_is_switched_on(
    db: None, redis_process: RedisProcess, settings: Any, command: str
) -> None:
    assert "cache" not in _subjects(command)
    settings.CACHE_URL = redis_process.url
    assert "cache" in _subjects(command)


@pytest.mark.usefixtures("url")
def test_doctor_wants_a_limit_and_a_policy_that_forgets(redis_process: RedisProcess) -> None:
    def severity() -> Severity:
        (found,) = cache.check()
        return found.severity

    assert severity() is Severity.WARNING
    redis_process.client.config_set("maxmemory", "256mb")
    assert severity() is Severity.WARNING
    redis_process.client.config_set("maxmemory-policy", "volatile-lru")
    assert severity() is Severity.OK
    redis_process.client.config_set("maxmemory", 0)
    redis_process.client.config_set("maxmemory-policy", "noeviction")
