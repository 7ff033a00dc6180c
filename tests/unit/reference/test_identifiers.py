import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.identifiers import (
    clean_digits,
    format_siren,
    format_siret,
    is_siren,
    is_siret,
    luhn,
    siren_with_key,
)

SIRENS = st.integers(0, 10**8 - 1).map(siren_with_key)


@given(SIRENS)
def test_a_siren_with_its_key_is_valid(siren):
    assert is_siren(siren)


@given(SIRENS, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(siren, place, change):
    wrong = str((int(siren[place]) + change) % 10)
    assert not is_siren(siren[:place] + wrong + siren[place + 1 :])


@given(SIRENS, st.integers(0, 7))
def test_two_digits_exchanged_are_noticed_but_for_0_and_9(siren, place):
    left, right = siren[place], siren[place + 1]
    exchanged = siren[:place] + right + left + siren[place + 2 :]
    assert is_siren(exchanged) == (left == right or {left, right} == {"0", "9"})


@given(SIRENS, st.integers(0, 9999))
def test_of_ten_nics_that_differ_in_the_last_digit_one_makes_a_siret(siren, nic):
    if siren == "356000000":
        return
    assert sum(is_siret(f"{siren}{nic:04d}{key}") for key in range(10)) == 1


@given(st.text())
def test_no_text_makes_the_checks_fail(text):
    assert is_siren(text) in (True, False)
    assert is_siret(text) in (True, False)
    assert not luhn(text) or (text.isascii() and text.isdigit())


@pytest.mark.parametrize(
    "text",
    ["", "73282932", "7328293200", "732 829 320", "73282932O", "٧٣٢٨٢٩٣٢٠", "732829321", "-73282932"],
)
def test_what_is_not_a_siren(text):
    assert not is_siren(text)


@pytest.mark.parametrize(
    "text", ["", "732829320", "73282932000075", "7328293200007 ", "35600000000009x", "x" * 14]
)
def test_what_is_not_a_siret(text):
    assert not is_siret(text)


def test_a_siret_whose_siren_is_wrong_is_not_one_though_its_own_key_is_right():
    assert luhn("04112240410000")
    assert not is_siren("041122404")
    assert not is_siret("04112240410000")


def test_a_siret_of_la_poste_is_valid_though_it_fails_luhn():
    assert not luhn("35600000049837")
    assert is_siret("35600000049837")


def test_the_head_office_of_la_poste_has_an_ordinary_key():
    assert is_siret("35600000000048")


def test_a_siret_of_la_poste_with_neither_key_is_refused():
    assert not is_siret("35600000049838")


def test_another_company_has_not_la_poste_s_rule():
    sirets = [f"7328293200{rest:04d}" for rest in range(10_000)]
    assert all(is_siret(siret) == luhn(siret) for siret in sirets)


def test_separators_go_and_nothing_else():
    assert clean_digits(" 732\u00a0829\u202f320.000-74\t") == "73282932000074"
    assert clean_digits("732A829") == "732A829"


def test_numbers_are_shown_in_groups():
    assert format_siren("732829320") == "732 829 320"
    assert format_siret("73282932000074") == "732 829 320 00074"


@given(SIRENS)
def test_what_is_shown_can_be_typed_back(siren):
    assert clean_digits(format_siren(siren)) == siren


@pytest.mark.parametrize("first8", [-1, 10**8])
def test_no_siren_begins_with_more_or_less_than_eight_digits(first8):
    with pytest.raises(ValueError, match="00000000 to 99999999"):
        siren_with_key(first8)


def test_of_the_real_companies_six_have_a_wrong_siren(shared_data):
    with (shared_data / "entreprises.csv").open(encoding="utf-8", newline="") as file:
        companies = list(csv.DictReader(file))
    sirens = {row["siren"] for row in companies}
    assert sum(map(is_siren, sirens)) == 7195
    assert len(sirens) - 7195 == 6
    assert all(is_siret(row["siret"]) == is_siren(row["siren"]) for row in companies)
