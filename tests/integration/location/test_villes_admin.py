"""The admin's pages of towns."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from foxreviews.location.models import Ville

pytestmark = pytest.mark.django_db

LIST = "/admin/location/ville/"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


@pytest.fixture(autouse=True)
def towns() -> None:
    lyon = Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon", departement="69")
    Ville.objects.create(
        code_insee="69383", nom="Lyon 3e Arrondissement", slug="lyon-3", departement="69", commune=lyon,
        codes_postaux=["69003"],
    )  # fmt: skip
    Ville.objects.create(code_insee="42218", nom="Saint-Étienne", slug="saint-etienne", departement="42")


def listed(client: Client, q: str) -> list[str]:
    page = client.get(LIST, {"q": q}).content.decode()
    return re.findall(r'class="field-code_insee"[^>]*><a [^>]*>(\w{5})</a>', page)


@pytest.mark.parametrize(
    ("q", "codes"),
    [
        ("st etienne", ["42218"]),
        ("lyon", ["69123", "69383"]),
        ("69383", ["69383"]),
        ("69003", ["69383"]),
        ("", ["69123", "69383", "42218"]),
        ("nowhere", []),
    ],
)
def test_a_town_is_found_by_its_name_or_its_codes(operator: Client, q: str, codes: list[str]) -> None:
    assert listed(operator, q) == codes


def test_a_district_shows_the_code_of_its_city_and_no_menu_of_all_towns(operator: Client) -> None:
    page = operator.get(f"{LIST}69383/change/").content.decode()
    assert (
        re.search(r'<input[^>]*name="commune"[^>]*value="69123"', page)
        or 'value="69123" name="commune"' in page
    )
    assert "<select" not in page


def test_a_renamed_town_is_found_by_its_new_name(operator: Client) -> None:
    form: dict[str, Any] = {
        "code_insee": "42218", "nom": "Saint-Étienne-en-Forez", "slug": "saint-etienne", "codes_postaux": "42000",
        "departement": "42", "region": "84", "population": "", "latitude": "", "longitude": "", "commune": "",
        "appellations": "",
    }  # fmt: skip
    assert operator.post(f"{LIST}42218/change/", form).status_code == 302
    assert listed(operator, "saint etienne en f") == ["42218"]
