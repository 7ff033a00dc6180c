"""Each switch of docs/howto/grow.md is known to the commands that check, and to the example of a server's settings."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from foxreviews.ops import partition, replicas
from foxreviews.search.cluster import connection
from tests.integration.ops.conftest import Check

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize("command", ["preflight", "verify", "doctor"])
def test_a_switch_whose_server_is_away_is_reported(
    check: Check, settings: Any, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    settings.CACHE_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.SEARCH_ENGINE, settings.OPENSEARCH_URL = "opensearch", ["http://127.0.0.1:1"]
    settings.REPLICA_WEIGHTS = {"replica_1": 1}
    connection.cluster.cache_clear()

    def away(_alias: str) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr(replicas, "_look", away)
    monkeypatch.setattr(partition, "is_begun", lambda: True)
    found = check(command)
    for subject in ("cache", "broker", "search cluster", "replica_1", "partitions begun"):
        assert found[subject]["severity"] in {"warning", "error"}, subject


def test_the_setting_of_each_step_stands_in_the_example() -> None:
    table = (CHECKOUT / "docs" / "howto" / "grow.md").read_text()
    named = set(re.findall(r"\| `(?:manage\.py )?([A-Z_a-z]+)`", table))
    assert named >= {
        "CACHE_URL",
        "STATIC_URL",
        "DATABASE_REPLICA_URLS",
        "CELERY_BROKER_URL",
        "partition_entreprises",
    }
    example = (CHECKOUT / "deploy" / "foxreviews.env.example").read_text()
    assert not [name for name in named if name.isupper() and name not in example]
