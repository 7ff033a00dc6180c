"""Every command of the project, on databases that are not as it expects: a clear sentence, and no traceback."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests import commands

# They start servers or take other words; all that need no database do the same whatever state it is in.
LEFT_OUT = {"demo", "localdb", "generate_entreprises", "generate_villes"}
# In one process: a start takes longer than most commands. What a command says goes nowhere; how it ends is printed.
RUN_ALL = """
import contextlib, io, json, os, traceback
from django.core.management import CommandError, call_command, get_commands
from django.db import connection

given, left_out, endings = json.loads(os.environ["GIVEN"]), json.loads(os.environ["LEFT_OUT"]), {}
for name in sorted(name for name, app in get_commands().items() if str(app).startswith("foxreviews")):
    if name in left_out:
        continue
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            call_command(name, *given.get(name, []))
        code = 0
    except CommandError as error:
        code, said = error.returncode, io.StringIO(str(error))
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        code, said = "traceback", io.StringIO(traceback.format_exc())
    connection.close()
    endings[name] = [code, said.getvalue()[-2000:]]
print(json.dumps(endings))
"""
Ends = Callable[[dict[str, str]], dict[str, tuple[Any, str]]]


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    """ends(environment): how every command ends: its exit code, and what it says."""
    companies, towns = tmp_path / "companies.csv", tmp_path / "towns.csv"
    companies.write_text("siren,nom,adresse,code_postal,ville_nom,naf_code\n966120024,A,,69001,Lyon,62.01Z\n")
    towns.write_text("Code_commune_INSEE;Nom_commune;Code_postal\n27348;LYONS LA FORET;27480\n")
    given = {
        "import_entreprises_bulk": [str(companies)],
        "preflight": [str(companies)],
        "import_villes": [str(towns)],
        "export": ["villes", str(tmp_path / "villes.csv")],
        "match": [str(companies), f"--out={tmp_path / 'matched.csv'}"],
        "import_sirene": [f"--unites-legales={companies}", f"--etablissements={companies}"],
    }

    def run(environment: dict[str, str]) -> dict[str, tuple[Any, str]]:
        environment = environment | {
            "GIVEN": json.dumps(given),
            "LEFT_OUT": json.dumps(sorted(LEFT_OUT)),
            "LOG_DIR": str(tmp_path / "logs"),
            "BACKUP_DIR": str(tmp_path / "backups"),
        }
        done = commands.run(environment, "shell", "--verbosity", "0", "--command", RUN_ALL)
        assert done.returncode == 0, done.stderr
        found: dict[str, tuple[Any, str]] = json.loads(done.stdout.splitlines()[-1])
        return found

    return run


@pytest.fixture
def connected(empty_database: dict[str, str]) -> Iterator[psycopg.Connection]:
    """A session in the database that the commands use."""
    with psycopg.connect(empty_database["DATABASE_URL"], autocommit=True) as session:
        yield session


def assert_clear(found: dict[str, tuple[Any, str]]) -> None:
    """Each has ended with a code that is documented, and said something where it was not 0."""
    assert {"import_entreprises_bulk", "verify", "doctor", "preflight", "search_status"} <= found.keys()
    for name, (code, said) in found.items():
        assert code in {0, 1, 2, 3}, f"{name}: {said}"
        assert code == 0 or said.strip(), f"{name} says nothing"
        assert "Traceback" not in said, f"{name}: {said}"


def test_without_a_database_each_says_that_it_does_not_answer(
    ends: Ends, empty_database: dict[str, str]
) -> None:
    found = ends(empty_database | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"})
    assert_clear(found)
    for name in (
        "verify",
        "doctor",
        "preflight",
        "tune",
        "import_history",
        "search_status",
    ):
        code, said = found[name]
        assert code == 1, name
        assert "does not answer" in said, name


def test_on_an_empty_database_each_says_that_it_must_be_migrated(
    ends: Ends, connected: psycopg.Connection, empty_database: dict[str, str]
) -> None:
    connected.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    found = ends(empty_database)
    assert_clear(found)
    for name in (
        "verify",
        "doctor",
        "preflight",
        "import_history",
        "import_entreprises_bulk",
    ):
        code, said = found[name]
        assert code == 1, (name, said)
        assert "manage.py migrate" in said, (name, said)


def test_on_a_database_of_an_older_version_each_says_what_brings_it_up_to_date(
    ends: Ends, empty_database: dict[str, str]
) -> None:
    older = commands.run(empty_database, "migrate", "enterprise", "0001", "--verbosity", "0")
    assert older.returncode == 0, older.stderr
    found = ends(empty_database)
    assert_clear(found)
    for name in ("doctor", "preflight"):
        code, said = found[name]
        assert code == 1, (name, said)
        assert "manage.py migrate" in said, (name, said)


def test_without_an_extension_each_goes_on_and_the_doctor_says_which(
    ends: Ends, connected: psycopg.Connection, empty_database: dict[str, str]
) -> None:
    connected.execute("DROP EXTENSION pg_trgm CASCADE; DROP EXTENSION IF EXISTS pg_stat_statements")
    found = ends(empty_database)
    assert_clear(found)
    assert "CREATE EXTENSION pg_trgm" in found["doctor"][1]


def test_with_a_role_that_may_only_read_those_that_look_do_and_those_that_write_say_why_not(
    ends: Ends, connected: psycopg.Connection, empty_database: dict[str, str]
) -> None:
    role = f"fox_reader_{os.getpid()}"
    name = sql.Identifier(role)
    connected.execute(sql.SQL("CREATE ROLE {}").format(name))
    try:
        connected.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(name))
        url = empty_database["DATABASE_URL"]
        options = f"options=-c%20role%3D{role}%20-c%20default_transaction_read_only%3Don"
        found = ends(
            empty_database | {"DATABASE_URL": f"{url}{'&' if urlsplit(url).query else '?'}{options}"}
        )
    finally:
        connected.execute(sql.SQL("DROP OWNED BY {}").format(name))
        connected.execute(sql.SQL("DROP ROLE {}").format(name))
    assert_clear(found)
    assert "may not" in found["import_entreprises_bulk"][1]
    assert found["verify"][0] == 0, found["verify"][1]
