"""What pages say to machines, read back by extruct: JSON-LD in the words of schema.org, and Open Graph."""

from collections.abc import Callable, Mapping
from typing import Any

import extruct
import pytest
from django.test import Client

from foxreviews.enterprise.models import Entreprise
from tests.integration.web.test_pages import ADDRESSES

pytestmark = pytest.mark.django_db

ADDRESS = {"@type", "addressCountry"}
# What each thing must have: what search engines ask for, and what makes it useful
REQUIRED = {
    "Organization": {"@id", "name", "url", "address", "identifier", "image"},
    "LocalBusiness": {"@id", "name", "url", "address", "identifier", "parentOrganization"},
    "BreadcrumbList": {"itemListElement"},
    "WebSite": {"name", "url", "potentialAction"},
}
# Open Graph: the four that each page must have, and what a picture needs
PROPERTIES = {
    "og:title", "og:type", "og:image", "og:url", "og:description", "og:site_name", "og:locale", "og:image:alt",
    "og:image:width", "og:image:height",
}  # fmt: skip
KINDS = {
    "/entreprise/": ["Organization", "BreadcrumbList"], "/etablissement/": ["LocalBusiness", "BreadcrumbList"],
    "/ville/": ["BreadcrumbList"], "/departement/": ["BreadcrumbList"], "/activite/": ["BreadcrumbList"],
}  # fmt: skip


def read(client: Client, path: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The things of a page, and its Open Graph."""
    html = client.get(path, follow=True).text
    found = extruct.extract(html, base_url="http://testserver", syntaxes=["json-ld", "opengraph"])
    graphs = [each["@graph"] for each in found["json-ld"]]
    (opengraph,) = found["opengraph"]
    assert all(each["@context"] == "https://schema.org" for each in found["json-ld"])
    assert len(graphs) <= 1
    return [*graphs[0]] if graphs else [], dict(opengraph["properties"])


def assert_complete(thing: Mapping[str, Any]) -> None:
    """It has what its kind must have, nothing empty, and whole addresses."""
    assert REQUIRED[thing["@type"]] <= thing.keys(), thing
    assert all(value not in ("", None, [], {}) for value in thing.values()), thing
    assert thing.get("address", dict.fromkeys(ADDRESS)).keys() >= ADDRESS
    for name in ("@id", "url", "image"):
        assert thing.get(name, "http://testserver/").startswith("http://testserver/"), name
    for place, step in enumerate(thing.get("itemListElement", []), 1):
        assert (step["@type"], step["position"]) == ("ListItem", place)
        assert step["name"]
        assert step["item"].startswith("http://testserver/")


def test_every_kind_of_page_says_what_it_is(client: Client, scene: Entreprise) -> None:
    pictures = set[str]()
    for path in (f"{prefix}{each}".format(siren=scene.siren) for prefix in ("", "/en") for each in ADDRESSES):
        things, properties = read(client, path)
        assert properties.keys() >= PROPERTIES, path
        assert all(properties[name].strip() for name in PROPERTIES), (path, properties)
        assert properties["og:url"].startswith("http://testserver/")
        pictures.add(properties["og:image"].removeprefix("http://testserver"))
        is_home = path.removeprefix("/en") == "/"
        kinds = ["WebSite"] if is_home else next((each for part, each in KINDS.items() if part in path), None)
        if kinds is not None:
            assert [thing["@type"] for thing in things] == kinds, path
        for thing in things:
            assert_complete(thing)
    # Files last: an answer that is closed closes the connection to the database, too.
    for picture in sorted(pictures, key=lambda path: path.startswith("/static/")):
        answer = client.get(picture)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        if answer.streaming:
            answer.close()


def test_an_establishment_is_a_business_of_its_company(client: Client, scene: Entreprise) -> None:
    (business, _way), _ = read(client, f"/etablissement/{scene.siren}00012")
    assert business["name"] == "AU BON PAIN"
    assert business["address"]["streetAddress"] == "12 RUE DES LILAS"
    assert business["identifier"]["value"].replace(" ", "") == f"{scene.siren}00012"
    company = business["parentOrganization"]
    assert company["name"] == "LE FOURNIL DE LYON"
    assert company["url"] == f"http://testserver/entreprise/{scene.siren}-le-fournil-de-lyon"


def test_of_who_is_hidden_machines_learn_the_way_to_the_page_alone(
    client: Client, person: Entreprise, etablissement: Callable[..., Any]
) -> None:
    etablissement(person.siren, 10, "CHEZ MARIE", est_siege=True, statut_diffusion="P", libelle_voie="LILAS")
    for path in (f"/entreprise/{person.siren}", f"/etablissement/{person.siren}00010"):
        things, properties = read(client, path)
        assert [thing["@type"] for thing in things] == ["BreadcrumbList"]
        said = f"{things} {properties}"
        for secret in ("DUPONT", "MARIE", "LILAS", "45.76", "[ND]", "/og/"):
            assert secret not in said, (path, secret)
