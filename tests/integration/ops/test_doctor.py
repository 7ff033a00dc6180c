"""manage.py doctor: what is wrong with the database, and the fix of each."""

import shlex
from typing import Any

import pytest
from django.db import connection

from foxreviews.core.sql import value
from foxreviews.ops import doctor, maintain, server
from tests.integration.ops.conftest import Check
from tests.shape import IS_PARTITIONED, one_table

COMPANIES = """
-- and what earlier tests have left in their indexes
TRUNCATE enterprise_entreprise, enterprise_etablissement, location_ville CASCADE;
INSERT INTO enterprise_entreprise
    (siren, nom, ville_nom, code_postal, departement, naf_code, naf25_code, code_commune, created_at)
SELECT lpad(n::text, 9, '0'), 'SARL ' || n || CASE n % 50 WHEN 0 THEN ' RESTAURANT' ELSE '' END,
    CASE n % 20 WHEN 0 THEN 'Paris' ELSE 'Town ' || n % 300 END, lpad((n % 500)::text, 5, '0'),
    lpad((n % 90 + 1)::text, 2, '0'), lpad((n % 80 + 10)::text, 2, '0') || '.01Z',
    lpad((n % 80 + 10)::text, 2, '0') || '.10Y',
    CASE n % 20 WHEN 0 THEN '69123' ELSE (10000 + n % 300)::text END, now() - n * interval '1 second'
FROM generate_series(1, 10500) AS n;
INSERT INTO location_ville (code_insee, nom, slug, departement, nom_recherche)
SELECT (10000 + n)::text, 'Town ' || n, 'town-' || n, lpad((n % 90 + 1)::text, 2, '0'), 'TOWN ' || n
FROM generate_series(0, 10500) AS n;
INSERT INTO enterprise_etablissement
    (siret, siren, ville_nom, code_postal, departement, naf_code, code_commune, latitude, longitude)
SELECT siren || '00001', siren, ville_nom, code_postal, departement, naf_code, code_commune,
    43 + id % 500 / 100.0, 1 + id % 300 / 100.0
FROM enterprise_entreprise;
ANALYZE enterprise_entreprise; ANALYZE enterprise_etablissement; ANALYZE location_ville;
"""


@pytest.fixture
def directory(db: None) -> None:
    """So many companies and towns that their indexes are worth using."""
    execute(COMPANIES)


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.usefixtures("directory")
def test_every_query_of_the_product_uses_its_index(check: Check) -> None:
    found = check("doctor")
    assert found["queries"]["severity"] == "ok", found["queries"]
    queries = found["queries"]["figures"]
    assert {
        "list -created_at",
        "list nom",
        "departement, nom",
        "one company",
        "establishments, departement",
        "establishments, near, naf",
        "towns population",
    } <= queries.keys()
    assert {"newest companies", "word in a name", "town and trade"} <= queries.keys(), (
        "the scaling plan's three"
    )
    wrong = {name for name, each in found.items() if each["severity"] in {"error", "warning"}}
    # A test's database counts no statements, and its tables are as the tests before have left them.
    assert wrong <= {"pg_stat_statements", "maintenance"}


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
    assert value("SHOW enable_indexscan") == "on", "and our own session is as before"


def test_few_companies_are_read_whole_and_that_is_no_fault(check: Check, company: Any) -> None:
    company("A")
    execute("UPDATE pg_class SET reltuples = 1 WHERE relname = 'enterprise_entreprise'")
    assert check("doctor")["queries"]["severity"] == "note"


def test_an_index_whose_build_was_interrupted_is_an_error(check: Check) -> None:
    for name in ("enterprise_entreprise_naf_idx", "importing_reject_run_idx"):
        execute(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
    found = check("doctor")
    assert "SCALING_4M_ENTREPRISES.sql" in found["naf_idx"]["fix"]
    assert found["importing_reject_run_idx"]["fix"] == "manage.py maintain"


def test_a_missing_index_is_an_error_also_of_few_companies(check: Check) -> None:
    execute("DROP INDEX enterprise_entreprise_naf_idx, enterprise_etablissement_naf_cell_idx")
    found = check("doctor")
    for name in ("naf_idx", "enterprise_etablissement_naf_cell_idx"):
        assert found[name]["found"] == "missing"
        assert "SCALING_4M_ENTREPRISES.sql" in found[name]["fix"]


@one_table
@pytest.mark.usefixtures("directory")
def test_what_maintain_would_do_is_a_warning(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintain, "MIN_GAIN", 100_000)
    execute("DELETE FROM enterprise_entreprise WHERE id % 10 > 0")
    found = check("doctor")["maintenance"]
    assert (found["severity"], found["fix"]) == ("warning", "manage.py maintain")
    assert "enterprise_entreprise_siren_key: " in found["found"]
    assert "are empty, by a sample" in found["found"]


def test_a_migration_that_was_not_applied_is_an_error(check: Check) -> None:
    execute("DELETE FROM django_migrations WHERE app = 'importing' AND name LIKE '0003%'")
    found = check("doctor")["migrations"]
    assert (found["severity"], found["fix"]) == ("error", "manage.py migrate")


def test_a_migration_whose_record_was_lost_is_an_error_with_the_statement_that_records_it(
    check: Check,
) -> None:
    execute("DELETE FROM django_migrations WHERE app = 'enterprise' AND name = '0005_naf25'")
    found = check("doctor")
    assert "migrations" not in found
    lost = found["migration enterprise.0005_naf25"]
    assert lost["severity"] == "error"
    execute(shlex.split(lost["fix"])[-1])
    assert check("doctor")["migrations"]["severity"] == "ok"


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
    execute("ALTER TABLE enterprise_anciennom DISABLE TRIGGER search_change_update")
    found = check("doctor")["change log"]
    assert found["severity"] == "error"
    assert "ENABLE TRIGGER search_change_update" in found["fix"]


@pytest.mark.parametrize(
    ("table", "trigger"),
    [
        ("enterprise_entreprise", "enterprise_withhold_update"),
        ("enterprise_etablissement", "enterprise_withhold_update"),
        ("enterprise_anciennom", "enterprise_withhold_insert"),
        ("enterprise_entreprise", "enterprise_forget_hidden"),
    ],
)
def test_triggers_that_do_not_mask_what_is_hidden_are_an_error(
    check: Check, table: str, trigger: str
) -> None:
    assert check("doctor")["privacy"]["severity"] == "ok"
    execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    found = check("doctor")["privacy"]
    assert found["severity"] == "error"
    assert f"ENABLE TRIGGER {trigger}" in found["fix"]
    execute(f"DROP TRIGGER {trigger} ON {table}")
    assert "migrate enterprise 00" in check("doctor")["privacy"]["fix"]


def test_every_trigger_of_the_directory_is_watched(db: None) -> None:
    watched = {f"enterprise_{name}" for _, names in doctor.MASKING for name in names}
    made = {row["name"] for row in server.rows("triggers")}
    if IS_PARTITIONED:
        watched |= {f"enterprise_{name}" for name in (*doctor.IN_PARTITIONS, "refuse_partition")}
    assert made == watched | {f"search_change_{event}" for event in doctor.EVENTS} | {"dataset_change"}


def test_a_missing_extension_is_an_error_with_the_statement_that_makes_it(check: Check) -> None:
    execute("DROP EXTENSION pg_trgm CASCADE")
    found = check("doctor")["pg_trgm"]
    assert found["severity"] == "error"
    assert "CREATE EXTENSION pg_trgm" in found["fix"]
