"""The register's files in every shape that INSEE has published them in, and what is refused."""

import datetime as dt
import gzip
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.management import CommandError
from django.db import connection

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.reference.register import (
    ADDED_ESTABLISHMENT_COLUMNS,
    ADDED_LEGAL_UNIT_COLUMNS,
    ESTABLISHMENT_COLUMNS,
    LEGAL_UNIT_COLUMNS,
)

from .conftest import A, B, C, Register, as_csv, establishment, person, unit

UNITS = [unit(A), person(B, etatAdministratifUniteLegale="C"), unit(C, unitePurgeeUniteLegale="true")]
OFFICES = [
    establishment(A, coordonneeLambertAbscisseEtablissement="800000.5",
                  coordonneeLambertOrdonneeEtablissement="6500000.5"),
    establishment(A, number=2, etablissementSiege="false"),
    establishment(B),
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Both files as CSV."""
    units, offices = tmp_path / "StockUniteLegale_utf8.csv", tmp_path / "StockEtablissement_utf8.csv"
    units.write_bytes(as_csv(UNITS, LEGAL_UNIT_COLUMNS))
    offices.write_bytes(as_csv(OFFICES, ESTABLISHMENT_COLUMNS))
    return units, offices


def rows() -> list[tuple[Any, ...]]:
    """All that is in the directory, but for when it came there."""
    kept = [
        field.attname
        for field in Entreprise._meta.concrete_fields
        if field.name not in {"id", "created_at", "updated_at"}
    ]
    return list(Entreprise.objects.order_by("siren").values_list(*kept))


def versions() -> list[tuple[str, str]]:
    """The physical version of each row: PostgreSQL changes it at every write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT siren, ctid::text || xmin::text FROM enterprise_entreprise ORDER BY siren")
        return list(cursor.fetchall())


def tables() -> list[str]:
    """The staging tables that are left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'importing\\_%' AND relkind = 'r'")
        return sorted(row[0] for row in cursor.fetchall() if not row[0].startswith("importing_import"))


def test_a_second_run_finds_all_unchanged_and_writes_nothing(
    import_files: Register, files: tuple[Path, Path]
) -> None:
    assert import_files(*files)["created"] == 3
    before = versions()
    report = import_files(*files)
    assert (report["unchanged"], report["updated"], report["created"]) == (3, 0, 0)
    assert versions() == before
    assert tables() == []


def zipped(file: Path) -> Path:
    with zipfile.ZipFile(file.with_suffix(".zip"), "w") as archive:
        archive.write(file, file.name)
    return file.with_suffix(".zip")


def gzipped(file: Path) -> Path:
    file.with_suffix(".csv.gz").write_bytes(gzip.compress(file.read_bytes()))
    return file.with_suffix(".csv.gz")


def with_semicolons(file: Path) -> Path:
    file.write_bytes(file.read_bytes().replace(b",", b";"))
    return file


@pytest.mark.parametrize("packed", [zipped, gzipped, with_semicolons])
def test_the_files_are_read_as_they_are_published(
    import_files: Register, files: tuple[Path, Path], packed: Any
) -> None:
    import_files(*files)
    report = import_files(*map(packed, files))
    assert report["unchanged"] == 3


def as_parquet(file: Path) -> Path:
    """With INSEE's types, and half of the empty texts as NULL."""
    integers = {"anneeEffectifsUniteLegale", "anneeCategorieEntreprise", "categorieJuridiqueUniteLegale"}
    integers |= {name for name in (*LEGAL_UNIT_COLUMNS, *ESTABLISHMENT_COLUMNS) if name.startswith("nombre")}
    integers |= {"anneeEffectifsEtablissement"}
    frame = pl.read_csv(file, infer_schema=False, empty_string_is_null=True)
    types: dict[str, Any] = {}
    for name in frame.columns:
        if name in {"unitePurgeeUniteLegale", "etablissementSiege"}:
            types[name] = pl.col(name) == "true"
        elif name.startswith(("dateCreation", "dateDebut")):
            types[name] = pl.col(name).str.to_date()
        elif name.startswith("dateDernierTraitement"):
            types[name] = pl.lit(dt.datetime(2026, 6, 30, 8, 15)).alias(name)  # noqa: DTZ001 - INSEE's has no zone
        elif name in integers:
            types[name] = pl.col(name).cast(pl.Int64)
        elif len(name) % 2:
            types[name] = pl.col(name).fill_null("")
    out = file.with_suffix(".parquet")
    frame.with_columns(expression.alias(name) for name, expression in types.items()).write_parquet(out)
    return out


def test_parquet_says_the_same_as_csv(import_files: Register, files: tuple[Path, Path]) -> None:
    import_files(*files)
    before = rows()
    report = import_files(*map(as_parquet, files))
    assert (report["unchanged"], rows()) == (3, before)
    assert report["establishments"]["secondary"] == 1


def test_a_legal_form_that_lost_its_zeros_as_a_number_has_them_back(
    import_files: Register, files: tuple[Path, Path], tmp_path: Path
) -> None:
    files[0].write_bytes(as_csv([unit(categorieJuridiqueUniteLegale="0007")], LEGAL_UNIT_COLUMNS))
    import_files(as_parquet(files[0]), files[1])
    assert Entreprise.objects.get().categorie_juridique == "0007"


def test_a_rejected_row_of_parquet_is_shown_with_its_number(import_files: Register, tmp_path: Path) -> None:
    units, offices = tmp_path / "u.csv", tmp_path / "e.csv"
    units.write_bytes(as_csv([unit(A), unit("732829321")], LEGAL_UNIT_COLUMNS))
    offices.write_bytes(as_csv([establishment(A)], ESTABLISHMENT_COLUMNS))
    import_files(as_parquet(units), as_parquet(offices))
    reject = ImportReject.objects.get()
    assert (reject.line, reject.reason, reject.raw[:9]) == (3, "siren-key", "732829321")


@pytest.mark.parametrize("convert", [Path, as_parquet])
@pytest.mark.parametrize("added", [{"activitePrincipaleNAF25UniteLegale"}, set(ADDED_LEGAL_UNIT_COLUMNS)])
def test_older_vintages_load_without_the_columns_that_came_later(
    import_files: Register, files: tuple[Path, Path], convert: Any, added: set[str]
) -> None:
    units, offices = files
    units.write_bytes(as_csv(UNITS, [name for name in LEGAL_UNIT_COLUMNS if name not in added]))
    older = [name for name in ESTABLISHMENT_COLUMNS if name not in ADDED_ESTABLISHMENT_COLUMNS]
    offices.write_bytes(as_csv(OFFICES, older))
    assert import_files(convert(units), convert(offices))["created"] == 3
    found = Entreprise.objects.get(siren=A)
    assert (found.nom, found.adresse, found.naf_code) == ("ACME", "12 RUE DU PORT", "62.01Z")
    assert (found.naf25_code, found.naf_derived, found.latitude) == ("62.10Y", "naf25_code", None)


def test_an_older_vintage_leaves_alone_what_it_does_not_speak_of(
    import_files: Register, files: tuple[Path, Path]
) -> None:
    import_files(*files)
    before = rows()
    units, offices = files
    units.write_bytes(as_csv(UNITS, [n for n in LEGAL_UNIT_COLUMNS if n not in ADDED_LEGAL_UNIT_COLUMNS]))
    offices.write_bytes(
        as_csv(OFFICES, [n for n in ESTABLISHMENT_COLUMNS if n not in ADDED_ESTABLISHMENT_COLUMNS])
    )
    assert import_files(*files)["unchanged"] == 3
    assert rows() == before


def test_the_order_of_the_columns_is_free_and_unknown_ones_are_reported(
    import_files: Register, files: tuple[Path, Path]
) -> None:
    import_files(*files)
    units, offices = files
    units.write_bytes(
        as_csv([row | {"nouveau": "x"} for row in UNITS], ["nouveau", *LEGAL_UNIT_COLUMNS[::-1]])
    )
    report = import_files(units, offices)
    assert (report["unchanged"], report["ignored_columns"]) == (3, ["nouveau"])


REQUIRED = [
    *(("units", name) for name in LEGAL_UNIT_COLUMNS if name not in ADDED_LEGAL_UNIT_COLUMNS),
    *(("offices", name) for name in ESTABLISHMENT_COLUMNS if name not in ADDED_ESTABLISHMENT_COLUMNS),
]


@pytest.mark.parametrize("convert", [Path, as_parquet])
@pytest.mark.parametrize(("kind", "name"), REQUIRED[::7])
def test_a_missing_column_is_named_before_anything_is_loaded(
    import_files: Register, files: tuple[Path, Path], kind: str, name: str, convert: Any
) -> None:
    units, offices = files
    if kind == "units":
        units.write_bytes(as_csv(UNITS, [each for each in LEGAL_UNIT_COLUMNS if each != name]))
    else:
        offices.write_bytes(as_csv(OFFICES, [each for each in ESTABLISHMENT_COLUMNS if each != name]))
    with pytest.raises(CommandError, match=rf"lacks the column {name} of Stock") as caught:
        import_files(convert(units), convert(offices))
    assert caught.value.returncode == 2
    assert not Entreprise.objects.exists()
    assert not ImportRun.objects.exists()
    assert tables() == []


def test_a_renamed_column_is_named_with_the_name_it_has_now(
    import_files: Register, files: tuple[Path, Path]
) -> None:
    files[0].write_bytes(files[0].read_bytes().replace(b"denominationUniteLegale", b"denominationUL", 1))
    with pytest.raises(CommandError, match=r"denominationUniteLegale \(it has denominationUL instead\)"):
        import_files(*files)


def test_files_that_are_swapped_are_noticed(import_files: Register, files: tuple[Path, Path]) -> None:
    with pytest.raises(CommandError, match=r"is not StockUniteLegale.*are the two files swapped"):
        import_files(*files[::-1])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 not a zip", "cannot be read"),
        (b"PAR1 not a parquet file", "cannot be read"),
        (gzip.compress(as_csv(UNITS * 500, LEGAL_UNIT_COLUMNS))[:-30], "fetch the file again"),
        (b"a,b\n1,2\n", "Is it the right file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    import_files: Register, files: tuple[Path, Path], data: bytes, sentence: str
) -> None:
    files[0].write_bytes(data)
    with pytest.raises(CommandError, match=sentence) as caught:
        import_files(*files)
    assert caught.value.returncode == 2
    assert not Entreprise.objects.exists()
    assert tables() == []


def test_a_parquet_file_that_is_cut_off_is_refused(import_files: Register, files: tuple[Path, Path]) -> None:
    units, offices = map(as_parquet, files)
    offices.write_bytes(offices.read_bytes()[:-100])
    with pytest.raises(CommandError, match=r"StockEtablissement_utf8\.parquet cannot be read"):
        import_files(units, offices)


def test_a_file_that_ends_in_the_middle_loads_nothing(
    import_files: Register, files: tuple[Path, Path]
) -> None:
    files[1].write_bytes(as_csv(OFFICES * 4_000, ESTABLISHMENT_COLUMNS))
    offices = gzipped(files[1])
    offices.write_bytes(offices.read_bytes()[:-20])
    with pytest.raises(CommandError, match="fetch the file again"):
        import_files(files[0], offices)
    assert not Entreprise.objects.exists()
    assert [run.status for run in ImportRun.objects.all()] == ["failed"]
    assert tables() == []


def test_a_file_of_movements_that_is_another_one_is_refused(
    import_files: Register, files: tuple[Path, Path]
) -> None:
    with pytest.raises(CommandError, match="has no column DATE_EFF"):
        import_files(*files, "--mouvements", files[0])


def test_a_report_over_an_input_is_refused(import_files: Register, files: tuple[Path, Path]) -> None:
    with pytest.raises(CommandError, match="is the file to be imported"):
        import_files(*files, "--rejects", files[1])
