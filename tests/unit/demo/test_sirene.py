"""A fictional register: INSEE's headers, and every kind of company that the register has."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from django.core.management import CommandError, call_command

from foxreviews.core.errors import FoxreviewsError
from foxreviews.demo.generator.sirene import stock
from foxreviews.demo.generator.sirene.files import register_files
from foxreviews.demo.generator.sirens import Sirens
from foxreviews.reference.identifiers import is_siren, is_siret
from foxreviews.reference.naf import SUCCESSORS
from foxreviews.reference.register import (
    DOUBLE_COLUMNS,
    ESTABLISHMENT_COLUMNS,
    HISTORY_COLUMNS,
    LEGAL_UNIT_COLUMNS,
    SUCCESSION_COLUMNS,
)

ROWS = 20_000
PEOPLE = ("nomUniteLegale", "nomUsageUniteLegale", "prenom1UniteLegale", "prenomUsuelUniteLegale")


def write(folder: Path, rows: int) -> None:
    with register_files(folder, parquet=False) as writers:
        for tables in stock.blocks(rows, seed=1):
            for name, frame in tables.items():
                writers[name](frame)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a register, as CSV and as parquet."""
    folder = tmp_path_factory.mktemp("register")
    with register_files(folder, parquet=False) as csv, register_files(folder, parquet=True) as parquet:
        for tables in stock.blocks(ROWS, seed=1):
            for name, frame in tables.items():
                csv[name](frame)
                parquet[name](frame)
    return folder


@pytest.fixture(scope="module")
def tables(folder: Path) -> Mapping[str, pl.DataFrame]:
    return {name: pl.read_csv(folder / f"{name}.csv", infer_schema=False) for name in stock.SCHEMAS}


@pytest.fixture(scope="module")
def units(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return tables[stock.LEGAL_UNITS]


@pytest.fixture(scope="module")
def establishments(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return tables[stock.ESTABLISHMENTS]


@pytest.fixture(scope="module")
def successions(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return tables[stock.SUCCESSIONS]


@pytest.fixture(scope="module")
def history(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return tables[stock.HISTORY]


def test_the_headers_are_insee_s_in_insee_s_order(tables: Mapping[str, pl.DataFrame]) -> None:
    assert {name: tuple(frame.columns) for name, frame in tables.items()} == {
        "StockUniteLegale_utf8": LEGAL_UNIT_COLUMNS,
        "StockEtablissement_utf8": ESTABLISHMENT_COLUMNS,
        "options/StockEtablissementLiensSuccession_utf8": SUCCESSION_COLUMNS,
        "options/StockDoublons_utf8": DOUBLE_COLUMNS,
        "options/StockUniteLegaleHistorique_utf8": HISTORY_COLUMNS,
    }
    assert [len(frame.columns) for frame in tables.values()] == [35, 54, 6, 3, 28]


def test_beside_the_legal_units_no_file_has_them_in_its_name(folder: Path) -> None:
    assert [path.name for path in folder.glob("*UniteLegale*.csv")] == ["StockUniteLegale_utf8.csv"]


def test_the_same_seed_and_size_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    for name in stock.SCHEMAS:
        assert (tmp_path / f"{name}.csv").read_bytes() == (folder / f"{name}.csv").read_bytes()


def test_another_seed_gives_other_units(units: pl.DataFrame) -> None:
    other = next(stock.blocks(10, seed=2))
    assert other[stock.LEGAL_UNITS]["siren"].cast(pl.String).to_list() != units["siren"].head(10).to_list()


def test_parquet_has_insee_s_types_and_says_what_csv_does(folder: Path) -> None:
    for name, schema in stock.SCHEMAS.items():
        frame = pl.read_parquet(folder / f"{name}.parquet")
        assert frame.schema == schema
        written = frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.3f")
        assert written == (folder / f"{name}.csv").read_text()
    assert stock.SCHEMAS[stock.HISTORY]["categorieJuridiqueUniteLegale"] == pl.Int64
    assert stock.SCHEMAS[stock.SUCCESSIONS]["transfertSiege"] == pl.Boolean
    assert stock.SCHEMAS[stock.ESTABLISHMENTS]["dateDernierTraitementEtablissement"] == pl.Datetime("ms")


def test_each_company_of_any_block_stands_in_the_file_once_in_order() -> None:
    sirens = Sirens(1)
    ascending = np.concatenate([*sirens.ascending(2_500, 1_000)])
    assert (ascending == np.sort(sirens.of(0, 2_500))).all()
    assert [len(part) for part in sirens.ascending(2_500, 1_000)] == [1_000, 1_000, 500]


def test_there_are_as_many_units_as_asked_and_two_fifths_more_establishments(
    units: pl.DataFrame, establishments: pl.DataFrame
) -> None:
    assert units.height == ROWS == units["siren"].n_unique()
    assert 1.40 * ROWS < establishments.height < 1.46 * ROWS
    assert set(establishments["siren"]) <= set(units["siren"])


def test_the_numbers_are_valid_and_the_files_sorted_by_them(
    units: pl.DataFrame, establishments: pl.DataFrame
) -> None:
    assert all(map(is_siren, units["siren"].head(500)))
    assert all(map(is_siret, establishments["siret"].head(500)))
    assert units["siren"].is_sorted()
    assert establishments["siret"].is_sorted()
    assert establishments["siret"].n_unique() == establishments.height
    assert establishments.filter(pl.col("siren") + pl.col("nic") != pl.col("siret")).is_empty()


def test_a_unit_has_one_head_office_under_the_number_it_says_or_rarely_none(
    units: pl.DataFrame, establishments: pl.DataFrame
) -> None:
    heads = establishments.filter(pl.col("etablissementSiege") == "true")
    assert heads["siren"].n_unique() == heads.height
    assert 0.99 * ROWS < heads.height < ROWS
    met = heads.join(units, on="siren")
    assert met.filter(pl.col("nic") != pl.col("nicSiegeUniteLegale")).is_empty()


def test_a_tenth_of_the_establishments_is_closed_and_has_a_successor_that_is_there(
    successions: pl.DataFrame, establishments: pl.DataFrame
) -> None:
    assert 0.09 * establishments.height < successions.height < 0.11 * establishments.height
    before = successions.join(establishments, left_on="siretEtablissementPredecesseur", right_on="siret")
    assert before.height == successions.height
    assert set(before["etatAdministratifEtablissement"]) == {"F"}
    assert before.filter(pl.col("dateLienSuccession") != pl.col("dateDebut")).is_empty()
    after = successions.join(establishments, left_on="siretEtablissementSuccesseur", right_on="siret")
    assert 0.99 * successions.height < after.height <= successions.height  # some head offices are in no file
    own = after["siretEtablissementPredecesseur"].str.slice(0, 9) == after["siren"]
    assert (own == (after["transfertSiege"] == "true")).all()
    assert 0.2 < own.mean() < 0.8  # type: ignore[operator]


def test_one_company_in_two_thousand_is_the_double_of_another(
    tables: Mapping[str, pl.DataFrame], units: pl.DataFrame
) -> None:
    doubles = tables[stock.DOUBLES]
    assert 1 <= doubles.height < ROWS / 500
    assert doubles.filter(pl.col("siren") == pl.col("sirenDoublon")).is_empty()
    for column in ("siren", "sirenDoublon"):
        assert set(doubles[column]) <= set(units["siren"])


def test_periods_follow_each_other_without_a_gap_the_latest_first(
    history: pl.DataFrame, units: pl.DataFrame
) -> None:
    dates = history.with_columns(pl.col("dateDebut", "dateFin").str.to_date())
    assert dates.filter(pl.col("dateDebut") > pl.col("dateFin")).is_empty()
    latest = dates.filter(pl.col("dateFin").is_null()).join(units, on="siren", validate="1:1")
    assert latest.height == ROWS
    assert latest.filter(pl.col("dateDebut") != pl.col("dateDebut_right").str.to_date()).is_empty()
    for name in ("denominationUniteLegale", "nomUsageUniteLegale", "etatAdministratifUniteLegale"):
        assert latest.filter(pl.col(name).ne_missing(pl.col(f"{name}_right"))).is_empty()
    follows = (pl.col("dateFin") + pl.duration(days=1) == pl.col("dateDebut").shift(1)).over("siren")
    assert dates.filter(pl.col("dateFin").is_not_null() & ~follows).is_empty()
    counts = history["siren"].value_counts()
    assert set(counts["count"]) == {1, 2, 3}
    assert 2.25 * ROWS < history.height < 2.35 * ROWS


def test_few_have_changed_their_name_and_a_change_says_so(history: pl.DataFrame) -> None:
    name = pl.col("denominationUniteLegale")
    differs = name.ne_missing(name.shift(-1)) & (pl.col("siren") == pl.col("siren").shift(-1))
    changed = history.filter(differs.fill_null(value=False))
    assert 0.005 * ROWS < changed.height < 0.06 * ROWS
    assert changed.equals(history.filter(pl.col("changementDenominationUniteLegale") == "true"))
    masked = history.filter(pl.col("nomUniteLegale") == "[ND]")
    assert masked.height > 100
    assert set(masked["nomUsageUniteLegale"]) == {"[ND]"}


def test_a_partly_public_person_has_no_name_and_no_street(
    units: pl.DataFrame, establishments: pl.DataFrame
) -> None:
    people = units.filter(
        (pl.col("statutDiffusionUniteLegale") == "P") & (pl.col("categorieJuridiqueUniteLegale") == "1000")
    )
    assert people.height > 100
    assert all(people[name].unique().to_list() == ["[ND]"] for name in PEOPLE)
    assert people["denominationUniteLegale"].null_count() == people.height
    where = establishments.filter(pl.col("siren").is_in(people["siren"].implode()))
    assert where["libelleVoieEtablissement"].unique().to_list() == ["[ND]"]
    assert where["codeCommuneEtablissement"].drop_nulls().len() > 0.9 * where.height


def test_a_partly_public_legal_person_keeps_its_name(units: pl.DataFrame) -> None:
    companies = units.filter(
        (pl.col("statutDiffusionUniteLegale") == "P") & (pl.col("categorieJuridiqueUniteLegale") != "1000")
    )
    assert companies.height > 10
    assert companies["denominationUniteLegale"].null_count() == 0


@pytest.mark.parametrize(
    "case",
    [
        pl.col("etatAdministratifUniteLegale") == "C",
        pl.col("unitePurgeeUniteLegale") == "true",
        pl.col("nomenclatureActivitePrincipaleUniteLegale").is_in(["NAFRev1", "NAF1993", "NAP"]),
        pl.col("activitePrincipaleNAF25UniteLegale").is_null(),
        pl.col("nomUsageUniteLegale").is_not_null(),
        pl.col("pseudonymeUniteLegale").is_not_null(),
        pl.col("denominationUsuelle1UniteLegale").is_not_null(),
        pl.col("sigleUniteLegale").is_not_null(),
    ],
)
def test_every_kind_of_unit_is_met(units: pl.DataFrame, case: pl.Expr) -> None:
    assert not units.filter(case).is_empty()


def test_a_code_of_naf_2025_corresponds_to_that_of_rev_2(units: pl.DataFrame) -> None:
    both = units.filter(pl.col("activitePrincipaleNAF25UniteLegale").is_not_null())
    pairs = both.select("activitePrincipaleUniteLegale", "activitePrincipaleNAF25UniteLegale").unique().rows()
    assert len(pairs) > 100
    assert all(newer in SUCCESSORS[code] for code, newer in pairs)


def test_most_units_that_are_there_have_a_category_and_few_are_large(units: pl.DataFrame) -> None:
    active = units.filter(pl.col("etatAdministratifUniteLegale") == "A")
    share = {
        name: active["categorieEntreprise"].eq(name).sum() / len(active) for name in ("PME", "ETI", "GE")
    }
    assert 0.6 < share["PME"] < 0.95
    assert 0.001 < share["GE"] < share["ETI"] < 0.03


def test_the_letter_of_an_employer_is_that_of_establishments_alone(
    units: pl.DataFrame, establishments: pl.DataFrame
) -> None:
    """As in INSEE's files since March 2024."""
    assert units["caractereEmployeurUniteLegale"].null_count() == len(units)
    letters = establishments["caractereEmployeurEtablissement"].value_counts()
    counts = dict(letters.iter_rows())
    assert {*counts} == {"O", "N", None}
    assert 0.08 < counts["O"] / len(establishments) < 0.3
    closed = establishments.filter(pl.col("etatAdministratifEtablissement") == "F")
    assert closed["caractereEmployeurEtablissement"].unique().to_list() == ["N"]


def test_some_values_are_empty_in_quotes_and_others_absent(folder: Path) -> None:
    units = (folder / f"{stock.LEGAL_UNITS}.csv").read_bytes()
    assert b',"",' in units
    assert b",,," in units


@pytest.mark.parametrize(
    "case",
    [
        pl.col("codePaysEtrangerEtablissement").str.starts_with("99") & pl.col("codeCommuneEtablissement").is_null(),
        pl.col("codeCommuneEtablissement").str.starts_with("974"),
        pl.col("codeCommuneEtablissement").is_between(pl.lit("75101"), pl.lit("75120")),
        pl.col("coordonneeLambertAbscisseEtablissement").is_not_null(),
        pl.col("enseigne1Etablissement").is_not_null(),
        pl.col("typeVoieEtablissement") == "LD",
        pl.col("indiceRepetitionEtablissement") == "B",
        pl.col("distributionSpecialeEtablissement").is_not_null(),
        pl.col("etatAdministratifEtablissement") == "F",
        pl.col("etablissementSiege") == "false",
    ],
)  # fmt: skip
def test_every_kind_of_establishment_is_met(establishments: pl.DataFrame, case: pl.Expr) -> None:
    assert not establishments.filter(case).is_empty()


def test_the_city_of_paris_is_never_an_address_only_its_districts(establishments: pl.DataFrame) -> None:
    cities = establishments.filter(pl.col("codeCommuneEtablissement").is_in(["75056", "69123", "13055"]))
    assert cities.is_empty()


@pytest.mark.parametrize(("flags", "ending"), [((), "csv"), (("--parquet",), "parquet")])
def test_the_command_makes_the_folder_and_every_file(
    tmp_path: Path, flags: tuple[str, ...], ending: str
) -> None:
    out = tmp_path / "sirene"
    arguments = [str(out), "--format", "sirene", "--rows", "10", *flags]
    call_command("generate_entreprises", *arguments, stdout=StringIO())
    files = {str(file.relative_to(out)) for file in out.rglob("*.*")}
    assert files == {f"{name}.{ending}" for name in stock.SCHEMAS}
    lines = pl.read_csv if ending == "csv" else pl.read_parquet
    assert lines(out / f"{stock.LEGAL_UNITS}.{ending}").height == 10


def test_parquet_is_refused_for_the_scaling_plan_s_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--parquet is for --format sirene"):
        call_command("generate_entreprises", str(tmp_path / "a.csv"), "--parquet", stdout=StringIO())


def interrupted(folder: Path) -> None:
    with register_files(folder, parquet=True) as writers:
        for name, schema in stock.SCHEMAS.items():
            writers[name](pl.DataFrame(schema=schema).clear(1))
        raise KeyboardInterrupt


def test_an_interrupted_run_leaves_no_parquet_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path)
    assert [*tmp_path.rglob("*.*")] == []


def fill_the_disk(folder: Path) -> None:
    (folder / stock.OPTIONAL).mkdir()
    for name in stock.SCHEMAS:
        (folder / f"{name}.parquet").symlink_to("/dev/full")
    with register_files(folder, parquet=True) as writers:
        for name, schema in stock.SCHEMAS.items():
            writers[name](pl.DataFrame(schema=schema).clear(1))


def test_a_full_disk_ends_parquet_files_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FoxreviewsError, match=r"Writing .*\.parquet failed"):
        fill_the_disk(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sirene").write_text("mine")
    with pytest.raises(CommandError, match="Cannot make the folder"):
        call_command(
            "generate_entreprises", str(tmp_path / "sirene"), "--format", "sirene", stdout=StringIO()
        )
    assert (tmp_path / "sirene").read_text() == "mine"
