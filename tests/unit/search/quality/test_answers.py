"""Whom a question means."""

import polars as pl

from foxreviews.search.quality import answers
from foxreviews.search.quality.answers import answered
from foxreviews.search.quality.questions import Draft, named, of_trade, with_word

ROWS = [
    ("1", "Boulangerie de l'Œuvre", "", "Lyon", "10.71C", "O", "5499"),
    ("2", "SARL DUPONT", "BOULANGERIE DE L OEUVRE", "Paris", "10.71C", "O", "5499"),
    ("3", "DUPONT MARIE", None, "Saint-Étienne", "47.24Z", "P", "1000"),
    ("4", "DUPONT MARIE", "", "SAINT ETIENNE", "47.24Z", "O", "1000"),
]


def right(*traits: str, town: str = "") -> set[str]:
    """The SIREN of the right answers, of rows that come in two frames."""
    frame = pl.DataFrame(ROWS, schema=list(answers.COLUMNS), orient="row")
    asked = list(answered([Draft("?", "kind", frozenset(traits), town)], [frame[:2], frame[2:]]))
    return {siren for each in asked for siren in each.sirens}


def test_companies_of_that_very_name_are_right_in_any_spelling_also_by_their_shop() -> None:
    assert right(named("BOULANGERIE DE L'OEUVRE")) == {"1", "2"}


def test_of_a_town_only_those_are_right_that_are_in_it() -> None:
    assert right(named("boulangerie de l'œuvre"), town="PARIS") == {"2"}
    assert right(of_trade("47.24Z"), town="SAINTETIENNE") == {"4"}


def test_a_person_who_is_not_public_is_never_right() -> None:
    assert right(named("DUPONT MARIE")) == {"4"}


def test_any_of_the_traits_is_enough() -> None:
    assert right(of_trade("10.71C"), with_word("MARIE")) == {"1", "2", "4"}


def test_a_question_that_nobody_or_everybody_answers_is_left_out(monkeypatch) -> None:
    assert right(named("PERSONNE")) == set()
    monkeypatch.setattr(answers, "MOST", 1)
    assert right(with_word("BOULANGERIE")) == set()
    assert right(with_word("SARL")) == {"2"}
