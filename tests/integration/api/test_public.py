"""What is the same for all may be kept by all, until the dataset changes; nothing else may be kept by anybody."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from foxreviews.api import public as caching
from foxreviews.api.public import public
from foxreviews.core import rate_table, sql
from foxreviews.core.rate_table import Rate
from foxreviews.search import version
from foxreviews.search.engines import postgres

Company = Callable[..., Any]
PAGE = "/api/entreprises/"
ADDRESSES = (
    *(
        "/",
        "/recherche?q=x",
        "/en/",
        "/api/",
        PAGE,
        "/api/etablissements/",
        "/api/villes/",
        "/api/suggestions/?q=fox",
    ),
    *("/api/schema/", "/api/entreprises/?q=fox&facets=departement"),
)
PUBLIC = "public, max-age=10, s-maxage=10, stale-while-revalidate=10, stale-if-error=600"


@pytest.fixture
def keeps(settings: Any) -> None:
    """With a cache in the process."""
    settings.CACHE_MEMORY = 1


@pytest.fixture
def statements() -> Any:
    """statements(): how many were sent since, but for those that look up the version."""
    sent: list[str] = []

    def note(execute: Any, statement: str, *rest: Any) -> Any:
        sent.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(note):
        yield lambda: len(sent)


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_the_same_for_all_may_be_kept_for_seconds(
    company: Company, client: Client, address: str
) -> None:
    company("FOX")
    response = client.get(address)
    assert response.status_code == 200
    assert response["Cache-Control"] == PUBLIC
    assert re.fullmatch(r"\d+-[0-9a-f]{8}", response["X-Dataset-Version"])
    assert response["ETag"].startswith('W/"')
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_the_answer_is_told_so_before_any_table_is_read(
    company: Company, client: Client, address: str, statements: Callable[[], int]
) -> None:
    company("FOX")
    first = client.get(address)
    asked = statements()
    again = client.get(address, headers={"If-None-Match": f'"other", {first["ETag"]}'})
    assert (again.status_code, again.content, statements()) == (304, b"", asked)
    assert {name: again[name] for name in ("ETag", "Cache-Control", "X-Dataset-Version")} == {
        name: first[name] for name in ("ETag", "Cache-Control", "X-Dataset-Version")
    }
    assert again.get("Vary") == first.get("Vary")
    company("OWL")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_nginx_and_clients_may_write_the_tag_as_a_strong_one(company: Company, client: Client) -> None:
    tag = client.get(PAGE)["ETag"]
    assert client.get(PAGE, headers={"If-None-Match": tag.removeprefix("W/")}).status_code == 304
    assert client.get(PAGE, headers={"If-None-Match": "*"}).status_code == 200
    assert client.get(PAGE, headers={"If-None-Match": "nonsense"}).status_code == 200


def test_another_address_host_or_form_is_another_answer(company: Company, client: Client) -> None:
    tags = {
        client.get(PAGE)["ETag"],
        client.get(f"{PAGE}?page_size=2")["ETag"],
        client.get(PAGE, headers={"Host": "127.0.0.1"})["ETag"],
        client.get(PAGE, headers={"Accept": "application/json"})["ETag"],
    }
    assert len(tags) == 4


def test_a_date_counts_where_there_is_no_tag_and_once_its_second_is_over(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    company("FOX")
    assert "Last-Modified" not in client.get(PAGE)
    monkeypatch.setattr(caching, "SETTLED_SECONDS", -1.0)
    first = client.get(PAGE)
    since = first["Last-Modified"]
    assert client.get(PAGE, headers={"If-Modified-Since": since}).status_code == 304
    assert (
        client.get(PAGE, headers={"If-Modified-Since": since, "If-None-Match": '"other"'}).status_code == 200
    )
    assert client.get(PAGE, headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}).status_code == 200
    assert client.get(PAGE, headers={"If-Modified-Since": "yesterday"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/entreprises/?page_size=0", 400),
        ("/api/entreprises/732829320/", 404),
        ("/api/nothing/", 404),
        ("/nothing", 404),
        ("/admin/login/", 200),
        ("/admin/", 302),
        ("/api/lots/", 405),
    ],
)
def test_what_is_not_for_all_is_kept_by_nobody(client: Client, db: None, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert "no-store" in response["Cache-Control"]
    assert "ETag" not in response


@pytest.mark.usefixtures("keeps")
def test_a_list_that_took_too_long_to_count_is_kept_by_nobody(
    company: Company, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A calmer moment counts it."""
    settings.SEARCH_ENGINE = "postgres"
    company("FOX")
    try_to = postgres.Time.try_to

    def busy(time: postgres.Time, _ask: object) -> Any:
        return try_to(time, lambda: sql.value("SELECT pg_sleep(600)"))

    address = f"{PAGE}?q=fox"
    with monkeypatch.context() as patch:
        patch.setattr(postgres.Time, "try_to", busy)
        patch.setattr(postgres, "ATTEMPTS", [(200, walk) for _, walk in postgres.ATTEMPTS])
        first = client.get(address)
    assert (first.status_code, first.json()["total"], first["Cache-Control"]) == (200, None, "no-store")
    assert "ETag" not in first
    second = client.get(address)
    assert (second.json()["total"], second["Cache-Control"]) == (1, PUBLIC)


def test_a_refusal_is_kept_by_nobody_also_for_who_has_the_answer(
    company: Company, client: Client, settings: Any
) -> None:
    company("FOX")
    tag = client.get(PAGE)["ETag"]
    settings.RATES = {"page": Rate(1, 60)}
    rate_table.shared.cache_clear()
    asked = [
        client.get(PAGE, headers={"If-None-Match": tag}, REMOTE_ADDR="192.0.2.9")  # type: ignore[arg-type]
        for _ in range(2)
    ]
    assert [answer.status_code for answer in asked] == [304, 429]
    assert asked[0]["RateLimit"] == '"page";r=0;t=60'
    assert asked[1]["Cache-Control"] == "no-store"


def test_a_database_that_is_away_is_kept_by_nobody(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        response = client.get(PAGE)
    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
    monkeypatch.setattr(version, "read_version", gone)
    version._watch.cache_clear()
    unknown = client.get(PAGE)
    version._watch.cache_clear()
    assert (unknown.status_code, unknown["Cache-Control"]) == (200, "no-store")


@pytest.mark.usefixtures("keeps")
@pytest.mark.parametrize("address", [PAGE, "/api/villes/", "/api/suggestions/?q=fox", "/api/etablissements/"])
def test_a_first_page_is_answered_without_the_database_until_something_changes(
    company: Company,
    client: Client,
    address: str,
    statements: Callable[[], int],
    index: Callable[[], None],
) -> None:
    company("FOX")
    index()
    first = client.get(address)
    asked = statements()
    again = client.get(address)
    assert (again.content, statements()) == (first.content, asked)
    same = ("Content-Type", "ETag", "Cache-Control", "Vary", "Allow", "Content-Security-Policy")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert again["X-Request-ID"] != first["X-Request-ID"]
    company("FOXY")
    assert client.get(address).status_code == 200
    assert statements() > asked


@pytest.mark.usefixtures("keeps")
def test_who_is_hidden_is_in_no_kept_answer(company: Company, client: Client) -> None:
    fox = company("RENARD ODETTE", categorie_juridique="1000")
    assert "RENARD" in client.get(PAGE).content.decode()
    fox.statut_diffusion = "P"
    fox.save()
    assert "RENARD" not in client.get(PAGE).content.decode()


@pytest.mark.usefixtures("keeps")
def test_a_page_further_on_is_not_kept(
    company: Company, client: Client, statements: Callable[[], int]
) -> None:
    for n in range(3):
        company(f"FOX {n}")
    following = client.get(PAGE, {"page_size": 1}).json()["next"]
    client.get(following)
    asked = statements()
    client.get(following)
    assert statements() > asked


def made(response: HttpResponse, settings: Any, **headers: str) -> HttpResponse:
    """What a public view answers that makes this response."""
    request = RequestFactory().get("/page/", headers=headers or None)
    return public(lambda _request: response, kept=True, vary=["Accept-Language"])(request)


def test_a_page_may_depend_on_the_language_of_the_browser(db: None, settings: Any) -> None:
    french, english = (
        made(HttpResponse("x"), settings, **{"Accept-Language": each}) for each in ("fr", "en")
    )
    assert french["ETag"] != english["ETag"]
    assert french["Vary"] == "Accept-Language"


@pytest.mark.usefixtures("keeps")
def test_an_answer_with_a_cookie_is_its_client_s_alone(db: None, settings: Any) -> None:
    response = HttpResponse("x")
    response.set_cookie("name", "value")
    assert "Cache-Control" not in made(response, settings)
    assert made(HttpResponse("y"), settings).content == b"y"


@pytest.mark.usefixtures("keeps")
def test_who_shows_a_key_is_answered_alone(company: Company, client: Client) -> None:
    company("FOX")
    client.get(PAGE)
    response = client.get(PAGE, headers={"Authorization": "Bearer key"})
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")


@pytest.mark.usefixtures("keeps")
def test_no_rows_that_are_older_than_the_version_are_kept_under_it(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    company("FOX")
    required: list[Any] = []
    monkeypatch.setattr(caching.routing, "require", required.append)
    client.get(PAGE)
    seen = version.version()
    assert seen is not None
    assert seen.read_up_to in required
