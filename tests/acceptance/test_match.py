"""`manage.py match` as a person types it: lists of any shape, killed, cut, hostile."""

import csv
import gzip
import json
import re
import shlex
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import commands
from tests.conftest import CHECKOUT

PAGE = (CHECKOUT / "docs" / "howto" / "match-a-list.md").read_text()
TYPED = [
    line
    for block in re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def directory(
    postgres: dict[str, Any], loaded_template: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of 2,000 fictional companies with their index."""
    from tests.conftest import _copy, _environment, _folders

    with _copy(postgres, loaded_template[0]) as name:
        environment = _environment(postgres, name) | _folders(tmp_path_factory.mktemp("matching"))
        done = commands.run(environment, "search_rebuild")
        assert done.returncode == 0, done.stderr
        yield environment


@pytest.fixture(scope="module")
def companies(loaded_template: tuple[str, Path]) -> list[dict[str, str]]:
    """The companies of the directory, as they were loaded."""
    with (loaded_template[1] / "entreprises.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ";", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def listed(path: Path, companies: Sequence[dict[str, str]]) -> Path:
    """A list of these companies, as a person has it."""
    header = ["Client", "Adresse", "CP", "Ville", "Téléphone"]
    rows = [
        [each["nom"].title(), each["adresse"], each["code_postal"], each["ville_nom"], "+33 1"]
        for each in companies
    ]
    return write(path, [header, *rows])


def results(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(1 << 30)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def match(environment: dict[str, str], file: Path, out: Path, *options: str) -> dict[str, Any]:
    done = commands.run(environment, "match", file, "--out", out, "--json", "--map", "Client=nom", *options)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["records"] == sum(report[name] for name in ("accept", "review", "none", "rejected"))
    return report


def test_the_commands_of_the_page_are_as_they_are_typed(
    directory: dict[str, str], companies: list[dict[str, str]], tmp_path: Path
) -> None:
    file = listed(tmp_path / "clients.csv", companies[:30])
    text = file.read_text(encoding="utf-8").replace("Client;", "Raison sociale;")
    for line in TYPED:
        arguments = shlex.split(line)[2:]
        named = "Client" if "--map" in arguments else "Raison sociale"
        file.write_text(text.replace("Raison sociale;", f"{named};"), encoding="utf-8")
        arguments = [str(tmp_path / each) if each.endswith(".csv") else each for each in arguments]
        done = commands.run(directory, *arguments)
        assert done.returncode == 0, done.stderr
        found = results(tmp_path / "matched.csv")
        assert [row["Téléphone"] for row in found] == ["+33 1"] * 30
        assert sum(row["match_decision"] == "accept" for row in found) > 20
    assert len(TYPED) == 3


def test_a_list_is_matched_by_two_processes_as_by_one_line_for_line(
    directory: dict[str, str], companies: list[dict[str, str]], tmp_path: Path
) -> None:
    file = listed(tmp_path / "list.csv", companies[:1_200])
    report = match(directory, file, tmp_path / "two.csv")
    match(directory, file, tmp_path / "one.csv", "--processes", "1")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    found = results(tmp_path / "two.csv")
    accepted = [
        (row, each) for row, each in zip(found, companies, strict=False) if row["match_decision"] == "accept"
    ]
    assert report["accept"] == len(accepted) > 900
    right = sum(row["match_siren"] == each["siren"] for row, each in accepted)
    assert right >= 0.99 * len(accepted)
    assert not list(tmp_path.glob(".*")), "nothing is left next to the output"


def test_a_run_that_is_killed_goes_on_where_it_was(
    directory: dict[str, str], companies: list[dict[str, str]], tmp_path: Path
) -> None:
    file, out = listed(tmp_path / "list.csv", companies * 3), tmp_path / "out.csv"
    note = tmp_path / ".out.csv.progress"
    running = commands.Command(
        directory, "match", file, "--out", out, "--map", "Client=nom", stdout=subprocess.DEVNULL
    )
    while not note.exists():
        assert running.poll() is None
        time.sleep(0.02)
    running.kill()
    running.wait()
    assert not out.exists()
    done = json.loads(note.read_text())["report"]["records"]
    with (tmp_path / ".out.csv.part").open("ab") as draft:
        draft.write(b"half a li")  # written, and not noted
    report = match(directory, file, out)
    assert report["resumed_from"] == done > 0
    assert report["records"] == 3 * len(companies)
    match(directory, file, tmp_path / "whole.csv")
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_a_list_in_any_wrapping_is_read(
    directory: dict[str, str], companies: list[dict[str, str]], tmp_path: Path
) -> None:
    file = listed(tmp_path / "list.csv", [each | {"nom": f"{each['nom']} é"} for each in companies[:20]])
    text = file.read_text(encoding="utf-8")
    packed, old = tmp_path / "list.csv.gz", tmp_path / "old.csv"
    packed.write_bytes(gzip.compress(text.encode()))
    old.write_bytes(text.encode("cp1252"))
    match(directory, file, tmp_path / "plain.out")
    for other in (packed, old):
        match(directory, other, tmp_path / "other.out", "--overwrite")
        assert (tmp_path / "other.out").read_bytes() == (tmp_path / "plain.out").read_bytes()


def test_hostile_lines_are_kept_or_counted(directory: dict[str, str], tmp_path: Path) -> None:
    header = ["Client", *(f"c{number}" for number in range(99))]
    rows = [
        ["A" * 1_000_000, *[""] * 99],
        ["null\0byte", *["x"] * 99],
        ["=1+1", *["-"] * 99],
        ["line\nbreak", *[""] * 99],
        ["مخبز 🥖", *[""] * 99],
        ["", *["only"] * 99],
    ]
    file = write(tmp_path / "list.csv", [header, *rows])
    with file.open("a", encoding="utf-8") as more:
        more.write('too;few\n\n"open;' + "\n")
    report = match(directory, file, tmp_path / "out.csv")
    assert (report["records"], report["rejected"]) == (8, 2)
    assert sum(report["rejects_by_reason"].values()) == 2
    found = results(tmp_path / "out.csv")
    assert [row["Client"] for row in found] == [row[0] for row in rows]
    assert {row["match_decision"] for row in found} <= {"none", "review"}


def test_a_list_that_was_matched_before_gets_new_results(
    directory: dict[str, str], companies: list[dict[str, str]], tmp_path: Path
) -> None:
    file = listed(tmp_path / "list.csv", companies[:5])
    match(directory, file, tmp_path / "once.csv")
    match(directory, tmp_path / "once.csv", tmp_path / "twice.csv")
    assert (tmp_path / "twice.csv").read_bytes() == (tmp_path / "once.csv").read_bytes()


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is empty"), ("a;b\n1;2\n", "no column with names or numbers"), ("\n\n", "is empty")],
)
def test_what_is_no_list_is_refused(text: str, said: str, directory: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(text)
    done = commands.run(directory, "match", tmp_path / "list.csv", "--out", tmp_path / "out.csv")
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_no_other_file_is_written_over(directory: dict[str, str], tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", [["nom"], ["A"]])
    (tmp_path / "other.txt").write_text("mine")
    for out, said in (
        (tmp_path / "other.txt", "--overwrite"),
        (file, "the list itself"),
        (tmp_path / "no" / "x", "no such folder"),
    ):
        done = commands.run(directory, "match", file, "--out", out)
        assert done.returncode == 2, done.stderr
        assert said in done.stderr
    assert (tmp_path / "other.txt").read_text() == "mine"


def test_without_an_index_it_says_what_builds_it(
    directory: dict[str, str], companies: list[dict[str, str]], tmp_path: Path
) -> None:
    file = listed(tmp_path / "list.csv", companies[:2])
    environment = directory | {"SEARCH_INDEX_DIR": str(tmp_path / "none")}
    done = commands.run(environment, "match", file, "--out", tmp_path / "out.csv", "--map", "Client=nom")
    assert done.returncode == 1
    assert "search_rebuild" in done.stderr
    assert not (tmp_path / "out.csv").exists()
