"""Who is hidden, on every status and legal form: the forms of the rule that need no database."""

from itertools import product

import polars as pl
import pytest

from foxreviews.enterprise.privacy import HIDDEN_SQL, MASK, is_hidden, masked, may_be_hidden
from foxreviews.reference.register import LEGAL_FORMS

PAIRS = list(product(("O", "P", "N", ""), ("", "1", "10001", *LEGAL_FORMS)))
FRAME = pl.DataFrame(PAIRS, schema=["statut_diffusion", "categorie_juridique"], orient="row")


def rows(condition: pl.Expr) -> list[tuple[str, str]]:
    return FRAME.filter(condition).rows()


def test_hidden_are_partly_public_sole_traders_and_no_others() -> None:
    assert rows(is_hidden(pl.col)) == [("P", "1000")]


def test_the_sql_form_says_what_the_data_frame_s_says() -> None:
    assert rows(pl.sql_expr(HIDDEN_SQL)) == rows(is_hidden(pl.col))


def test_a_row_is_hidden_where_the_data_frame_says_so() -> None:
    hidden = [tuple(row.values()) for row in FRAME.to_dicts() if is_hidden(row.__getitem__)]
    assert hidden == rows(is_hidden(pl.col))


def test_an_import_withholds_the_name_of_every_partly_public_unit_that_may_be_a_person() -> None:
    withheld = rows(may_be_hidden(pl.col))
    assert set(rows(is_hidden(pl.col))) < set(withheld)
    assert withheld == [("P", form) for status, form in PAIRS if status == "P" and form[:1] in ("", "1")]


@pytest.mark.parametrize(
    ("status", "form", "hidden"), [("P", "1000", True), ("O", "1000", False), ("P", "5710", False)]
)
def test_of_a_hidden_company_who_and_where_it_is_is_masked_and_nothing_else(
    status: str, form: str, hidden: bool
) -> None:
    texts = dict.fromkeys(("nom", "nom_commercial", "adresse", "telephone", "email", "site_web"), "SECRET")
    place = {"latitude": 48.1, "longitude": 2.1}
    row = {
        "siren": "732829320", "ville_nom": "Mende", "statut_diffusion": status, "categorie_juridique": form,
        **texts, **place,
    }  # fmt: skip
    shown = row | dict.fromkeys(texts, MASK) | dict.fromkeys(place) if hidden else row
    before = dict(row)
    assert masked(row) == shown
    assert row == before
