import csv
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.naf import (
    DIVISIONS,
    NAF,
    SECTIONS,
    TRADES,
    Levels,
    label,
    levels,
    normalise,
    section_of,
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


@given(st.text() | st.sampled_from(sorted(NAF)))
def test_a_normal_code_is_already_normal(text):
    assert normalise(normalise(text)) == normalise(text)
    assert re.fullmatch(r"([0-9]{2}\.[0-9]{2}[A-Z])?", normalise(text))


def test_every_trade_has_a_name_and_codes_of_the_nomenclature():
    assert TRADES["boulanger"] == ("10.71C",)
    assert TRADES["restaurant"] == ("56.10A", "56.10B", "56.10C")
    for name, codes in TRADES.items():
        assert name == " ".join(name.split()) != ""
        assert codes
        assert set(codes) <= NAF.keys()


def test_a_label_is_one_clean_line_with_straight_apostrophes():
    for text in (*NAF.values(), *DIVISIONS.values(), *SECTIONS.values()):
        assert text == " ".join(text.split())
        assert not re.search(r"[’&]| ,|,\S", text)
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
