import json
import re
from itertools import pairwise

from foxreviews.reference.register import (
    ADDED_ESTABLISHMENT_COLUMNS,
    ADDED_LEGAL_UNIT_COLUMNS,
    BANDS,
    ESTABLISHMENT_COLUMNS,
    LEGAL_FORMS,
    LEGAL_UNIT_COLUMNS,
)


def plain(text):
    """A label without the typography in which files differ."""
    return "".join(text.replace("&nbsp;", " ").replace("’", "'").split())


def test_a_legal_form_is_known_by_four_digits_and_has_a_clean_label():
    assert len(LEGAL_FORMS) == 260
    assert LEGAL_FORMS["5710"] == "SAS, société par actions simplifiée"
    assert LEGAL_FORMS["1000"] == "Entrepreneur individuel"
    for code, label in LEGAL_FORMS.items():
        assert re.fullmatch("[0-9]{4}", code)
        assert label == " ".join(label.split())
        assert not re.search("[’&]|' ", label)


def test_every_legal_form_is_that_of_the_nomenclature(shared_data):
    official = json.loads((shared_data / "labels_natures-juridiques.json").read_text(encoding="utf-8"))
    assert {c: plain(n) for c, n in LEGAL_FORMS.items()} == {c: plain(n) for c, n in official.items()}


def test_every_band_is_that_of_the_nomenclature(shared_data):
    official = json.loads((shared_data / "labels_tranches-effectifs.json").read_text(encoding="utf-8"))
    assert {code: band.label for code, band in BANDS.items()} == official


def test_a_band_says_in_figures_what_its_label_says():
    for band in BANDS.values():
        if band.minimum:
            assert band.label.startswith(f"{band.minimum:,}".replace(",", " "))
            assert band.label.endswith(
                "salariés et plus" if band.maximum is None else f"{band.maximum:,} salariés".replace(",", " ")
            )


def test_bands_follow_one_another_without_a_gap():
    with_people = [band for band in BANDS.values() if band.code not in ("NN", "00")]
    assert all(
        lower.maximum is not None and lower.maximum + 1 == upper.minimum
        for lower, upper in pairwise(with_people)
    )
    assert with_people[0].minimum == 1
    assert with_people[-1].maximum is None
    assert [(BANDS[code].minimum, BANDS[code].maximum) for code in ("NN", "00")] == [(0, 0), (0, 0)]


def test_today_s_files_have_35_and_54_columns_older_ones_33_and_48():
    assert (len(set(LEGAL_UNIT_COLUMNS)), len(set(ESTABLISHMENT_COLUMNS))) == (35, 54)
    assert len(set(LEGAL_UNIT_COLUMNS) - ADDED_LEGAL_UNIT_COLUMNS) == 33
    assert len(set(ESTABLISHMENT_COLUMNS) - ADDED_ESTABLISHMENT_COLUMNS) == 48
