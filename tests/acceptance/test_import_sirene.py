"""import_sirene as an operator runs it: killed, started again, started twice."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command

from benchmarks.imports.crashes import IMPORT, kill
from tests.acceptance import gates
from tests.acceptance.directories import SmallDirectory
from tests.acceptance.gates import stopped_at
from tests.acceptance.small_sizes import FIRST_LOAD_ROWS
from tests.commands import Command
from tests.waiting import wait_until

ROWS = 4_000  # of which a few have doubles
FILES = {
    "--unites-legales": "StockUniteLegale_utf8.csv",
    "--etablissements": "StockEtablissement_utf8.csv",
    "--successions": "options/StockEtablissementLiensSuccession_utf8.csv",
    "--doublons": "options/StockDoublons_utf8.csv",
    "--historique": "options/StockUniteLegaleHistorique_utf8.csv",
}
SIRENE = "import_sirene"
COMPANIES = "enterprise_entreprise"
TABLES = (
    COMPANIES, "enterprise_etablissement", "enterprise_succession", "enterprise_doublon", "enterprise_anciennom",
)  # fmt: skip
CONTENT = """
    SELECT count(*), coalesce(md5(string_agg(row, '' ORDER BY row)), '')
    FROM (SELECT (to_jsonb(e) - 'id' - 'created_at' - 'updated_at')::text AS row FROM {} AS e) AS rows
"""
LEFT_OVER = (
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relname LIKE 'importing\\_%' "
    "AND relname NOT LIKE 'importing\\_import%'"
)
LEDGER_IS_WAITED_FOR = (
    "SELECT 1 FROM pg_locks WHERE relation = 'importing_importrun'::regclass AND NOT granted"
)
INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
INDEXES = "SELECT count(*) FROM pg_indexes WHERE tablename = 'enterprise_entreprise'"

Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The arguments that name all files of a fictional register."""
    folder = tmp_path_factory.mktemp("sirene")
    call_command("generate_entreprises", str(folder), format="sirene", rows=ROWS, stdout=StringIO())
    return [each for option, name in FILES.items() for each in (option, str(folder / name))]


@pytest.fixture
def database(empty_database: dict[str, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(empty_database["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def directory(empty_database: dict[str, str], tmp_path: Path) -> Iterator[SmallDirectory]:
    """With gates."""
    with closing(SmallDirectory(empty_database, tmp_path)) as made:
        gates.build(made)
        yield made


def one(database: psycopg.Connection, query: str) -> tuple[object, ...]:
    row = database.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def content(database: psycopg.Connection) -> dict[str, tuple[object, ...]]:
    """How many rows each table has, and a fingerprint of what the files give to them."""
    return {table: one(database, CONTENT.format(table)) for table in TABLES}


def run_until(running: Command, stage: str) -> None:
    """Read what the command says until the stage has ended."""
    assert running.stdout is not None
    said = []
    for text in running.stdout:
        said.append(text)
        if re.match(rf" *[0-9.]+ s  {stage}\b", text):
            return
    pytest.fail(f"{stage} never ended: {said}")


def test_killed_as_it_stages_merges_or_builds_indexes_it_ends_with_the_same_content_when_run_again(
    directory: SmallDirectory, database: psycopg.Connection, stock: list[str]
) -> None:
    empty = content(database)
    directory.finish(SIRENE, *stock)
    whole, indexes = content(database), one(database, INDEXES)
    assert whole[COMPANIES][0] == ROWS > FIRST_LOAD_ROWS
    assert all(count for count, _ in whole.values())
    database.execute(f"TRUNCATE {', '.join(TABLES)}")
    for place, then in (("head offices", empty), ("merging", empty), ("indexes", whole)):
        with stopped_at(place, directory, SIRENE, *stock) as (run, _):
            kill(run)
        assert content(database) == then, place
    directory.finish(SIRENE, *stock)
    assert content(database) == whole
    assert database.execute(LEFT_OVER).fetchall() == []
    assert (one(database, INDEXES), one(database, INVALID)) == (indexes, (0,))
    states = database.execute("SELECT status FROM importing_importrun ORDER BY id").fetchall()
    assert [state for (state,) in states][-2:] == [
        "done",
        "done",
    ]  # the last kill came after all rows were in
    assert "running" not in str(states)


def test_a_second_import_of_either_kind_is_refused(
    empty_database: dict[str, str],
    database: psycopg.Connection,
    manage: Manage,
    stock: list[str],
    tmp_path: Path,
) -> None:
    other = tmp_path / "entreprises.csv"
    other.write_text("siren,nom,adresse,code_postal,ville_nom,naf_code\n")
    with database.transaction():
        database.execute("LOCK TABLE enterprise_entreprise IN SHARE MODE")  # the first cannot end
        running = Command(empty_database, SIRENE, *stock)
        run_until(running, "Legal units")
        second = manage("import_entreprises_bulk", other)
    assert second.returncode == 3
    assert "Another import is running" in second.stderr
    running.communicate()
    assert running.returncode == 0


def test_the_help_says_that_an_interrupted_run_starts_over(manage: Manage) -> None:
    help_text = " ".join(manage("import_sirene", "--help").stdout.split())
    assert "An interrupted run leaves the directory as it was; the same command starts over." in help_text


def test_an_interrupted_csv_import_does_not_go_on_with_rows_of_the_register(
    directory: SmallDirectory,
    database: psycopg.Connection,
    stock: list[str],
    companies_file: Callable[[int], Path],
) -> None:
    plan = companies_file(ROWS)
    with stopped_at("reading", directory, IMPORT, plan) as (run, _):
        kill(run)
    with database.transaction():
        database.execute("LOCK TABLE importing_importrun IN SHARE MODE")  # the next has made its tables
        run = directory.start(SIRENE, *stock)
        wait_until(lambda: directory.ask(LEDGER_IS_WAITED_FOR), lambda: f"it does not begin: {run.said}")
        kill(run)
    assert len(database.execute(LEFT_OVER).fetchall()) == 5, "a killed import leaves its tables"
    directory.finish(IMPORT, plan)
    assert one(database, CONTENT.format(COMPANIES))[0] == ROWS
    assert database.execute(LEFT_OVER).fetchall() == [], "the next import of either kind removes them"
