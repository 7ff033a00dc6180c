"""Who is hidden, on every status, legal form and name: the forms of the rule that need no database."""

from itertools import product

import polars as pl
import pytest

from foxreviews.enterprise.privacy import (
    CONTACTS,
    HIDDEN_SQL,
    MASK,
    NAMES,
    POSITION,
    hidden,
    is_hidden,
    masked,
)
from foxreviews.reference.register import LEGAL_FORMS

CASES = list(product(("O", "P", "N", ""), ("", "1", "571", "57100", "SARL", *LEGAL_FORMS), ("ACME", MASK)))
FRAME = pl.DataFrame(CASES, schema=["statut_diffusion", "categorie_juridique", "nom"], orient="row")
PERSONS = {"1000", "2110", "2120", "2210", "2220", "2310", "2320", "2385"}


def cases(condition: pl.Expr) -> list[tuple[str, ...]]:
    return FRAME.filter(condition).rows()


def test_hidden_are_the_nameless_and_those_who_are_not_public_and_may_be_persons() -> None:
    unknown = {"", "1", "571", "57100", "SARL"}
    expected = [
        (status, form, nom)
        for status, form, nom in CASES
        if nom == MASK or (status != "O" and (form in unknown or form in PERSONS))
    ]
    assert cases(hidden(pl.col)) == expected


def test_the_sql_form_says_what_the_data_frame_s_says() -> None:
    assert cases(pl.sql_expr(HIDDEN_SQL)) == cases(hidden(pl.col))


def test_a_row_is_hidden_where_the_data_frame_says_so() -> None:
    assert [tuple(row.values()) for row in FRAME.to_dicts() if is_hidden(row)] == cases(hidden(pl.col))


@pytest.mark.parametrize(("form", "nom"), [("1000", "X"), ("2110", "X"), ("", "X"), ("5710", MASK)])
def test_of_a_hidden_company_who_and_where_it_is_is_masked_and_nothing_else(form: str, nom: str) -> None:
    row = company("P", form) | {"nom": nom}
    before = dict(row)
    assert masked(row) == row | dict.fromkeys((*NAMES, *CONTACTS), MASK) | dict.fromkeys(POSITION)
    assert row == before


def test_a_legal_person_who_is_not_public_keeps_its_name_and_has_no_street() -> None:
    row = company("P", "5710")
    assert masked(row) == row | dict.fromkeys(CONTACTS, "") | dict.fromkeys(POSITION)


def test_a_public_person_is_shown_as_it_is() -> None:
    assert masked(company("O", "1000")) == company("O", "1000")


def company(status: str, form: str) -> dict[str, object]:
    known = {
        "siren": "732829320",
        "ville_nom": "Mende",
        "statut_diffusion": status,
        "categorie_juridique": form,
    }
    return known | dict.fromkeys((*NAMES, *CONTACTS), "SECRET") | {"latitude": 48.1, "longitude": 2.1}
