from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.identifiers import is_siret, is_vat_number, siren_with_key
from foxreviews.reference.typed_numbers import InvalidSirenError, siren_named_by, sirens_in

SIRENS = st.integers(10**7, 10**8 - 1).map(siren_with_key)
BETWEEN = st.sampled_from(["", " ", ".", "-", "  ", "\u00a0", "\u202f", " - ", ",", "/", "'"])
GROUPS = st.sampled_from([(3, 3, 3), (9,), (3, 6), (6, 3)])
LABELS = st.sampled_from(
    [
        "",
        "SIREN ",
        "siren : ",
        "Siren n° ",
        "nº",
        "RCS Montauban ",
        "R.C.S. Paris B ",
        "(",
        "n° ",
        "NOVERGIE ",
        "é",
    ]
)
BEHIND = st.sampled_from(
    ["", ",", " NOVERGIE", " 75001 Paris", " / 06 12 34 56 78", ")", ".", "R", " – 12 rue X"]
)
BEFORE = st.sampled_from(["", "12 rue du Port 75001 Paris, ", "06 12 34 56 78 ", "5 000 € "])


def spaced(digits: str, groups: tuple[int, ...], between: str) -> str:
    parts = []
    for length in groups:
        parts.append(digits[:length])
        digits = digits[length:]
    return between.join(parts)


@given(SIRENS, GROUPS, BETWEEN, LABELS, BEFORE, BEHIND)
def test_a_siren_in_its_groups_is_found_whatever_stands_around_it(
    siren: str, groups: tuple[int, ...], between: str, label: str, before: str, behind: str
) -> None:
    assert siren in sirens_in(f"{before}{label}{spaced(siren, groups, between)}{behind}")


@given(SIRENS, st.sets(st.integers(1, 8)).filter(lambda cuts: cuts != {4}), BETWEEN)
def test_a_siren_in_any_groups_is_found_between_words(siren: str, cuts: set[int], between: str) -> None:
    places = [0, *sorted(cuts), 9]
    groups = tuple(end - start for start, end in pairwise(places))
    typed = spaced(siren, groups, between)
    assert siren in sirens_in(f"NOVERGIE {typed} LILLE")
    assert siren in sirens_in(typed)


def test_four_digits_and_five_are_a_siren_where_no_word_makes_them_an_address() -> None:
    assert sirens_in("6220 12748") == ("622012748",)


@given(SIRENS, st.integers(0, 9999), BETWEEN)
def test_a_siret_and_a_vat_number_hold_a_siren(siren: str, nic: int, between: str) -> None:
    key = (12 + 3 * int(siren)) % 97
    for typed in (
        f"{siren}{between}{nic:04d}7",
        f"siret {siren[:3]} {siren[3:6]} {siren[6:]} {nic:04d}7",
        f"TVA FR{between}{key:02}{between}{siren}",
        f"{key:02}{siren}",
    ):
        assert sirens_in(typed)[0] == siren


@given(st.integers(10**4, 10**7 - 1).map(siren_with_key), st.integers(0, 99_999))
def test_a_number_without_its_leading_zeros_is_found(siren: str, nic: int) -> None:
    short = siren.lstrip("0")
    siret = f"{siren}{nic:05d}"
    assert siren in sirens_in(f"FOX {short}")
    assert siren_named_by(short) == siren
    assert len(short) == 6 or siren in sirens_in(f"{short[:-6]} {short[-6:-3]} {short[-3:]}")
    assert siren in sirens_in(siret.lstrip("0")) or not is_siret(siret)


@pytest.mark.parametrize(
    "typed",
    [
        "75001",
        "12 rue de la Paix 75002 Paris",
        "06 12 34 56 78",
        "0612345678",
        "+33 6 12 34 56 78",
        "boulangerie 69003 martin",
        "12 75001",
        "1 bis rue X BP 6220 12748 PARIS",  # its digits are a SIREN
        "622012749",
        "622 012 749",
        "6220127480",
        "162201274897",
        "85780253",
        "8578025200047",
        "62.01Z",
    ],
)
def test_other_digits_are_not_taken_for_a_siren(typed: str) -> None:
    assert sirens_in(typed) == ()


def test_a_whole_number_comes_before_one_without_its_zeros() -> None:
    assert sirens_in("85780252 622012748") == ("622012748", "085780252")


def test_a_vat_number_has_a_key() -> None:
    assert is_vat_number("44732829320")
    assert not is_vat_number("45732829320")
    assert not is_vat_number("44732829321")


@given(st.text(max_size=256))
def test_any_text_has_sirens_or_none(typed: str) -> None:
    assert all(len(siren) == 9 and siren.isascii() and siren.isdigit() for siren in sirens_in(typed))


@given(st.text(max_size=256))
def test_any_text_names_a_company_or_is_refused(typed: str) -> None:
    try:
        siren = siren_named_by(typed)
    except InvalidSirenError:
        return
    assert len(siren) == 9
    assert siren.isascii()
    assert siren.isdigit()


@given(SIRENS, BETWEEN)
def test_a_vat_number_with_another_key_names_its_company(siren: str, between: str) -> None:
    assert siren_named_by(f"fr{between}57{between}{siren}") == siren


def test_nine_digits_are_looked_up_whatever_their_key_is() -> None:
    assert siren_named_by("732829321") == "732829321"
