"""maintain: what is needed is done, nothing else, and no session waits for it."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import sql

ROWS = 40_000
Manage = Callable[..., Any]


class Directory:
    """A database and the command on it."""

    def __init__(self, environment: dict[str, str], manage: Manage) -> None:
        self.url, self._manage = environment["DATABASE_URL"], manage

    def ask(self, statement: str) -> Any:
        """The first value."""
        with psycopg.connect(self.url, autocommit=True) as session:
            cursor = session.execute(sql.SQL(statement))  # type: ignore[arg-type]
            return (cursor.fetchone() or [None])[0] if cursor.description else None

    def maintain(self, *arguments: str, code: int = 0) -> str:
        done = self._manage("maintain", *arguments)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return str(done.stdout + done.stderr)

    def facts(self) -> Any:
        """What it says to a machine."""
        return json.loads(self._manage("maintain", "--json").stdout)

    def invalidate(self, index: str) -> None:
        """As an interrupted build leaves it."""
        self.ask(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{index}'::regclass")

    def size(self, index: str) -> int:
        return int(self.ask(f"SELECT pg_relation_size('{index}')"))


@pytest.fixture
def directory(empty_database: dict[str, str], manage: Manage) -> Directory:
    """In order."""
    made = Directory(empty_database, manage)
    # Only what a test does is to be found: not what an autovacuum did or did not do meanwhile.
    made.ask("ALTER TABLE enterprise_entreprise SET (autovacuum_enabled = false)")
    made.maintain()
    return made


def test_where_all_is_in_order_it_says_so_in_one_line_and_does_nothing(directory: Directory) -> None:
    said = directory.maintain().splitlines()
    assert said[-1].startswith("Nothing to do: ")
    assert directory.facts()["needed"] == []


def test_dead_rows_are_vacuumed_and_emptied_indexes_rebuilt(directory: Directory) -> None:
    index = "enterprise_entreprise_nom_id_idx"
    directory.ask("DROP INDEX enterprise_entreprise_nom_trgm_idx")  # takes longest to fill
    directory.ask(
        "INSERT INTO enterprise_entreprise (siren, nom) "
        f"SELECT lpad(n::text, 9, '0'), md5(n::text) FROM generate_series(1, {ROWS}) AS n ORDER BY md5(n::text)"
    )
    directory.ask("VACUUM ANALYZE enterprise_entreprise")
    before = directory.size(index)
    directory.ask(f"DELETE FROM enterprise_entreprise WHERE id > {ROWS // 4}")
    planned = directory.maintain("--dry-run")
    assert 'VACUUM (ANALYZE) "enterprise_entreprise": 30,000 dead rows, 10,000 live ones' in planned
    assert f'REINDEX INDEX CONCURRENTLY "{index}"' in planned
    assert directory.size(index) == before
    done = directory.facts()
    assert {each["problem"] for each in done["done"]} == {""}
    assert directory.size(index) < before / 2
    assert done["gained"] > before / 2
    assert directory.maintain().splitlines()[-1].startswith("Nothing to do: ")


def test_what_an_interrupted_reindex_left_goes_and_an_invalid_index_is_built(directory: Directory) -> None:
    directory.ask("CREATE INDEX enterprise_entreprise_nom_id_idx_ccnew ON enterprise_entreprise (nom, id)")
    for index in ("enterprise_entreprise_nom_id_idx_ccnew", "enterprise_entreprise_naf_idx"):
        directory.invalidate(index)
    said = directory.maintain()
    assert 'DROP INDEX CONCURRENTLY "enterprise_entreprise_nom_id_idx_ccnew"' in said
    assert 'REINDEX INDEX CONCURRENTLY "enterprise_entreprise_naf_idx"' in said
    assert directory.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert directory.ask("SELECT to_regclass('enterprise_entreprise_nom_id_idx_ccnew')") is None
    assert directory.ask("SELECT to_regclass('enterprise_entreprise_nom_id_idx')")


def test_a_table_in_use_is_left_with_the_reason_and_nothing_half_made(directory: Directory) -> None:
    directory.invalidate("enterprise_entreprise_naf_idx")
    with psycopg.connect(directory.url) as reader:
        reader.execute("SELECT nom FROM enterprise_entreprise LIMIT 1")
        reader.execute("LOCK TABLE enterprise_entreprise IN SHARE MODE")
        said = directory.maintain(code=1)
        assert "Not done: in use by process " in said
        assert "run the same command again later" in said
    assert directory.ask("SELECT count(*) FROM pg_class WHERE relname LIKE '%_ccnew'") == 0
    directory.maintain()
    assert directory.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0


def test_with_no_tables_there_is_nothing_to_do(directory: Directory) -> None:
    tables = "SELECT string_agg(quote_ident(tablename), ',') FROM pg_tables WHERE schemaname = 'public'"
    directory.ask(f"DROP TABLE {directory.ask(tables)} CASCADE")
    assert "Nothing to do" in directory.maintain()
