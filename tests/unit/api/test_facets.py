"""Facets from the counts of an index: summed, labelled, ordered."""

import pytest

from foxreviews.api.entreprises.facets import FACETS, indexed, shown
from foxreviews.reference.naf import SECTIONS25


def facet(name: str, counts: dict[str, int]) -> list[tuple[str, str, int]]:
    found = shown([name], {FACETS[name].index_name: counts})[name]
    return [(value["value"], value["label"], value["count"]) for value in found]


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("departement", "2A", "Corse-du-Sud"),
        ("naf_section", "62.01Z", "Information et communication"),
        ("naf_division", "62.01Z", "Programmation, conseil et autres activités informatiques"),
        (
            "naf25_section",
            "62.10Y",
            SECTIONS25["K"],
        ),
        ("tranche_effectif", "11", "10 à 19 salariés"),
        ("categorie_entreprise", "ETI", "Entreprise de taille intermédiaire"),
        ("est_employeur", "true", "with employees"),
        ("est_employeur", "false", "without employees"),
        ("is_active", "true", "active"),
        ("is_active", "false", "ceased"),
    ],
)
def test_each_value_has_its_label(name: str, value: str, label: str) -> None:
    assert [found[1:] for found in facet(name, {value: 3})] == [(label, 3)]


def test_codes_of_one_division_or_section_are_counted_together() -> None:
    counts = {"62.01Z": 2, "62.02A": 3, "63.11Z": 1, "01.11Z": 7}
    assert [found[::2] for found in facet("naf_division", counts)] == [("01", 7), ("62", 5), ("63", 1)]
    assert [found[::2] for found in facet("naf_section", counts)] == [("A", 7), ("J", 6)]


def test_a_code_is_counted_in_its_own_nomenclature_only() -> None:
    counts = {"62.01Z": 2, "62.10Y": 3, "99.98X": 1}
    assert facet("naf_section", counts)[0][::2] == ("J", 2)
    assert facet("naf25_section", counts)[0][::2] == ("K", 3)
    assert facet("naf25_division", counts) == [("62", "", 3)]


def test_the_most_frequent_come_first_and_equal_counts_by_value() -> None:
    assert [found[0] for found in facet("departement", {"69": 1, "2A": 5, "01": 1})] == ["2A", "01", "69"]


def test_what_the_register_does_not_say_is_no_value_and_an_unknown_code_has_no_label() -> None:
    assert facet("departement", {"": 9, "00": 1}) == [("00", "", 1)]


def test_two_facets_of_one_field_are_one_of_the_index() -> None:
    assert indexed(["naf_section", "naf_division", "ville"]) == ["naf_code", "code_commune"]


def test_a_facet_that_was_not_counted_is_none_and_no_empty_one() -> None:
    assert shown(["departement", "is_active"], {"is_active": {}}) == {"departement": None, "is_active": []}
