"""The feed of a list: Atom as RFC 4287 wants it, the newest first, an id for good."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.http import HttpResponse
from django.test import Client

from foxreviews.enterprise.models import Entreprise
from tests.integration.web.conftest import BAKERY
from tests.integration.web.pages import read

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def parsed(response: HttpResponse) -> ElementTree.Element:
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ElementTree.fromstring(response.content)


def texts(element: ElementTree.Element, name: str) -> list[str]:
    return [each.text or "" for each in element.iter(f"{ATOM}{name}")]


def entries(client: Client, path: str) -> list[str]:
    return [texts(entry, "title")[0] for entry in parsed(client.get(path)).iter(f"{ATOM}entry")]


def check(feed: ElementTree.Element, path: str) -> None:
    """What RFC 4287 requires of a feed and of its entries."""
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = (each for each in element if each.tag == ATOM + name)
            assert found.text
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    links = {each.get("rel"): each.get("href") for each in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver{path}"
    for entry in feed.iter(f"{ATOM}entry"):
        assert [each.get("rel") for each in entry.findall(f"{ATOM}link")] == ["alternate"]
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len({*ids})


@pytest.mark.parametrize(
    "path",
    ["/recherche.atom", "/recherche.atom?q=boulangerie", "/recherche.atom?departement=69&naf=10.71C",
     "/en/recherche.atom?ville=69123", "/recherche.atom?departement=02"],
)  # fmt: skip
def test_it_is_valid_and_names_its_page(client: Client, scene: Entreprise, path: str) -> None:
    feed = parsed(client.get(path))
    check(feed, path)
    links = {each.get("rel"): each.get("href") for each in feed.findall(f"{ATOM}link")}
    assert links["alternate"] == f"http://testserver{path.replace('.atom', '')}"
    assert client.get(links["alternate"].removeprefix("http://testserver")).status_code == 200


def test_the_newest_are_first_and_keep_their_ids_under_another_name(
    client: Client, scene: Entreprise, company: Callable[..., Entreprise], index: Callable[[], None]
) -> None:
    now = datetime.now(UTC)
    for number in range(3):
        made = company(f"TOUTE NEUVE {number}", **BAKERY)
        Entreprise.objects.filter(pk=made.pk).update(created_at=now + timedelta(minutes=number))
    path = "/recherche.atom?departement=69"
    first = parsed(client.get(path))
    assert texts(first, "title")[1:4] == [f"TOUTE NEUVE {number}" for number in (2, 1, 0)]
    Entreprise.objects.filter(pk=made.pk).update(nom="AUTRE NOM", updated_at=now + timedelta(hours=1))
    second = parsed(client.get(path))
    assert texts(second, "title")[1] == "AUTRE NOM"
    assert texts(second, "id") == texts(first, "id")
    assert texts(second, "updated") != texts(first, "updated")
    link = next(second.iter(f"{ATOM}entry")).find(f"{ATOM}link")
    assert link is not None
    assert client.get(str(link.get("href")).removeprefix("http://testserver")).status_code == 200
    index()
    assert entries(client, "/recherche.atom?q=toute+neuve")[:2] == ["TOUTE NEUVE 1", "TOUTE NEUVE 0"]


def test_it_has_what_the_page_has_and_nobody_who_is_hidden(
    client: Client, scene: Entreprise, person: Entreprise
) -> None:
    active = entries(client, "/recherche.atom?departement=69")
    assert "BOULANGERIE DU PASSE" not in active
    assert "BOULANGERIE DU PASSE" in entries(client, "/recherche.atom?departement=69&cessees=1")
    text = client.get("/recherche.atom?departement=69").text
    assert person.siren not in text
    assert "DUPONT" not in text
    assert "LILAS" not in text


def test_pages_say_where_their_feed_is(client: Client, scene: Entreprise) -> None:
    for path, feed in (
        ("/recherche?q=boulangerie", "/recherche.atom?q=boulangerie"),
        ("/recherche?departement=69&ordering=nom&utm_source=x", "/recherche.atom?departement=69"),
        ("/recherche?q=boulangerie&cessees=1", "/recherche.atom?q=boulangerie&cessees=1"),
        ("/ville/69123-lyon", "/recherche.atom?ville=69123"),
        ("/en/departement/69-rhone", "/en/recherche.atom?departement=69"),
        ("/activite/10.71C-boulangerie-et-boulangerie-patisserie", "/recherche.atom?naf=10.71C"),
        ("/", "/recherche.atom"),
    ):
        (link,) = read(client.get(path)).all("link", type="application/atom+xml")
        assert (link["href"], link["rel"]) == (feed, "alternate"), path
        assert link["title"]
        assert client.get(feed).status_code == 200


def test_a_list_that_no_date_can_order_has_none(
    client: Client, scene: Entreprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(client.get("/recherche?tranche_effectif=11")).all("link", type="application/atom+xml") == []
    assert client.get("/recherche.atom?tranche_effectif=11").status_code == 400
    assert client.get("/recherche.atom?q=boulangerie&tranche_effectif=11").status_code == 200
    monkeypatch.setattr("foxreviews.search.engines.indexed.MAX_SORTED", 5)
    monkeypatch.setattr("foxreviews.web.results.MAX_SORTED", 5)
    assert read(client.get("/recherche?q=boulangerie")).all("link", type="application/atom+xml") == []
    assert client.get("/recherche.atom?q=boulangerie").status_code == 400


def test_no_name_breaks_it(client: Client, company: Callable[..., Any], towns: None) -> None:
    names = ("<b>&amp;</b>", "]]>", "A\u0001B\ufffeC", "\u202eמאפייה", "🦊", "X" * 255)
    for nom in names:
        company(nom, ville_nom=nom[:100])
    check(parsed(client.get("/recherche.atom")), "/recherche.atom")
    assert {*entries(client, "/recherche.atom")} == {*names} - {"A\u0001B\ufffeC"} | {"ABC"}


def test_a_reader_gets_it_only_when_it_has_changed(client: Client, scene: Entreprise) -> None:
    first = client.get("/recherche.atom?departement=69")
    assert "public" in first["Cache-Control"]
    assert first["X-Robots-Tag"] == "noindex"
    again = client.get("/recherche.atom?departement=69", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
