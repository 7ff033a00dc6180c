"""What staff corrected survives an import of a list, per column, and the report tells it."""

from collections.abc import Iterable
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foxreviews.enterprise import corrections
from foxreviews.enterprise.corrections import Author
from foxreviews.enterprise.models import Correction, Entreprise, Modification
from foxreviews.importing.load import merge
from foxreviews.importing.models import RegisterBlock
from tests.shape import IS_PARTITIONED

from .conftest import HEADER, Import

pytestmark = pytest.mark.usefixtures("villes")

A, B = "732829320", "552100554"
BY = Author("marie", "Letter")
FIRST = f"{A},ACME,1 RUE DU PORT,42000,SAINT-ETIENNE,62.01Z"
OTHER = f"{B},PEUGEOT,2 RUE DU PORT,42000,SAINT-ETIENNE,29.10Z"


def company(siren: str = A) -> dict[str, Any]:
    return dict(Entreprise.objects.values().get(siren=siren))


def versions() -> list[Any]:
    """Where each row lies: another place where it was written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT siren, tableoid, ctid::text, xmin::text FROM enterprise_entreprise ORDER BY siren"
        )
        return list(cursor.fetchall())


def told(action: str) -> Iterable[tuple[Any, ...]]:
    return (
        Modification.objects.filter(action=action)
        .order_by("field")
        .values_list("field", "new_value", "author")
    )


def test_a_corrected_column_stays_and_the_others_follow_the_file(
    import_rows: Import, printed: StringIO
) -> None:
    import_rows(FIRST, OTHER)
    corrections.correct(A, {"nom": "ACME SAS"}, BY)
    report = import_rows(FIRST.replace("1 RUE", "9 RUE"), OTHER)
    assert (company()["nom"], company()["adresse"]) == ("ACME SAS", "9 RUE DU PORT")
    assert (report["updated"], report["unchanged"]) == (1, 1)
    assert report["corrections_kept_by_column"] == {"nom": 1}
    assert (report["corrected_companies"], report["corrections_kept"]) == (1, [f"{A}: nom"])
    assert report["corrections_closed_by_column"] == {}
    assert "1 fields of 1 companies stay as staff corrected them: 732829320: nom." in " ".join(
        printed.getvalue().split()
    )


def test_the_same_file_again_writes_no_row(import_rows: Import) -> None:
    import_rows(FIRST, OTHER)
    corrections.correct(
        A, {"nom": "ACME SAS", "code_postal": "75015", "ville_nom": "Paris", "naf_code": "10.71C"}, BY
    )
    before, trail = versions(), Modification.objects.count()
    report = import_rows(FIRST, OTHER)
    assert (report["updated"], report["unchanged"]) == (0, 2)
    assert report["corrections_kept_by_column"] == {
        "nom": 1,
        "code_postal": 1,
        "ville_nom": 1,
        "code_commune": 1,
        "naf_code": 1,
    } | ({"naf25_code": 1} if "naf25_code" in report["corrections_kept_by_column"] else {})
    assert versions() == before
    assert Modification.objects.count() == trail


def test_a_correction_that_the_register_says_itself_is_closed(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"nom": "ACME SAS", "adresse": "3 RUE"}, BY)
    before = versions()
    report = import_rows(FIRST.replace("ACME", "ACME SAS"))
    assert report["corrections_closed_by_column"] == {"nom": 1}
    assert report["corrections_kept_by_column"] == {"adresse": 1}
    assert versions() == before
    assert [*told("confirmed")] == [("nom", "ACME SAS", f"import {report['run_id']}")]
    assert [each.field for each in Correction.objects.all()] == ["adresse"]
    import_rows(FIRST.replace("ACME", "ACME HOLDING"))
    assert company()["nom"] == "ACME HOLDING"


def test_a_place_is_kept_and_closed_whole(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"code_postal": "75015", "ville_nom": "Paris"}, BY)
    report = import_rows(FIRST.replace("SAINT-ETIENNE", "SAINT-CHAMOND"))
    assert (company()["ville_nom"], company()["ville_id"], company()["departement"]) == (
        "Paris",
        "75115",
        "75",
    )
    assert report["corrections_with_news"] > 0
    report = import_rows(FIRST.replace("42000,SAINT-ETIENNE", "75015,PARIS"))
    assert report["corrections_closed_by_column"].keys() == {
        "code_postal",
        "ville_nom",
        "code_commune",
        "departement",
    }
    assert not Correction.objects.exists()
    assert (report["updated"], report["unchanged"]) == (0, 1)


def test_half_a_place_is_no_word_of_the_register(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"code_postal": "75015", "ville_nom": "Paris"}, BY)
    report = import_rows(FIRST.replace("42000,SAINT-ETIENNE", "42100,"))
    assert report["corrections_with_news"] == 0
    corrections.take_back(A, "ville_nom", BY)
    found = company()
    assert (found["code_postal"], found["ville_nom"], found["ville_id"], found["departement"]) == (
        "42000",
        "Saint-Étienne",
        "42218",
        "42",
    )


def test_a_code_that_the_register_has_said_stays_its_word_where_a_file_gives_the_other_one(
    import_rows: Import,
) -> None:
    header = f"{HEADER},naf25_code"
    import_rows(f"{FIRST},62.10Y", header=header)
    assert company()["naf_derived"] == ""
    corrections.correct(A, {"naf_code": "10.71C", "naf25_code": "10.71H"}, BY)
    import_rows(f"{FIRST.replace('62.01Z', '62.02A')},", header=header)
    corrections.take_back(A, "naf_code", BY)
    found = company()
    assert (found["naf_code"], found["naf25_code"], found["naf_derived"]) == ("62.02A", "62.10Y", "")


def test_an_empty_cell_is_no_word_of_the_register(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"adresse": ""}, BY)
    report = import_rows(FIRST.replace("1 RUE DU PORT", ""))
    assert report["corrections_closed_by_column"] == {}
    assert import_rows(FIRST)["corrections_kept_by_column"] == {"adresse": 1}
    assert company()["adresse"] == ""
    empty = import_rows(FIRST.replace("1 RUE DU PORT", ""), flags=("--empty-overwrites",))
    assert empty["corrections_closed_by_column"] == {"adresse": 1}


def test_a_column_that_the_file_lacks_stays(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"telephone": "0102030405", "nom": "X"}, BY)
    report = import_rows(FIRST)
    assert report["corrections_kept_by_column"] == {"nom": 1}
    assert company()["telephone"] == "0102030405"


def test_news_of_the_register_are_told_once_and_are_what_is_there_when_it_is_taken_back(
    import_rows: Import, printed: StringIO
) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"nom": "ACME SAS"}, BY)
    assert import_rows(FIRST)["corrections_with_news"] == 0
    changed = FIRST.replace("ACME", "ACME HOLDING")
    assert import_rows(changed)["corrections_with_news"] == 1
    assert "says something new" in printed.getvalue()
    assert import_rows(changed)["corrections_with_news"] == 0
    corrections.take_back(A, "nom", BY)
    assert company()["nom"] == "ACME HOLDING"
    before = versions()
    assert import_rows(changed)["corrections_kept_by_column"] == {}
    assert versions() == before


def test_a_dry_run_tells_and_closes_nothing(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"nom": "ACME SAS", "adresse": "3 RUE"}, BY)
    report = import_rows(FIRST.replace("ACME", "ACME SAS"), flags=("--dry-run",))
    assert (report["corrections_closed_by_column"], report["corrections_kept_by_column"]) == (
        {"nom": 1},
        {"adresse": 1},
    )
    assert Correction.objects.count() == 2
    assert not Modification.objects.filter(action="confirmed").exists()


def test_known_companies_that_are_skipped_are_left_alone(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"nom": "ACME SAS"}, BY)
    report = import_rows(FIRST.replace("1 RUE", "9 RUE"), OTHER, flags=("--skip-existing",))
    assert (report["created"], report["skipped"], report["corrections_kept_by_column"]) == (1, 1, {})
    assert company()["nom"] == "ACME SAS"


def test_a_ceased_company_stays_as_staff_say(import_rows: Import) -> None:
    header = f"{HEADER},is_active"
    import_rows(f"{FIRST},1", f"{OTHER},1", header=header)
    corrections.correct(A, {"is_active": False}, BY)
    corrections.correct(B, {"nom": "OTHER"}, BY)
    report = import_rows(f"{FIRST},1", f"{OTHER},0", header=header, flags=("--force",))
    assert not company(A)["is_active"]
    assert (company(B)["nom"], company(B)["is_active"]) == ("OTHER", False)
    assert report["corrections_kept_by_column"] == {"is_active": 1, "nom": 1}


@pytest.mark.django_db(transaction=True)  # indexes are built by other sessions
def test_corrections_come_back_into_a_directory_that_was_emptied(
    import_rows: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_rows(FIRST, OTHER)
    corrections.correct(A, {"nom": "ACME SAS"}, BY)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE enterprise_entreprise")
    monkeypatch.setattr(merge, "FIRST_LOAD_ROWS", 1)
    report = import_rows(FIRST, OTHER)
    assert (report["created"], company()["nom"]) == (2, "ACME SAS")
    assert report["corrections_kept_by_column"] == {"nom": 1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first_load_rows", [1, 20_000])
def test_who_comes_back_hidden_into_a_directory_that_was_emptied_is_in_no_correction_and_no_trail(
    import_rows: Import, monkeypatch: pytest.MonkeyPatch, first_load_rows: int
) -> None:
    header = f"{HEADER},categorie_juridique,tranche_effectif,statut_diffusion"
    other = f"{OTHER},5710,,O"
    import_rows(f"{A},JEANNE MARTIN,1 RUE,42000,SAINT-ETIENNE,62.01Z,1000,01,O", other, header=header)
    by = Author("marie", "Mme Durand called")
    corrections.correct(A, {"nom": "JEANNE DURAND", "tranche_effectif": "02"}, by)
    corrections.correct(B, {"nom": "PEUGEOT SA"}, BY)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE enterprise_entreprise")
    monkeypatch.setattr(merge, "FIRST_LOAD_ROWS", first_load_rows)
    import_rows(f"{A},[ND],,42000,SAINT-ETIENNE,62.01Z,1000,01,P", other, header=header)
    stored = str([*Correction.objects.values()]) + str([*Modification.objects.values()])
    assert not any(text in stored for text in ("DURAND", "MARTIN", "Durand"))
    assert {(each.siren, each.field) for each in Correction.objects.all()} == {
        (A, "tranche_effectif"),
        (B, "nom"),
    }
    assert (company()["nom"], company()["tranche_effectif"], company(B)["nom"]) == (
        "[ND]",
        "02",
        "PEUGEOT SA",
    )


def test_a_company_that_staff_created_follows_the_register_once_that_has_it(import_rows: Import) -> None:
    corrections.create(A, {"nom": "FOURNIL", "telephone": "0102030405"}, BY)
    report = import_rows(FIRST)
    assert (report["updated"], report["corrections_kept_by_column"]) == (1, {})
    assert (company()["nom"], company()["telephone"]) == ("ACME", "0102030405")


def test_a_list_closes_nothing_where_the_register_was_loaded(import_rows: Import) -> None:
    import_rows(FIRST)
    RegisterBlock.objects.create(number=0, last=b"", gone=b"")
    corrections.correct(A, {"nom": "ACME SAS"}, BY)
    assert import_rows(FIRST.replace("ACME", "ACME SAS"))["corrections_closed_by_column"] == {}
    assert import_rows(FIRST.replace("ACME", "OTHER"))["corrections_kept_by_column"] == {"nom": 1}
    assert company()["nom"] == "ACME SAS"
    assert Correction.objects.get().register_value == "ACME"


def test_without_a_correction_an_import_asks_once_and_locks_staff_out(import_rows: Import) -> None:
    with CaptureQueriesContext(connection) as captured:
        import_rows(FIRST)
    asked = [each["sql"] for each in captured if "enterprise_correction" in each["sql"]]
    assert asked == ["SELECT EXISTS (SELECT FROM enterprise_correction)"]
    assert sum("pg_advisory_xact_lock(" in each["sql"] for each in captured) == 1


def test_a_file_that_hides_a_person_ends_the_corrections_of_what_is_withheld(import_rows: Import) -> None:
    header = f"{HEADER},categorie_juridique,tranche_effectif,statut_diffusion"
    public = f"{A},JEANNE MARTIN,1 RUE DU PORT,42000,SAINT-ETIENNE,62.01Z,1000,01,O"
    import_rows(public, header=header)
    corrections.correct(A, {"nom": "JEANNE DURAND", "tranche_effectif": "02"}, BY)
    hidden = f"{A},[ND],,42000,SAINT-ETIENNE,62.01Z,1000,01,P"
    import_rows(public, header=header)
    assert company()["nom"] == "JEANNE DURAND"
    report = import_rows(hidden, header=header)
    assert company()["nom"] == "[ND]"
    assert report["corrections_kept_by_column"] == {"tranche_effectif": 1}
    assert "DURAND" not in str([*Correction.objects.values()]) + str([*Modification.objects.values()])
    before = versions()
    import_rows(hidden, header=header)
    assert versions() == before


def test_the_trail_tells_which_corrections_end_with_a_company_that_a_file_hides(
    import_rows: Import, printed: StringIO
) -> None:
    """Also of columns that the file lacks, and nothing of what they said."""
    header = f"{HEADER},categorie_juridique,tranche_effectif,statut_diffusion"
    other = f"{OTHER},5710,01,O"
    import_rows(f"{A},JEANNE MARTIN,1 RUE DU PORT,42000,SAINT-ETIENNE,62.01Z,1000,01,O", other, header=header)
    corrections.correct(A, {"nom": "JEANNE DURAND", "telephone": "0477", "tranche_effectif": "02"}, BY)
    corrections.correct(B, {"nom": "PEUGEOT SA"}, BY)
    hidden = f"{A},[ND],,42000,SAINT-ETIENNE,62.01Z,1000,01,P"
    ended = {"nom": 1, "telephone": 1}
    dry = import_rows(hidden, other, header=header, flags=("--dry-run",))
    assert (dry["corrections_withheld_by_column"], [*told("withheld")]) == (ended, [])
    report = import_rows(hidden, other, header=header)
    assert report["corrections_withheld_by_column"] == ended
    by = f"import {report['run_id']}"
    assert [*told("withheld")] == [("nom", "[ND]", by), ("telephone", "[ND]", by)]
    assert {each.siren for each in Modification.objects.filter(action="withheld")} == {A}
    assert "2 corrections have ended: their companies are not public any more." in " ".join(
        printed.getvalue().split()
    )
    assert import_rows(hidden, other, header=header)["corrections_withheld_by_column"] == {}
    assert len([*told("withheld")]) == 2


@pytest.mark.skipif(not IS_PARTITIONED, reason="a company that goes to another partition")
def test_a_corrected_place_is_another_partition(import_rows: Import) -> None:
    import_rows(FIRST)
    corrections.correct(A, {"code_postal": "75015", "ville_nom": "Paris"}, BY)
    assert versions()[0][1] != 0
    assert import_rows(FIRST)["unchanged"] == 1
