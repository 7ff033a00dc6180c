"""Two names compared: what makes them one, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.matching.bodies import is_kind_of_body, spellings
from foxreviews.matching.names import (
    Comparison,
    Likeness,
    are_other_bodies,
    compare,
    compare_part,
    form_of,
    name_words,
    parts,
)


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
        ("S.A.R.L. DUPONT", "DUPONT"),
        ("STE FROMAGERE D'ORBEC", "Société Fromagère d'Orbec"),
        ("STE ANNE LOISIRS", "SAINTE ANNE LOISIRS"),
        ("SOC DUPONT", "DUPONT SAS"),
        ("M. DUPONT JEAN", "JEAN DUPONT"),
        ("M. et Mme DUPONT Jean", "JEAN DUPONT"),
        ("DUPONT JEAN (EI)", "JEAN DUPONT"),
        ("DUPONT SARL au capital de 8 000 euros", "DUPONT"),
        ("DUPONT SAS (en liquidation judiciaire)", "DUPONT"),
        ("ENTREPRISE INDIVIDUELLE DUPONT JEAN", "JEAN DUPONT"),
        ("Exploitation agricole à responsabilité limitée du Puits", "EARL DU PUITS"),
        ("ASSOC LES AMIS DU LIVRE", "LES AMIS DU LIVRE"),
        ("CTRE DENTAIRE DU PARC", "CENTRE DENTAIRE DU PARC"),
        ("B0ULANGERIE DUP0NT", "BOULANGERIE DUPONT"),
        ("50CIETE D ACT10N", "SOCIETE D'ACTION"),
        ("VILLE DE MONTAUBAN", "COMMUNE DE MONTAUBAN"),
        ("MAIRIE MONTAUBAN", "COMMUNE DE MONTAUBAN"),
        ("C.C.A.S. de Montauban", "CENTRE COMMUNAL D'ACTION SOCIALE DE MONTAUBAN"),
        ("CC DU PAYS DE SERRES", "COMMUNAUTE DE COMMUNES DU PAYS DE SERRES"),
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
        ("CCAS DE MONTAUBAN", "COMMUNE DE MONTAUBAN"),
        ("HOTEL DE VILLE", "VILLE"),
        ("STUDIO 8", "STUDIO B"),
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
    assert likened("RATP", "REGIE AUTONOME DES TRANSPORTS PARISIENS").likeness is Likeness.INITIALS


def test_a_name_that_a_column_cut_in_a_word_lacks_nothing() -> None:
    cut = likened("TRANSPORTS GENERAUX DE LA REG", "TRANSPORTS GENERAUX DE LA REGION PARISIENNE")
    assert (cut.likeness, cut.lacking) == (Likeness.SPELLING, 0)
    assert 0.8 < cut.similarity < 1
    whole = likened("TRANSPORTS GENERAUX DE LA REGION", "TRANSPORTS GENERAUX DE LA REGION PARISIENNE")
    assert whole.likeness is Likeness.WORDS
    assert likened("GARAGE DU P", "GARAGE DU PORT").likeness is Likeness.WORDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("EDF - AGENCE DE LYON", ("EDF",)),
        ("Colas agence de Lyon", ("Colas",)),
        ("Georgia-Pacific France, Usine de Gien", ("Georgia-Pacific France",)),
        ("ATELIER DU BOIS - MARTIN", ("ATELIER DU BOIS", "MARTIN")),
        ('SARL DUPONT "CHEZ SOPHIE"', ("SARL DUPONT", "CHEZ SOPHIE")),
        ("SARL DUPONT «Chez Sophie»", ("SARL DUPONT", "Chez Sophie")),
        ("SARL DUPONT ENSEIGNE : CHEZ SOPHIE", ("SARL DUPONT", "CHEZ SOPHIE")),
        ("USINE DE GIEN", ()),
    ],
)
def test_a_name_is_told_from_its_establishment_and_its_sign(text: str, found: tuple[str, ...]) -> None:
    assert parts(text) == found


def test_two_kinds_of_public_bodies_are_two() -> None:
    forms = [
        name_words(name).forms for name in ("MAIRIE DE LYON", "CCAS DE LYON", "LYON SARL", "VILLE DE LYON")
    ]
    assert are_other_bodies(forms[0], forms[1], Likeness.SAME)
    assert are_other_bodies(forms[0], forms[2], Likeness.WORDS)
    assert not are_other_bodies(forms[0], forms[2], Likeness.SAME)
    assert not are_other_bodies(forms[0], forms[3], Likeness.WORDS)
    assert not are_other_bodies(forms[2], forms[2], Likeness.WORDS)


def test_the_index_is_asked_for_a_body_as_the_register_writes_it() -> None:
    assert spellings("Mairie de Lyon") == ("Mairie de Lyon", "COMMUNE DE LYON")
    assert "CENTRE COMMUNAL D ACTION SOCIALE DE LYON" in spellings("CCAS de Lyon")
    assert spellings("NOVERGIE") == ("NOVERGIE",)
    assert is_kind_of_body("Mairie")
    assert not is_kind_of_body("Mairie de Lyon")


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
    ("category", "form"),
    [("5499", "SARL"), ("6540", "SCI"), ("1000", "EI"), ("7210", "COMMUNE"), ("7490", "")],
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
