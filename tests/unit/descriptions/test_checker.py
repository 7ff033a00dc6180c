"""A text that states a number, name or place that is not in the facts is thrown away."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from foxreviews.descriptions.checker import plain_text, problem, vocabulary
from foxreviews.descriptions.facts import Company, Facts, Town, Trade
from foxreviews.descriptions.sentences import describe
from foxreviews.reference.geography import DEPARTEMENTS, LARGE_TOWNS, REGIONS
from foxreviews.reference.naf import NAF, NAF25
from tests.unit.descriptions.test_sentences import COMPANIES, ROW, TOWN

NOVERGIE = Company.of(ROW)
GONE = Company.of(ROW | {"is_active": False})
LYON = Town.of(TOWN)
TRUE = (
    "NOVERGIE est une société par actions simplifiée établie à Lyon, dans le Rhône.",
    ("Novergie, implantée à Lyon, est une société fondée en 2020. Son activité principale est la programmation "
    "informatique."),
    "NOVERGIE est une entreprise spécialisée dans la programmation informatique, qui emploie entre 10 et 19 salariés.",
    ("NOVERGIE est une société par actions simplifiée créée le 1er janvier 2020 ; elle exerce une activité de "
    "programmation informatique à Lyon."),
)  # fmt: skip
START = "NOVERGIE est une société établie à Lyon"
LIES = {
    # numbers, in digits and in words, of the facts but in another place, and hidden in signs
    "Elle emploie 25 salariés.": "number",
    "Elle emploie 2020 salariés.": "number",
    "Elle emploie 110 à 19 salariés.": "number",
    "Elle emploie 10 à 19 000 salariés.": "number",
    "Elle emploie vingt salariés.": "number",
    "Elle emploie Vingt-cinq salariés.": "name",
    "Elle emploie un salarié.": "number",
    "Elle emploie une personne.": "number",
    "Elle emploie une centaine de salariés.": "number",
    "Elle compte plusieurs établissements.": "number",
    "Elle est créée en 1998.": "number",
    "Elle est créée le 2 janvier 2020.": "number",
    "Elle est créée le 1er février 2020.": "number",
    "Elle est créée en mars.": "word",
    "Elle emploie ½ équipe.": "number",
    "Elle emploie ② salariés.": "number",
    "Elle emploie XX salariés.": "name",
    "Elle fait la moitié de son activité ici.": "number",
    # names
    "Elle appartient à Carrefour.": "name",
    "Carrefour est son principal objet.": "word",
    "Elle est connue sous le nom de RENARD.": "name",
    "Elle appartient à carrefour.": "word",
    "Son nom commercial est « LE RENARD ».": "name",
    "Elle appartient à Mme Dupont.": "name",
    # places
    "Elle est aussi établie à Marseille.": "name",
    "Elle est aussi établie à marseille.": "word",
    "Elle est aussi établie à Lyon-la-Forêt.": "name",
    "Elle est aussi établie à Lyon-sous-la-commune.": "name",
    "Elle est aussi établie à Lyonelle.": "name",
    "Elle est aussi établie dans le Rhône-Alpes.": "name",
    "Elle est aussi établie en Bretagne.": "name",
    "Elle est aussi établie dans le 3e arrondissement.": "number",
    "Elle est aussi établie en Allemagne.": "name",
    "Elle est aussi établie à Μarseille.": "name",  # a Greek capital
    "Elle est aussi établie à mar\u200bseille.": "shape",
    "Elle est aussi à Novergie.": "name",
    # what is not said of it
    "Elle emploie plus de 10 à 19 salariés.": "word",
    "Elle n'emploie aucun salarié.": "word",
    "Elle a cessé son activité.": "word",
    "Elle est la meilleure.": "word",
    # what is no text
    "Voir https://example.org.": "shape",
    "Elle est **active**.": "shape",
    "Elle est <b>active</b>.": "shape",
    "Elle est\nactive.": "shape",
    "Elle est active": "shape",
}  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_a_text_that_states_the_facts_in_its_own_way_is_kept(text: str) -> None:
    assert problem(text, NOVERGIE) == ""


@pytest.mark.parametrize("lie", LIES)
def test_a_sentence_too_many_and_it_is_thrown_away(lie: str) -> None:
    assert problem(f"{START}.", NOVERGIE) == ""
    assert problem(f"{START}. {lie}", NOVERGIE), lie
    assert problem(f"{START}. {lie}", NOVERGIE) == LIES[lie]


@pytest.mark.parametrize("text", ["", "NOVERGIE.", f"{START}. " + "Elle est active. " * 60, "x" * 5_000_000])
def test_what_is_no_description_is_thrown_away(text: str) -> None:
    assert problem(text, NOVERGIE) == "shape"


def test_a_text_about_somebody_else_is_thrown_away() -> None:
    assert problem("Cette société est établie à Lyon, dans le Rhône.", NOVERGIE) == "missing"


def test_of_a_company_that_has_ceased_the_text_must_say_so() -> None:
    assert problem("NOVERGIE est une société établie à Lyon.", GONE) == "missing"
    assert problem("NOVERGIE était une société établie à Lyon. Elle a cessé son activité.", GONE) == ""


@pytest.mark.parametrize(
    ("nom", "lie"),
    [
        ("MARSEILLE", "MARSEILLE est une société établie à Marseille."),
        ("DEUX", "DEUX est une société de deux métiers."),
        ("12", "12 est une société qui compte 12 salariés."),
        ("BRETAGNE", "BRETAGNE est une société établie en Bretagne."),
    ],
)
def test_a_name_states_neither_a_place_nor_a_number(nom: str, lie: str) -> None:
    facts = Company.of(ROW | {"nom": nom})
    assert problem(f"{nom} est une société établie à Lyon, dans le Rhône.", facts) == ""
    assert problem(lie, facts)


def test_a_town_and_a_trade_are_held_against_their_facts_too() -> None:
    assert problem("Lyon, située dans le Rhône, compte 519 127 habitants.", LYON) == ""
    assert problem("Lyon, située dans le Rhône, compte 519 128 habitants.", LYON) == "number"
    assert problem("Lyon est une commune située dans le Rhône, chef-lieu de la région.", LYON) == "word"
    trade = Trade.of("43.22A")
    assert trade
    assert (
        problem("Les travaux d'installation d'eau et de gaz en tous locaux : métier de plombier.", trade)
        == ""
    )
    assert (
        problem("Les travaux d'installation d'eau et de gaz en tous locaux : métier de couvreur.", trade)
        == "word"
    )


@given(COMPANIES)
def test_the_sentences_by_rule_hold_whatever_the_company(fields: dict[str, Any]) -> None:
    facts = Company.of(ROW | fields)
    assume(facts.nom)
    text = describe(facts)
    assume(30 <= len(plain_text(text)) <= 800)
    assert problem(text, facts) == "", text


@pytest.mark.parametrize("code", [*NAF, *NAF25])
def test_the_sentences_by_rule_hold_for_every_trade(code: str) -> None:
    trade = Trade.of(code)
    assert trade
    assert problem(describe(trade), trade) == "", describe(trade)


@pytest.mark.parametrize("town", LARGE_TOWNS, ids=lambda town: town.nom)
def test_the_sentences_by_rule_hold_for_towns(town: Any) -> None:
    row = {
        "code_insee": town.code_insee, "nom": town.nom, "departement": town.code_insee[:2], "region": "84",
        "population": town.population, "codes_postaux": town.codes_postaux,
    }  # fmt: skip
    facts = Town.of(row)
    assert problem(describe(facts), facts) == "", describe(facts)


PLACES = sorted(
    {town.nom for town in LARGE_TOWNS} | {each.nom for each in DEPARTEMENTS.values()} | {*REGIONS.values()}
)


@given(st.sampled_from(PLACES), st.sampled_from(["à {}", "en {}", "dans la région de {}", "({})", "de {}"]))
def test_any_other_place_is_found_in_capitals_and_small_letters(place: str, where: str) -> None:
    assume(place not in {"Lyon", "Rhône"})
    for named in (place, place.lower(), place.upper(), place.replace("-", " ")):
        assert problem(f"{START} et {where.format(named)}.", NOVERGIE), named


@given(
    st.integers(0, 3_000_000), st.sampled_from(["{} salariés", "depuis {}", "{} métiers", "{}", "code {}"])
)
def test_any_other_number_is_found(number: int, where: str) -> None:
    assume(number != 2020)
    for written in (str(number), f"{number:,}".replace(",", " "), f"{number:,}".replace(",", "\u202f")):
        assert problem(f"{START}, {where.format(written)}.", NOVERGIE) == "number"


def test_the_vocabulary_names_nothing() -> None:
    words = vocabulary()
    places = {word.lower() for place in PLACES for word in place.replace("-", " ").split()}
    numbers = {"deux", "cent", "mille", "premier", "seul", "unique"}
    denials = {"ne", "n", "pas", "jamais", "aucun", "plus", "moins", "sans", "non"}
    praise = {"meilleur", "leader", "reconnue", "excellente", "important", "importante"}
    assert not words & (numbers | denials | praise)
    articles = {"la", "le", "les", "de", "du", "des", "d", "l"}
    assert words & places <= articles | {"et", "en", "sur", "sous", "est", "territoire"}


def test_the_hash_changes_with_each_fact() -> None:
    changed: list[dict[str, Any]] = [
        {}, {"nom": "A"}, {"is_active": False}, {"tranche_effectif": "12"}, {"naf_code": "62.02A"},
        {"date_creation": dt.date(2020, 1, 2)}, {"ville_nom": "Bron"}, {"categorie_juridique": "5499"},
    ]  # fmt: skip
    found: list[Facts] = [Company.of(ROW | each) for each in changed]
    assert len({each.hash for each in found}) == len(changed)
