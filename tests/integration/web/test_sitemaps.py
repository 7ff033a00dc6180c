"""The sitemap: every page that may be found and no other, as sitemaps.org's schema wants it."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client

from foxreviews.enterprise.models import Doublon, Entreprise
from foxreviews.web import sitemaps

pytestmark = pytest.mark.django_db

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
# The rules of its two schemas: what has what, in this order, each at most once
PARTS = {
    "urlset": ("url", ("loc", "lastmod", "changefreq", "priority")),
    "sitemapindex": ("sitemap", ("loc", "lastmod")),
}
MAX_ENTRIES, MAX_BYTES = 50_000, 52_428_800
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")


def problems(text: bytes) -> Iterator[str]:
    """What the schema and the protocol would refuse in a sitemap or in an index of them."""
    if len(text) > MAX_BYTES:
        yield "too long"
    if not text.startswith(b'<?xml version="1.0" encoding="UTF-8"?>'):
        yield "not said to be UTF-8"
    root = ElementTree.fromstring(text)
    name = root.tag.removeprefix(NAMESPACE)
    if root.tag == name or name not in PARTS:
        yield f"{root.tag} is no sitemap"
        return
    child, parts = PARTS[name]
    if not 1 <= len(root) <= MAX_ENTRIES:
        yield f"{len(root)} entries"
    places = [each.findtext(f"{NAMESPACE}loc") for each in root]
    if len({*places}) < len(places):
        yield "an address twice"
    for entry in root:
        tags = [each.tag for each in entry]
        known = [f"{NAMESPACE}{part}" for part in parts if f"{NAMESPACE}{part}" in tags]
        if entry.tag != f"{NAMESPACE}{child}" or tags != known or len(entry.attrib):
            yield f"{entry.tag} of {tags}"
        yield from _entry_problems(entry)


def _entry_problems(entry: ElementTree.Element) -> Iterator[str]:
    loc = entry.findtext(f"{NAMESPACE}loc") or ""
    parts = urlsplit(loc)
    if not (12 <= len(loc) <= 2048 and loc.isascii() and parts.scheme in {"http", "https"} and parts.netloc):
        yield f"loc {loc[:100]}"
    if (lastmod := entry.findtext(f"{NAMESPACE}lastmod")) is not None:
        if not DATE_TIME.fullmatch(lastmod):
            yield f"lastmod {lastmod}"
        else:
            datetime.fromisoformat(lastmod)


def shards(client: Client) -> dict[str, bytes]:
    """The sitemaps that the index names, by name."""
    index = client.get("/sitemap.xml")
    assert [*problems(index.content)] == []
    found = {}
    for place in re.findall("<loc>(.*?)</loc>", index.text):
        assert place.startswith("http://testserver/sitemaps/")
        response = client.get(place.removeprefix("http://testserver"))
        assert (response.status_code, response["Content-Type"]) == (200, "application/gzip")
        found[place.rpartition("/")[2].partition(".")[0]] = gzip.decompress(response.content)
    return found


def entries(texts: dict[str, bytes]) -> dict[str, str]:
    """Paths with when they were changed."""
    pattern = r"<loc>http://testserver(.*?)</loc>(?:<lastmod>(.*?)</lastmod>)?"
    return {path: when for text in texts.values() for path, when in re.findall(pattern, text.decode())}


def test_the_sitemap_has_every_page_that_may_be_found(
    client: Client, scene: Entreprise, person: Entreprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "SHARD", 10)
    Doublon.objects.create(siren=Entreprise.objects.get(nom="SANS RIEN").siren, doublon_de=scene.siren)
    texts = shards(client)
    for name, text in texts.items():
        assert [*problems(text)] == [], name
        assert "entreprises" not in name or text.count(b"<url>") <= 10
    found = entries(texts)
    companies = {path for path in found if path.startswith("/entreprise/")}
    assert len(companies) == Entreprise.objects.count() - 2, "all but the hidden person and the double"
    assert not any(person.siren in path for path in companies)
    path = f"/entreprise/{scene.siren}-le-fournil-de-lyon"
    assert found[path] == scene.updated_at.isoformat(timespec="seconds")
    assert {
        "/", "/activites", "/ville/69123-lyon", "/departement/69-rhone", "/activite/56-restauration",
    } <= found.keys()  # fmt: skip
    for each in [path, "/ville/69123-lyon", *[each for each in found if each.startswith("/activite/")][:5]]:
        assert client.get(each).status_code == 200


def test_a_sitemap_is_made_again_only_when_something_has_changed(client: Client, scene: Entreprise) -> None:
    for path in ("/sitemap.xml", "/sitemaps/pages.xml.gz", "/sitemaps/villes.xml.gz"):
        first = client.get(path)
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304, path


def test_an_empty_directory_has_a_sitemap_without_empty_shards(client: Client, db: None) -> None:
    assert shards(client).keys() == {"pages"}


def test_ids_far_apart_hidden_companies_and_doubles_make_no_empty_shards(
    client: Client, company: Callable[..., Entreprise]
) -> None:
    company("A", id=10)
    company("MARTIN JEANNE", id=500_000, statut_diffusion="P", categorie_juridique="1000")
    company("B", id=1_000_000)
    Doublon.objects.create(siren=company("C", id=2_000_000).siren, doublon_de="666666660")
    assert re.findall(r"entreprises-(\d+)", client.get("/sitemap.xml").text) == ["0", "20"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<url><lastmod>2026-01-02</lastmod><loc>http://a.example/b</loc></url>", "of"),
        ("<url><loc>/b</loc></url>", "loc /b"),
        ("<url><loc>http://a.example/é</loc></url>", "loc http"),
        ("<url><loc>http://a.example/b</loc><lastmod>yesterday</lastmod></url>", "lastmod"),
        ("", "0 entries"),
    ],
)
def test_what_the_schema_refuses_is_seen(body: str, problem: str) -> None:
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{NAMESPACE[1:-1]}">{body}</urlset>'
    assert any(problem in each for each in problems(text.encode()))
