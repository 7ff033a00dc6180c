"""What communes have become since an address was written."""

import csv
from pathlib import Path

import pytest

from foxreviews.location.movements import Movements
from foxreviews.location.sources.insee import Movement
from foxreviews.location.sources.table import WrongTableError
from foxreviews.sirene.communes import read_movements

TODAY = {"01245", "02564", "14654", "14472"}


def today(*movements: tuple[str, str, str]) -> Movements:
    return Movements(Movement(*each) for each in movements)


def test_a_merged_commune_is_the_one_it_went_into() -> None:
    moves = today(("2026-01-01", "02077", "02564"))
    assert moves.today("02077", TODAY.__contains__) == "02564"


def test_a_commune_that_exists_is_itself_whatever_has_happened() -> None:
    moves = today(("1972-01-01", "02564", "01245"))
    assert moves.today("02564", TODAY.__contains__) == "02564"


def test_merges_are_followed_through_the_years() -> None:
    moves = today(("1972-01-01", "02001", "02077"), ("2026-01-01", "02077", "02564"))
    assert moves.today("02001", TODAY.__contains__) == "02564"


def test_the_last_thing_that_happened_to_a_code_counts() -> None:
    moves = today(("1972-01-01", "02077", "01245"), ("2026-01-01", "02077", "02564"))
    assert moves.today("02077", TODAY.__contains__) == "02564"


def test_a_commune_that_was_parted_among_several_is_none_of_them() -> None:
    moves = today(("1965-01-01", "14999", "14654"), ("1965-01-01", "14999", "14472"))
    assert moves.today("14999", TODAY.__contains__) == ""


def test_a_code_that_is_not_in_the_file_and_one_that_goes_in_a_circle_are_no_commune() -> None:
    moves = today(("1965-01-01", "02001", "02002"), ("1966-01-01", "02002", "02001"))
    assert moves.today("97123", TODAY.__contains__) == ""
    assert moves.today("02001", TODAY.__contains__) == ""


def test_delegated_communes_and_lines_without_a_code_before_lead_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "mouvements.csv"
    file.write_text(
        "MOD,DATE_EFF,TYPECOM_AV,COM_AV,TYPECOM_AP,COM_AP\n"
        "32,2026-01-01,COM,02077,COMD,02076\n"
        "20,2026-01-01,,,COM,02564\n"
        "32,2026-01-01,COM,02077,COM,02564\n"
    )
    assert read_movements(str(file)).today("02077", TODAY.__contains__) == "02564"


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "communes.csv"
    file.write_text("TYPECOM,COM\nCOM,01001\n")
    with pytest.raises(WrongTableError, match="DATE_EFF"):
        read_movements(str(file))


def test_nearly_every_commune_that_has_gone_since_1943_is_found(shared_data: Path) -> None:
    with (shared_data / "cog_communes_2026.csv").open(newline="") as file:
        exist = {row["COM"] for row in csv.DictReader(file) if row["TYPECOM"] in {"COM", "ARM"}}
    path = shared_data / "cog_mouvements_communes.csv"
    with path.open(newline="") as file:
        gone = {row["COM_AV"] for row in csv.DictReader(file) if row["TYPECOM_AV"] == "COM"} - exist
    moves = read_movements(str(path))
    lost = {code for code in gone if moves.today(code, exist.__contains__) not in exist}
    assert (len(gone), len(lost)) == (4_242, 8)
