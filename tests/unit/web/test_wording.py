"""Words of pages: addresses and days as they are written in France."""

from datetime import date

import pytest
from django.utils.translation import override

from foxreviews.web.contacts import contact
from foxreviews.web.wording import day, place


@pytest.mark.parametrize(
    ("postal_code", "code", "town", "shown"),
    [
        ("75017", "75117", "Paris", "75017 Paris"),
        ("75116", "75116", "Paris", "75116 Paris"),
        ("69003", "69383", "Lyon", "69003 Lyon"),
        ("13016", "13216", "Marseille", "13016 Marseille"),
        ("", "75117", "Paris", "Paris 17e"),
        ("75379", "75108", "Paris", "75379 Paris 8e"),
        ("75017", None, "Paris", "75017 Paris"),
        ("44000", "44109", "Nantes", "44000 Nantes"),
        ("", None, "", ""),
    ],
)
def test_a_place_is_written_as_on_a_letter(postal_code: str, code: str | None, town: str, shown: str) -> None:
    assert place({"code_postal": postal_code, "ville_id": code, "ville_nom": town}) == shown


def test_french_counts_the_first_day_of_a_month_alone() -> None:
    with override("fr"):
        assert [day(date(2003, 4, each)) for each in (1, 11, 21)] == [
            "1er avril 2003", "11 avril 2003", "21 avril 2003",
        ]  # fmt: skip
    with override("en"):
        assert day(date(2003, 4, 1)) == "1 April 2003"


@pytest.mark.parametrize(
    ("name", "text", "url"),
    [
        ("telephone", "01 99 00 12 34", "tel:0199001234"), ("telephone", "+33 (0)1.99.00.12.34", "tel:+33199001234"),
        ("telephone", "demander Paul", ""), ("telephone", "0" * 40, ""),
        ("email", "a.b+c@fournil.example", "mailto:a.b+c@fournil.example"),
        ("email", "a@b.example?bcc=c@d.example", ""), ("email", "a b@c.example", ""),
        ("site_web", "https://www.fournil.example/pain", "https://www.fournil.example/pain"),
        ("site_web", "javascript:alert(1)", ""), ("site_web", "http://a@b.example", ""),
        ("site_web", "https://www.fournil.example/\u202epain", ""), ("site_web", "www.fournil.example", ""),
    ],
)  # fmt: skip
def test_a_contact_is_a_link_where_it_is_what_it_should_be(name: str, text: str, url: str) -> None:
    assert contact(name, text).url == url
    assert contact(name, text).text == text
