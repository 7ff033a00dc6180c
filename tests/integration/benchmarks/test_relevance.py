"""benchmarks.relevance: queries with judgments are made, and the search is scored on them."""

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from benchmarks.relevance import judgments, quality
from foxreviews.core.errors import UsageError
from foxreviews.search.errors import UnusableIndexError

pytestmark = pytest.mark.django_db(transaction=True)
Add = Callable[..., Any]
Scored = Callable[..., str]


@pytest.fixture
def directory(company: Add, tmp_path: Path, settings: Any) -> None:
    """Thirty garages of as many names, one of which there is twice, and a person who is not public."""
    settings.SEARCH_INDEX_DIR, settings.LOG_DIR = tmp_path / "search", tmp_path / "logs"
    for n in range(30):
        nom = f"GARAGE {'AEIOU'[n % 5]}{'BCDFGH'[n // 5]}AVELIN"
        company(nom, ville_nom="Nantes", naf_code="45.20A", code_postal="44000")
    company("GARAGE AFAVELIN", ville_nom="Lyon", naf_code="45.20A", code_postal="69003")
    company("MYSTERE JEANNE", statut_diffusion="P", categorie_juridique="1000", ville_nom="Lyon")


@pytest.fixture
def scored(own_server: None, capsys: pytest.CaptureFixture[str]) -> Scored:
    """scored(FILE, "--json"): what benchmarks.relevance.quality prints."""

    def run(*arguments: object) -> str:
        capsys.readouterr()
        assert quality.main(list(map(str, arguments))) == 0
        return capsys.readouterr().out

    return run


def made(file: Path, *options: object) -> list[str]:
    """The lines of a file that benchmarks.relevance.judgments writes."""
    assert judgments.main([str(file), *map(str, options)]) == 0
    return file.read_text().splitlines()


def figures(shown: str) -> dict[str, list[str]]:
    """The figures of each class, as printed."""
    return {cells[0]: cells[1:] for line in shown.splitlines() if (cells := line.split()) and len(cells) > 4}


def test_queries_are_made_from_the_companies_that_are_loaded(
    directory: None, own_server: None, tmp_path: Path
) -> None:
    lines = made(tmp_path / "q.csv", "--per-class", 5)
    assert lines[0] == "query,sirens,class"
    kinds = [line.rsplit(",", 1)[1] for line in lines[1:]]
    wanted = ("exact", "typo", "typos", "joined", "split", "prefix", "town", "word")
    assert [kinds.count(kind) for kind in wanted] == [5, 5, 5, 5, 5, 5, 5, 1]
    assert "MYSTERE" not in "".join(lines)
    assert lines == made(tmp_path / "again.csv", "--per-class", 5)
    assert lines != made(tmp_path / "other.csv", "--per-class", 5, "--seed", 2)


def test_a_name_that_two_companies_have_has_two_right_answers(
    directory: None, own_server: None, tmp_path: Path
) -> None:
    lines = made(tmp_path / "q.csv", "--per-class", 40)
    (exact,) = [line for line in lines if line.startswith("GARAGE AFAVELIN,")]
    (nantes,) = [line for line in lines if line.startswith("GARAGE AFAVELIN Nantes,")]
    assert (len(exact.split(",")[1].split()), len(nantes.split(",")[1].split())) == (2, 1)


def test_both_engines_are_scored_side_by_side(directory: None, scored: Scored, tmp_path: Path) -> None:
    lines = made(tmp_path / "q.csv", "--per-class", 5)[1:]
    call_command("search_rebuild", stdout=StringIO())
    found = figures(scored(tmp_path / "q.csv", "--engine", "both"))
    assert found["exact"] == ["5", *["1.000"] * 6]
    assert found["joined"] == ["5", *["1.000"] * 3, *["0.000"] * 3]
    assert found["all"][0] == str(len(lines))


def test_failures_show_what_was_expected_and_what_was_found(
    directory: None, scored: Scored, tmp_path: Path
) -> None:
    file = tmp_path / "q.csv"
    file.write_text("query,sirens,class\nGARAGE ABAVELIN,732829320,half\nXYZXYZ,100000009,half\n")
    shown = scored(file, "--engine", "postgres", "--failures", 1)
    assert "half: GARAGE ABAVELIN" in shown
    assert "expected  not in the directory, 732829320" in shown
    assert "found     GARAGE ABAVELIN, Nantes" in shown
    assert "half: and 1 more" in shown
    assert "XYZXYZ" not in shown
    assert "half:" not in scored(file, "--engine", "postgres")
    assert "found     nothing" in scored(file, "--engine", "postgres", "--failures", 2)


def test_machines_read_the_same_as_json(directory: None, scored: Scored, tmp_path: Path) -> None:
    made(tmp_path / "q.csv", "--per-class", 5)
    found = json.loads(scored(tmp_path / "q.csv", "--engine", "postgres", "--json"))
    assert found["postgres"]["exact"] == {"queries": 5, "mrr": 1.0, "hit@1": 1.0, "hit@10": 1.0}


def test_queries_that_are_refused_are_failures_that_say_why(
    directory: None, scored: Scored, company: Add, tmp_path: Path
) -> None:
    company("LONG", siren="732829320")
    (tmp_path / "q.csv").write_text(f"query,sirens,class\n{'x' * 300},732829320,long\n")
    shown = scored(tmp_path / "q.csv", "--engine", "postgres", "--failures", 1)
    assert "found     A query has at most 256 characters" in shown


def test_without_an_index_it_says_what_to_do(directory: None, scored: Scored, tmp_path: Path) -> None:
    made(tmp_path / "q.csv", "--per-class", 1)
    with pytest.raises(UnusableIndexError, match="search_rebuild"):
        scored(tmp_path / "q.csv")


@pytest.mark.parametrize(
    ("main", "arguments", "message"),
    [
        (quality.main, ["nowhere.csv"], "cannot be read"),
        (quality.main, ["nowhere.csv", "--failures", "-1"], "0 or more"),
        (judgments.main, ["nowhere/q.csv"], "no companies"),
        (judgments.main, ["q.csv", "--per-class", "0"], "at least 1"),
    ],
)
def test_a_wrong_argument_is_named(
    own_server: None, main: Callable[[list[str]], int], arguments: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        main(arguments)


def test_queries_of_another_directory_are_refused_in_a_sentence(
    directory: None, scored: Scored, tmp_path: Path
) -> None:
    file = tmp_path / "q.csv"
    file.write_text("query,sirens,class\ngarage,552100554,exact\n")
    with pytest.raises(UsageError, match="its queries are of another one"):
        scored(file, "--engine", "postgres")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--help"], 0, "python -m benchmarks.relevance.quality"),
        (["nowhere.csv"], 2, "nowhere.csv cannot be read"),
        (["nowhere.csv", "--engine", "other"], 2, "invalid choice"),
    ],
)
def test_it_exits_with_the_codes_of_the_projects_commands(
    arguments: list[str], code: int, message: str
) -> None:
    command = [sys.executable, "-m", "benchmarks.relevance.quality", *arguments]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
