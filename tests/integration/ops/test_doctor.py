"""manage.py doctor: what ails the database, and its fix."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.db import connection

from foxreviews.ops import statement
from foxreviews.ops.doctor import index_use, sessions, statements
from tests.integration.ops.conftest import Check
from tests.waiting import DEADLINE, wait_until

ENOUGH = """
TRUNCATE enterprise_entreprise, location_ville CASCADE;  -- and what earlier tests have left in their indexes
INSERT INTO enterprise_entreprise
    (siren, nom, ville_nom, code_postal, departement, naf_code, code_commune, created_at)
SELECT lpad(n::text, 9, '0'), 'SARL ' || n || CASE n % 50 WHEN 0 THEN ' RESTAURANT' ELSE '' END,
    CASE n % 20 WHEN 0 THEN 'Paris' ELSE 'Town ' || n % 300 END, lpad((n % 500)::text, 5, '0'),
    lpad((n % 90 + 1)::text, 2, '0'), lpad((n % 80 + 10)::text, 2, '0') || '.01Z',
    CASE n % 20 WHEN 0 THEN '69123' ELSE '01' || lpad((n % 300)::text, 3, '0') END, now() - n * interval '1 second'
FROM generate_series(1, 10500) AS n;
INSERT INTO location_ville (code_insee, nom, slug, departement, nom_recherche)
SELECT lpad(n::text, 5, '0'), 'Town ' || n, 'town-' || n, lpad((n % 90 + 1)::text, 2, '0'), 'TOWN ' || n
FROM generate_series(0, 10500) AS n;
ANALYZE enterprise_entreprise; ANALYZE location_ville;
"""


@pytest.fixture
def directory(db: None) -> None:
    """So many companies and towns that their indexes are worth using."""
    execute(ENOUGH)


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def another_session(db: None) -> Iterator[psycopg.Connection]:
    """A session of somebody else in the same database."""
    parameters = connection.get_connection_params()
    with psycopg.connect(**{name: parameters[name] for name in ("dbname", "user", "password", "host", "port")
                            if parameters.get(name)}) as session:  # fmt: skip
        yield session


@pytest.mark.usefixtures("directory")
def test_every_query_of_the_product_uses_its_index(check: Check) -> None:
    found = check("doctor")
    assert found["queries"]["severity"] == "ok", found["queries"]
    asked = found["queries"]["figures"]
    assert {
        "list -created_at",
        "list nom",
        "departement, nom",
        "one company",
        "towns population",
    } <= asked.keys()
    ailing = {name for name, each in found.items() if each["severity"] in {"error", "warning"}}
    # A test's database counts no statements, and its tables are as the tests before have left them.
    of_tests = {name for name in ailing if name.startswith(("dead rows, ", "statistics, ", "bloated index "))}
    assert ailing - of_tests <= {"pg_stat_statements", "slowest statements"}


@pytest.mark.usefixtures("directory")
def test_a_query_whose_index_is_gone_is_an_error_with_what_builds_it(check: Check) -> None:
    execute("DROP INDEX enterprise_entreprise_nom_id_idx")
    found = check("doctor")["list nom"]
    assert (found["severity"], found["found"]) == ("error", "reads all of enterprise_entreprise")
    assert "SCALING_4M_ENTREPRISES.sql" in found["fix"]


@pytest.mark.usefixtures("directory")
def test_queries_are_explained_as_a_web_worker_asks_them(check: Check, settings: Any) -> None:
    settings.WEB_SESSION = "-c enable_indexscan=off -c enable_bitmapscan=off -c enable_indexonlyscan=off"
    assert check("doctor")["one company"]["severity"] == "error"
    assert statement.value("SHOW enable_indexscan") == "on", "and our own session is as before"


def test_few_companies_are_read_whole_and_that_is_no_fault(check: Check, company: Any) -> None:
    company("A")
    execute("UPDATE pg_class SET reltuples = 1 WHERE relname = 'enterprise_entreprise'")
    assert check("doctor")["queries"]["severity"] == "note"


def test_an_index_that_is_there_twice_is_told_and_the_strangers_is_to_go(check: Check) -> None:
    execute("CREATE INDEX a_double ON enterprise_entreprise (naf_code, created_at, id)")
    found = check("doctor")["double index a_double"]
    assert "DROP INDEX CONCURRENTLY a_double" in found["fix"]


@pytest.mark.usefixtures("directory")
def test_an_index_that_is_mostly_room_of_deleted_rows_is_told(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_use, "WORTH_IT", 100_000)
    execute("UPDATE pg_class SET reltuples = 2000 WHERE relname LIKE 'enterprise_entreprise%'")
    found = check("doctor")
    assert found["bloated index siren_key"]["fix"] == "manage.py maintain"


def test_a_migration_that_was_not_applied_is_an_error(check: Check) -> None:
    execute("DELETE FROM django_migrations WHERE app = 'importing' AND name LIKE '0002%'")
    found = check("doctor")["migrations"]
    assert (found["severity"], found["fix"]) == ("error", "manage.py migrate")


def test_a_half_applied_migration_is_an_error_and_the_rest_is_looked_at(check: Check) -> None:
    execute("ALTER TABLE enterprise_entreprise DROP COLUMN naf25_code")
    found = check("doctor")
    assert "enterprise_entreprise.naf25_code" in found["tables and columns"]["found"]
    assert "queries" not in found
    assert found["pg_trgm"]["severity"] == "ok"


def test_a_database_of_a_later_version_is_an_error(check: Check) -> None:
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('enterprise', '0999_later', now())")
    assert check("doctor")["later migrations"]["severity"] == "error"


def test_a_change_log_that_is_silent_is_an_error(check: Check) -> None:
    execute("ALTER TABLE enterprise_entreprise DISABLE TRIGGER search_change_update")
    found = check("doctor")["change log"]
    assert found["severity"] == "error"
    assert "ENABLE TRIGGER search_change_update" in found["fix"]


def test_a_missing_extension_is_an_error_with_the_statement_that_makes_it(check: Check) -> None:
    execute("DROP EXTENSION pg_trgm CASCADE")
    found = check("doctor")["pg_trgm"]
    assert found["severity"] == "error"
    assert "CREATE EXTENSION pg_trgm" in found["fix"]


def test_a_transaction_that_is_open_for_long_is_told_with_its_process(
    check: Check, another_session: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LONG", -1)
    another_session.execute("SELECT 1")
    found = check("doctor")[f"transaction of {another_session.info.backend_pid}"]
    assert found["severity"] == "warning"
    assert str(another_session.info.backend_pid) in found["fix"]


def test_who_waits_for_a_lock_is_told_with_who_holds_it(
    check: Check, another_session: psycopg.Connection
) -> None:
    execute("LOCK TABLE location_ville IN SHARE MODE")  # ours
    ours = statement.value("SELECT pg_backend_pid()")

    def wait() -> None:
        with suppress(psycopg.OperationalError):  # its session is ended below
            another_session.execute("LOCK TABLE location_ville IN EXCLUSIVE MODE")

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    theirs = another_session.info.backend_pid
    try:
        wait_until(
            lambda: statement.value("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", theirs),
            "no session waits",
        )
        found = check("doctor")[f"lock, {theirs} waits"]
        assert f"process {ours}" in found["found"]
    finally:
        statement.value("SELECT pg_terminate_backend(%s)", theirs)
        waiting.join(DEADLINE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "/* api-entreprises request=3f2a */ SELECT a, b FROM t WHERE c = $1",
            ("api-entreprises", "SELECT … t"),
        ),
        ('COPY "importing_staging" FROM STDIN', ("", "COPY … importing_staging")),
        ("-- Every town of some.\nSELECT a\nFROM t", ("", "SELECT … t")),
        ("SHOW  server_version", ("", "SHOW server_version")),
    ],
)
def test_a_statement_is_named_by_the_code_that_sends_it(text: str, shown: tuple[str, str]) -> None:
    assert statements._parted(text) == shown
