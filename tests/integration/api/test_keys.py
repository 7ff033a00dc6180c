"""Keys of clients of the API."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from foxreviews.core import rate_table
from foxreviews.core.rate_table import Rate

OFFICE, HOME = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def one_a_minute(settings: Any) -> None:
    rate_table.shared.cache_clear()
    settings.RATES = dict.fromkeys(settings.RATES, Rate(1, 60))
    settings.API_KEY_FACTOR = 2


def made(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("api_key", name)
    return capsys.readouterr().out.strip()


def asked(client: Client, address: str, key: str = "") -> Any:
    headers = {"X-Api-Key": key} if key else {}
    return client.get("/api/villes/", REMOTE_ADDR=address, headers=headers)


def test_a_key_has_its_own_rate_whatever_the_address(
    client: Client, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    key = made("of-its-own", capsys)
    assert asked(client, OFFICE).status_code == 200
    assert asked(client, OFFICE).status_code == 429
    answers = [asked(client, address, key) for address in (OFFICE, HOME, OFFICE)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"page";q=2;w=60'
    assert asked(client, HOME).status_code == 200


def test_a_key_that_is_not_known_is_refused_and_counts_for_its_address(
    client: Client, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asked(client, "192.0.2.3", made("altered", capsys) + "x")
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown-key")
    assert "X-Api-Key" in answer.json()["detail"]
    assert answer["WWW-Authenticate"] == "X-Api-Key"
    assert asked(client, "192.0.2.3", "é\x00").status_code == 429


def test_a_key_can_be_taken_back(
    client: Client, db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    key = made("gone", capsys)
    settings.API_KEYS_REVOKED = ["gone"]
    assert asked(client, "192.0.2.4", key).status_code == 401
    with pytest.raises(CommandError, match="gone-2"):
        call_command("api_key", "gone")


@pytest.mark.parametrize("name", ["", "Acme", "a b", "a.b", "x" * 41, "é"])
def test_a_name_is_a_word(name: str) -> None:
    with pytest.raises(CommandError, match="small letters"):
        call_command("api_key", name)
