"""Every record of both files is accounted for, and what would do harm is refused."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.load import checkpoint
from foxreviews.importing.load.checkpoint import Checkpoint
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.reading.blocks import Place
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.reference.register import ESTABLISHMENT_COLUMNS, LEGAL_UNIT_COLUMNS

from .conftest import A, B, C, D, Register, as_csv, establishment, person, unit
from .test_files import tables


def test_broken_records_cost_themselves_and_are_distinguished_by_file(
    import_files: Register, tmp_path: Path
) -> None:
    units, offices, rejects = (tmp_path / name for name in ("u.csv", "e.csv", "rejects.csv"))
    units.write_bytes(
        as_csv(
            [unit(A), unit(A, denominationUniteLegale="AGAIN"), unit("732829321"), unit(B)],
            LEGAL_UNIT_COLUMNS,
        )
        + b'"an open quote,\n\n'
        + as_csv([unit(C)], LEGAL_UNIT_COLUMNS).split(b"\n", 1)[1]
    )
    offices.write_bytes(
        as_csv(
            [
                establishment(A),
                establishment(A, number=2, etablissementSiege="false"),
                establishment(B, etablissementSiege="peut-être"),
                establishment(C, libelleVoieEtablissement="X" * 600),
            ],
            ESTABLISHMENT_COLUMNS,
        )
        + b"too,few\n"
    )
    report = import_files(units, offices, "--rejects", rejects)
    assert (report["records"], report["created"], report["duplicates"], report["blank"]) == (7, 3, 1, 1)
    assert report["rejects_by_reason"] == {"siren-key": 1, "broken-quotes": 1}
    assert report["establishments"] == {
        "records": 5, "head_offices": 1, "secondary": 1, "without_unit": 0, "duplicates": 0, "rejected": 3, "blank": 0,
        "created": 2, "updated": 0, "unchanged": 0,
        "rejects_by_reason": {
            "etablissement-siege-unknown": 1, "etablissement-value-too-long": 1, "etablissement-too-few-fields": 1,
        },
    }  # fmt: skip
    with rejects.open(newline="") as file:
        rejects = [(row["line"], row["reason"], row["column"]) for row in csv.DictReader(file)]
    assert rejects == [
        ("4", "siren-key", "siren"),
        ("6", "broken-quotes", ""),
        ("4", "etablissement-siege-unknown", "etablissementSiege"),
        ("5", "etablissement-value-too-long", "adresse"),
        ("6", "etablissement-too-few-fields", ""),
    ]
    assert ImportReject.objects.count() == 5
    assert set(Entreprise.objects.values_list("siren", "adresse")) == {
        (A, "12 RUE DU PORT"),
        (B, ""),
        (C, ""),
    }


def test_max_rows_reads_so_many_units_and_only_their_head_offices(import_register: Register) -> None:
    every = [A, B, C, D]
    report = import_register(
        [unit(siren) for siren in every], [establishment(siren) for siren in every], "--max-rows", 2
    )
    assert (report["records"], report["created"]) == (2, 2)
    assert report["establishments"]["without_unit"] == 2
    assert set(Entreprise.objects.values_list("siren", flat=True)) == {A, B}


def test_a_dry_run_reports_what_the_real_run_does_and_writes_nothing(import_register: Register) -> None:
    import_register([unit(A), unit(B)], [establishment(A)])
    after = ([unit(A), unit(B, denominationUniteLegale="NEW"), person(C)], [establishment(A)])
    runs = ImportRun.objects.count()
    promised = import_register(*after, "--dry-run")
    assert (promised["created"], promised["updated"], promised["unchanged"]) == (1, 1, 1)
    assert (ImportRun.objects.count(), Entreprise.objects.count()) == (runs, 2)
    assert tables() == []
    done = import_register(*after)
    assert [done[name] for name in ("created", "updated", "unchanged")] == [1, 1, 1]


def test_a_dry_run_leaves_the_staged_rows_of_an_interrupted_import_alone(import_register: Register) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE importing_staging AS SELECT 1 AS row")
    checkpoint.create()
    Checkpoint({}, Place(0, 0, ""), {}).save()
    import_register([unit(A)], [establishment(A)], "--dry-run")
    assert tables() == ["importing_checkpoint", "importing_staging"]


@pytest.mark.parametrize("kind", ["units", "establishments"])
def test_a_file_of_which_too_much_is_rejected_loads_nothing(import_register: Register, kind: str) -> None:
    sirens = [siren_with_key(40_000_000 + number) for number in range(100)]
    units, offices = [unit(siren) for siren in sirens], [establishment(siren) for siren in sirens]
    for row in units[:30] if kind == "units" else offices[:30]:
        row["siren"] = "123"
    with pytest.raises(
        CommandError, match=r"30 of 100 (records|establishments) are rejected \(30\.0%"
    ) as caught:
        import_register(units, offices)
    assert caught.value.returncode == 1
    assert not Entreprise.objects.exists()
    assert tables() == []
    assert import_register(units, offices, "--max-reject-rate", 0.5)["created"] == (
        70 if kind == "units" else 100
    )


def test_a_register_that_would_close_most_companies_is_refused_unless_forced(
    import_register: Register,
) -> None:
    every = [A, B, C, D]
    import_register([unit(siren) for siren in every])
    closed = [unit(siren, etatAdministratifUniteLegale="C") for siren in every]
    with pytest.raises(CommandError, match="Is it the right and whole file"):
        import_register(closed)
    assert Entreprise.objects.filter(is_active=True).count() == 4
    assert import_register(closed, (), "--force")["updated"] == 4


def test_what_another_file_gave_a_company_stays(import_register: Register) -> None:
    Entreprise.objects.create(siren=A, nom="OLD", telephone="01 99 00 12 34", site_web="https://acme.example")
    import_register([unit(A)], [establishment(A)])
    found = Entreprise.objects.get()
    assert (found.nom, found.telephone, found.site_web) == ("ACME", "01 99 00 12 34", "https://acme.example")


def test_the_ledger_names_both_files_and_keeps_the_report(import_register: Register) -> None:
    report = import_register([unit(A)], [establishment(A)])
    run = ImportRun.objects.get()
    assert (run.status, run.report) == ("done", report)
    assert {"Legal units", "Establishments", "Merging", "enterprise_etablissement"} <= report["stages"].keys()
    assert "units.csv and " in run.source
    assert "establishments.csv" in run.source
