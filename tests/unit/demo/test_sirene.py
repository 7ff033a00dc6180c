"""Fictional stock files: INSEE's headers, and every kind of company that the register has."""

from io import BytesIO, StringIO
from pathlib import Path

import polars as pl
import pytest
from django.core.management import CommandError, call_command

from foxreviews.demo.generator.sirene import stock
from foxreviews.reference.identifiers import is_siren, is_siret
from foxreviews.reference.naf import SUCCESSORS
from foxreviews.reference.register import ESTABLISHMENT_COLUMNS, LEGAL_UNIT_COLUMNS

ROWS = 20_000
PEOPLE = ("nomUniteLegale", "nomUsageUniteLegale", "prenom1UniteLegale", "prenomUsuelUniteLegale")


def files(rows: int, seed: int = 1) -> tuple[bytes, bytes]:
    units, establishments = stock.headers()
    made = list(stock.blocks(rows, seed))
    return (
        units + b"".join(block.legal_units for block in made),
        establishments + b"".join(block.establishments for block in made),
    )


@pytest.fixture(scope="module")
def tables() -> tuple[pl.DataFrame, pl.DataFrame]:
    units, establishments = (pl.read_csv(BytesIO(file), infer_schema=False) for file in files(ROWS))
    return units, establishments


@pytest.fixture(scope="module")
def units(tables: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    return tables[0]


@pytest.fixture(scope="module")
def establishments(tables: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    return tables[1]


def test_the_headers_are_insee_s_in_insee_s_order(units: pl.DataFrame, establishments: pl.DataFrame) -> None:
    assert tuple(units.columns) == LEGAL_UNIT_COLUMNS
    assert tuple(establishments.columns) == ESTABLISHMENT_COLUMNS


def test_the_same_seed_and_size_give_the_same_bytes() -> None:
    assert files(3_000) == files(3_000)
    assert files(3_000) != files(3_000, seed=2)


def test_there_are_as_many_units_as_asked_and_a_quarter_more_establishments(
    units: pl.DataFrame, establishments: pl.DataFrame
) -> None:
    assert units.height == ROWS == units["siren"].n_unique()
    assert 1.2 * ROWS < establishments.height < 1.3 * ROWS
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


def test_some_values_are_empty_in_quotes_and_others_absent() -> None:
    units, _ = files(1_000)
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


def test_the_command_makes_the_folder_and_both_files(tmp_path: Path) -> None:
    out = tmp_path / "sirene"
    call_command("generate_entreprises", str(out), "--format", "sirene", "--rows", "10", stdout=StringIO())
    assert {file.name for file in out.iterdir()} == {
        "StockUniteLegale_utf8.csv",
        "StockEtablissement_utf8.csv",
    }
    assert len((out / "StockUniteLegale_utf8.csv").read_text().splitlines()) == 11


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sirene").write_text("mine")
    with pytest.raises(CommandError, match="Cannot make the folder"):
        call_command(
            "generate_entreprises", str(tmp_path / "sirene"), "--format", "sirene", stdout=StringIO()
        )
    assert (tmp_path / "sirene").read_text() == "mine"
