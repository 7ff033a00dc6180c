"""import_entreprises_bulk: every record is accounted for, and only what changed is written."""

import csv
import gzip
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.location.models import Ville
from foxreviews.reference.identifiers import siren_with_key

from .conftest import HEADER, Import

A, B, C, D = (siren_with_key(number) for number in (73282932, 55208114, 12345678, 40000000))


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {
        key: value for key, value in report.items() if isinstance(value, int) and value and key not in IGNORED
    }


IGNORED = {"run_id", "rows_per_second", "dry_run"}


def versions() -> list[tuple[str, str]]:
    """The physical version of each row: PostgreSQL changes it at every write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT siren, ctid::text || xmin::text FROM enterprise_entreprise ORDER BY siren")
        return cursor.fetchall()


def test_a_company_is_loaded_with_its_town_its_departement_and_its_trade(
    villes: None, import_rows: Import
) -> None:
    report = import_rows(
        f"{A},BOULANGERIE DU PORT,12 RUE DU PORT,75015,PARIS,1071c,82.0,x",
        header=f"{HEADER},ignored,also",
    )
    assert counts(report) == {"records": 1, "created": 1}
    assert report["ignored_columns"] == ["ignored", "also"]
    found = Entreprise.objects.get(ville_nom="Paris")
    assert (found.siren, found.ville_id, found.departement) == (A, "75115", "75")
    assert (found.naf_code, found.naf_libelle) == ("10.71C", "Boulangerie et boulangerie-pâtisserie")
    assert found.is_active
    assert found.created_at == found.updated_at


def test_a_town_that_is_not_known_is_kept_as_text(import_rows: Import) -> None:
    import_rows(f"{A},NOM,RUE,48000,NULLE PART,62.01Z")
    found = Entreprise.objects.get()
    assert (found.ville_nom, found.ville_id, found.departement) == ("NULLE PART", None, "48")


def test_the_part_of_the_town_that_an_address_names_is_kept(import_rows: Import) -> None:
    Ville.objects.create(
        code_insee="06004", nom="Antibes", slug="antibes", departement="06", codes_postaux=["06160", "06600"],
        nom_recherche="ANTIBES", appellations=["JUAN LES PINS"],
    )  # fmt: skip
    line = f"{A},FOX,1 rue du Port,06160,JUAN LES PINS,62.01Z"
    import_rows(line)
    found = Entreprise.objects.get()
    assert (found.ville_nom, found.ville_id) == ("Antibes", "06004")
    assert found.adresse == "1 rue du Port, Juan-les-Pins"
    assert import_rows(line)["unchanged"] == 1
    assert import_rows(f"{A},FOX,,06160,JUAN LES PINS,62.01Z")["unchanged"] == 1


def test_a_second_run_finds_all_unchanged_and_writes_nothing(villes: None, import_rows: Import) -> None:
    lines = [f"{siren},NOM,RUE,42000,ST ETIENNE,62.01Z" for siren in (A, B, C)]
    assert counts(import_rows(*lines)) == {"records": 3, "created": 3}
    before = versions()
    assert counts(import_rows(*lines)) == {"records": 3, "unchanged": 3}
    assert versions() == before


def test_only_the_company_that_changed_is_rewritten(import_rows: Import) -> None:
    import_rows(f"{A},UN,RUE,42000,X,62.01Z", f"{B},DEUX,RUE,42000,X,62.01Z")
    before = dict(versions())
    created = Entreprise.objects.get(siren=A).created_at
    assert counts(import_rows(f"{A},UN BIS,RUE,42000,X,62.01Z", f"{B},DEUX,RUE,42000,X,62.01Z")) == {
        "records": 2,
        "updated": 1,
        "unchanged": 1,
    }
    after = dict(versions())
    assert (before[A] == after[A], before[B] == after[B]) == (False, True)
    assert Entreprise.objects.get(siren=A).nom == "UN BIS"
    assert Entreprise.objects.get(siren=A).created_at == created


def test_a_column_that_the_file_lacks_keeps_its_values(import_rows: Import) -> None:
    import_rows(f"{A},NOM,RUE,42000,X,62.01Z,0199001234,false", header=f"{HEADER},telephone,is_active")
    assert counts(import_rows(f"{A},NOM,RUE,42000,X,62.01Z")) == {"records": 1, "unchanged": 1}
    found = Entreprise.objects.get()
    assert (found.telephone, found.is_active) == ("0199001234", False)


def test_existing_companies_are_left_alone_where_asked(import_rows: Import) -> None:
    import_rows(f"{A},NOM,RUE,42000,X,62.01Z")
    report = import_rows(
        f"{A},AUTRE,RUE,42000,X,62.01Z", f"{B},NOM,RUE,42000,X,62.01Z", flags=("--skip-existing",)
    )
    assert counts(report) == {"records": 2, "created": 1, "skipped": 1}
    assert Entreprise.objects.get(siren=A).nom == "NOM"


def test_the_first_of_two_records_with_one_siren_wins(import_rows: Import) -> None:
    report = import_rows(
        f"{A},PREMIER,R,42000,X,62.01Z", f"{A},SECOND,R,42000,X,62.01Z", f"{B},B,R,42000,X,62.01Z"
    )
    assert counts(report) == {"records": 3, "created": 2, "duplicates": 1}
    assert Entreprise.objects.get(siren=A).nom == "PREMIER"


def test_a_rejected_record_does_not_count_as_the_first_of_its_siren(import_rows: Import) -> None:
    report = import_rows(f"{A},,R,42000,X,62.01Z", f"{A},SECOND,R,42000,X,62.01Z")
    assert counts(report) == {"records": 2, "created": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        (",NOM,R,42000,X,62.01Z", "siren-missing", "siren"),
        ("123456789,NOM,R,42000,X,62.01Z", "siren-key", "siren"),
        ("7.32829E+08,NOM,R,42000,X,62.01Z", "siren-malformed", "siren"),
        (f"{A},,R,42000,X,62.01Z", "nom-missing", "nom"),
        (f"{A},{'N' * 256},R,42000,X,62.01Z", "value-too-long", "nom"),
        (f"{A},N\0M,R,42000,X,62.01Z", "nul-character", "nom"),
        (f"{A},NOM,R,42000,X", "too-few-fields", ""),
        (f'{A},"NOM,R,42000,X,62.01Z', "broken-quotes", ""),
    ],
)
def test_a_record_that_does_not_hold_is_rejected_with_its_line_and_reason(
    import_rows: Import, tmp_path: Path, line: str, reason: str, column: str
) -> None:
    rejects = tmp_path / "rejects.csv"
    report = import_rows(f"{B},BON,R,42000,X,62.01Z", line, flags=("--rejects", str(rejects)))
    assert counts(report) == {"records": 2, "created": 1, "rejected": 1}
    assert report["rejects_by_reason"] == {reason: 1}
    shown = line.replace("\0", "␀")
    offset = len(f"{HEADER}\n{B},BON,R,42000,X,62.01Z\n")
    reject = ImportReject.objects.get()
    assert (reject.line, reject.reason, reject.column, reject.raw) == (3, reason, column, shown)
    with rejects.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "reason", "column", "raw", "offset"],
            ["3", reason, column, shown, str(offset)],
        ]


@pytest.mark.parametrize(
    "spelling", [f"{A[:3]} {A[3:6]} {A[6:]}", f"{A[:3]}\u00a0{A[3:6]}.{A[6:]}", f" {A} "]
)
def test_a_siren_may_be_spelt_with_spaces(import_rows: Import, spelling: str) -> None:
    import_rows(f"{spelling},NOM,R,42000,X,62.01Z")
    assert Entreprise.objects.get().siren == A


def test_a_siren_that_a_spreadsheet_robbed_of_its_zero_gets_it_back(import_rows: Import) -> None:
    siren = siren_with_key(1234567)
    import_rows(f"{siren[1:]},NOM,R,1000,X,62.01Z")
    assert (Entreprise.objects.get().siren, Entreprise.objects.get().code_postal) == (siren, "01000")


def test_optional_values_are_read_in_the_ways_that_people_write_them(import_rows: Import) -> None:
    header = f"{HEADER},latitude,longitude,date_creation,tranche_effectif,categorie_juridique,is_active"
    import_rows(f'{A},NOM,R,42000,X,62.01Z,"45,43","4,39",04/03/2012,1,5710,Non', header=header)
    found = Entreprise.objects.get()
    assert (found.latitude, found.longitude, found.date_creation) == (45.43, 4.39, date(2012, 3, 4))
    assert (found.tranche_effectif, found.categorie_juridique, found.is_active) == ("01", "5710", False)


def test_an_optional_value_that_is_none_of_its_column_is_left_out_and_counted(import_rows: Import) -> None:
    header = f"{HEADER},siret,latitude,longitude,date_creation,tranche_effectif,categorie_juridique,is_active"
    report = import_rows(f"{A},NOM,R,4200X,X,ZZ,123,91,4,2012-13-45,99,57,perhaps", header=header)
    assert counts(report) == {"records": 1, "created": 1}
    assert report["values_left_out_by_reason"] == {
        "siret-invalid": 1,
        "code-postal-malformed": 1,
        "naf-code-malformed": 1,
        "latitude-malformed": 1,
        "date-creation-malformed": 1,
        "tranche-effectif-unknown": 1,
        "categorie-juridique-malformed": 1,
        "is-active-unknown": 1,
    }
    found = Entreprise.objects.get()
    assert (found.siret, found.latitude, found.longitude, found.date_creation) == ("", None, None, None)
    assert not found.is_active, "a word that is not known is no reason to call a company active"


def test_a_siret_of_la_poste_is_kept_though_it_has_no_luhn_key(import_rows: Import) -> None:
    import_rows("356000000,LA POSTE,R,42000,X,53.10Z,35600000009075", header=f"{HEADER},siret")
    assert Entreprise.objects.get().siret == "35600000009075"


def test_the_label_of_an_unknown_activity_is_the_source_s_own(import_rows: Import) -> None:
    header = f"{HEADER},naf_libelle"
    import_rows(f"{A},N,R,42000,X,62.01Z,faux", f"{B},N,R,42000,X,99.98Z,Métier d'hier", header=header)
    assert dict(Entreprise.objects.values_list("siren", "naf_libelle")) == {
        A: "Programmation informatique",
        B: "Métier d'hier",
    }


def test_values_that_look_like_markers_are_values(import_rows: Import) -> None:
    import_rows(f"{A},\\N,NULL,42000,X,62.01Z", f'{B},"A, ""B""",\\.,42000,X,62.01Z')
    assert dict(Entreprise.objects.values_list("nom", "adresse")) == {"\\N": "NULL", 'A, "B"': "\\."}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_usual_encoding_and_separator_is_read(import_file: Import, delimiter: str, encoding: str) -> None:
    header = ["NAF Code", "ville_nom", "Code Postal", "ADRESSE", " Nom ", "SIREN"]
    row = ["62.01Z", "X", "42000", "R", "CAFÉ DE L'ÉTÉ", A]
    text = "\r\n".join(delimiter.join(fields) for fields in (header, row))
    assert counts(import_file(text.encode(encoding))) == {"records": 1, "created": 1}
    assert Entreprise.objects.get().nom == "CAFÉ DE L'ÉTÉ"


def test_compressed_files_are_read(import_file: Import, tmp_path: Path) -> None:
    data = f"{HEADER}\n{A},NOM,R,42000,X,62.01Z\n".encode()
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(data))
    assert counts(import_file(packed)) == {"records": 1, "created": 1}
    zipped = tmp_path / "x.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("x.csv", data)
    assert counts(import_file(zipped)) == {"records": 1, "unchanged": 1}


def test_rows_are_skipped_and_limited_by_hand(import_rows: Import) -> None:
    lines = [f"{siren},NOM,R,42000,X,62.01Z" for siren in (A, B, C)]
    assert counts(import_rows(*lines, flags=("--skip-rows", "1", "--max-rows", "1"))) == {
        "records": 2,
        "created": 1,
        "skipped": 1,
    }
    assert Entreprise.objects.get().siren == B


def test_the_ledger_tells_what_was_run(import_rows: Import) -> None:
    report = import_rows(f"{A},NOM,R,42000,X,62.01Z")
    run = ImportRun.objects.get()
    assert (run.pk, run.status, run.report) == (report["run_id"], "done", report)


NOM = st.sampled_from(["UN", "DEUX", "", "N" * 300, "É,\"'"])
LINE = st.tuples(st.sampled_from([A, B, C, "1", ""]), NOM, st.sampled_from(["42000", "75015", "x"]))


@given(before=st.lists(LINE, max_size=12), after=st.lists(LINE, max_size=12), skip=st.booleans())
@settings(max_examples=12)  # three imports each
def test_a_dry_run_reports_what_the_real_run_does_and_writes_nothing(
    import_file: Import, villes: None, before: list[Any], after: list[Any], skip: bool
) -> None:
    def file(lines: list[tuple[str, str, str]]) -> str:
        quoted = [
            f'{siren},"{nom.replace(chr(34), chr(34) * 2)}",R,{cp},PARIS,62.01Z' for siren, nom, cp in lines
        ]
        return "\n".join([HEADER, *quoted, f"{D},GOOD,R,42000,PARIS,62.01Z"]) + "\n"

    Entreprise.objects.all().delete()
    import_file(file(before))
    runs, rows = ImportRun.objects.count(), versions()
    flags = ("--skip-existing",) if skip else ()
    promised = counts(import_file(file(after), "--dry-run", *flags))
    assert (ImportRun.objects.count(), versions()) == (runs, rows)
    assert counts(import_file(file(after), *flags)) == promised


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"siren,nom\n1,2\n", "no column adresse, code_postal, ville_nom, naf_code"),
        (
            b"siren^nom^adresse^code_postal^ville_nom^naf_code\n",
            "separated by a comma, a semicolon, a tab or |",
        ),
        (b"\x7fELF" + bytes(5000), "not a text file"),
        (
            gzip.compress(f"{HEADER}\n{A},NOM,R,42000,X,62.01Z\n".encode() * 500, mtime=0)[:-20],
            "fetch the file again",
        ),
        (b"PK\x03\x04 not a zip", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence_and_nothing_is_loaded(
    import_file: Import, data: bytes, sentence: str
) -> None:
    with pytest.raises(CommandError) as caught:
        import_file(data)
    assert sentence in str(caught.value)
    assert caught.value.returncode == 2
    assert not Entreprise.objects.exists()


def test_a_missing_file_and_a_directory_are_named(import_file: Import, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv cannot be read: there is no such file"):
        import_file(tmp_path / "nowhere.csv")
    with pytest.raises(CommandError, match="it is a directory"):
        import_file(tmp_path)


NOTHING = {
    "a header alone": ("", (), "there is a header and no record below it"),
    "blank records": (",,,,,\n\n", (), "none of its 2 records is left: 2 blank, 0 skipped"),
    "rejects": ("1,N,R,42000,X,62.01Z\n", (),
                r"all 1 records are rejected: siren-malformed \(1\); the first is in line 2"),
    "all skipped": (f"{A},N,R,42000,X,62.01Z\n", ("--skip-rows", "9"),
                    "none of its 1 records is left: 0 blank, 1 skipped"),
}  # fmt: skip


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("name", NOTHING)
def test_a_run_in_which_nothing_can_be_loaded_fails_however_small(
    import_file: Import, name: str, dry_run: bool
) -> None:
    lines, flags, sentence = NOTHING[name]
    with pytest.raises(CommandError, match=sentence) as caught:
        import_file(f"{HEADER}\n{lines}", *flags, *(["--dry-run"] if dry_run else []))
    assert caught.value.returncode == 1
    assert [run.status for run in ImportRun.objects.all()] == ([] if dry_run else ["failed"])
    assert not {"importing_staging", "importing_checkpoint"} & {*connection.introspection.table_names()}


def test_a_run_that_is_asked_for_nothing_or_finds_all_there_succeeds(import_rows: Import) -> None:
    line = f"{A},N,R,42000,X,62.01Z"
    assert counts(import_rows(line, flags=("--max-rows", "0"))) == {}
    import_rows(line)
    assert counts(import_rows(line)) == {"records": 1, "unchanged": 1}
    assert counts(import_rows(line, flags=("--skip-existing",))) == {"records": 1, "skipped": 1}
    assert counts(import_rows(line, line, flags=("--dry-run",))) == {
        "records": 2,
        "unchanged": 1,
        "duplicates": 1,
    }


def test_the_real_register_extract_is_accounted_for_line_by_line(
    import_file: Import, shared_data: Path
) -> None:
    report = import_file(shared_data / "entreprises.csv")
    assert counts(report) == {"records": 10_167, "created": 7_195, "rejected": 6, "duplicates": 2_966}
    assert counts(import_file(shared_data / "entreprises.csv")) == {
        "records": 10_167, "unchanged": 7_195, "rejected": 6, "duplicates": 2_966
    }  # fmt: skip
