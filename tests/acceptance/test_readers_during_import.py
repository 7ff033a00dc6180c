"""Readers keep reading while the file that the directory was loaded from is imported again."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg

from benchmarks.command import manage as run
from benchmarks.files import change_addresses
from benchmarks.imports.readers import IMPORT, Readers, index_names, sampled, watched_indexes
from benchmarks.server import server
from foxreviews.enterprise.models import Entreprise
from tests.waiting import wait_until

ROWS = 25_000
CHANGED = ROWS // 100


def test_every_page_is_answered_and_every_index_is_there_during_a_reload(
    empty_database: dict[str, str], manage: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    file, changed = tmp_path / "entreprises.csv", tmp_path / "changed.csv"
    manage("generate_entreprises", file, "--rows", ROWS, "--seed", 11).check_returncode()
    manage("import_entreprises_bulk", file).check_returncode()
    change_addresses(file, changed)

    def connect() -> psycopg.Connection:
        return psycopg.connect(empty_database["DATABASE_URL"])

    with connect() as session:
        assert index_names(session) >= {index.name for index in Entreprise._meta.indexes}
    # A page that waits for a lock of the import is an error, so that nothing depends on how long one takes.
    url = f"{empty_database['DATABASE_URL']}?options=-c%20lock_timeout%3D100ms"
    with server(empty_database | {"DATABASE_URL": url}) as port, watched_indexes(connect) as missing:
        readers = Readers(port, *sampled(connect))
        with readers.asking() as answers:
            wait_until(lambda: all(answers.times.values()), "lists, companies and searches are not asked for")
            before = len(answers.all)
            run(empty_database, IMPORT, changed)
            during = len(answers.all) - before
    assert answers.errors == []
    assert during > 0
    assert missing == set()
    with connect() as session:
        updated = session.execute("SELECT count(*) FROM enterprise_entreprise WHERE adresse LIKE '% BIS'")
        assert updated.fetchone()[0] >= CHANGED  # type: ignore[index]


def test_a_missing_index_would_be_noticed(empty_database: dict[str, str]) -> None:
    def connect() -> psycopg.Connection:
        return psycopg.connect(empty_database["DATABASE_URL"])

    name = Entreprise._meta.indexes[0].name
    with watched_indexes(connect) as missing, connect() as session:
        session.execute(f"DROP INDEX {name}")
        session.commit()
        wait_until(lambda: missing, "it is not noticed")
    assert missing == {name}
