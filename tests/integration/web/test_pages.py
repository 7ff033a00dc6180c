"""What holds for every page: language, address, weight, headers, nothing inline, nothing from elsewhere."""

import gzip
import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import find
from django.db import OperationalError
from django.templatetags.static import static
from django.test import Client

from foxreviews.core.rate_table import Rate
from foxreviews.enterprise.models import Entreprise
from tests.hostile import HOSTILE, MAX_NAME
from tests.integration.web.pages import Page, compressed, read

pytestmark = pytest.mark.django_db

MAX_BYTES = 15_000
ADDRESSES = (
    "/", "/recherche", "/recherche?q=boulangerie", "/recherche?q=boulangerie+xqzwvk", "/recherche?departement=69",
    "/entreprise/{siren}-le-fournil-de-lyon", "/etablissement/{siren}00012", "/ville/69123-lyon",
    "/ville/69383-lyon-3e-arrondissement", "/departement/69-rhone", "/departement/2A-corse-du-sud", "/activites",
    "/activite/10-industries-alimentaires", "/activite/10.71C-boulangerie-et-boulangerie-patisserie",
    "/activite/10.71H", "/statistiques", "/statistiques?departement=69&naf_section=C", "/rapprocher", "/style",
)  # fmt: skip
NAMES = [name[:MAX_NAME] for name in HOSTILE]


LEADING = {"href", "src", "action", "formaction", "data-url", "data-hx-get"}


def inline(page: Page) -> list[object]:
    """What a strict policy would refuse."""
    found: list[object] = [
        (tag, name)
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name.startswith(("on", "hx-on", "style"))
        or (name in LEADING and value.lower().strip().startswith("javascript:"))
    ]
    scripts = [
        each for each in page.all("script") if "src" not in each and each.get("type") != "application/ld+json"
    ]
    return [*found, *scripts, *page.all("style")]


def test_pages_speak_both_languages_weigh_little_and_have_nothing_inline_or_foreign(
    client: Client, scene: Entreprise
) -> None:
    for path in (f"{prefix}{each}" for prefix in ("", "/en") for each in ADDRESSES):
        response = client.get(path.format(siren=scene.siren), follow=True)
        page = read(response)
        language = "en" if path.startswith("/en/") else "fr"
        assert (response.status_code, response["Content-Language"]) == (200, language), path
        assert page.all("html") == [{"lang": language}], path
        assert (page.wrong, page.open, inline(page)) == ([], [], []), path
        policy = response["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert compressed(response) <= MAX_BYTES, path
        ids = [found["id"] for _, found in page.tags if "id" in found]
        assert len(ids) == len({*ids}), path
        assert len(page.all("h1")) == len(page.all("input", name="q")) == 1, path
        assert page.all("a", href="#main"), path
        for tag, attribute in (("img", "src"), ("script", "src"), ("link", "href")):
            for found in page.all(tag):
                if found.get("rel") not in {"canonical", "alternate"} and attribute in found:
                    assert found[attribute].startswith("/"), found
        assert {each.get("hreflang", "feed") for each in page.all("link", rel="alternate")} - {"feed"} == {
            "fr",
            "en",
        }
        other = next(each for each in page.all("a") if each.get("hreflang"))
        assert client.get(other["href"]).status_code == 200, path


def test_every_link_of_the_pages_answers(client: Client, scene: Entreprise) -> None:
    paths: dict[str, str] = {}
    files = set[str]()
    for path in ADDRESSES:
        page = read(client.get(path.format(siren=scene.siren), follow=True))
        paths |= dict.fromkeys(page.links(), path)
        for found in page.all("link", rel="stylesheet") + page.all("script"):
            if file := found.get("href") or found.get("src"):
                files.add(file)
    # Of pages that are alike some are asked for.
    kinds: dict[str, list[str]] = {}
    # An export is made by another process, which does not see what a test has written.
    paths = {path: where for path, where in paths.items() if not path.startswith("/api/exports/")}
    for path in sorted(paths, key=lambda path: scene.siren not in path):
        kinds.setdefault(path.rpartition("/")[0] + "?" * path.count("?"), []).append(path)
    some = [path for alike in kinds.values() for path in alike[:5]]
    wrong = {path: (status, paths[path]) for path in some if (status := client.get(path).status_code) >= 300}
    assert len(some) > 20
    assert wrong == {}
    for file in files:  # last: an answer that is closed closes the connection to the database, too
        with closing(client.get(file)) as answer:
            assert answer.status_code == 200, file


def test_what_pages_say_to_search_engines_leads_to_themselves(client: Client, scene: Entreprise) -> None:
    path = f"/entreprise/{scene.siren}-le-fournil-de-lyon"
    page = read(client.get(f"/en{path}"))
    assert page.all("link", rel="canonical")[0]["href"] == f"http://testserver/en{path}"
    assert page.all("meta", property="og:url")[0]["content"] == f"http://testserver/en{path}"
    assert page.all("meta", property="og:title")[0]["content"] == "LE FOURNIL DE LYON"
    assert find("web/card.png")


def test_each_page_of_a_list_has_an_address_of_its_own_in_both_languages(
    client: Client, scene: Entreprise, etablissement: Callable[..., Any]
) -> None:
    for number in range(100, 130):
        etablissement(scene.siren, number, f"FOUR {number}")
    company = f"/entreprise/{scene.siren}-le-fournil-de-lyon"
    for first in (
        *("/ville/69123-lyon", "/ville/69123-lyon?fbclid=x", "/recherche?q=boulangerie", company),
        *("/recherche?q=boulangerie&cessees=1&fbclid=x", f"{company}?fermes=1"),
    ):
        page = read(client.get(first))
        path = page.all("a", rel="next")[0]["href"].partition("#")[0]
        if "fermes" not in first:
            assert canonical(page) == re.sub(r"[?&]fbclid=x", "", first)
        assert [each["href"] for each in page.all("link", rel="next")] == [path]
        page = read(client.get(f"{path}&utm_source=x"))
        parts = {*path.replace("?", "&").split("&")} - {"fbclid=x"}
        assert parts == {*canonical(page).replace("?", "&").split("&")}
        assert page.all("link", rel="prev")
        others = {
            each["hreflang"]: each["href"].removeprefix("http://testserver")
            for each in page.all("link", rel="alternate")
            if "hreflang" in each
        }
        assert others["fr"] == canonical(page)
        english = read(client.get(others["en"]))
        assert english.all("html") == [{"lang": "en"}]
        assert canonical(english) == others["en"] == f"/en{others['fr']}"


def canonical(page: Page) -> str:
    return page.all("link", rel="canonical")[0]["href"].removeprefix("http://testserver")


# Pages, and what their answer in JSON has of what they show
IN_JSON = {
    "/recherche?q=boulangerie": "NUMERO 00", "/entreprise/{siren}-le-fournil-de-lyon": "LA MICHE",
    "/etablissement/{siren}00012": "AU BON PAIN", "/ville/69123-lyon": "519127", "/departement/69-rhone": "NUMERO 00",
    "/activites": "10.71C", "/activite/10-industries-alimentaires": "10.71C", "/statistiques": "10.71C",
    "/activite/10.71C-boulangerie-et-boulangerie-patisserie": "NUMERO 00", "/statistiques?departement=69": "10.71C",
}  # fmt: skip


@pytest.mark.parametrize("path", IN_JSON)
def test_a_page_leads_to_the_api_for_what_it_shows(client: Client, scene: Entreprise, path: str) -> None:
    page = read(client.get(path.format(siren=scene.siren)))
    links = {each["href"] for each in page.all("a", type="application/json")}
    answers = [client.get(link) for link in links]
    assert answers
    assert {(each.status_code, each["Content-Type"]) for each in answers} == {(200, "application/json")}
    assert any(IN_JSON[path] in each.text for each in answers)


@pytest.mark.parametrize(
    "path", ["/recherche?q=lyon", "/recherche", "/style", "/ville/69123-lyon?cursor={cursor}"]
)
def test_results_and_further_pages_are_in_no_search_engine(
    client: Client, scene: Entreprise, path: str
) -> None:
    if "{cursor}" in path:
        following = read(client.get("/ville/69123-lyon")).all("a", rel="next")[0]["href"]
        path = following.partition("#")[0]
    assert "noindex" in read(client.get(path)).all("meta", name="robots")[0]["content"]


def test_no_name_does_harm_on_any_page(
    client: Client, towns: None, company: Callable[..., Any], etablissement: Callable[..., Any],
    index: Callable[[], None],
) -> None:  # fmt: skip
    made = [
        company(
            name, nom_commercial=name, adresse=name, naf_libelle=name, ville_nom=name[:100], ville_id="69123",
            departement="69", naf_code="10.71C", telephone=name[:30], email=name[:254], site_web=name,
            autres_noms=f"enseigne:{name}",
        )
        for name in NAMES
    ]  # fmt: skip
    for each in made:
        nom = each.nom
        etablissement(each.siren, 10, nom, libelle_voie=nom[:150], ville_nom=nom[:100], numero_voie=nom[:30])
    index()
    paths = ["/ville/69123-lyon", "/departement/69-rhone", "/activite/10.71C", "/recherche?departement=69"]
    for each in made:
        paths += [
            f"/entreprise/{each.siren}",
            f"/etablissement/{each.siren}00010",
            f"/recherche?q={each.siren}",
        ]
    for path in paths:
        response = client.get(path, follow=True)
        page = read(response)
        assert response.status_code == 200, path
        assert (page.wrong, page.open, inline(page)) == ([], [], []), path
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "b"}), path
        if page.all("script", type="application/ld+json"):
            page.structured()


def test_no_query_does_harm(client: Client, scene: Entreprise) -> None:
    for text in NAMES:
        response = client.get("/recherche", {"q": text})
        page = read(response)
        assert response.status_code == 200
        assert (page.wrong, page.open, inline(page)) == ([], [], []), text
        assert page.all("input", name="q")[0]["value"] == text.strip()
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "b"})


def test_a_company_of_which_nothing_is_known_has_its_page(
    client: Client, company: Callable[..., Any]
) -> None:
    made = company("")
    page = read(client.get(f"/entreprise/{made.siren}"))
    assert "Le répertoire Sirene n’indique pas" in page.text
    assert "None" not in page.text
    assert made.siren[:3] in page.text


ERRORS = (
    ("/nothing", 404), ("/en/nothing/at/all", 404), ("/entreprise/000000000", 404), ("/entreprise/abc", 404),
    ("/etablissement/1", 404), ("/etablissement/99999999999999", 404), ("/ville/99999-x", 404),
    ("/departement/00", 404), ("/activite/99.99Z", 404), ("/entreprise/777777770", 410),
    ("/recherche?q=a&cursor=x", 400), ("/recherche?departement=000", 400), ("/recherche?naf=what", 400),
    ("/recherche?q=" + "a" * 300, 400), ("/statistiques?region=00", 400),
    ("/recherche.atom?naf=what", 400), ("/sitemaps/entreprises-9.xml.gz", 404), ("/sitemaps/x.xml.gz", 404),
)  # fmt: skip


def test_an_error_is_a_page_with_a_search_box(client: Client, bakery: Entreprise) -> None:
    for path, status in ERRORS:
        response = client.get(path)
        page = read(response)
        assert response.status_code == status, path
        assert len(page.all("input", name="q")) == 1
        assert "noindex" in page.all("meta", name="robots")[0]["content"]
        assert page.all("html") == [{"lang": "en" if path.startswith("/en/") else "fr"}]
        assert (page.wrong, page.open, inline(page)) == ([], [], []), path
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert not response.cookies


@pytest.mark.parametrize("path", ["/", "/en/ville/69123-lyon", "/recherche?q=lyon"])
def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def away(*_arguments: object, **_named: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    response = client.get(path)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert read(response).all("input", name="q")


def test_what_fails_is_a_page_and_in_the_api_a_problem(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False

    def fail(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("foxreviews.web.home.Contents.read", fail)
    response = client.get("/en/")
    assert response.status_code == 500
    assert "Something failed here" in read(response).text
    assert response["X-Request-ID"] in read(response).text
    monkeypatch.setattr("foxreviews.api.villes.views.towns", fail)
    problem = client.get("/api/villes/")
    assert (problem.status_code, problem["Content-Type"]) == (500, "application/problem+json")
    assert json.loads(problem.content)["code"] == "internal-error"


def test_who_asks_for_too_much_is_told_when_to_go_on(client: Client, settings: Any) -> None:
    settings.RATES = settings.RATES | {"page": Rate(1, 3600), "search": Rate(1, 3600)}
    answers = [client.get("/activites", REMOTE_ADDR="192.0.2.77") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert int(answers[1]["Retry-After"]) > 0
    page = read(answers[1])
    assert "Trop de pages" in page.text
    assert f"Réessayer dans {int(answers[1]['Retry-After']):,} secondes".replace(",", " ") in page.text
    assert page.all("a", href="/activites", rel="nofollow")


@pytest.mark.parametrize("path", ["/", "/recherche", "/ville/69123-lyon"])
def test_pages_are_only_read(client: Client, towns: None, path: str) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200
    assert not client.head(path).content


def test_robots_and_icons_are_answered(client: Client) -> None:
    robots = client.get("/robots.txt")
    assert (robots.status_code, robots["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert "Disallow: /api/" in robots.text
    assert "Sitemap: http://testserver/sitemap.xml" in robots.text
    assert client.get("/favicon.ico")["Location"] == static("web/favicon.svg")
    assert client.get("/fr/")["Location"] == "/"


@pytest.mark.parametrize("name", ["site.css", "site.js"])
def test_the_stylesheet_and_the_script_are_small(name: str) -> None:
    limit = {"site.css": 12_000, "site.js": 10_000}[name]
    assert len(gzip.compress(Path(str(find(f"web/{name}"))).read_bytes())) <= limit


@pytest.mark.parametrize("address", ["/health", "/health/"])
def test_health_is_whether_it_is_ready(client: Client, address: str) -> None:
    assert client.get(address).json()["status"] in {"ready", "degraded", "unready"}
    assert client.get(address).json().keys() == client.get("/health/ready").json().keys()


def test_who_has_a_page_gets_it_only_when_something_has_changed(client: Client, scene: Entreprise) -> None:
    for path in (
        f"/entreprise/{scene.siren}-le-fournil-de-lyon",
        "/recherche?q=boulangerie",
        "/ville/69123-lyon",
    ):
        first = client.get(path)
        assert "public" in first["Cache-Control"], path
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304, path
        assert "Cookie" not in first.get("Vary", "")
    assert client.get("/nothing")["Cache-Control"] == "no-store"
