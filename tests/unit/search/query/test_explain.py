"""Why a hit matches, from the tier that placed it."""

from typing import Any

import pytest

from foxreviews.search.query.explain import Explanation
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.tiers import CompanyTiers

ROW = dict.fromkeys(
    (
        "nom",
        "nom_commercial",
        "autres_noms",
        "ville_nom",
        "code_postal",
        "adresse",
        "naf_code",
        "naf25_code",
        "departement",
    ),
    "",
)


def explanation(typed: str, **frequencies: int) -> Explanation:
    return Explanation(
        CompanyTiers(interpret(typed), lambda field, word: frequencies.get(f"{field}_{word}", 0))
    )


@pytest.mark.parametrize(
    ("typed", "tier", "row", "expected"),
    [
        ("garage", Tier.NAME, {"nom": "GARAGE DU PORT"}, [("nom", "GARAGE", "same")]),
        ("totalenergies", Tier.PLACE, {"nom": "TOTAL ENERGIES"}, [("nom", "TOTAL", "joined")]),
        ("totalener", Tier.START, {"nom": "TOTAL ENERGIES"}, [("nom", "TOTAL", "joined")]),
        ("gara", Tier.START, {"nom": "GARAGE"}, [("nom", "GARAGE", "beginning")]),
        ("garrage", Tier.TYPO, {"nom": "GARAGE"}, [("nom", "GARAGE", "typo")]),
        ("garrages", Tier.TYPO, {"nom": "GARAGE"}, []),  # two typos away
        ("garrages", Tier.TYPOS, {"nom": "GARAGE"}, [("nom", "GARAGE", "typo")]),
        (
            "boulangerie",
            Tier.PLACE,
            {"nom": "AU PAIN", "naf_code": "10.71C"},
            [("naf_code", "10.71C", "trade")],
        ),
        ("finistere", Tier.PLACE, {"nom": "A", "departement": "29"}, [("departement", "29", "same")]),
        ("bd", Tier.ADDRESS, {"nom": "A", "adresse": "3 BD NEY"}, [("adresse", "BOULEVARD", "same")]),
        ("75011", Tier.ADDRESS, {"code_postal": "75011"}, [("code_postal", "75011", "same")]),
        ("6201z", Tier.ADDRESS, {"naf_code": "62.01Z"}, [("naf_code", "62.01Z", "same")]),
        ("62.10Y", Tier.ADDRESS, {"naf25_code": "62.10Y"}, [("naf25_code", "62.10Y", "same")]),
        ("garage", Tier.MOST, {"nom": "AUTRE"}, []),
    ],
)
def test_each_word_says_where_it_stands_and_how(
    typed: str, tier: Tier, row: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    found = explanation(typed).matches(ROW | row, tier)
    assert [(each.field, each.found, each.how) for each in found] == expected


def test_words_that_a_name_has_in_one_are_joined() -> None:
    for typed, frequencies in (
        ("total energies", {"nom_TOTALENERGIES": 1, "key_TOTALENERGIES": 1}),
        ("total ener gies", {"key_TOTALENERGIES": 1}),
    ):
        found = explanation(typed, **frequencies).matches(ROW | {"nom": "TOTALENERGIES"}, Tier.EXACT)
        assert {(each.found, each.how) for each in found} == {("TOTALENERGIES", "joined")}
        assert len(found) == len(typed.split())


def test_the_neighbours_that_a_word_joins_are_marked() -> None:
    assert explanation("totalenergies").highlighted("TOTAL ENERGIES & CIE", Tier.PLACE) == (
        "<mark>TOTAL</mark> <mark>ENERGIES</mark> &amp; CIE"
    )


@pytest.mark.parametrize(
    ("typed", "tier", "expected"),
    [
        ("comite commun", Tier.EXACT, ("COMITE COMMUN", "nom")),
        ("bidule cantine", Tier.NAME, ("CANTINE BIDULE", "enseigne")),
        ("commun ccf", Tier.PLACE, ("COMITE COMMUN", "nom")),
        ("petits bidulles", Tier.TYPO, ("LES PETITS BIDULES", "denomination_usuelle")),
        ("ccf", Tier.EXACT, ("CCF", "sigle")),
        ("nantes", Tier.PLACE, None),
    ],
)
def test_the_name_that_matches_is_told_with_its_kind(
    typed: str, tier: Tier, expected: tuple[str, str] | None
) -> None:
    row = ROW | {
        "nom": "COMITE COMMUN",
        "nom_commercial": "CANTINE BIDULE",
        "autres_noms": "enseigne:CANTINE BIDULE\tsigle:CCF\tdenomination_usuelle:LES PETITS BIDULES",
        "ville_nom": "Nantes",
    }
    assert explanation(typed).matched_name(row, tier) == expected


def test_a_whole_name_is_the_one_that_matches_though_another_has_its_words() -> None:
    row = ROW | {"nom": "CLARA MATHIEU", "nom_commercial": "CLARA"}
    found = explanation("clara", key_CLARA=1).matched_name(row, Tier.EXACT)
    assert found == ("CLARA", "nom_commercial")


def test_a_word_of_another_name_says_so() -> None:
    row = ROW | {"nom": "A", "autres_noms": "sigle:CCF"}
    (found,) = explanation("ccf").matches(row, Tier.NAME)
    assert (found.field, found.found) == ("autres_noms", "CCF")


def test_letters_with_signs_between_them_are_marked_each() -> None:
    marked = "<mark>V</mark>.<mark>V</mark>.<mark>H</mark>. <mark>LOPEZ</mark> &amp; CO"
    assert explanation("vvh lopez").highlighted("V.V.H. LOPEZ & CO", Tier.PLACE) == marked


def test_only_words_by_which_a_hit_is_placed_are_marked() -> None:
    assert explanation("martin").highlighted("MARTIN MARTINE", Tier.NAME) == "<mark>MARTIN</mark> MARTINE"
