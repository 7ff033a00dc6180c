"""Of many companies the best are found among the largest: the same ones as if all were looked at."""

import json
import random
from typing import Any

import pytest
import tantivy

from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.search.engines import tantivy as engine
from foxreviews.search.engines.tantivy import CompanyIndex, TantivyEngine, TantivyIndex
from foxreviews.search.index import reader, schema
from foxreviews.search.index.reader import Answers
from foxreviews.search.query.nodes import AllOf, AnyOf, Node, Not, Range, Term
from foxreviews.search.query.ranking import BAND_PLACES, BANDS_FROM, SIREN_BITS

COMPANIES = 1_000
BIG, SMALL, NAME = Term("nom", "BIG"), Term("nom", "SMALL"), Term("nom", "PORT")
NODES: list[Node] = [
    NAME,
    AnyOf((NAME, BIG)),
    AllOf((NAME, Not(BIG))),
    AllOf((NAME, SMALL)),
    AllOf((NAME, Range("rank", upper=1 << SIREN_BITS + 6))),
]


@pytest.fixture(scope="module")
def companies() -> tantivy.Index:
    """Large ones are rare and called BIG, those without a workforce are called SMALL, half are called PORT."""
    index, chance = schema.prepared(tantivy.Index(schema.entreprises())), random.Random(1)
    with schema.writing(index, 15_000_000) as writer:
        for siren in range(COMPANIES):
            writer.add_json(json.dumps(document(siren, chance)))
    index.reload()
    return index


def document(siren: int, chance: random.Random) -> dict[str, Any]:
    code, place = chance.choices([*BAND_PLACES.items()], [2.0**-place for place in BAND_PLACES.values()])[0]
    is_active = chance.random() < 0.2
    words = ["BIG" if place > 5 else "", "" if place else "SMALL", chance.choice(["PORT", "QUAI"])]
    return {
        "siren": siren,
        "rank": (is_active << 7 | place << 3 | chance.randrange(8)) << SIREN_BITS | siren,
        "nom": " ".join(words),
        "is_active": str(is_active).lower(),
        "tranche_effectif": code,
    }


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LARGEST_THRESHOLD", 1)


@pytest.mark.parametrize("limit", [1, 5, 6, 7, 8, 12, 200])
@pytest.mark.parametrize("node", NODES, ids=range(len(NODES)))
@pytest.mark.parametrize("ascending", [False, True])
def test_the_largest_are_those_that_all_would_give(
    companies: tantivy.Index, node: Node, limit: int, ascending: bool
) -> None:
    index = CompanyIndex(companies)
    assert index.count(node)
    assert index.ranks(node, limit, ascending=ascending) == TantivyIndex(companies).ranks(
        node, limit, ascending=ascending
    )


def test_of_many_only_the_largest_are_looked_at(
    companies: tantivy.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LARGEST_THRESHOLD", 100)
    index = CompanyIndex(companies)
    assert index._largest(NAME, 5) == ()  # nobody has counted yet
    index.count(NAME)
    _, bands = index._largest(NAME, 5)
    assert {*bands.values} < {*BANDS_FROM[1]}
    assert index.count(AllOf((NAME, bands))) < index.count(NAME) / 4
    assert index._largest(AllOf((NAME, BIG)), 5) == ()  # few


def test_a_larger_band_comes_before_a_smaller_one() -> None:
    assert BANDS_FROM[15] == ("53",)
    assert {*BANDS_FROM[0]} == {*BAND_PLACES}
    assert all({*BANDS_FROM[place]} < {*BANDS_FROM[place - 1]} for place in range(1, 16))


def ask(index: Any) -> object:
    return index.count(NAME), index.ranks(NAME, 5), index.facets(NAME, {"is_active": 2})


def test_what_was_found_of_many_is_kept(companies: tantivy.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(companies.searcher())
    found = ask(CompanyIndex(companies, answers))
    assert found == ask(CompanyIndex(companies))
    with monkeypatch.context() as patched:
        patched.setattr(TantivyIndex, "_translate", None)  # nothing is asked
        assert ask(CompanyIndex(companies, answers)) == found
    assert CompanyIndex(companies, answers).ranks(NAME, 5, ascending=True) != found


def test_with_many_who_were_hidden_since_nothing_is_kept(companies: tantivy.Index) -> None:
    answers, hidden = Answers(companies.searcher()), HiddenSince()
    hidden.sirens = {f"{number:09}" for number in range(engine.MAX_HIDDEN + 1)}
    ask(TantivyEngine(companies, hidden, answers).index)
    assert not answers.found
    ask(TantivyEngine(companies, HiddenSince(), answers).index)
    assert answers.found


def test_no_more_answers_are_kept_than_there_is_room_for(
    companies: tantivy.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_ANSWERS", 4)
    answers = Answers(companies.searcher())
    assert [answers.get_or_find(number, lambda number=number: number) for number in range(1, 8)] == [
        *range(1, 8)
    ]
    assert [*answers.found] == [4, 5, 6, 7]
