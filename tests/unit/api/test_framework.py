"""JSON as it is written, and the rate that a client is held to."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from django.utils.translation import gettext_lazy
from rest_framework.settings import api_settings

from foxreviews.api import framework
from foxreviews.api.framework import ALL_LOGINS, BodylessHead, LoginLimit, OrjsonRenderer
from foxreviews.api.rate_limit import RateLimit
from foxreviews.core import rate_limiter, rate_table
from foxreviews.core.rate_table import Rate


def test_dates_are_iso_8601_in_utc_with_their_microseconds() -> None:
    rendered = OrjsonRenderer().render(
        {"at": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "on": date(2026, 1, 2)}
    )
    assert rendered == b'{"at":"2026-01-02T03:04:05.000006Z","on":"2026-01-02"}'


def test_accents_are_written_as_they_are() -> None:
    assert OrjsonRenderer().render({"nom": "Œuvre"}) == '{"nom":"Œuvre"}'.encode()


def test_a_sentence_that_waits_for_its_language_is_written() -> None:
    assert OrjsonRenderer().render({"detail": gettext_lazy("Not found.")}) == b'{"detail":"Not found."}'


def test_what_has_no_json_form_is_an_error() -> None:
    with pytest.raises(TypeError):
        OrjsonRenderer().render({"x": object()})


def test_no_data_is_no_bytes() -> None:
    assert OrjsonRenderer().render(None) == b""


@pytest.fixture(autouse=True)
def _two_per_minute(settings: Any) -> None:
    rate_table.shared.cache_clear()
    settings.RATES = dict.fromkeys(("page", "search", "login"), Rate(2, 60))


def limited(query: str = "", **headers: str) -> HttpResponse:
    """What the middleware answers to a request, which a view would answer with 200."""
    limit = RateLimit(lambda request: limit.process_view(request, None) or HttpResponse())
    return limit(RequestFactory().get(f"/api/{query}", **headers))  # type: ignore[arg-type]


def allowed(query: str = "", **headers: str) -> bool:
    return limited(query, **headers).status_code == 200


def test_a_client_over_its_rate_is_refused_and_others_are_not() -> None:
    assert [allowed(REMOTE_ADDR="192.0.2.1") for _ in range(3)] == [True, True, False]
    assert allowed(REMOTE_ADDR="192.0.2.2")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.53", "::1", "::ffff:127.0.0.1"])
def test_who_comes_directly_from_this_machine_is_not_limited(address: str) -> None:
    assert all(allowed(REMOTE_ADDR=address) for _ in range(5))


def test_a_proxy_on_this_machine_that_is_not_declared_is_limited() -> None:
    """Its clients share one rate, which shows at once; without it they would share none."""
    answers = [allowed(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"192.0.2.{i}") for i in range(3)]
    assert answers == [True, True, False]


def test_an_address_that_the_client_wrote_itself_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    answers = [
        allowed(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{i}, 192.0.2.1") for i in range(3)
    ]
    assert answers == [True, True, False]


def test_clients_behind_a_declared_proxy_each_have_their_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    assert all(allowed(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"192.0.2.{i}") for i in range(5))


def test_one_address_spelled_in_two_ways_has_one_rate() -> None:
    spellings = ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"]
    assert [allowed(REMOTE_ADDR=address) for address in spellings] == [True, True, False]


def test_a_network_of_ipv6_is_one_client_and_an_address_of_ipv4_is() -> None:
    assert [allowed(REMOTE_ADDR=f"2001:db8:0:7::{n}") for n in range(1, 4)] == [True, True, False]
    assert allowed(REMOTE_ADDR="2001:db8:0:8::1")
    assert all(allowed(REMOTE_ADDR=f"192.0.2.{n}") for n in range(1, 4))


def test_searches_have_a_rate_of_their_own() -> None:
    searches = [allowed("?q=fox", REMOTE_ADDR="192.0.2.1") for _ in range(3)]
    assert (searches, allowed(REMOTE_ADDR="192.0.2.1")) == ([True, True, False], True)


def test_a_client_is_told_how_much_is_left(settings: Any) -> None:
    settings.RATES = {"page": Rate(2, 60)}
    answers = [limited(REMOTE_ADDR="192.0.2.1") for _ in range(3)]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"page";q=2;w=60'}
    assert [answer["RateLimit"] for answer in answers] == [
        '"page";r=1;t=30',
        '"page";r=0;t=60',
        '"page";r=0;t=30',
    ]
    assert [answer.get("Retry-After") for answer in answers] == [None, None, "30"]


def test_a_view_may_have_a_rate_of_its_own(settings: Any) -> None:
    class Lots:
        cls = type("LotsView", (), {"rate": "lots"})

    settings.RATES = {"lots": Rate(1, 60)}
    limit = RateLimit(lambda request: limit.process_view(request, Lots) or HttpResponse())
    asked = [limit(RequestFactory().get("/api/lots/", REMOTE_ADDR="192.0.2.1")) for _ in range(2)]
    assert [answer.status_code for answer in asked] == [200, 429]


def log_in(username: str, address: str = "192.0.2.1", status: int = 200) -> int:
    """The status of an attempt, where Django answers with `status`: 302 as after the right password."""
    limit = LoginLimit(lambda request: limit.process_view(request) or HttpResponse(status=status))
    request = RequestFactory().post("/admin/login/", {"username": username}, REMOTE_ADDR=address)
    request.resolver_match = resolve("/admin/login/")
    return limit(request).status_code


@pytest.fixture
def _unlimited_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framework, "ALL_LOGINS", Rate(1000, 1))


@pytest.mark.usefixtures("_unlimited_in_all")
def test_attempts_to_log_in_are_limited_also_on_this_machine() -> None:
    assert [log_in(f"name {n}", "127.0.0.1") for n in range(3)] == [200, 200, 429]


@pytest.mark.usefixtures("_unlimited_in_all")
def test_an_account_is_limited_over_all_addresses() -> None:
    assert [log_in("Root" if n else "root", f"192.0.2.{n}") for n in range(3)] == [200, 200, 429]


def test_strangers_from_everywhere_do_not_take_the_time_of_searches() -> None:
    answers = [log_in(f"name {n}", f"198.51.100.{n}") for n in range(ALL_LOGINS.count + 1)]
    assert answers == [200] * ALL_LOGINS.count + [429]


def test_who_knows_the_password_is_not_limited() -> None:
    assert [log_in("root", status=302) for _ in range(2 * ALL_LOGINS.count)] == [302] * 2 * ALL_LOGINS.count


def test_who_is_refused_for_others_has_not_tried() -> None:
    for n in range(ALL_LOGINS.count):
        log_in(f"name {n}", f"198.51.100.{n}")
    assert [log_in("root") for _ in range(5)] == [429] * 5
    rate_limiter.give_back("logins", ALL_LOGINS)
    assert log_in("root") == 200


def test_the_page_to_log_in_has_the_rate_of_a_page_also_on_this_machine() -> None:
    limit = LoginLimit(lambda request: limit.process_view(request) or HttpResponse())
    request = RequestFactory().get("/admin/login/")
    request.resolver_match = resolve("/admin/login/")
    assert [limit(request).status_code for _ in range(3)] == [200, 200, 429]


def test_what_is_no_address_has_one_rate() -> None:
    assert [allowed(REMOTE_ADDR="") for _ in range(3)] == [True, True, False]


def test_a_head_has_the_headers_of_a_get_and_no_body() -> None:
    def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"12345", headers={"Content-Length": "5"})

    asked, requests = BodylessHead(answer), RequestFactory()
    got, headed = asked(requests.get("/")), asked(requests.head("/"))
    assert (got.content, headed.content) == (b"12345", b"")
    assert got.headers == headed.headers
