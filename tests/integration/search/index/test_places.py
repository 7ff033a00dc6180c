"""Towns and trades as documents of an index."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.location.models import Ville
from foxreviews.reference.naf import NAF
from foxreviews.search.index import place_documents, schema
from foxreviews.search.query import places

Add = Callable[..., Any]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The documents by their codes."""
    made = [orjson.loads(each) for each in place_documents.documents()]
    return {places.weight_and_code(each["rank"])[1]: each for each in made if each["kind"] == kind}


def add_town(code_insee: str, nom: str, **fields: Any) -> None:
    Ville.objects.create(code_insee=code_insee, nom=nom, slug=code_insee.lower(), **fields)


def test_every_town_and_trade_is_one_document_that_the_index_takes(db: None) -> None:
    add_town("69123", "Lyon", population=520_000)
    add_town("2A004", "Ajaccio")
    index = schema.prepared(tantivy.Index(schema.places()))
    writer = index.writer(15_000_000, 1)
    for each in place_documents.documents():
        writer.add_json(each)
    writer.commit()
    index.reload()
    assert index.searcher().num_docs == 2 + len(NAF)


def test_a_town_has_the_names_of_its_places_and_its_postal_codes(db: None) -> None:
    add_town("42218", "Saint-Étienne", departement="42", region="84", codes_postaux=["42000", "42230"],
             appellations=["ROCHETAILLEE"])  # fmt: skip
    town = of_kind(places.VILLE)["42218"]
    assert town["nom"] == "SAINT ETIENNE"
    assert town["lieu"] == "ROCHETAILLEE SAINT ETIENNE 42 LOIRE AUVERGNE RHONE ALPES 42000 42230"


@pytest.mark.parametrize(
    "typed", ["lyon 3", "LYON 03", "lyon 3e", "Lyon 3ème arrondissement", "lyon cedex 03"]
)
def test_a_district_has_the_key_of_each_way_to_write_it(db: None, typed: str) -> None:
    add_town("69383", "Lyon 3e Arrondissement")
    assert places.keys(typed) & set(of_kind(places.VILLE)["69383"]["key"])


def test_a_town_whose_code_is_none_is_left_out(db: None) -> None:
    add_town("?", "Nowhere")
    assert of_kind(places.VILLE) == {}


def test_a_trade_is_known_by_its_code_its_label_and_what_people_say(db: None) -> None:
    plumber = of_kind(places.ACTIVITE)["4322A"]
    assert {"4322A", "PLOMBIER"} <= set(plumber["key"])
    assert {"PLOMBIER", "EAU", "GAZ", "INSTALLATION"} <= set(plumber["nom"].split())
    assert "BOULANGERIE" in of_kind(places.ACTIVITE)["1071C"]["key"]


def test_the_trade_that_most_companies_have_comes_first(company: Add) -> None:
    for naf_code in ("62.01Z", "10.71C", "62.01Z", "none"):
        company("A", naf_code=naf_code)
    ranks = {code: trade["rank"] for code, trade in of_kind(places.ACTIVITE).items()}
    assert sorted(ranks, key=lambda code: -ranks[code])[:2] == ["6201Z", "1071C"]


def test_a_trade_of_both_nomenclatures_is_known_once(company: Add) -> None:
    company("A", naf25_code="62.10Y")
    trades = of_kind(places.ACTIVITE)
    assert {"6201Z", "6210Y", "PROGRAMMATIONINFORMATIQUE"} <= set(trades["6210Y"]["key"])
    assert "6201Z" not in trades
    company("B", naf_code="62.01Z")
    assert "6201Z" in of_kind(places.ACTIVITE)  # as many: the plan's own


def test_a_trade_is_known_by_the_nomenclature_in_which_companies_have_it(company: Add) -> None:
    assert {"5610C", "5611J"} & of_kind(places.ACTIVITE).keys() == {"5610C"}
    company("A", naf25_code="56.11J")
    trades = of_kind(places.ACTIVITE)
    assert {"5610C", "5611J", "5612Y"} & trades.keys() == {"5611J"}
    assert "PIZZA" in trades["5611J"]["key"]


def test_the_most_populous_town_comes_first(db: None) -> None:
    add_town("01001", "A", population=5)
    add_town("01002", "B")
    add_town("01003", "C", population=10)
    towns = of_kind(places.VILLE)
    assert sorted(towns, key=lambda code: -towns[code]["rank"]) == ["01003", "01001", "01002"]


@given(st.integers(0, 100_000_000), st.from_regex(r"[0-9A-Z]{5}", fullmatch=True))
def test_a_rank_holds_its_code(weight: int, code: str) -> None:
    assert places.weight_and_code(places.rank(weight, code)) == (weight, code)
