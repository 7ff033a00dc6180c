"""Queries with judgments: the file, written and read, and which companies are right answers."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.relevance import judgments
from benchmarks.relevance.judgments import Judgment, judged, read, write
from benchmarks.relevance.queries import Draft, named, of_trade, with_word
from foxreviews.core.errors import UnreadableSource, UnwritableOutput

JUDGMENTS = [
    Judgment('l\'œuvre, "au" noir', frozenset({"732829320"}), "exact"),
    Judgment("garage", frozenset({"732829320", "356000000"}), "word"),
]

ROWS = [
    ("1", "Boulangerie de l'Œuvre", "", "Lyon", "10.71C", "O", "5499"),
    ("2", "SARL DUPONT", "BOULANGERIE DE L OEUVRE", "Paris", "10.71C", "O", "5499"),
    ("3", "DUPONT MARIE", None, "Saint-Étienne", "47.24Z", "P", "1000"),
    ("4", "DUPONT MARIE", "", "SAINT ETIENNE", "47.24Z", "O", "1000"),
]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert write(tmp_path / "q.csv", JUDGMENTS) == 2
    assert read(tmp_path / "q.csv") == JUDGMENTS
    assert "356000000 732829320" in (tmp_path / "q.csv").read_text()


def test_other_columns_and_another_order_of_them_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("\ufeffclass,note,query,sirens\nword,x,garage,732829320 356000000\n")
    assert read(tmp_path / "q.csv") == JUDGMENTS[1:]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column query, sirens, class"),
        ("query,class\na,b\n", "no column sirens"),
        ("query,sirens,class\n", "holds no query"),
        ("query,sirens,class\nfox,732829321,exact\n", "line 2"),
        ("query,sirens,class\nfox,732829320,exact\n,732829320,exact\n", "line 3"),
        ("query,sirens,class\nfox,732829320\n", "line 2"),
        ("query,sirens,class\nfox,,exact\n", "line 2"),
    ],
)
def test_a_file_without_judgments_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "q.csv").write_text(text)
    with pytest.raises(UnreadableSource, match=said):
        read(tmp_path / "q.csv")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"query,sirens,class\n\xe9,732829320,exact\n")
    for path in (tmp_path / "nowhere.csv", tmp_path, tmp_path / "latin"):
        with pytest.raises(UnreadableSource, match="cannot be read"):
            read(path)


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnwritableOutput, match="cannot be written"):
        write(tmp_path / "nowhere" / "q.csv", JUDGMENTS)


def right(*traits: str, town: str = "") -> set[str]:
    """The SIREN of the right answers, of rows that come in two frames."""
    frame = pl.DataFrame(ROWS, schema=list(judgments.COLUMNS), orient="row")
    found = list(judged([Draft("?", "kind", frozenset(traits), town)], [frame[:2], frame[2:]]))
    return {siren for each in found for siren in each.sirens}


def test_companies_of_that_very_name_are_right_in_any_spelling_also_by_their_shop() -> None:
    assert right(named("BOULANGERIE DE L'OEUVRE")) == {"1", "2"}


def test_of_a_town_only_those_are_right_that_are_in_it() -> None:
    assert right(named("boulangerie de l'œuvre"), town="PARIS") == {"2"}
    assert right(of_trade("47.24Z"), town="SAINTETIENNE") == {"4"}


def test_a_person_who_is_not_public_is_never_right() -> None:
    assert right(named("DUPONT MARIE")) == {"4"}


def test_any_of_the_traits_is_enough() -> None:
    assert right(of_trade("10.71C"), with_word("MARIE")) == {"1", "2", "4"}


def test_a_query_with_no_answer_or_too_many_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert right(named("PERSONNE")) == set()
    monkeypatch.setattr(judgments, "MAX_ANSWERS", 1)
    assert right(with_word("BOULANGERIE")) == set()
    assert right(with_word("SARL")) == {"2"}
