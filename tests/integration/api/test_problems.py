"""Whatever goes wrong under /api/ is answered with problem+json."""

from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
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


def test_more_than_a_thousand_parameters_are_400(client: Client, db: None) -> None:
    query = "&".join(f"p{n}=1" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
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


FRENCH = {"accept-language": "fr-FR,fr;q=0.9,en;q=0.5"}
# What goes wrong: address, other headers, status, code, and the French of it
REFUSED = (
    ("/api/nothing/", {}, 404, "not-found", "/api/nothing/ n’existe pas ici"),
    ("/api/entreprises/732829321/", {}, 404, "not-found", "Son dernier chiffre"),
    ("/api/entreprises/73282932A/", {}, 400, "invalid-siren", "Une entreprise est désignée par un SIREN"),
    ("/api/etablissements/73282932000074/", {}, 404, "not-found", "pas d’établissement dont le SIRET"),
    ("/api/villes/99999/", {}, 404, "not-found", "Aucune ville n’a le code INSEE 99999"),
    ("/api/entreprises/", {"accept": "text/csv"}, 406, "not-acceptable", "Les réponses sont en JSON"),
    ("/api/entreprises/", {"host": "evil.example"}, 400, "malformed-request", "La requête est mal formée"),
    (
        "/api/entreprises/?departemnt=69",
        {},
        400,
        "invalid-parameters",
        "Vouliez-vous dire departement\u202f?",
    ),
    ("/api/entreprises/?departement=00", {}, 400, "invalid-parameters", "n’est pas le code d’un département"),
    ("/api/entreprises/?is_active=x", {}, 400, "invalid-parameters", "C’est true ou false."),
    ("/api/entreprises/?naf=", {}, 400, "invalid-parameters", "Donnez une valeur"),
    ("/api/entreprises/?near=1,1&radius_km=x", {}, 400, "invalid-parameters", "Un nombre valide est requis."),
    ("/api/entreprises/?page_size=0", {}, 400, "invalid-parameters", "un nombre entier de 1 à 100"),
    ("/api/entreprises/?cursor=x", {}, 400, "invalid-cursor", "Ce curseur n’a pas été donné"),
    ("/api/entreprises/?q=", {}, 400, "empty-query", "Il n’y a rien à chercher"),
    (f"/api/entreprises/?q={'a' * 257}", {}, 400, "query-too-long", "au plus 256 caractères, celle-ci 257"),
    ("/api/entreprises/?ville=nulle-part", {}, 400, "invalid-parameters", "Aucune ville n’a le mot-clé"),
    ("/api/suggestions/", {}, 400, "invalid-parameters", "Donnez ce qui a été saisi"),
    ("/api/exports/villes.csv?excel=x", {}, 400, "invalid-parameters", "C’est true ou false."),
    ("/api/exports/villes.ods", {}, 404, "not-found", "n’existe pas ici"),
    ("/api/reconciliation/?queries=x", {}, 400, "invalid-parameters", "Ce n’est pas du JSON"),
)


@pytest.mark.parametrize(("address", "headers", "status", "code", "french"), REFUSED)
def test_a_problem_is_said_in_french_to_who_prefers_it_and_in_english_to_all_others(
    client: Client, db: None, address: str, headers: dict[str, str], status: int, code: str, french: str
) -> None:
    said = client.get(address, headers=headers | FRENCH)
    other = client.get(address, headers=headers | {"accept-language": "de, en;q=0.5"})
    in_french, in_english = problem(said, status, code), problem(other, status, code)
    assert french in in_french["detail"]
    assert in_french["title"] != in_english["title"]
    assert in_french["detail"] != in_english["detail"]
    assert [answer["Content-Language"] for answer in (said, other)] == ["fr", "en"]
    assert all("Accept-Language" in answer["Vary"] for answer in (said, other))
    assert problem(client.get(address, headers=headers), status, code) == in_english


def test_the_sentences_of_each_parameter_are_french_too(client: Client, db: None) -> None:
    error = problem(client.get("/api/entreprises/?naf=xyz&foo=1", headers=FRENCH), 400, "invalid-parameters")
    assert {name: sentences[0].split()[0] for name, sentences in error["errors"].items()} == {
        "foo": "Ce",
        "naf": "xyz",
    }
    assert "n’est ni un code NAF" in error["errors"]["naf"][0]


@pytest.mark.parametrize(
    ("asked", "status", "french"),
    [
        (("PUT", "/api/villes/", b"{}", "application/json"), 405, "PUT n’est pas accepté ici"),
        (("POST", "/api/lots/", b"{", "application/json"), 400, "Le corps n’est pas du JSON"),
        (("POST", "/api/lots/", b"[]", "application/json"), 400, "Le corps est un objet"),
        (("POST", "/api/lots/", b"a", "text/plain"), 415, "Un corps de type «\xa0text/plain\xa0»"),
        (("POST", "/api/appariements/", b"{}", "application/json"), 400, "un objet avec une liste"),
    ],
)
def test_what_is_wrong_with_a_body_or_a_method_is_said_in_french(
    client: Client, db: None, asked: tuple[str, str, bytes, str], status: int, french: str
) -> None:
    response = client.generic(*asked, headers=FRENCH)
    assert response.status_code == status
    assert french in response.json()["detail"]


def test_too_many_requests_a_database_that_is_gone_and_a_defect_are_said_in_french(
    db: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(raise_request_exception=False)

    def broken(error: Exception) -> Any:
        def execute(*_: Any) -> None:
            raise error

        return connection.execute_wrapper(execute)

    with broken(OperationalError("gone")):
        answer = client.get("/api/entreprises/", headers=FRENCH)
    assert "La base de données ne répond pas" in problem(answer, 503, "database-unavailable")["detail"]
    with broken(ZeroDivisionError("secret")):
        answer = client.get("/api/entreprises/", headers=FRENCH)
    assert "Une erreur imprévue" in problem(answer, 500, "internal-error")["detail"]
    settings.RATES = dict.fromkeys(settings.RATES, Rate(1, 60))
    rate_table.shared.cache_clear()
    client.get("/api/entreprises/", REMOTE_ADDR="192.0.2.10")
    answer = client.get("/api/entreprises/", REMOTE_ADDR="192.0.2.10", headers=FRENCH)
    assert "Trop de requêtes" in problem(answer, 429, "too-many-requests")["detail"]
    assert "La base" not in caplog.text, "the log speaks English"


def test_a_good_answer_is_the_same_in_every_language(client: Client, db: None) -> None:
    for address in ("/api/entreprises/", "/api/schema/", "/api/statistiques/", "/api/suggestions/?q=b"):
        answers = [client.get(address, headers={"accept-language": each}) for each in ("fr", "en")]
        assert answers[0].content == answers[1].content
        assert all("Accept-Language" not in answer.headers.get("Vary", "") for answer in answers)
