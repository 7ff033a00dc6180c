"""Companies read by the thousand: what is derived from other tables is the same for all of them and for some."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from foxreviews.enterprise import blocks
from foxreviews.enterprise.models import AncienNom, Entreprise

pytestmark = pytest.mark.django_db

COLUMNS = ("nom", "etablissements", "siren", "anciens_noms")
Add = Callable[..., Any]


def all_and_some() -> list[pl.DataFrame]:
    """Every company, read with all others and asked for by its number."""
    every = pl.concat([frame for _, frame in blocks.companies(COLUMNS)])
    some = blocks.companies_of(every["siren"].to_list(), COLUMNS)[1]
    return [frame.with_columns(pl.col(pl.String).fill_null("")).sort("siren") for frame in (every, some)]


@pytest.fixture
def former() -> Add:
    """former(siren, "LE MOULIN"): a name that the company had."""

    def add(siren: str, nom: str) -> None:
        AncienNom.objects.create(siren=siren, nature="denomination", nom=nom, date_fin="2020-01-01")

    return add


def test_texts_are_the_same_for_all_companies_and_for_some(
    company: Add, etablissement: Add, former: Add
) -> None:
    one, other, third = company("UNE"), company("AUTRE"), company("TROIS")
    company("SANS RIEN")
    company("ODD", siren="12 34")
    etablissement(one.siren, 3, "MOULIN", ville_nom="Brest", code_postal="29200", ville_id="29019")
    etablissement(one.siren, 2, "FOURNIL", ville_nom="Lyon")
    etablissement(one.siren, 4, "SIEGE", est_siege=True)
    etablissement(one.siren, 5, "FERME", is_active=False)
    etablissement(one.siren, 6, "NON PUBLIC", statut_diffusion="P")
    etablissement(third.siren, 2)
    former(other.siren, "ZUT")
    former(other.siren, "ALLO")
    every, some = all_and_some()
    assert every.rows() == some.rows()
    texts = {row["nom"]: row for row in every.iter_rows(named=True)}
    signs, towns = texts["UNE"]["etablissements"], ("Lyon", "Brest")
    assert [signs.index(each) for each in towns] == sorted(signs.index(each) for each in towns)
    assert not any(word in signs for word in ("SIEGE", "FERME", "PUBLIC"))
    assert texts["AUTRE"]["anciens_noms"] == "ALLO\tZUT"
    assert texts["SANS RIEN"]["etablissements"] == texts["SANS RIEN"]["anciens_noms"] == ""
    assert "ODD" not in texts


@pytest.mark.parametrize("broken", ["A\nB", "\x1f", "A\r\nB", '"'])
def test_breaks_in_texts_of_other_tables_are_no_breaks_of_rows(
    company: Add, etablissement: Add, former: Add, broken: str
) -> None:
    for nom in ("UNE", "AUTRE"):
        siren = company(nom).siren
        etablissement(siren, 2, broken)
        former(siren, f"{broken} {nom}")
    every, some = all_and_some()
    assert every.rows() == some.rows()


def test_the_columns_have_the_order_that_was_asked_for(company: Add) -> None:
    company("UNE")
    assert [tuple(frame.columns) for _, frame in blocks.companies(COLUMNS)] == [COLUMNS]
    Entreprise.objects.all().delete()
    assert sum(rows for rows, _ in blocks.companies(COLUMNS)) == 0
