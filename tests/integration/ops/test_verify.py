"""manage.py verify: whether the directory is what the last import said."""

import os
import random
from typing import Any

import pytest
from django.db import connection

from foxreviews.core.locks import advisory_lock
from foxreviews.importing.models import LOCK, ImportRun
from foxreviews.ops import indexes, server
from foxreviews.reference.identifiers import is_siren
from foxreviews.search.index.storage import IndexStorage
from tests.integration.ops.conftest import Check

pytestmark = pytest.mark.usefixtures("towns")


def imported(created: int, **counts: int) -> None:
    """A run in the ledger that is done."""
    report = {"records": created + sum(counts.values()), "created": created, **counts}
    ImportRun.objects.create(source="/data/entreprises.csv", status=ImportRun.Status.DONE, report=report)


def test_a_directory_as_the_import_left_it_holds(check: Check, company: Any) -> None:
    company("A", ville_id="69123"), company("B", ville_id="69123")
    imported(1, unchanged=1)
    found = check("verify")
    assert found["companies"]["severity"] == "ok"
    assert found["companies"]["figures"]["companies"] == 2
    assert not [finding for finding in found.values() if finding["severity"] == "error"]


def test_companies_that_went_missing_since_the_import_are_reported(check: Check, company: Any) -> None:
    company("A")
    imported(3)
    found = check("verify")["companies"]
    assert (found["severity"], found["figures"]["loaded"]) == ("error", 3)
    assert "/data/entreprises.csv" in found["fix"]


def test_an_interrupted_run_is_reported(check: Check) -> None:
    imported(0)
    ImportRun.objects.create(source="next.csv")
    found = check("verify")["last run"]
    assert found["severity"] == "warning"
    assert "of next.csv was interrupted" in found["found"]
    with advisory_lock(LOCK, message=""):
        assert "of next.csv runs now" in check("verify")["last run"]["found"]


def test_every_index_is_shown_and_a_missing_one_is_an_error_with_what_builds_it(check: Check) -> None:
    shown = check("verify")
    assert {name.removeprefix("enterprise_entreprise_") for name in indexes.required()} <= shown.keys()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX enterprise_entreprise_naf_idx")
        cursor.execute("ALTER TABLE enterprise_entreprise DROP CONSTRAINT enterprise_entreprise_siren_key")
    found = check("verify")
    assert (found["naf_idx"]["severity"], found["naf_idx"]["found"]) == ("error", "missing")
    assert "SCALING_4M_ENTREPRISES.sql" in found["naf_idx"]["fix"]
    assert "UNIQUE (siren" in found["siren_key"]["fix"]


def test_an_index_whose_build_was_interrupted_is_an_error(check: Check) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false "
            "WHERE indexrelid = 'enterprise_entreprise_nom_trgm_idx'::regclass"
        )
    found = check("verify")["nom_trgm_idx"]
    assert found["severity"] == "error"
    assert "invalid" in found["found"]


def test_companies_of_a_town_that_is_not_there_are_counted(check: Check, company: Any) -> None:
    company("A", ville_id="69123"), company("B", ville_id="99999"), company("C")
    found = check("verify")
    assert found["unknown towns"]["figures"]["companies"] == 1
    assert found["without a town"]["figures"]["companies"] == 1


def test_the_key_of_a_siren_is_checked_in_the_database_as_in_python(check: Check, company: Any) -> None:
    chosen = random.Random(4)
    sirens = {f"{chosen.randrange(10**9):09d}" for _ in range(300)}
    for siren in sirens:
        company("X", siren=siren)
    company("X", siren="12345678"), company("X", siren="12345678X")
    found = check("verify")["SIREN"]
    wrong = sum(not is_siren(siren) for siren in sirens)
    assert found["severity"] == "error"
    assert (found["figures"]["misshapen"], found["figures"]["wrong_key"]) == (2, wrong)
    shown = server.rows("wrong_sirens")
    assert len(shown) == wrong + 2
    assert all(is_siren(f"{row['siren'][:8]}{row['right_key']}") for row in shown if row["right_key"])


def test_nine_zeros_are_a_siren_as_they_are_to_imports(check: Check, company: Any) -> None:
    company("X", siren="000000000")
    assert check("verify")["SIREN"]["severity"] == "ok"
    assert server.rows("wrong_sirens") == []


def test_an_index_that_is_being_rebuilt_is_no_reason_to_worry(check: Check, settings: Any) -> None:
    with IndexStorage(settings.SEARCH_INDEX_DIR).rebuild_lock():
        found = check("verify")["search index"]
    assert found["severity"] == "note"
    assert found["found"].startswith(f"A new one is being built by process {os.getpid()}")
    assert found["fix"] == "manage.py search_status"


def test_without_an_index_verify_says_who_answers_and_what_builds_it(check: Check) -> None:
    found = check("verify")["search index"]
    assert found["severity"] == "warning"
    assert found["fix"] == "manage.py search_rebuild"
