"""What was found of many companies is kept as long as no company changes."""

import json
import secrets
from typing import Any

import polars as pl
import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.reference.text import fold
from foxreviews.reference.words import words
from foxreviews.search.engines import tantivy as engine
from foxreviews.search.engines.tantivy import CompanyIndex, TantivyEngine, TantivyIndex
from foxreviews.search.index import reader, schema
from foxreviews.search.index.document import COLUMNS, documents
from foxreviews.search.index.reader import Answers
from foxreviews.search.query.nodes import AllOf, AnyOf, Fuzzy, Node, Not, Prefix, Range, Term, Terms
from foxreviews.search.query.ranking import MAX_SIREN
from foxreviews.search.query.tiers import SHOWN
from tests.unit.search.memory_index import MemoryIndex

COMPANIES = 100
NAME = Term("nom", "PORT")


@pytest.fixture(scope="module")
def companies() -> tantivy.Index:
    """Half of them are called PORT, a tenth of these are active."""
    index = schema.prepared(tantivy.Index(schema.entreprises()))
    with schema.writing(index, 15_000_000) as writer:
        for siren in range(COMPANIES):
            nom = "PORT" if siren % 2 else "QUAI"
            words = {"nom": nom, "debut": nom[:3], "is_active": str(siren % 20 == 1).lower()}
            writer.add_json(json.dumps({"siren": siren, "rank": siren, **words}))
    index.reload()
    return index


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MANY_THRESHOLD", 50)
    monkeypatch.setattr(engine, "FEW_COMPANIES", 2)


@pytest.mark.parametrize(
    ("node", "most"),
    [
        (NAME, 50),
        (AnyOf((NAME, Term("nom", "QUAI"))), 100),
        (AllOf((NAME, Term("is_active", "true"), Not(Term("nom", "QUAI")))), 5),
        (Terms("nom", ("PORT", "QUAI")), 100),
        (AllOf(()), float("inf")),
        (Prefix("nom", "PO"), float("inf")),
        (Prefix("nom", "POR"), 50),
        (AllOf((Range("rank", lower=1), Term("is_active", "true"))), 5),
    ],
)
def test_no_more_companies_match_than_is_said(companies: tantivy.Index, node: Node, most: float) -> None:
    index = CompanyIndex(companies)
    assert index._at_most(node) == most
    assert index.count(node) <= most


@pytest.mark.parametrize("beginning", ["M", "MA", "MAR", "MARI", "LE", "LES", "É", "42"])
def test_a_beginning_finds_each_word_that_begins_so_whatever_its_length(beginning: str) -> None:
    noms = ["MARTIN ET FILS", "Marie", "MA", "LES MARINS", "LE 42", "L ÉTOILE", "LESAGE", "AMARIS"]
    numbers = [f"{number:09}" for number in range(len(noms))]
    own = {"siren": numbers, "nom": noms, "ville_nom": noms, "statut_diffusion": "O", "is_active": True}
    frame = pl.DataFrame(dict.fromkeys(COLUMNS, "") | {"latitude": 1.0} | own)
    index = schema.prepared(tantivy.Index(schema.entreprises()))
    with schema.writing(index, 15_000_000) as writer:
        for document in documents(frame):
            writer.add_json(document)
    index.reload()
    expected = sum(any(word.startswith(fold(beginning)) for word in words(nom)) for nom in noms)
    for field in ("nom", "lieu"):
        assert CompanyIndex(index).count(Prefix(field, fold(beginning))) == expected


LETTERS = st.sampled_from(["ABA", "ABB", "ABBA", "BABAB"])
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, st.sampled_from(["nom", "lieu", "naf"]), LETTERS),
    st.builds(Terms, st.just("naf"), st.lists(LETTERS, min_size=1, max_size=3).map(tuple)),
    st.builds(Prefix, st.sampled_from(["nom", "lieu"]), LETTERS),
    st.builds(Fuzzy, st.sampled_from(["nom", "lieu"]), LETTERS, st.sampled_from([1, 2])),
)


def joined(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(nodes, min_size=1, max_size=3)
    without = st.lists(nodes.map(Not) | st.just(SHOWN), max_size=2)
    return st.one_of(
        st.builds(lambda found, least: AnyOf(tuple(found), least), some, st.sampled_from([1, 1, 2])),
        st.builds(lambda found, left_out: AllOf((*found, *left_out)), some, without),
    )


@st.composite
def a_company(draw: st.DrawFn, siren: int) -> dict[str, Any]:
    """Its document, as a list of words by field; one of two is hidden, and has no words."""
    naf = draw(st.lists(LETTERS, max_size=2, unique=True))
    own: dict[str, Any] = {"siren": [siren], "rank": MAX_SIREN - siren, "naf": naf}
    if draw(st.booleans()):
        return own | {"key": ["-"]}
    words = {name: draw(st.lists(LETTERS, max_size=2, unique=True)) for name in ("nom", "lieu")}
    return (
        own
        | words
        | {"debut": [word[:3] for word in words["nom"]], "debut_lieu": [word[:3] for word in words["lieu"]]}
    )


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=8, unique=True).flatmap(
        lambda found: st.tuples(*map(a_company, found))
    ),
    st.recursive(LEAVES, joined, max_leaves=8),
)
@settings(deadline=None)
def test_what_few_companies_have_and_who_is_hidden_is_found_as_the_nodes_say(
    documents: tuple[dict[str, Any], ...], node: Node
) -> None:
    index = schema.prepared(tantivy.Index(schema.entreprises()))
    with schema.writing(index, 15_000_000) as writer:
        for each in documents:
            texts = {name: " ".join(each[name]) for name in each if name not in ("siren", "rank", "naf")}
            writer.add_json(
                json.dumps(texts | {"siren": each["siren"][0], "rank": each["rank"], "naf": each["naf"]})
            )
    index.reload()
    asked = AllOf((node, SHOWN))
    assert CompanyIndex(index).ranks(asked, 10) == MemoryIndex(*documents).ranks(asked, 10)
    assert CompanyIndex(index).count(asked) == MemoryIndex(*documents).count(asked)


def test_who_is_hidden_has_no_words() -> None:
    own = dict.fromkeys(COLUMNS, "PARIS") | {
        "siren": ["000000001"],
        "etablissements": "",
        "anciens_noms": "",
    }
    person = {"statut_diffusion": "P", "categorie_juridique": "1000", "latitude": 1.0, "is_active": True}
    (document,) = documents(pl.DataFrame(own | person))
    assert not {
        field: text for field, text in json.loads(document).items() if field in schema.WORDED and text
    }
    (document,) = documents(pl.DataFrame(own | person | {"statut_diffusion": "O"}))
    assert json.loads(document)["lieu"] == "PARIS"


def ask(index: Any) -> object:
    return index.count(NAME), index.ranks(NAME, 5), index.facets(NAME, {"is_active": 2, "naf_code": 5})


@pytest.fixture
def kept(settings: Any) -> None:
    """With a cache in the process."""
    settings.CACHE_MEMORY = 1


@pytest.fixture
def content() -> str:
    """Of an index that no other test has."""
    return secrets.token_hex(8)


@pytest.mark.usefixtures("kept")
def test_what_was_found_of_many_is_kept(
    companies: tantivy.Index, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Answers(companies.searcher(), content)
    found = ask(CompanyIndex(companies, answers))
    assert found == ask(CompanyIndex(companies)) == ask(TantivyIndex(companies))
    with monkeypatch.context() as patched:
        patched.setattr(TantivyIndex, "_translate", None)  # nothing is asked
        assert ask(CompanyIndex(companies, answers)) == found
    assert CompanyIndex(companies, answers).ranks(NAME, 5, ascending=True) != found


@pytest.mark.usefixtures("kept")
def test_what_was_found_in_one_state_is_no_answer_in_another(companies: tantivy.Index, content: str) -> None:
    before, after = Answers(companies.searcher(), content), Answers(companies.searcher(), f"{content}, later")
    assert before.get_or_find("count", NAME, lambda: 1) == before.get_or_find("count", NAME, lambda: 2) == 1
    assert after.get_or_find("count", NAME, lambda: 2) == 2


@pytest.mark.usefixtures("kept")
def test_with_many_who_were_hidden_since_nothing_is_kept(
    companies: tantivy.Index, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, hidden = Answers(companies.searcher(), content), HiddenSince()
    wanted: list[str] = []
    monkeypatch.setattr(reader, "cached", lambda kind, _key, find: (wanted.append(kind), find())[1])
    hidden.sirens = {f"{number:09}" for number in range(engine.MAX_HIDDEN + 1)}
    ask(TantivyEngine(companies, hidden, answers).index)
    assert not wanted
    ask(TantivyEngine(companies, HiddenSince(), answers).index)
    assert set(wanted) == {"count", "ranks", "facets"}
