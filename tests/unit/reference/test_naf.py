import csv
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.naf import (
    DIVISIONS,
    DIVISIONS25,
    NAF,
    NAF25,
    PREDECESSORS,
    SECTIONS,
    SECTIONS25,
    SUCCESSORS,
    TRADES,
    TRADES25,
    Beginnings,
    Levels,
    Nomenclature,
    beginning,
    label,
    levels,
    nomenclature_of,
    normalise,
    predecessor,
    read,
    section,
    section25,
    section25_of,
    section_of,
    successor,
)

# Where the nomenclature file and the registers' exports differ by a word, ours is the registers'.
AS_REGISTERS_WRITE = {"46.21Z", "84.12Z"}


def plain(text: str) -> str:
    """A label without the typography in which files differ: apostrophes, stray commas, spaces, case."""
    return re.sub(r"[\s;,]+", " ", text.replace("’", "'").replace("\x9c", "œ")).casefold()


def test_naf_has_as_many_codes_at_each_level_as_the_decree():
    all_levels = [levels(code) for code in NAF]
    assert len(NAF) == len({found.sous_classe for found in all_levels}) == 732
    assert len({found.classe for found in all_levels}) == 615
    assert len({found.groupe for found in all_levels}) == 272
    assert {found.division for found in all_levels} == DIVISIONS.keys()
    assert len(DIVISIONS) == 88
    assert {found.section for found in all_levels} == SECTIONS.keys()
    assert len(SECTIONS) == 21


def test_a_code_stands_in_its_section_division_group_and_class():
    assert levels("62.01Z") == Levels("J", "62", "62.0", "62.01", "62.01Z")
    assert (SECTIONS["J"], DIVISIONS["62"], label("62.01Z")) == (
        "Information et communication",
        "Programmation, conseil et autres activités informatiques",
        "Programmation informatique",
    )


def test_sections_follow_one_another_as_their_divisions_do():
    sections = [section_of(division) for division in sorted(DIVISIONS)]
    assert sections == sorted(sections)


@pytest.mark.parametrize("code", ["", "00.00Z", "99.99Z", "6201Z", "62"])
def test_an_unknown_code_has_no_label_and_no_levels(code):
    assert label(code) == ""
    assert levels(code) == Levels("", "", "", "", "")


def test_an_unknown_division_has_no_section():
    assert section_of("04") == ""


@pytest.mark.parametrize("written", ["62.01Z", "6201Z", "6201z", " 62.01 Z", "62 01Z", "62.01z\t"])
def test_the_spellings_of_a_code_meet(written):
    assert normalise(written) == "62.01Z"


@pytest.mark.parametrize(
    "written", ["", "62", "62.01", "524C", "62.01ZZ", "62-01Z", "٦٢.٠١Z", "ABCDE", "6201É"]
)
def test_what_has_not_the_shape_of_a_code_is_none(written):
    assert normalise(written) == ""


@given(st.text() | st.sampled_from(sorted(NAF)) | st.sampled_from(sorted(NAF25)))
def test_a_normal_code_is_already_normal(text):
    assert normalise(normalise(text)) == normalise(text)
    assert re.fullmatch(r"([0-9]{2}\.[0-9]{2}[A-Z])?", normalise(text))


def test_every_trade_has_a_name_and_codes_of_the_nomenclature():
    assert TRADES["boulanger"] == ("10.71C",)
    assert TRADES["restaurant"] == ("56.10A", "56.10B", "56.10C")
    assert TRADES25["boulanger"] == ("10.71H",)
    for name, codes in TRADES.items():
        assert name == " ".join(name.split()) != ""
        assert codes
        assert set(codes) <= NAF.keys()


def test_every_trade_has_codes_of_naf_2025_that_correspond_to_its_others():
    for name, codes in TRADES.items():
        assert TRADES25[name]
        assert set(TRADES25[name]) <= {each for code in codes for each in SUCCESSORS[code]}


def test_a_label_is_one_clean_line_with_straight_apostrophes():
    for text in (
        *NAF.values(),
        *DIVISIONS.values(),
        *SECTIONS.values(),
        *NAF25.values(),
        *SECTIONS25.values(),
    ):
        assert text == " ".join(text.split())
        assert not re.search(r"[’&]| ,|,[^\s0-9]", text)  # but 3,5 tonnes
        assert text[0].isupper()


def test_every_label_is_that_of_the_nomenclature(shared_data):
    official = json.loads((shared_data / "labels_codes-NAF.json").read_text(encoding="utf-8"))
    assert NAF.keys() == official.keys()
    assert {code for code in NAF if plain(label(code)) != plain(official[code])} == AS_REGISTERS_WRITE


def test_every_section_is_that_of_the_nomenclature(shared_data):
    official = json.loads((shared_data / "labels_sections-codes-NAF.json").read_text(encoding="utf-8"))
    assert {code: plain(name) for code, name in SECTIONS.items()} == {
        c: plain(n) for c, n in official.items()
    }


def test_every_label_is_what_registers_export(shared_data):
    with (shared_data / "entreprises.csv").open(encoding="utf-8", newline="") as file:
        exported = {row["naf_code"]: row["naf_libelle"] for row in csv.DictReader(file)}
    assert {code for code in exported if plain(label(code)) != plain(exported[code])} == set()


def test_no_code_is_in_both_nomenclatures():
    assert len(NAF25) == 747
    assert not NAF.keys() & NAF25.keys()
    assert (nomenclature_of("62.01Z"), nomenclature_of("62.10Y")) == (Nomenclature.REV2, Nomenclature.NAF2025)
    assert (nomenclature_of("6201Z"), nomenclature_of("99.98X"), nomenclature_of("")) == (None, None, None)


def test_a_code_of_naf_2025_has_its_label_and_stands_in_its_own_section():
    assert label("62.10Y") == "Activités de programmation informatique"
    assert levels("62.10Y") == Levels("K", "62", "62.1", "62.10", "62.10Y")
    assert (section_of("62"), section25_of("62"), section25_of("45")) == ("J", "K", "")


def test_every_division_of_naf_2025_is_in_one_of_its_22_sections():
    assert len(SECTIONS25) == 22
    assert {section25_of(division) for division in DIVISIONS25} == SECTIONS25.keys()


def test_a_code_follows_from_another_only_where_it_is_the_only_one():
    assert (successor("62.01Z"), predecessor("62.10Y")) == ("62.10Y", "62.01Z")
    assert successor("56.10C") == ""  # two: on the spot, and from a van
    assert predecessor("47.11K") == ""
    assert (successor("46.89Y"), predecessor("46.89Y"), predecessor("99.98X")) == ("", "", "")
    assert sum(bool(successor(code)) for code in NAF) == 520
    assert sum(bool(predecessor(code)) for code in NAF25) == 519


def test_the_correspondence_is_between_codes_of_both_nomenclatures():
    assert SUCCESSORS.keys() == NAF.keys()
    assert PREDECESSORS.keys() == NAF25.keys() - {"46.89Y"}
    assert sum(map(len, SUCCESSORS.values())) == sum(map(len, PREDECESSORS.values())) == 1_223


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("62.01Z", Beginnings(rev2=("62.01Z",))),
        ("6201z", Beginnings(rev2=("62.01Z",))),
        ("6210Y", Beginnings(naf25=("62.10Y",))),
        ("62.1", Beginnings(naf25=("62.1",))),
        ("620", Beginnings(rev2=("62.0",))),
        ("62", Beginnings(rev2=("62",), naf25=("62",))),
        ("45", Beginnings(rev2=("45",))),
        ("99.98X", Beginnings(rev2=("99.98X",), naf25=("99.98X",))),
        ("04", Beginnings(rev2=("04",), naf25=("04",))),
        ("X", None),
        ("6", None),
        ("62.", Beginnings(rev2=("62",), naf25=("62",))),
    ],
)
def test_a_beginning_says_which_nomenclatures_have_codes_that_begin_so(typed, meant):
    assert beginning(typed) == meant


def test_the_codes_of_a_beginning_are_those_of_both_nomenclatures():
    assert beginning("62.1").codes() == ("62.10Y",)
    assert set(beginning("62").codes()) == {code for code in (*NAF, *NAF25) if code.startswith("62")}
    assert beginning("99.98X").codes() == ("99.98X",)


def test_a_section_is_that_of_its_own_nomenclature():
    assert section("J").rev2 == ("58", "59", "60", "61", "62", "63")
    assert section25("K") == Beginnings(naf25=("61", "62", "63"))
    assert (section("V"), section25("W"), section(""), section25("JK")) == (None, None, None, None)


def _official(shared_data, name):
    with (shared_data / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_label_of_naf_2025_is_the_official_one(shared_data):
    official = {row["code"]: row["libelle"] for row in _official(shared_data, "naf_2025_sous_classes.csv")}
    assert {code: label.replace("’", "'") for code, label in official.items()} == NAF25


def test_every_section_of_naf_2025_is_the_official_one(shared_data):
    for row in _official(shared_data, "naf_2025_sections.csv"):
        first, _, last = row["divisions"].partition("-")
        mine = [division for division in DIVISIONS25 if section25_of(division) == row["section"]]
        assert SECTIONS25[row["section"]] == row["libelle"].replace("’", "'")
        assert (mine[0], mine[-1]) == (first, last or first)


def test_the_correspondence_is_the_official_one(shared_data):
    official = _official(shared_data, "naf_correspondance_2025.csv")
    pairs = {(row["naf_rev2"], row["naf_2025"]) for row in official}
    assert pairs == {(code, other) for code, others in SUCCESSORS.items() for other in others}
    assert {row["naf_rev2"] for row in official if row["type"] == "Unique"} == {
        c for c in NAF if successor(c)
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5630Z Débits de boissons", "56.30Z"),
        ("56.30z", "56.30Z"),
        ("56.30 Z", "56.30Z"),
        ("56.30Z - Débits de boissons", "56.30Z"),
        ("56.30Z (débits)", "56.30Z"),
        ("56.30Z, 10.71C", ""),
        ("5630ZX", ""),
        ("Traiteur", ""),
        ("", ""),
    ],
)
def test_a_cell_may_have_the_label_behind_its_code_and_not_a_second_code(text: str, code: str) -> None:
    assert read(text) == code
