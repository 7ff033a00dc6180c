"""manage.py search_questions and search_quality, as someone tunes the search with them."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)
Add = Callable[..., Any]


@pytest.fixture
def directory(company: Add, tmp_path: Path, settings: Any) -> None:
    """Thirty garages of as many names, one of which there is twice, and a person who is not public."""
    settings.SEARCH_INDEX_DIR, settings.LOG_DIR = tmp_path / "search", tmp_path / "logs"
    for n in range(30):
        nom = f"GARAGE {'AEIOU'[n % 5]}{'BCDFGH'[n // 5]}AVELIN"
        company(nom, ville_nom="Nantes", naf_code="45.20A", code_postal="44000")
    company("GARAGE AFAVELIN", ville_nom="Lyon", naf_code="45.20A", code_postal="69003")
    company("MYSTERE JEANNE", statut_diffusion="P", categorie_juridique="1000", ville_nom="Lyon")


def command(*arguments: object) -> str:
    shown = StringIO()
    call_command(*map(str, arguments), stdout=shown)
    return shown.getvalue()


def questions(file: Path, *flags: object) -> list[str]:
    command("search_questions", file, *flags)
    return file.read_text().splitlines()


def figures(shown: str) -> dict[str, list[str]]:
    """The figures of each class, as printed."""
    return {cells[0]: cells[1:] for line in shown.splitlines() if (cells := line.split()) and len(cells) > 4}


def test_questions_are_made_from_the_companies_that_are_loaded(directory: None, tmp_path: Path) -> None:
    lines = questions(tmp_path / "q.csv", "--per-class", 5)
    assert lines[0] == "query,sirens,class"
    kinds = [line.rsplit(",", 1)[1] for line in lines[1:]]
    asked = ("exact", "typo", "typos", "joined", "split", "prefix", "town", "word")
    assert [kinds.count(kind) for kind in asked] == [5, 5, 5, 5, 5, 5, 5, 1]
    assert "MYSTERE" not in "".join(lines)
    assert lines == questions(tmp_path / "again.csv", "--per-class", 5)
    assert lines != questions(tmp_path / "other.csv", "--per-class", 5, "--seed", 2)


def test_a_name_that_two_companies_have_has_two_right_answers(directory: None, tmp_path: Path) -> None:
    lines = questions(tmp_path / "q.csv", "--per-class", 40)
    (exact,) = [line for line in lines if line.startswith("GARAGE AFAVELIN,")]
    (nantes,) = [line for line in lines if line.startswith("GARAGE AFAVELIN Nantes,")]
    assert (len(exact.split(",")[1].split()), len(nantes.split(",")[1].split())) == (2, 1)


def test_both_engines_are_scored_side_by_side(directory: None, tmp_path: Path) -> None:
    asked = questions(tmp_path / "q.csv", "--per-class", 5)[1:]
    command("search_rebuild")
    found = figures(command("search_quality", tmp_path / "q.csv", "--engine", "both"))
    assert found["exact"] == ["5", *["1.000"] * 6]
    assert found["joined"] == ["5", *["1.000"] * 3, *["0.000"] * 3]
    assert found["all"][0] == str(len(asked))


def test_failures_show_what_was_expected_and_what_came(directory: None, tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    file.write_text("query,sirens,class\nGARAGE ABAVELIN,732829320,half\nXYZXYZ,100000009,half\n")
    shown = command("search_quality", file, "--engine", "postgres", "--failures", 1)
    assert "half: GARAGE ABAVELIN" in shown
    assert "expected  not in the directory, 732829320" in shown
    assert "came      GARAGE ABAVELIN, Nantes" in shown
    assert "half: and 1 more" in shown
    assert "XYZXYZ" not in shown
    assert "half:" not in command("search_quality", file, "--engine", "postgres")
    assert "came      nothing" in command("search_quality", file, "--engine", "postgres", "--failures", 2)


def test_machines_read_the_same_as_json(directory: None, tmp_path: Path) -> None:
    questions(tmp_path / "q.csv", "--per-class", 5)
    found = json.loads(command("search_quality", tmp_path / "q.csv", "--engine", "postgres", "--json"))
    assert found["postgres"]["exact"] == {"questions": 5, "mrr": 1.0, "hit@1": 1.0, "hit@10": 1.0}


def test_questions_that_are_refused_are_failures_that_say_why(
    directory: None, company: Add, tmp_path: Path
) -> None:
    company("LONG", siren="732829320")
    (tmp_path / "q.csv").write_text(f"query,sirens,class\n{'x' * 300},732829320,long\n")
    shown = command("search_quality", tmp_path / "q.csv", "--engine", "postgres", "--failures", 1)
    assert "came      A question has at most 256 characters" in shown


def test_without_an_index_it_says_what_to_do(directory: None, tmp_path: Path) -> None:
    questions(tmp_path / "q.csv", "--per-class", 1)
    with pytest.raises(CommandError, match="search_rebuild") as raised:
        command("search_quality", tmp_path / "q.csv")
    assert raised.value.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search_quality", "nowhere.csv"], "cannot be read"),
        (["search_quality", "nowhere.csv", "--failures", "-1"], "0 or more"),
        (["search_questions", "nowhere/q.csv"], "no companies"),
        (["search_questions", "q.csv", "--per-class", "0"], "at least 1"),
    ],
)
def test_what_was_typed_wrongly_is_said(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said) as raised:
        command(*arguments)
    assert raised.value.returncode == 2


def test_a_file_that_cannot_be_written_is_said(directory: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        command("search_questions", tmp_path / "nowhere" / "q.csv")


def test_questions_of_another_directory_are_refused_in_a_sentence(directory: None, tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    file.write_text("query,sirens,class\ngarage,552100554,exact\n")
    with pytest.raises(CommandError, match="its questions are of another one"):
        command("search_quality", file, "--engine", "postgres")
