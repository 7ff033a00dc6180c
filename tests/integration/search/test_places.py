"""Towns and trades by name, however it is spelt and while it is being typed."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.location.models import Ville
from foxreviews.reference.geography import LARGE_TOWNS
from foxreviews.reference.text import fold
from foxreviews.search.index import place_documents
from foxreviews.search.query.places import LENIENT_THRESHOLD, Place, Places
from tests.conformance.engines import opensearch

Towns = Callable[..., Places]
OpenPlaces = Callable[[], Places]


@pytest.fixture(params=["tantivy", "opensearch"])
def places(request: pytest.FixtureRequest, places: OpenPlaces) -> OpenPlaces:
    """The same in the embedded index and in a cluster."""
    return places if request.param == "tantivy" else opensearch.places


@pytest.fixture
def towns(db: None, places: OpenPlaces) -> Towns:
    """towns("Lyon", "Paris"): these towns, the first the most populous, and what looks them up."""

    def made(*noms: str, **fields: Any) -> Places:
        for place, nom in enumerate(noms):
            code, fewer = f"{place + 1001:05}", {"population": 100_000 - place}
            Ville.objects.create(code_insee=code, slug=code, nom=nom, **{**fewer, **fields})
        return places()

    return made


def found(index: Places, typed: str, most: int = 10) -> list[str]:
    noms = dict(Ville.objects.values_list("code_insee", "nom"))
    return [noms[each.code] for each in index.find(place_documents.VILLE, typed, most)]


@pytest.mark.parametrize(
    "typed",
    [
        *("Saint-Étienne", "st etienne", "SAINT ETIENNE", "saintetienne", "St. Étienne", "etienne"),
        *("saint-ét", "st e", "st étiene", "siant etienne", "saint etienn"),
    ],
)
def test_a_town_is_found_however_it_is_spelt(towns: Towns, typed: str) -> None:
    assert found(towns("Saint-Étienne", "Lyon", "Strasbourg"), typed) == ["Saint-Étienne"]


@pytest.mark.parametrize(
    ("typed", "nom"),
    [
        ("aix en provance", "Aix-en-Provence"),
        ("marseile", "Marseille"),
        ("lyon 3", "Lyon 3e Arrondissement"),
        ("lyon 3eme arrondissement", "Lyon 3e Arrondissement"),
        ("LYON CEDEX 03", "Lyon 3e Arrondissement"),
        ("lyon arr", "Lyon 3e Arrondissement"),
        ("villeneuve dascq", "Villeneuve-d'Ascq"),
        ("ascq villeneuve", "Villeneuve-d'Ascq"),
        ("havre", "Le Havre"),
        ("le havr", "Le Havre"),
        ("bordo", "Bordeaux"),
        ("l'isle", "L'Isle-d'Abeau"),
        ("isle d abeau", "L'Isle-d'Abeau"),
        ("clermon ferand", "Clermont-Ferrand"),
    ],
)
def test_it_comes_first_of_many(towns: Towns, typed: str, nom: str) -> None:
    all_of_them = towns(
        *("Marseille", "Lyon", "Lyon 3e Arrondissement", "Lyon 8e Arrondissement", "Bordeaux", "Le Havre"),
        *("Aix-en-Provence", "Clermont-Ferrand", "Villeneuve-d'Ascq", "L'Isle-d'Abeau", "Clermont", "Borgo"),
    )
    assert nom in found(all_of_them, typed)[: 2 if typed == "bordo" else 1]


def test_the_town_of_that_very_name_then_those_that_begin_so_the_most_populous_first(towns: Towns) -> None:
    noms = ("Saint-Denis-de-Mont", "Montpellier", "Montreuil", "Mont", "Le Mont-Dore", "Piedmont", "Mons")
    assert found(towns(*noms), "mont") == [
        "Mont", "Montpellier", "Montreuil", "Le Mont-Dore", "Saint-Denis-de-Mont"
    ]  # fmt: skip


def test_the_two_letters_of_saint_also_begin_other_names(towns: Towns) -> None:
    assert found(towns("Strasbourg", "Saint-Étienne", "Lyon"), "st") == ["Strasbourg", "Saint-Étienne"]


def test_one_letter_begins_names_and_a_second_word_of_one_letter_is_not_waited_for(towns: Towns) -> None:
    index = towns("Agen", "Le Havre", "Aix", "Saint-Avold")
    assert found(index, "a") == ["Agen", "Aix"]
    assert found(index, "avold s") == ["Saint-Avold"]


def test_a_departement_a_region_or_a_postal_code_tells_namesakes_apart(
    towns: Towns, places: OpenPlaces
) -> None:
    towns("Saint-Denis", departement="974", region="04", codes_postaux=["97400"])
    Ville.objects.create(code_insee="93066", slug="x", nom="Saint-Denis", departement="93", region="11",
                         codes_postaux=["93200", "93210"])  # fmt: skip
    index = places()
    for typed, code in (("93", "93066"), ("réunion", "01001"), ("97400", "01001"), ("932", "93066")):
        assert [each.code for each in index.find("ville", f"st denis {typed}", 5)] == [code]
    for typed in ("93200", "932", "93"):
        assert [each.code for each in index.find("ville", typed, 5)] == ["93066"]


def test_the_names_that_the_post_delivers_under_come_after_those_of_towns(
    towns: Towns, places: OpenPlaces
) -> None:
    towns("Saint-Étienne", appellations=["ROCHETAILLEE"])
    Ville.objects.create(code_insee="52431", slug="x", nom="Rochetaillée")
    assert found(places(), "rochetaillée") == ["Rochetaillée", "Saint-Étienne"]


def test_a_name_that_is_spelt_right_brings_no_misspelt_ones(towns: Towns) -> None:
    index = towns("Laon", "Lyon", "Luon")
    assert found(index, "lyon") == ["Lyon"]
    assert found(index, "loon") == ["Laon", "Lyon", "Luon"]


def test_filters_narrow(towns: Towns) -> None:
    index = towns("Lyon", departement="69", region="84", codes_postaux=["69001", "69002"])
    for name, value, other in (
        ("departement", "69", "75"), ("region", "84", "11"), ("code_postal", "69002", "6900"),
    ):  # fmt: skip
        assert index.find("ville", "lyon", 5, {name: [value]})
        assert index.find("ville", "lyon", 5, {name: [other, value]})
        assert not index.find("ville", "lyon", 5, {name: [other]})


@pytest.mark.parametrize("typed", ["", "!!", "l%n", "l_n", "(((", "AND", "🍕", "\x00", "日本", "zzzzzzzz"])
def test_nothing_is_found_by_what_is_no_name(towns: Towns, typed: str) -> None:
    assert found(towns("Lyon", "Saint-Étienne"), typed) == []


@pytest.mark.parametrize("typed", ["sa", "sint", "saint martn", "martn", "zz"])
def test_any_search_is_walked_to_its_end_each_town_once_both_ways(towns: Towns, typed: str) -> None:
    names = ["Saint-Martin", "Saint-Mard", "Sens", "Martin", "Marton", "Maretn", "Saintes", "Sint", "Lyon"]
    index = towns(*(name for name in names for _ in range(3)))
    every = index.find("ville", typed, 100)
    assert len({each.code for each in every}) == len(every)
    assert sorted(each.code for each in every) == sorted(index.codes("ville", typed))
    for backward in (False, True):
        met: list[Place] = []
        while page := index.find("ville", typed, 2, after=met[-1] if met else None, backward=backward):
            met += page
        assert met == (every[::-1] if backward else every)


def test_most_typos_are_found_through(db: None, places: OpenPlaces) -> None:
    noms = [town.nom for town in LARGE_TOWNS]
    for place, nom in enumerate(noms):
        code = f"{place:05}"
        Ville.objects.create(code_insee=f"01{code[2:]}", slug=code, nom=nom, population=1000 - place)
    index, luck = places(), random.Random(4)
    long = [nom for nom in noms if len(fold(nom)) >= 5]
    missed = [nom for nom in long for _ in range(4) if nom not in found(index, misspelt(fold(nom), luck))]
    assert len(missed) <= 0.01 * 4 * len(long)


def misspelt(word: str, luck: random.Random) -> str:
    """With one of the four kinds of typo, not in the first letter."""
    at, letter = luck.randrange(1, len(word) - 1), luck.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    before, here, after = word[:at], word[at : at + 2], word[at + 2 :]
    return before + luck.choice([here[1:], letter + here, letter + here[1:], here[::-1]]) + after


def test_any_text_is_looked_up(db: None, places: OpenPlaces) -> None:
    index = places()

    @settings(max_examples=100)
    @given(typed=st.text(max_size=40), kind=st.sampled_from(["ville", "activite"]))
    def hold(typed: str, kind: str) -> None:
        assert len(index.find(kind, typed, 3)) <= 3

    hold()


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("boulang", "10.71C"),
        ("boulangerie", "10.71C"),
        ("boulangeries", "10.71C"),
        ("boulangrie", "10.71C"),
        ("plombier", "43.22A"),
        ("coifure", "96.02A"),
        ("medecin", "86.21Z"),
        ("62.01Z", "62.01Z"),
        ("6201z", "62.01Z"),
        ("restaurants", "56.10A"),
        ("agence de voyage", "79.11Z"),
    ],
)
def test_a_trade_is_found_by_what_people_call_it(
    company: Any, places: OpenPlaces, typed: str, label: str
) -> None:
    for code in ("10.71C", "43.22A", "96.02A", "86.21Z", "62.01Z", "56.10A", "79.11Z"):
        company("A", naf_code=code)
    first, *_others = places().find("activite", typed, LENIENT_THRESHOLD)
    assert first.code == label.replace(".", "")
