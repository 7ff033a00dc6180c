"""Whatever goes wrong under /api/ is answered with problem+json."""

from contextlib import closing
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from foxreviews.core import rate_table
from foxreviews.core.rate_table import Rate


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = dict(response.json())
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/entreprises/732829320/x/", "/api/x%00/", "/api/é/"])
def test_an_unknown_address_is_404(client: Client, db: None, path: str) -> None:
    assert "/api/ lists the addresses" in problem(client.get(path), 404, "not-found")["detail"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_method_that_no_route_has_is_405_with_those_it_has(client: Client, db: None, method: str) -> None:
    response = getattr(client, method)("/api/villes/", data={}, content_type="application/json")
    error = problem(response, 405, "method-not-allowed")
    assert error["detail"] == f"{method.upper()} is not answered here, only GET, HEAD, OPTIONS."
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_a_form_that_we_do_not_write_is_406(client: Client, db: None) -> None:
    error = problem(client.get("/api/entreprises/", headers={"accept": "text/csv"}), 406, "not-acceptable")
    assert "application/json" in error["detail"]


def test_a_browser_s_accept_is_answered(client: Client, db: None) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get("/api/entreprises/", headers={"accept": accept}).status_code == 200


def test_too_many_requests_are_429_with_when_to_come_back(client: Client, db: None, settings: Any) -> None:
    settings.RATES = dict.fromkeys(settings.RATES, Rate(1, 60))
    rate_table.shared.cache_clear()
    client.get("/api/entreprises/", REMOTE_ADDR="192.0.2.9")
    response = client.get("/api/entreprises/", REMOTE_ADDR="192.0.2.9")
    problem(response, 429, "too-many-requests")
    assert 0 < int(response["Retry-After"]) <= 61


def test_a_database_that_is_gone_is_503_for_clients_and_a_cause_for_the_log(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*args: Any) -> None:
        raise OperationalError('connection to server at "10.0.0.7" failed: password')

    with connection.execute_wrapper(gone):
        response = client.get("/api/entreprises/")
    assert "10.0.0.7" not in str(problem(response, 503, "database-unavailable"))
    assert int(response["Retry-After"]) > 0
    assert "10.0.0.7" in caplog.text


def test_an_unforeseen_error_is_500_without_internals(db: None) -> None:
    def broken(*args: Any) -> None:
        raise ZeroDivisionError("secret internals")

    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(broken):
        response = client.get("/api/entreprises/")
    assert "secret" not in str(problem(response, 500, "internal-error"))
    assert "ZeroDivisionError" not in response.content.decode()


def test_a_thousand_parameters_are_400(client: Client, db: None) -> None:
    query = "&".join(f"p{n}=1" for n in range(1_001))
    problem(client.get(f"/api/entreprises/?{query}"), 400, "malformed-request")


def test_an_unknown_host_is_400(client: Client, db: None) -> None:
    problem(client.get("/api/entreprises/", headers={"host": "evil.example"}), 400, "malformed-request")


def test_errors_outside_the_api_are_pages(client: Client, db: None) -> None:
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_the_index_lists_addresses_that_answer(client: Client, db: None) -> None:
    addresses = client.get("/api/").json()
    for name in ("entreprises", "schema", "docs"):
        assert addresses[name].startswith("http://testserver/api/")
        assert client.get(addresses[name], headers={"accept": "*/*"}).status_code == 200


def test_the_documentation_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    client: Client, db: None
) -> None:
    response = client.get("/api/docs/")
    page = response.content.decode()
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert "://" not in page
    assert "<style" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])
    for address in ("/api/docs/?script=", "/static/api/docs.css"):
        with closing(client.get(address)) as answer:
            assert answer.status_code == 200


def test_the_schema_is_json_and_yaml_for_who_asks(client: Client, db: None) -> None:
    assert client.get("/api/schema/").json()["openapi"].startswith("3.")
    answer = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi"})
    assert answer.content.startswith(b"openapi: 3.")


@pytest.mark.parametrize(
    ("parameter", "value"), [("region", "Bretagne"), ("departement", "Loire-Atlantique")]
)
def test_the_error_on_the_name_of_a_place_instead_of_its_code_explains_codes(
    client: Client, db: None, parameter: str, value: str
) -> None:
    error = problem(client.get("/api/villes/", {parameter: value}), 400, "invalid-parameters")
    assert f"{value} is not the code of a " in error["detail"]


def test_the_error_on_what_is_too_long_says_how_long_it_may_be(client: Client, db: None) -> None:
    error = problem(client.get("/api/villes/", {"q": "a" * 101}), 400, "invalid-parameters")
    assert error["detail"] == "q: It is longer than 100 characters."


@pytest.mark.parametrize(
    "address", ["/api/entreprises/?facets=", "/api/villes/?q=", "/api/villes/?code_postal="]
)
def test_the_error_on_a_parameter_without_a_value_says_what_to_do(
    client: Client, db: None, address: str
) -> None:
    error = problem(client.get(address), 400, "invalid-parameters")
    assert "Give a value, or leave the parameter out." in error["detail"]


@pytest.mark.parametrize(
    "address", ["/api/entreprises/?q=a%00", "/api/villes/?q=a%00", "/api/suggestions/?q=a%00"]
)
def test_the_error_on_a_nul_character_says_what_to_do(client: Client, db: None, address: str) -> None:
    assert problem(client.get(address), 400, "invalid-parameters")["detail"].endswith("take it out.")


def test_a_parameter_of_an_address_that_takes_none_is_an_error(client: Client, db: None) -> None:
    error = problem(client.get("/api/entreprises/732829320/?foo=1"), 400, "invalid-parameters")
    assert error["detail"] == "foo: There is no such parameter. This address takes none."
