"""Each cleaning step, on a few records and without a database."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from foxreviews.importing.clean import not_known, steps
from foxreviews.importing.clean.activities import activity
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.clean.places import POSTAL, Places
from foxreviews.location.lookup import Place
from foxreviews.reference.identifiers import LA_POSTE

SIREN = "732829320"


def find(code_postal: str, ville_nom: str) -> Place:
    return Place("75056", "Paris", "75") if ville_nom == "PARIS" else Place("", ville_nom, code_postal[:2])


def through(step: Step, **columns: list[Any]) -> tuple[pl.DataFrame, dict[str, int]]:
    """What the step makes of the columns, and the counts of the values that it leaves out."""
    frame = pl.DataFrame(columns).with_row_index("row")
    if step is not steps.find_blank:
        frame = frame.with_columns(
            blank=pl.lit(value=False), reject=pl.lit(None, pl.String), reject_column=pl.lit(None, pl.String)
        )
    cleaner = Cleaner(Places(POSTAL, find))
    return step(cleaner, frame), cleaner.left_out


def marked(frame: pl.DataFrame) -> list[tuple[str, ...]]:
    """The columns that are not known, of each record."""
    if "not_known" not in frame.columns:
        return [()] * frame.height
    return [
        tuple(column for column, bit in not_known.BITS.items() if marks & bit) for marks in frame["not_known"]
    ]


def reasons(frame: pl.DataFrame) -> list[str | None]:
    return frame["reject"].to_list()


def test_tidy_folds_white_space_drops_what_is_invisible_and_composes_accents() -> None:
    values = ["  A \t B\n", "A\u200bB", "E\u0301", "A\u00a0B", "UNCHANGED", "A\u200dB"]
    frame, _ = through(steps.tidy, nom=values, adresse=[""] * len(values))
    assert frame["nom"].to_list() == ["A B", "AB", "É", "A B", "UNCHANGED", "A\u200dB"]
    assert frame["row"].to_list() == list(range(len(values)))


def test_a_record_is_blank_where_all_its_fields_are_empty() -> None:
    frame, _ = through(steps.find_blank, siren=["", SIREN, ""], nom=["", "", "UN"])
    assert frame["blank"].to_list() == [True, False, False]
    assert reasons(frame) == [None] * 3


def test_a_nul_character_rejects_its_record_and_names_the_column() -> None:
    frame, _ = through(steps.refuse_nul, siren=[SIREN, SIREN], nom=["A\0", "B"])
    assert (reasons(frame), frame["reject_column"][0]) == (["nul-character", None], "nom")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SIREN, None),
        ("732 829 320", None),
        ("732829320.0", None),
        ("000000000", None),
        ("", "siren-missing"),
        ("73282932", "siren-key"),  # read as 073282932
        ("12345", "siren-malformed"),  # a spreadsheet loses three zeros, not four
        ("7328293200", "siren-malformed"),
        ("732829321", "siren-key"),
        ("A32829320", "siren-malformed"),
    ],
)
def test_a_siren_has_nine_digits_and_its_key(text: str, reason: str | None) -> None:
    assert reasons(through(steps.siren, siren=[text])[0]) == [reason]


ERRORS = ["#N/A", "#ref!", "#VALEUR!", "#VALUE!", "#NOM?", "#Name?", "#DIV/0!", "#NUL!", "#NULL!", "#NOMBRE!", "#NUM!",
          "#N/D", "########", "Err:502"]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS)
def test_the_error_of_a_spreadsheet_is_no_name_and_no_text(error: str) -> None:
    frame, left_out = through(steps.refuse_lost, nom=[error, "UN", "#1 CAFÉ"], adresse=["", error, "APT #12"])
    assert reasons(frame) == ["nom-spreadsheet-error", None, None]
    assert (frame["adresse"].to_list(), left_out) == (["", "", "APT #12"], {"spreadsheet-error": 1})
    assert marked(frame) == [(), ("adresse",), ()]


def test_three_lost_zeros_of_a_siren_come_back() -> None:
    lost, four = "000325175", "000013300"
    frame, _ = through(steps.siren, siren=[lost[3:], four[4:]])
    assert (frame["siren"][0], reasons(frame)) == (lost, [None, "siren-malformed"])


def test_the_first_reason_of_a_reject_stands_and_a_blank_record_has_none() -> None:
    frame, _ = through(steps.siren, siren=["x", ""])
    frame = frame.with_columns(nom=pl.lit(""), blank=pl.Series([False, True]), reject=pl.Series(["x", None]))
    assert reasons(steps.names(Cleaner(Places(POSTAL, find)), frame)) == ["x", None]


def test_a_siret_begins_with_its_siren_and_has_its_key_or_the_rule_of_la_poste() -> None:
    good, poste = "73282932000074", f"{LA_POSTE}00001"  # digits that add up to a multiple of 5, no Luhn key
    assert sum(map(int, poste)) % 5 == 0
    frame, left_out = through(
        steps.siret,
        siren=[SIREN, SIREN, "552100554", LA_POSTE, LA_POSTE, SIREN],
        siret=[good, "73282932000075", good, poste, f"{LA_POSTE}00002", ""],
    )
    assert frame["siret"].to_list() == [good, "", "", poste, "", ""]
    assert left_out == {"siret-invalid": 3}
    assert reasons(frame) == [None] * 6


def test_a_company_without_a_name_is_rejected() -> None:
    assert reasons(through(steps.names, nom=["", "UN"])[0]) == ["nom-missing", None]


def test_a_place_comes_from_postal_code_and_town_and_a_lost_zero_comes_back() -> None:
    frame, left_out = through(
        steps.place, code_postal=["75001", "1000", "100", ""], ville_nom=["PARIS", "BOURG", "X", ""]
    )
    assert frame["code_postal"].to_list() == ["75001", "01000", "", ""]
    assert frame["code_commune"].to_list() == ["75056", None, None, None]
    assert frame["ville_nom"].to_list() == ["Paris", "BOURG", "X", ""]
    assert frame["departement"].to_list() == ["75", "01", "", ""]
    assert left_out == {"code-postal-malformed": 1}


@pytest.mark.parametrize(
    ("adresse", "kept"),
    [
        ("1 RUE DU PORT", "1 RUE DU PORT, Juan-les-Pins"),
        ("1 RUE DU PORT, JUAN-LES-PINS", "1 RUE DU PORT, JUAN-LES-PINS"),
        ("1 RUE DE JUAN", "1 RUE DE JUAN, Juan-les-Pins"),
        ("", ""),
        ("X" * 490, "X" * 490),  # there is no room for it
    ],
)
def test_the_part_of_the_town_that_a_record_names_is_kept_in_its_address(adresse: str, kept: str) -> None:
    for localite, expected in (("Juan-les-Pins", kept), ("", adresse)):
        frame, _ = through(steps.localite, adresse=["ELSEWHERE", adresse], localite=["", localite])
        assert frame["adresse"].to_list() == ["ELSEWHERE", expected]


def test_a_place_is_looked_up_once_for_each_distinct_pair() -> None:
    resolved: list[tuple[str, str]] = []

    def counted(code_postal: str, ville_nom: str) -> Place:
        resolved.append((code_postal, ville_nom))
        return find(code_postal, ville_nom)

    places = Places(POSTAL, counted)
    for _ in range(2):
        places.locate(pl.DataFrame({"code_postal": ["1", "1", "2"], "ville_nom": ["A", "A", "A"]}))
    assert resolved == [("1", "A"), ("2", "A")]


def test_an_activity_gets_its_dot_and_its_label() -> None:
    frame, left_out = through(activity, naf_code=["6201Z", "62.01Z", "62", ""])
    assert frame["naf_code"].to_list() == ["62.01Z", "62.01Z", "", ""]
    assert frame["naf_libelle"][0] == frame["naf_libelle"][1] != ""
    assert left_out == {"naf-code-malformed": 1}


def test_the_label_of_the_source_serves_where_the_nomenclature_has_none() -> None:
    frame, _ = through(activity, naf_code=["99.98X", "62.01Z"], naf_libelle=["OURS", "THEIRS"])
    assert frame["naf_libelle"][0] == "OURS"
    assert frame["naf_libelle"][1] != "THEIRS"


def test_a_workforce_band_is_one_of_the_registers() -> None:
    frame, left_out = through(steps.workforce, tranche_effectif=["nn", "1", "53", "54", ""])
    assert frame["tranche_effectif"].to_list() == ["NN", "01", "53", "", ""]
    assert left_out == {"tranche-effectif-unknown": 1}


def test_a_legal_form_has_four_digits() -> None:
    frame, left_out = through(steps.legal_form, categorie_juridique=["5710", "9999", "571", "57100", ""])
    assert frame["categorie_juridique"].to_list() == ["5710", "9999", "", "", ""]
    assert left_out == {"categorie-juridique-malformed": 2}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2012-03-04", dt.date(2012, 3, 4)),
        ("2012-03-04T10:00:00", dt.date(2012, 3, 4)),
        ("04/03/2012", dt.date(2012, 3, 4)),
        ("1000-01-01", dt.date(1000, 1, 1)),
        ("9999-12-31", dt.date(9999, 12, 31)),
        ("4/3/2012", dt.date(2012, 3, 4)),
        ("04-03-2012", dt.date(2012, 3, 4)),
        ("04.03.2012", dt.date(2012, 3, 4)),
        ("2012/03/04", dt.date(2012, 3, 4)),
        ("04/03/2012 00:00", dt.date(2012, 3, 4)),
        ("04/03/2012 00:00:00", dt.date(2012, 3, 4)),
    ],
)
def test_a_date_is_iso_or_french(text: str, date: dt.date) -> None:
    frame, left_out = through(steps.creation_date, date_creation=[text])
    assert (frame["date_creation"].to_list(), left_out) == ([date], {})


@pytest.mark.parametrize(
    "text", ["0999-12-31", "2012-02-30", "2012-03-04x", "03/14/2012", "soon", "04/03/12", "43831", "04/2012"]
)
def test_any_other_date_is_left_out(text: str) -> None:
    frame, left_out = through(steps.creation_date, date_creation=[text])
    assert (frame["date_creation"].to_list(), left_out) == ([None], {"date-creation-malformed": 1})


def test_a_position_is_within_the_globe_and_half_of_one_is_none() -> None:
    frame, left_out = through(
        steps.position,
        latitude=["90", "-90", "90.001", "48,85", "48.85", "x"],
        longitude=["180", "-180", "2", "2,35", "", "2"],
    )
    assert frame["latitude"].to_list() == [90.0, -90.0, None, 48.85, None, None]
    assert frame["longitude"].to_list() == [180.0, -180.0, None, 2.35, None, None]
    assert left_out == {"position-incomplete": 1, "latitude-malformed": 2}
    frame, left_out = through(steps.position, latitude=["1"], longitude=["-180.001"])
    assert (frame["longitude"].to_list(), left_out) == ([None], {"longitude-malformed": 1})


def test_a_company_is_active_unless_the_file_says_that_it_is_not_or_something_that_is_not_known() -> None:
    frame, left_out = through(
        steps.activity_state, is_active=["Oui", "false", "C", "cessée", "", "peut-être"]
    )
    assert frame["is_active"].to_list() == [True, False, False, False, True, False]
    assert marked(frame) == [(), (), (), (), ("is_active",), ("is_active",)]
    assert left_out == {"is-active-unknown": 1}


def test_the_register_s_state_wins_over_the_list_s_own_where_it_says_anything() -> None:
    frame, left_out = through(
        steps.activity_state,
        is_active=["oui", "non", "non", "", "oui", "parfois"],
        etat_administratif=["Radiée", "Active", "", "", "parfois", "A"],
    )
    assert frame["is_active"].to_list() == [False, True, False, True, False, True]
    assert marked(frame) == [(), (), (), ("is_active",), ("is_active",), ()]
    assert left_out == {"is-active-unknown": 1}
    assert through(steps.activity_state, etat_administratif=["F"])[0]["is_active"].to_list() == [False]


def test_a_company_is_public_where_the_file_says_nothing_and_partial_where_the_words_are_not_known() -> None:
    frame, left_out = through(
        steps.diffusion, statut_diffusion=["O", "N", "partiellement diffusible", "", "réservé"]
    )
    assert frame["statut_diffusion"].to_list() == ["O", "P", "P", "O", "P"]
    assert marked(frame) == [(), (), (), ("statut_diffusion",), ("statut_diffusion",)]
    assert left_out == {"statut-diffusion-unknown": 1}


def test_a_block_of_known_words_has_no_marks() -> None:
    assert marked(through(steps.activity_state, is_active=["oui"])[0]) == [()]
    assert "not_known" not in through(steps.diffusion, statut_diffusion=["P"])[0].columns
    empty: Any = pl.Series([], dtype=pl.String)
    assert through(steps.activity_state, is_active=empty)[0].height == 0


def test_a_value_fits_its_column_to_the_last_character_and_is_never_cut() -> None:
    limit = steps.LIMITS["nom"]
    assert limit
    frame, _ = through(steps.lengths, nom=["É" * limit, "É" * (limit + 1)], adresse=["", ""])
    assert reasons(frame) == [None, "value-too-long"]
    assert frame["reject_column"].to_list() == [None, "nom"]
    assert frame["nom"].str.len_chars().to_list() == [limit, limit + 1]
