"""Natural persons who are partly public in the register: shown by SIREN, without who and where they are."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

Add = Callable[..., Any]

SECRETS = {
    "nom": "JEANNE MYSTERE",
    "nom_commercial": "CHEZ MYSTERE",
    "adresse": "7 RUE MYSTERE",
    "telephone": "0102030405",
    "email": "jeanne@mystere.example",
    "site_web": "https://mystere.example",
    "latitude": 48.123456,
    "longitude": 2.123456,
}


@pytest.fixture
def jeanne(company: Add) -> Any:
    return company(
        **SECRETS, siren="732829320", code_postal="48000", categorie_juridique="1000", statut_diffusion="P"
    )


def answers(client: Client) -> Iterator[dict[str, Any]]:
    yield client.get("/api/entreprises/732829320/").json()
    yield client.get("/api/entreprises/").json()["results"][0]
    yield client.get("/api/entreprises/?q=732 829 320").json()["results"][0]


def test_who_and_where_the_person_is_shows_nowhere(jeanne: Any, client: Client) -> None:
    for row in answers(client):
        assert row["siren"] == "732829320"
        assert row["code_postal"] == "48000"
        for name in ("nom", "nom_commercial", "adresse", "telephone", "email", "site_web"):
            assert row[name] == "[ND]"
        assert (row["latitude"], row["longitude"]) == (None, None)
        assert not any(str(secret) in str(row) for secret in SECRETS.values())


@pytest.mark.parametrize("q", ["jeanne", "mystere", "jeanne mystere", "mystere 48000", "48000", "je", "[ND]"])
def test_the_person_is_never_found_by_words(jeanne: Any, client: Client, q: str) -> None:
    assert client.get("/api/entreprises/", {"q": q}).json()["results"] == []


def test_a_public_person_is_shown(company: Add, client: Client) -> None:
    company(**SECRETS, siren="732829320", categorie_juridique="1000", statut_diffusion="O")
    for row in answers(client):
        assert {name: row[name] for name in SECRETS} == SECRETS
    assert len(client.get("/api/entreprises/?q=mystere").json()["results"]) == 1


def test_a_legal_person_who_is_not_public_keeps_its_name_and_has_no_street(
    company: Add, client: Client
) -> None:
    company(**SECRETS, siren="732829320", categorie_juridique="5710", statut_diffusion="P")
    for row in answers(client):
        assert (row["nom"], row["nom_commercial"]) == (SECRETS["nom"], SECRETS["nom_commercial"])
        assert [row[name] for name in ("adresse", "telephone", "email", "site_web")] == [""] * 4
        assert (row["latitude"], row["longitude"]) == (None, None)
    assert len(client.get("/api/entreprises/?q=mystere").json()["results"]) == 1


def test_an_index_that_follows_no_log_is_not_believed_either(
    company: Add, client: Client, index: Callable[[], None]
) -> None:
    jeanne = company("JEANNE MYSTERE", siren="732829320", categorie_juridique="1000")
    company("JEANNE FLEURS", siren="552100554")
    index()
    jeanne.statut_diffusion = "P"
    jeanne.save()
    body = client.get("/api/entreprises/", {"q": "jeanne", "facets": "is_active"}).json()
    assert ([row["siren"] for row in body["results"]], body["total"], body["engine"]) == (
        ["552100554"],
        1,
        "tantivy",
    )
    assert body["facets"]["is_active"][0]["count"] == 1
    assert client.get("/api/entreprises/", {"q": "mystere", "ordering": "nom"}).json()["total"] == 0
    suggested = client.get("/api/suggestions/", {"q": "jeanne"}).json()["results"]
    assert [each["code"] for each in suggested if each["kind"] == "entreprise"] == ["552100554"]
