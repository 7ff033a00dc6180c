"""Pages of other sites read the API in their visitors' browsers."""

import pytest
from django.test import Client, override_settings

PAGE = {"Origin": "https://example.fr"}
ALLOWED = "Access-Control-Allow-Origin"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/api/villes/", "/api/entreprises/?nonsense=1", "/api/entreprises/000000000/"]
)
def test_any_page_may_read_answers_and_errors_and_nobody_is_recognised(address: str) -> None:
    response = Client().get(address, headers=PAGE)
    assert response[ALLOWED] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert "Retry-After" in response["Access-Control-Expose-Headers"]


def test_a_browser_may_post_json() -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    response = Client().options("/api/lots/", headers=PAGE | asked)
    assert response.status_code == 200
    assert "POST" in response["Access-Control-Allow-Methods"]
    assert "content-type" in response["Access-Control-Allow-Headers"]


def test_what_is_not_the_api_is_for_its_own_pages() -> None:
    for address in ("/", "/admin/login/"):
        assert ALLOWED not in Client().get(address, headers=PAGE)


@override_settings(CORS_ALLOW_ALL_ORIGINS=False, CORS_ALLOWED_ORIGINS=["https://example.fr"])
def test_the_operator_may_name_the_pages() -> None:
    assert Client().get("/api/villes/", headers=PAGE)[ALLOWED] == PAGE["Origin"]
    assert ALLOWED not in Client().get("/api/villes/", headers={"Origin": "https://example.com"})
