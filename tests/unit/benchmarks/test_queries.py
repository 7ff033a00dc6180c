"""What people type who half remember a name, made from names."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.relevance import queries
from benchmarks.relevance.queries import Company, Draft
from foxreviews.reference.words import distance, key

FOX = Company("732829320", "GARAGE DES PEUPLIERS SARL", "Lyon", "45.20A")
OTHERS = [Company(str(n), f"GARAGE NUMERO{n} DU PORT", "Nantes", "56.10A") for n in range(20)]


def typed(kind: str, company: Company = FOX) -> str | None:
    return queries.NAMES[kind](random.Random(1), company)


def drafts(kind: str, companies: list[Company], limit: int = 10) -> list[Draft]:
    return [draft for draft in queries.queries(companies, limit, seed=1) if draft.kind == kind]


def test_each_class_has_as_many_queries_as_wanted_and_none_twice() -> None:
    made = list(queries.queries([FOX, *OTHERS], 5, seed=1))
    found = [(draft.kind, draft.query) for draft in made]
    assert len(set(found)) == len(found)
    counts = [
        [made for made, _ in found].count(kind) for kind in ("exact", "typo", "joined", "town", "order")
    ]
    assert counts == [5] * 5


def test_the_same_seed_makes_the_same_queries_and_another_one_others() -> None:
    first, again, other = (list(queries.queries(OTHERS, 5, seed)) for seed in (1, 1, 2))
    assert first == again != other


@given(word=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=12), seed=st.integers(0, 999))
def test_a_typo_is_one_and_never_none(word: str, seed: int) -> None:
    assert distance(queries.misspelt(random.Random(seed), word), word, 3) == 1


def test_short_words_and_words_with_digits_keep_their_spelling() -> None:
    assert typed("typo", Company("1", "LES 3 ABC A1B2C3D4", "", "")) is None
    assert typed("typos", Company("1", "GARAGE DU PORT", "", "")) is None


def test_a_typo_takes_the_case_of_its_word() -> None:
    for seed in range(50):
        assert queries.misspelt(random.Random(seed), "boulangerie").islower()


def test_joined_and_split_words_have_the_letters_of_the_name() -> None:
    for kind, words in (("joined", 3), ("split", 5)):
        query = typed(kind) or ""
        assert key(query) == key(FOX.nom)
        assert len(query.split()) == words


def test_at_least_half_of_the_last_word_is_typed() -> None:
    query = typed("prefix", Company("1", "Boulangerie MARTIN", "", "")) or ""
    assert query in {"boulangerie mar", "boulangerie mart", "boulangerie marti"}
    assert typed("prefix", Company("1", "LE BAR", "", "")) is None


def test_little_words_and_the_order_of_the_others_are_forgotten() -> None:
    assert typed("order") == "PEUPLIERS GARAGE"


def test_the_first_letters_and_the_town() -> None:
    assert typed("start") == "GARAG Lyon"
    assert typed("start", Company("1", "FOX", "Lyon", "")) is None


@pytest.mark.parametrize("kind", ["town", "start"])
def test_without_a_town_there_is_no_query_with_one(kind: str) -> None:
    assert typed(kind, Company("1", "GARAGE", "", "")) is None


def test_with_a_town_only_companies_of_the_town_are_right() -> None:
    (draft,) = drafts("town", [FOX])
    assert (draft.town, draft.traits) == ("LYON", {"key GARAGEDESPEUPLIERSSARL"})


def test_a_company_that_is_called_what_was_typed_is_right_too() -> None:
    (draft,) = drafts("order", [FOX])
    assert draft.traits == {"key GARAGEDESPEUPLIERSSARL", "key PEUPLIERSGARAGE"}


def test_frequent_words_come_by_frequency_without_little_ones() -> None:
    assert [draft.query for draft in drafts("word", [FOX, *OTHERS])] == ["garage", "port"]


def test_a_trade_is_searched_by_an_everyday_name() -> None:
    made = drafts("trade", [FOX])
    assert made[0].query in {"garage lyon", "carrossier lyon", "mécanicien lyon"}
    assert "naf 45.20A" in made[0].traits
    assert made[0].town == "LYON"
