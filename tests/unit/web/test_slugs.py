"""The addresses of pages: a number, and words for people."""

import pytest
from django.utils.translation import override

from foxreviews.web import slugs
from foxreviews.web.slugs import MAX_SLUG, code_of, key, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("L'HAŸ & FILS", "l-hay-fils"), ("", ""), ("مخبز", ""), ("🦊", ""), ("<script>", "script"),
        ("A" * 500, "a" * MAX_SLUG),
        ("MOT " * 50, "-".join(["mot"] * 15)),
    ],
)  # fmt: skip
def test_a_slug_has_words_that_fit(name: str, expected: str) -> None:
    assert slug(name) == expected
    assert code_of(key("622012748", name)) == "622012748"


def test_the_address_of_who_is_hidden_has_no_name() -> None:
    row = {
        "siren": "732829320",
        "nom": "DUPONT MARIE",
        "statut_diffusion": "O",
        "categorie_juridique": "1000",
    }
    with override("en"):
        assert slugs.entreprise(row) == "/en/entreprise/732829320-dupont-marie"
        assert slugs.entreprise(row | {"statut_diffusion": "P"}) == "/en/entreprise/732829320"
