"""How words are spelled, and joined to one another."""

import pytest

from foxreviews.demo.generator.vocabulary import lists, of, repeated, table, unaccented
from foxreviews.reference.naf import NAF


@pytest.mark.parametrize(
    ("name", "after_de"),
    [
        ("Anna", "d'Anna"),
        ("Élodie", "d'Élodie"),
        ("Hugo", "d'Hugo"),
        ("Paul", "de Paul"),
        ("Le Havre", "du Havre"),
        ("Les Abymes", "des Abymes"),
        ("La Rochelle", "de La Rochelle"),
        ("Saint-Aubin-la-Fictive", "de Saint-Aubin-la-Fictive"),
    ],
)
def test_de_is_elided_and_contracted(name: str, after_de: str) -> None:
    assert of(name) == after_de


def test_the_register_writes_capitals_without_accents_and_keeps_signs() -> None:
    assert (
        unaccented("L'Œuvre d'Anaïs & Cie, n°2 à Haÿ-les-Prés")
        == "L'OEUVRE D'ANAIS & CIE, N°2 A HAY-LES-PRES"
    )


def test_a_cell_says_how_often_each_word_comes() -> None:
    assert repeated("Restaurant*2|Auberge") == ("Restaurant", "Restaurant", "Auberge")
    assert repeated("") == ()


def test_no_activity_is_listed_twice_or_unknown() -> None:
    codes = [row["naf_code"] for row in table("trades")]
    assert len(codes) == len(set(codes))
    assert set(codes) <= NAF.keys()


@pytest.mark.parametrize("name", ["surname_syllables", "coined_syllables"])
def test_a_word_is_put_together_from_three_lists(name: str) -> None:
    assert len(lists(name)) == 3
