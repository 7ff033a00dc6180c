"""Two names compared: what makes them one, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.matching.names import Comparison, Likeness, compare, compare_part, form_of, name_words, parts


def likened(typed: str, known: str, frequent: str = "") -> Comparison:
    """Every word is rare, but for those given."""
    return compare(
        name_words(typed), name_words(known), lambda word: 0.2 if word in frequent.split() else 1.0
    )


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("novergie", "NOVERGIE"),
        ("Société Novergie", "NOVERGIE"),
        ("NOVERGIE (SARL)", "Novergie"),
        ("S.N.C.F.", "SNCF"),
        ("Clara MATHIEU", "MATHIEU CLARA"),
        ("TOTALENERGIES", "TOTAL ENERGIES"),
        ("L'Œuvre de St-Étienne", "OEUVRE SAINT ETIENNE"),
        ("SARL DUPONT & FILS", "DUPONT ET FILS"),
        ("société à responsabilité limitée Martin", "MARTIN SARL"),
    ],
)
def test_the_same_name_is_met_in_any_form_order_and_spacing(typed: str, known: str) -> None:
    assert likened(typed, known).likeness >= Likeness.SAME


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("NOVERGIE NORD", "NOVERGIE SUD"),
        ("DUPONT PERE", "DUPONT FILS"),
        ("H.G.Y.", "HPY"),
        ("BOULANGERIE MARTIN", "BOULANGERIE DURAND"),
        ("GACHES CHIMIE", "GACHES CHIMIE SPECIALITES"),
    ],
)
def test_a_name_that_lacks_or_adds_a_word_is_not_the_same(typed: str, known: str) -> None:
    assert likened(typed, known).likeness < Likeness.SAME


def test_a_typo_a_cut_word_and_an_initial_prove_less_than_the_word() -> None:
    spelt = [
        likened(f"MENUISERIE {word}", "MENUISERIE FOURNIER").similarity
        for word in ("FOURNIER", "FOURNEIR", "FOURN", "F")
    ]
    assert spelt == sorted(spelt, reverse=True)
    assert len({*spelt}) == len(spelt)


def test_initials_are_known() -> None:
    assert likened("CAF", "CAISSE ALLOCATIONS FAMILIALES").likeness is Likeness.INITIALS


def test_a_rare_word_tells_more_than_a_frequent_one() -> None:
    rare = likened("GARAGE NOVERGIE", "NOVERGIE TRANSPORTS", frequent="GARAGE TRANSPORTS")
    frequent = likened("GARAGE NOVERGIE", "GARAGE MARTIN", frequent="GARAGE")
    assert rare.similarity > 2 * frequent.similarity


def test_a_misspelt_legal_form_is_none_of_the_name() -> None:
    assert likened("EURLL NOVERGIE", "NOVERGIE").lacking == 0


def test_one_of_two_names_in_a_line_is_nearly_the_name() -> None:
    assert parts("VADEPAERE - Chez Sophie") == ("VADEPAERE", "Chez Sophie")
    assert parts("Jean-Pierre Martin") == ()
    met = compare_part(name_words("VADEPAERE"), name_words("VADEPAERE"), lambda _: 1.0)
    assert met.likeness is Likeness.WORDS
    assert met.similarity == 0.9
    assert compare_part(name_words("CHEZ SOPHIE"), name_words("VADEPAERE"), lambda _: 1.0).similarity == 0


@pytest.mark.parametrize(
    ("category", "form"), [("5499", "SARL"), ("6540", "SCI"), ("1000", "EI"), ("7210", "")]
)
def test_a_category_is_the_form_that_names_state(category: str, form: str) -> None:
    assert form_of(category) == form


NAMES = st.text(alphabet="ABCDE éÉ'&.-/0129\x00", max_size=40)


@given(NAMES, NAMES)
def test_whatever_is_compared_comes_out_within_bounds_and_both_ways_alike(one: str, other: str) -> None:
    there, back = likened(one, other), likened(other, one)
    for each in (there, back):
        assert 0 <= each.similarity <= 1 + 1e-9
        assert 0 <= each.lacking <= 1
        assert 0 <= each.added <= 1
    assert (there.likeness >= Likeness.SAME) == (back.likeness >= Likeness.SAME)
