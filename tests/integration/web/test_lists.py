"""The pages of towns, départements and trades."""

import pytest
from django.test import Client

from foxreviews.enterprise.models import Entreprise
from tests.integration.web.pages import read
from tests.integration.web.test_entreprise import walk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/ville/69123", "/ville/69123-lyon"), ("/ville/69123-lion", "/ville/69123-lyon"),
        ("/ville/44036-old", "/ville/44109-nantes"), ("/departement/2a", "/departement/2A-corse-du-sud"),
        ("/activite/5610a", "/activite/56.10A-restauration-traditionnelle"),
        ("/activite/56", "/activite/56-restauration"),
        ("/en/activite/56", "/en/activite/56-restauration"),
    ],
)  # fmt: skip
def test_one_place_or_trade_has_one_address(client: Client, towns: None, path: str, canonical: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (301, canonical)
    assert client.get(canonical).status_code == 200


def test_a_list_is_walked_to_the_last_and_back(client: Client, scene: Entreprise) -> None:
    for path, count in (
        ("/ville/69123-lyon", 28), ("/departement/69-rhone", 28),
        ("/activite/10.71C-boulangerie-et-boulangerie-patisserie", 27),
    ):  # fmt: skip
        seen = walk(client, path, "/entreprise/")
        assert len(seen) == len({*seen}) == count


def test_a_town_says_how_many_and_what_they_do(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/ville/69123-lyon"))
    for expected in (
        "28 entreprises actives, 1 cessée", "519 127", "Rhône", "Auvergne-Rhône-Alpes", "Lyon 3e",
        "Boulangerie et boulangerie-pâtisserie", "10 à 19 salariés",
    ):  # fmt: skip
        assert expected in page.text, expected
    assert "Ville" not in read(client.get("/en/ville/69383-lyon-3e-arrondissement")).text


def test_a_trade_leads_to_its_codes_in_the_other_nomenclature(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/activite/10.71C-boulangerie-et-boulangerie-patisserie"))
    assert "10.71H" in page.text
    assert "boulanger" in page.text
    assert "Rhône" in page.text
    assert "10.71C" in read(client.get("/activite/10.71H", follow=True)).text
    division = read(client.get("/activite/10-industries-alimentaires"))
    assert "10.71C" in division.text
