"""manage.py preflight: the scaling plan's checklist before an import."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from foxreviews.api.entreprises.views import EntrepriseViewSet
from foxreviews.backup import manifest
from foxreviews.core import files
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportRun
from foxreviews.ops import preflight, sizes
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.search.index.storage import IndexStorage
from tests.integration.ops.conftest import Check
from tests.shape import one_table

HEADER = "siren,nom,adresse,code_postal,ville_nom,naf_code\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of companies that holds."""
    path = tmp_path / "entreprises.csv"
    lines = (
        f"{siren_with_key(n)},SARL {n},1 RUE A,69001,Lyon,62.01Z\n" for n in range(10_000_000, 10_000_050)
    )
    path.write_text(HEADER + "".join(lines))
    return path


@pytest.mark.usefixtures("towns")
def test_the_dry_run_reads_the_file_and_nothing_of_it_stays(check: Check, file: Path) -> None:
    found = check("preflight", str(file))
    assert (found["3 dry run"]["severity"], found["3 dry run"]["figures"]["created"]) == ("ok", 50)
    assert "for about 50 records" in found["4 disk"]["found"]
    assert not Entreprise.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_file_that_would_be_refused_is_an_error_in_the_imports_own_words(
    check: Check, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("a,b\n1,2\n")
    found = check("preflight", str(file))["3 dry run"]
    assert (found["severity"], found["figures"]["code"]) == ("error", "wrong-columns")
    assert check("preflight", str(tmp_path / "none.csv"))["3 dry run"]["severity"] == "error"


def test_without_a_file_it_asks_for_one(check: Check) -> None:
    assert check("preflight")["3 dry run"]["fix"] == "manage.py preflight FILE"


def test_another_pagination_is_an_error(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check("preflight")["1 cursor pagination"]["severity"] == "ok"
    monkeypatch.setattr(EntrepriseViewSet, "pagination_class", None)
    assert check("preflight")["1 cursor pagination"]["severity"] == "error"


def test_a_missing_index_is_an_error_with_what_builds_it(check: Check) -> None:
    assert check("preflight")["2 indexes"]["severity"] == "ok"
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX enterprise_entreprise_nom_trgm_idx")
    found = check("preflight")
    assert "SCALING_4M_ENTREPRISES.sql" in found["nom_trgm_idx"]["fix"]
    assert "2 indexes" not in found


def test_a_disk_too_small_for_the_file_is_an_error(
    check: Check, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "disk_space", lambda _: files.DiskSpace(1_000, 2_000))
    assert check("preflight", str(file))["4 disk"]["severity"] == "error"


def test_a_backup_must_be_whole_recent_and_restored_once(
    check: Check, company: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check("preflight")["6 backup"]["severity"] == "ok", "there is nothing to back up yet"
    company("A")
    monkeypatch.setattr(preflight, "estimate", lambda _: 1)  # PostgreSQL's may be of the tests before
    settings.BACKUP_DIR = tmp_path
    assert (found := check("preflight")["6 backup"])["severity"] == "error"
    assert found["fix"] == "manage.py backup"
    now = datetime.now(UTC)
    for age, held, severity in (
        (8, True, "warning"),
        (1, None, "warning"),
        (1, False, "warning"),
        (1, True, "ok"),
    ):
        drill = (
            None
            if held is None
            else manifest.Drill(now.isoformat(), held, "" if held else "differs", 3.0, "15")
        )
        there = Made(tmp_path / "20260301T041500Z", drill, now - timedelta(days=age))
        monkeypatch.setattr(manifest, "newest", lambda _, there=there: there)
        assert check("preflight")["6 backup"]["severity"] == severity


class Made:
    """A whole backup of that moment."""

    bytes = 1_000_000
    companies = 1

    def __init__(self, folder: Path, drill: manifest.Drill | None, made_at: datetime) -> None:
        self.folder, self.drill, self.made_at, self.name = folder, drill, made_at, folder.name

    @property
    def age(self) -> timedelta:
        return datetime.now(UTC) - self.made_at


def test_the_daemon_of_the_search_index_must_run(check: Check, settings: Any, tmp_path: Path) -> None:
    settings.SEARCH_INDEX_DIR = tmp_path
    assert check("preflight")["7 index daemon"]["fix"] == "manage.py search_catchup --follow"
    with IndexStorage(tmp_path).writer_lock():
        assert check("preflight")["7 index daemon"]["severity"] == "ok"
    settings.SEARCH_ENGINE = "postgres"
    assert check("preflight")["7 index daemon"]["severity"] == "ok"


def test_the_records_of_a_file_are_counted_from_its_first_megabytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "SAMPLE", 2_000_000)
    file = tmp_path / "large.csv"
    line = "966120024,SARL,1 RUE A,69001,Lyon,62.01Z\n"
    file.write_text(HEADER + line * 200_000)
    assert sizes.records_in(str(file)) == pytest.approx(200_000, rel=0.02)


@one_table
def test_what_so_many_companies_take_is_estimated_from_what_is_here(check: Check) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 0 WHERE relname = 'enterprise_entreprise'")
    found = check("preflight", "--rows", "10M")
    assert found["estimated from"]["severity"] == "note", "an empty directory has documented figures"
    assert found["table"]["figures"]["scaling_plan_bytes"] == 10_000_000_000
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 20000 WHERE relname = 'enterprise_entreprise'")
    ImportRun.objects.create(
        source="a.csv", status="done", report={"records": 20_000, "created": 20_000, "seconds": 2.0}
    )
    found = check("preflight", "--rows", "10M")
    assert found["estimated from"]["severity"] == "ok"
    assert found["first import"]["figures"]["seconds"] == 1_000
    assert json.dumps(found)


def test_an_ordinary_role_is_told_what_it_may_see(check: Check, file: Path) -> None:
    """Not where the server's files are, nor which libraries it loads: PostgreSQL refuses both to such a role."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        cursor.execute("CREATE ROLE operator_of_a_test")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO operator_of_a_test")
        cursor.execute("GRANT CREATE, USAGE ON SCHEMA public TO operator_of_a_test")
        cursor.execute("SET LOCAL ROLE operator_of_a_test")
    try:
        found = check("preflight", str(file))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    assert found["4 disk"]["severity"] == "note"
    assert "pg_stat_statements has counted" in found["8 monitoring"]["found"]
    assert "must be superuser" not in str(found)
