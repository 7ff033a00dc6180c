"""What careless and hostile clients send: each answer is right, or a problem that says what to do, and no 500."""

import gzip
import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.authtoken.models import Token

from foxreviews.api.exports import views as exports
from foxreviews.enterprise.models import Entreprise
from foxreviews.exports import run
from foxreviews.location.models import Ville
from tests.integration.api.test_schema import ExportHere

Add = Callable[..., Any]
LYON = {"departement": "69", "ville_id": "69123", "code_postal": "69003", "ville_nom": "Lyon"}
COMPANIES, PLACES, TOWNS = "/api/entreprises/", "/api/etablissements/", "/api/villes/"
LISTS = (COMPANIES, PLACES, TOWNS)
OTHER_EXPORTS = ("/api/exports/etablissements.csv", "/api/exports/villes.csv")
STAFF_ALONE = ("/api/corrections/", "/api/modifications/")
POSTS = ("/api/lots/", "/api/appariements/", "/api/reconciliation/")


@pytest.fixture
def company_of_lyon(
    company: Add, etablissement: Add, index: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> Entreprise:
    """Among five, with an establishment, in an index."""
    monkeypatch.setattr(exports, "Export", ExportHere)
    monkeypatch.setattr(run, "prefetch", lambda blocks: iter(list(blocks)))
    Ville.objects.create(
        code_insee="69123", nom="Lyon", slug="lyon", departement="69", region="84", nom_recherche="LYON",
        codes_postaux=["69003"],
    )  # fmt: skip
    for number in range(4):
        company(f"BOULANGERIE {number}", **LYON, naf_code="10.71C", date_creation="2020-05-01")
    made: Entreprise = company("FOURNIL", **LYON, naf_code="62.01Z", date_creation="2021-05-01")
    etablissement(made.siren, 1, "LE FOURNIL", est_siege=True, latitude=45.76, longitude=4.84, **LYON)
    etablissement(made.siren, 2, "LE FOUR", latitude=45.77, longitude=4.84, **LYON)
    index()
    return made


def said(response: Any) -> str:
    """What is wrong with an answer; "" for one that is good, or a problem with a code and a sentence."""
    if response.status_code < 400:
        return ""
    if response.status_code >= 500:
        return f"{response.status_code}"
    if not getattr(response, "content", b""):  # of HEAD
        return ""
    if response["Content-Type"] != "application/problem+json":
        return f"{response.status_code} {response['Content-Type']}"
    body = response.json()
    whole = body["status"] == response.status_code and body["code"] and body["title"]
    return "" if whole and len(body["detail"].split()) > 3 else str(body)


def addresses(client: Client) -> Iterator[tuple[str, str, list[str]]]:
    """Each method and path of the schema, the path with values in it, and the names of its parameters."""
    siren, siret = "100000009", "10000000900001"
    values = {
        "siren": siren, "siret": siret, "code_insee": "69123", "form": "csv", "what": "entity", "identifier": siren,
        "field": "nom",
    }  # fmt: skip
    for path, operations in client.get("/api/schema/").json()["paths"].items():
        for method, operation in operations.items():
            named = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
            yield method.upper(), path.format(**values), named


ODD = (
    "", "%20", "%00", "%FF", "%ED%A0%80", "%F0%9F%8D%95", "a" * 3_000, "-1", "0", "1e400", "nan", "inf", "-inf",
    "null", "true", "TRUE", "[]", "%7B%7D", "%27%3B--", "%D9%A3", ",", ",,,", "1,1", "9" * 400, "..%2F..", "%0D%0AX:1",
    "2020-02-30", "0001-01-01", "9999-12-31", "2A", "2a", "%25", "*", "0x10", "1_0", "62.01Z", "J", "lyon",
    "48.85,2.35",
    "nan,nan", "90,180", "-90,-180", "fournil", "10000000900001",
)  # fmt: skip


def test_odd_values_of_every_parameter_are_answered_or_refused_with_what_to_do(
    client: Client, company_of_lyon: Entreprise
) -> None:
    """Those of exports and statistics that a list has, too, are tried of the list, and those of exports of one."""
    wrong, of_lists = {}, set[str]()
    for method, path, names in sorted(addresses(client), key=lambda found: found[1].count("/exports/")):
        if method != "GET" or path in STAFF_ALONE or path in OTHER_EXPORTS:
            continue
        if path in LISTS:
            of_lists.update(names)
        elif path.startswith(("/api/exports/", "/api/statistiques/")):
            names = [name for name in names if name not in of_lists]  # noqa: PLW2901
        for name, value in product(names, ODD):
            address = f"{path}?{name}={value}"
            if found := said(client.get(address)):
                wrong[address[:200]] = found
    assert wrong == {}


def test_a_name_that_is_given_twice_or_in_capitals_or_with_brackets_is_refused_by_lists(
    client: Client, company_of_lyon: Entreprise
) -> None:
    """A filter that was passed over would look as if it had been applied."""
    for path, query in product(
        LISTS,
        ("Departement=69", "departement[]=69", "ORDERING=nom", "page_size=5&page_size=6", "x=", "=69", "&="),
    ):
        response = client.get(f"{path}?{query}")
        assert (query, response.status_code, said(response)) == (query, 400, ""), path


CONTRADICTIONS = (
    "region=84&departement=75",
    "departement=69&code_postal=75001",
    "ville=lyon&departement=75",
    "date_creation_min=2021-01-01&date_creation_max=2020-01-01",
    "date_creation_min=9999-12-31&date_creation_max=0001-01-01",
    "naf=62&naf_section=C",
    "is_active=false&q=fournil",
    "siren=999999999",
    "siren=100000009&departement=75",
    "q=fournil&date_creation_min=2022-01-01&date_creation_max=2021-01-01",
)


@pytest.mark.parametrize("query", CONTRADICTIONS)
def test_filters_that_nothing_passes_give_an_empty_list_and_counts_of_nothing(
    client: Client, company_of_lyon: Entreprise, settings: Any, query: str
) -> None:
    for engine in ("tantivy", "postgres"):
        settings.SEARCH_ENGINE = engine
        answer = client.get(f"{COMPANIES}?{query}&facets=departement").json()
        assert (answer["results"], answer["next"], answer["total"]) == ([], None, 0), engine
        assert answer["engine"] == engine, "an index that cannot be read is not why it is empty"
        assert answer["facets"] == {"departement": []}


def cursors(client: Client) -> dict[str, str]:
    """One of each list that has more than a page, by the address of the list."""
    lists = (
        f"{COMPANIES}?page_size=1",
        f"{COMPANIES}?page_size=1&departement=69",
        f"{COMPANIES}?page_size=1&naf=10.71C",
        f"{COMPANIES}?page_size=1&ordering=nom",
        f"{COMPANIES}?page_size=1&q=boulangerie",
        f"{COMPANIES}?page_size=1&q=boulanger",
        f"{COMPANIES}?page_size=1&tranche_effectif=NN,11,",
        f"{PLACES}?page_size=1",
        f"{PLACES}?page_size=1&q=fournil",
        f"{PLACES}?page_size=1&near=45.76,4.84&ordering=distance",
        f"{PLACES}?page_size=1&near=45.7,4.8&ordering=distance&radius_km=20",
        f"{COMPANIES}{Entreprise.objects.get(nom='FOURNIL').siren}/etablissements/?page_size=1",
    )
    found = {}
    for address in lists:
        if following := client.get(address).json()["next"]:
            found[address] = dict(parse_qsl(urlsplit(following).query))["cursor"]
    assert len(found) >= 10
    return found


def test_a_cursor_of_another_list_is_refused_wherever_it_is_sent(
    client: Client, company_of_lyon: Entreprise
) -> None:
    """It would begin in the middle, and look like a first page."""
    every = cursors(client)
    for (address, own), (other, cursor) in product(every.items(), every.items()):
        response = client.get(f"{address}&cursor={quote(own if other == address else cursor)}")
        expected = 200 if other == address else 400
        assert response.status_code == expected, (address, other)
        assert expected == 200 or response.json()["code"] == "invalid-cursor"


def test_a_cursor_goes_on_with_other_columns_another_size_and_counts(
    client: Client, company_of_lyon: Entreprise
) -> None:
    first = client.get(f"{COMPANIES}?departement=69&page_size=2&ordering=nom").json()
    cursor = quote(dict(parse_qsl(urlsplit(first["next"]).query))["cursor"])
    address = f"{COMPANIES}?ordering=nom&fields=nom&page_size=3&departement=69&facets=naf&cursor={cursor}"
    met = [row["nom"] for row in (*first["results"], *client.get(address).json()["results"])]
    assert met == sorted(Entreprise.objects.values_list("nom", flat=True))


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"]
)
def test_every_method_is_answered_everywhere(
    client: Client, company_of_lyon: Entreprise, method: str
) -> None:
    has = {}
    for known, path, _ in addresses(client):
        has.setdefault(path, set()).add(known)
    for path, known in has.items():
        response = client.generic(method, path)
        assert said(response) == "", (path, said(response))
        if method == "HEAD":
            assert b"".join(response) == b""
        elif method == "OPTIONS":
            assert response.status_code in (200, 401), path
        elif method not in known:
            if path in STAFF_ALONE:  # who asks is asked first
                assert response.status_code == 401
                continue
            assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed"), path
            assert known <= {*response["Allow"].split(", ")}, path


ACCEPTS = (
    "", "*/*", "application/*", "application/json", "application/json; charset=utf-8", "application/json;q=0.1",
    "APPLICATION/JSON", "text/html, */*;q=0.1", "text/html", "text/csv", "image/*", "json", "/", ",", ";", "*",
    "application/json;indent=4", "application/xml;q=0.9, application/json;q=0.5", "a" * 5_000, "\xff",
    "text/html;level", "application/problem+json",
)  # fmt: skip


@pytest.mark.parametrize("accept", ACCEPTS)
def test_every_accept_is_answered_with_json_or_refused(
    client: Client, company_of_lyon: Entreprise, accept: str
) -> None:
    for path in (*LISTS, "/api/", "/api/statistiques/", f"{TOWNS}69123/", "/api/schema/"):
        response = client.get(path, headers={"accept": accept})
        assert said(response) == "", path
        assert response.status_code in (200, 406), path
        if path == "/api/schema/":
            continue
        assert (
            response["Content-Type"]
            == f"application/{'json' if response.status_code == 200 else 'problem+json'}"
        )
        if "json" in accept.lower() and "problem" not in accept and accept != "json":
            assert response.status_code == 200, path


GZIPPED = gzip.compress(b'{"siren": ["732829320"], "rows": [{"nom": "A"}], "queries": {"q": {"query": "A"}}}')
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="queries"\r\n\r\n{"q0": {"que'
BODIES: tuple[tuple[str, bytes], ...] = (
    ("", b""), ("application/json", b""), ("application/json", b" "), ("application/json", b"null"),
    ("application/json", b"0"), ("application/json", b'"x"'), ("application/json", b"[]"), ("application/json", b"{}"),
    ("application/json", b"[" * 10_000), ("application/json", b'{"a":' * 5_000),
    ("application/json", b"\xff\xfe{\0}\0"), ("application/json", b"\xef\xbb\xbf{}"),
    ("application/json", b'{"siren": NaN}'), ("application/json", b"{'a': 1}"),
    ("application/json", b'{"siren": ["7\\u0000"]}'), ("application/json", b'{"rows": [{"nom": "A\\u0000B"}]}'),
    ("application/json", b'{"queries": {"q0": {"query": "A\\u0000B", "type": "ville"}}}'),
    ("application/json", b'{"queries": {"q0": {"query": "\\u0000", "properties": [{"pid": "tva", "v": "\\u0000"}]}}}'),
    ("application/json", b'{"queries": []}'), ("application/json", b'{"queries": "x"}'),
    ("application/json", b'{"querries": {"q0": {"query": "A"}}}'), ("application/json", b'[{"query": "A"}]'),
    ("application/json", b'{"extend": {"ids": ["\\u0000"], "properties": [{"id": "nom"}]}}'),
    ("application/json", b'{"extend": {"ids": [1], "properties": ["nom"]}}'),
    ("application/json", b'{"extend": null}'), ("application/json", b'{"queries": null}'),
    ("application/json", b'{"rows": [{"nom": {"a": 1}}]}'), ("application/json", b'{"rows": null}'),
    ("application/json", b'{"siren": {"a": 1}}'), ("application/json", b'{"siren": [null, true, 1.5, [], {}]}'),
    ("application/json; charset=utf-16", '{"siren": ["732829320"]}'.encode("utf-16")),
    ("APPLICATION/JSON", b"{"), ("application/json;;;", b"{"), ("text/plain", b"{}"), ("text/json", b"{}"),
    ("application/xml", b"<a/>"), ("application/x-www-form-urlencoded", b"queries=%"), ("json", b"{}"), ("/", b"{}"),
    ("application/x-www-form-urlencoded", b"siren=732829320"), ("application/x-www-form-urlencoded", b"&&&=%00%FF"),
    ("application/x-www-form-urlencoded", b"a=1&" * 2_000), ("multipart/form-data", MULTIPART),
    ("multipart/form-data; boundary=x", MULTIPART), ("multipart/form-data; boundary=" + "x" * 300, b"--x--"),
    ("application/octet-stream", GZIPPED), ("application/json", GZIPPED),
)  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_every_body_is_answered_or_refused_with_what_to_do(
    client: Client, company_of_lyon: Entreprise, path: str
) -> None:
    for content_type, body in BODIES:
        response = client.generic("POST", path, body, content_type)
        assert said(response) == "", (content_type, body[:60])
        if response.status_code == 200:
            assert b"versions" not in response.content or body in (b"", b"{}"), (content_type, body[:60])


@pytest.mark.parametrize("path", [*POSTS, COMPANIES])
def test_a_body_that_is_compressed_is_refused_and_says_so(
    client: Client, company_of_lyon: Entreprise, path: str
) -> None:
    token = Token.objects.create(user=User.objects.create_superuser("marie")).key
    for coding, content_type in product(("gzip", "br", "GZIP, gzip"), ("application/json",)):
        response = client.generic(
            "POST", path, GZIPPED, content_type,
            headers={"content-encoding": coding, "authorization": f"Token {token}"},
        )  # fmt: skip
        assert (response.status_code, response.json()["code"]) == (415, "unsupported-media-type")
        assert f"Content-Encoding: {coding} is not read here" in response.json()["detail"]
    if path == "/api/reconciliation/":
        form = gzip.compress(b"queries={}")
        kind = "application/x-www-form-urlencoded"
        response = client.generic("POST", path, form, kind, headers={"content-encoding": "gzip"})
        assert response.status_code == 415
    plain = client.generic("POST", path, b"[]", "application/json", headers={"content-encoding": "identity"})
    assert plain.status_code in (400, 401)


def test_what_is_posted_without_the_last_slash_is_led_to_the_same_with_its_method_and_body(
    client: Client, db: None
) -> None:
    body = json.dumps({"siren": ["732829320"]})
    response = client.post("/api/lots", body, content_type="application/json")
    assert (response.status_code, response["Location"]) == (308, "/api/lots/")
    followed = client.post("/api/lots", body, content_type="application/json", follow=True)
    assert followed.json()["not_found"]["siren"] == ["732829320"]
    assert client.get("/api/villes").status_code == 301


@pytest.mark.parametrize("identifier", ["62.01Z&is_active=true", "62.01Z#x", "62.01Z x", "62.01Z%0AX"])
def test_an_id_leads_to_one_address_and_adds_nothing_to_it(client: Client, db: None, identifier: str) -> None:
    path = f"/api/reconciliation/view/{quote(identifier, safe='')}/"
    location = urlsplit(client.get(path)["Location"])
    assert dict(parse_qsl(location.query, keep_blank_values=True)) == {"naf": identifier}
    assert location.fragment == ""


@pytest.mark.parametrize(
    "typed", ["%00", "1%00", "10000000%20", "٧٣٢٨٢٩٣٢٠", "1" * 3_000, "%FF", "..", "a/b", "%2e%2e"]
)
def test_odd_numbers_in_an_address_are_no_address_or_no_number(
    client: Client, company_of_lyon: Entreprise, typed: str
) -> None:
    for path in (
        f"{COMPANIES}{typed}/", f"{COMPANIES}{typed}/etablissements/", f"{COMPANIES}{typed}/successions/",
        f"{PLACES}{typed}/", f"{PLACES}{typed}/successions/", f"{TOWNS}{typed}/", f"/api/exports/{typed}.csv",
        f"/api/exports/entreprises.{typed}", f"/api/reconciliation/preview/{typed}/",
        f"/api/reconciliation/suggest/{typed}",
    ):  # fmt: skip
        response = client.get(path)
        assert said(response) == "", path
        assert response.status_code in (301, 400, 404), path


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "NaN"])
def test_what_is_no_number_is_none(client: Client, company_of_lyon: Entreprise, number: str) -> None:
    response = client.get(f"{PLACES}?near=45.76,4.84&radius_km={number}")
    assert (response.status_code, [*response.json()["errors"]]) == (400, ["radius_km"])
    token = Token.objects.create(user=User.objects.create_superuser("marie")).key
    response = client.patch(
        f"{COMPANIES}{company_of_lyon.siren}/",
        {"latitude": number, "longitude": "4.8"},
        content_type="application/json",
        headers={"authorization": f"Token {token}", "if-match": "*"},
    )
    assert (response.status_code, [*response.json()["errors"]]) == (400, ["latitude"])


def test_odd_headers_change_no_answer(client: Client, company_of_lyon: Entreprise) -> None:
    plain = client.get(COMPANIES).content
    for headers in (
        {"if-none-match": "x"}, {"if-none-match": '"'}, {"if-none-match": "W/"}, {"if-none-match": "," * 500},
        {"if-modified-since": "yesterday"}, {"if-modified-since": "Mon, 99 Nov 2026 99:99:99 GMT"},
        {"range": "bytes=999999-"}, {"range": "bytes=-1"}, {"range": "rows=1-"}, {"accept-language": "x" * 600},
        {"accept-encoding": "x;q=y"}, {"x-forwarded-for": "x, ,, 999.1.1.1"}, {"x-request-id": "a b"},
        {"origin": "null"}, {"cookie": "sessionid=x; ="}, {"content-length": "abc"}, {"te": "x"},
        {"x-http-method-override": "DELETE"}, {"expect": "x"}, {"if-match": '"x"'},
    ):  # fmt: skip
        response = client.get(COMPANIES, headers=headers)
        assert (response.status_code, response.content) == (200, plain), headers


def test_an_export_has_no_ranges_and_says_so(client: Client, company_of_lyon: Entreprise) -> None:
    """`after` goes on behind a row; a range beyond the end is the whole, and not an empty part of it."""
    address = "/api/exports/entreprises.csv"
    whole = b"".join(client.get(address))
    for given in ("bytes=0-10", "bytes=999999999-", "bytes=5-1", "x"):
        response = client.get(address, headers={"range": given})
        assert (response.status_code, response["Accept-Ranges"]) == (200, "none")
        assert b"".join(response) == whole
