"""What every search engine promises: one suite, each engine."""

import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import Filters, Period
from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.naf import Beginnings, beginning, section, section25
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.errors import EmptyQueryError
from foxreviews.search.index.schema import DAYS
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE, Tier

Add = Callable[..., Any]
Find = Callable[..., list[str]]

ORDERINGS = EnterpriseCursorPagination.orderings
EVERYTHING = Filters()


@pytest.fixture
def find(engine: SearchEngine, db: None) -> Find:
    """find("boulangerie", departements=("75",)): the names found, by name."""

    def names(typed: str, **filters: Any) -> list[str]:
        hits = engine.search(interpret(typed), Filters(**filters), Window(ORDERINGS["nom"], 100))
        assert hits.engine == engine.name
        return [row["nom"] for row in hits.page.rows]

    return names


@pytest.mark.parametrize("typed", ["732829320", "732 829 320", "732-829-320", "732\u00a0829\u202f320"])
def test_a_siren_finds_its_company_alone(company: Add, find: Find, typed: str) -> None:
    company("FOX", siren="732829320")
    company("732829320 COPIE")
    assert find(typed) == ["FOX"]


@pytest.mark.parametrize("typed", ["73282932000074", "732 829 320 00074", "732 829 320 00082"])
def test_the_siret_of_any_establishment_finds_its_company(company: Add, find: Find, typed: str) -> None:
    company("FOX", siren="732829320", siret="73282932000074")
    assert find(typed) == ["FOX"]


@pytest.mark.parametrize(
    "typed",
    [
        "SIREN 622 012 748",
        "RCS Montauban 622 012 748",
        "n° 622012748,",
        "TVA FR 57 622012748",
        "NOVERGIE 622012748 12 rue du Port 75001 Paris 06 12 34 56 78",
        "622012748 AUTRE",
    ],
)
def test_a_siren_finds_its_company_whatever_stands_around_it(company: Add, find: Find, typed: str) -> None:
    company("NOVERGIE", siren="622012748")
    company("AUTRE 12 75001")
    assert find(typed) == ["NOVERGIE"]


@pytest.mark.parametrize("typed", ["85780252", "8578025200046", "85 780 252", "AUTRE 85780252"])
def test_a_siren_without_its_leading_zero_finds_its_company(company: Add, find: Find, typed: str) -> None:
    company("FOX", siren="085780252")
    company("AUTRE")
    assert find(typed) == ["FOX"]


def test_the_first_number_that_a_company_has_is_its(company: Add, find: Find) -> None:
    company("FOX", siren="622012748")
    assert find("732829320 622012748") == ["FOX"]


def test_words_next_to_a_siren_that_no_company_has_are_looked_for(company: Add, find: Find) -> None:
    company("FOX 732829320")
    assert find("fox 732829320") == ["FOX 732829320"]


def test_a_walk_goes_on_where_its_number_became_a_company_s(company: Add, engine: SearchEngine) -> None:
    company("FOX 732829320")
    company("FOX 732829320 BIS")
    query = interpret("fox 732829320")
    first = engine.search(query, EVERYTHING, Window(ORDERINGS["nom"], 1)).page
    company("ZEBRE", siren="732829320")
    assert first.next is not None
    second = engine.search(query, EVERYTHING, first.next).page
    assert [row["nom"] for row in second.rows] == ["FOX 732829320 BIS"]


def test_a_company_found_by_its_number_is_counted_in_its_facets(company: Add, engine: SearchEngine) -> None:
    company("FOX", siren="732829320", departement="69", ville_id=None, is_active=True)
    names = ["departement", "code_commune", "is_active"]
    hits = engine.search(interpret("fox 732829320"), EVERYTHING, Window(RELEVANCE, 5), names)
    assert (hits.total, hits.page.previous, hits.page.next) == (1, None, None)
    assert hits.facets == {"departement": {"69": 1}, "code_commune": {"": 1}, "is_active": {"true": 1}}


def test_a_company_of_a_number_passes_the_filters(company: Add, find: Find) -> None:
    company("FOX", siren="732829320", departement="69")
    assert find("732829320", departements=("69",)) == ["FOX"]
    assert find("732829320", departements=("75",)) == []


def test_a_siren_that_no_company_has_finds_nothing(company: Add, find: Find) -> None:
    company("FOX")
    assert find("732829320") == []


@pytest.mark.parametrize(
    "typed", ["BOULANGERIE DU PORT", "boulangerie du port", "Port du Boulangerie", "port  boul"]
)
def test_words_are_found_in_any_case_and_order(company: Add, find: Find, typed: str) -> None:
    company("BOULANGERIE DU PORT")
    company("BOULANGERIE MARTIN")
    assert find(typed) == ["BOULANGERIE DU PORT"]


@pytest.mark.parametrize("typed", ["café de l'œuvre", "CAFE DE L'OEUVRE", "cafe\u0301 l’oeuvre"])
def test_accents_and_ligatures_typed_find_the_register_s_capitals(
    company: Add, find: Find, typed: str
) -> None:
    company("CAFE DE L'OEUVRE")
    assert find(typed) == ["CAFE DE L'OEUVRE"]


@pytest.mark.parametrize(
    "nom", ["Café de l'Œuvre", "L’Été", "Été", "S.N.C.F.", "H&M", "3M", "AB", "100% BIO", "Ça va ?"]
)
def test_a_name_typed_as_it_is_written_is_found(company: Add, find: Find, nom: str) -> None:
    company(nom)
    company("AUTRE")
    assert find(nom) == [nom]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%%%", "A_B", "100%", "MAR%IN", "\\%", "*"])
def test_wildcards_are_letters_like_others(company: Add, find: Find, typed: str) -> None:
    for nom in ("AXB", "100X", "MARTIN", "BACKSLASH"):
        company(nom)
    assert find(typed) == []


def test_a_name_with_a_percent_sign_is_found_by_it(company: Add, find: Find) -> None:
    company("100% BIO")
    company("1000 BIO")
    assert find("100% bio") == ["100% BIO"]


@pytest.mark.parametrize("typed", ["3M", "3m", "3M FRANCE"])
def test_a_name_of_two_letters_is_found(company: Add, find: Find, typed: str) -> None:
    company("3M FRANCE")
    company("2M FRANCE")
    assert find(typed) == ["3M FRANCE"]


def test_a_short_word_next_to_a_long_one_narrows(company: Add, find: Find) -> None:
    company("MARTIN ET CO")
    company("MARTIN SARL")
    assert find("co martin") == ["MARTIN ET CO"]


def test_a_postal_code_finds_its_companies_and_names_that_hold_it(company: Add, find: Find) -> None:
    company("MARTIN", code_postal="75011")
    company("AGENCE 75011", code_postal="69003")
    company("AUTRE", code_postal="69003")
    assert find("75011") == ["AGENCE 75011", "MARTIN"]
    assert find("martin 75011") == ["MARTIN"]


@pytest.mark.parametrize(
    "typed",
    [
        *("'", '"', "a'b", 'a"b', "a:b", "(((", ")", "AND OR NOT", "NOT", "a && b", "--", "; DROP TABLE x"),
        *("$1", "%s", "%(x)s", "{}", "[a-z]+", "^", "~", "a" * 256, "🍕", "🍕🍕🍕 pizza", "日本語"),
        *("\u202e", "\ufeff", "\u200b\u200b", "ﬁ", "İ", "ß"),
    ],
)
def test_hostile_text_is_only_text(company: Add, find: Find, typed: str) -> None:
    company("AUTRE")
    assert find(typed) == []


def test_an_emoji_is_found_by_itself(company: Add, find: Find) -> None:
    company("PIZZA 🍕 ROMA")
    assert find("pizza 🍕") == ["PIZZA 🍕 ROMA"]


def test_a_nul_separates_words(company: Add, find: Find) -> None:
    company("BOULANGERIE MARTIN")
    assert find("boulan\x00martin") == ["BOULANGERIE MARTIN"]


def test_filters_and_words_are_all_to_be_passed(company: Add, find: Find) -> None:
    paris = {"departement": "75", "code_postal": "75015", "ville_id": "75115", "ville_nom": "Paris"}
    company("BOULANGERIE A", **paris, naf_code="10.72Z", is_active=True)
    company("BOULANGERIE B", **paris, naf_code="47.24Z", is_active=False)
    company("BOULANGERIE C", departement="69", naf_code="10.72Z")
    company("GARAGE D", **paris, naf_code="10.72Z")
    assert find("boulangerie", departements=("75",)) == ["BOULANGERIE A", "BOULANGERIE B"]
    assert find("boulangerie", villes=("75115", "75056")) == ["BOULANGERIE A", "BOULANGERIE B"]
    assert find("boulangerie", ville_noms=("Paris",), is_active=False) == ["BOULANGERIE B"]
    assert find("boulangerie", naf=(Beginnings(rev2=("10.7",)),)) == ["BOULANGERIE A", "BOULANGERIE C"]
    assert find("boulangerie", naf=(Beginnings(rev2=("10", "47.24Z")),), codes_postaux=("75015",)) == [
        "BOULANGERIE A",
        "BOULANGERIE B",
    ]
    assert find("boulangerie", is_active=True) == ["BOULANGERIE A", "BOULANGERIE C"]


def test_a_trade_is_a_filter_in_both_nomenclatures(company: Add, find: Find) -> None:
    company("FOX A", naf_code="62.01Z", naf25_code="62.10Y", naf_derived="naf25_code")
    company("FOX B", naf_code="62.01Z", naf25_code="62.10Y", naf_derived="naf_code")
    company("FOX C", naf25_code="47.11K")
    company("FOX D", naf_code="56.10C")
    for typed in ("62.01Z", "62.10Y", "62.1", "62.0", "62"):
        assert find("fox", naf=(beginning(typed),)) == ["FOX A", "FOX B"]
    assert find("fox", naf=(beginning("47.11K"),)) == ["FOX C"]
    assert find("fox", naf=(beginning("56.10C"),)) == ["FOX D"]
    assert find("fox", naf=(section("J"), section25("K"))) == ["FOX A", "FOX B"]
    assert find("fox", naf=(section("J"), section25("J"))) == []


def test_a_code_of_naf_2025_that_is_typed_finds_who_has_it(company: Add, find: Find) -> None:
    company("FOX", naf25_code="62.10Y")
    company("OTHER", naf25_code="62.20G")
    for typed in ("62.10Y", "6210y", "fox 62.10Y"):
        assert find(typed) == ["FOX"]


def test_facets_count_the_codes_of_each_nomenclature_once(company: Add, engine: SearchEngine) -> None:
    company("FOX A", naf_code="62.01Z", naf25_code="62.10Y")
    company("FOX B", naf25_code="62.10Y")
    company("FOX C")
    hits = engine.search(interpret("fox"), EVERYTHING, Window(RELEVANCE, 5), ["naf_code", "naf25_code"])
    assert {code: count for code, count in hits.facets["naf_code"].items() if code} == {"62.01Z": 1}
    assert {code: count for code, count in hits.facets["naf25_code"].items() if code} == {"62.10Y": 2}


def test_filters_hold_for_a_siren_too(company: Add, find: Find) -> None:
    company("FOX", siren="732829320", departement="75")
    assert find("732829320", departements=("69",)) == []


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("typed", ["boulangerie", "bo", "48000"])
def test_any_search_is_walked_to_its_end_each_match_once(
    company: Add, engine: SearchEngine, ordering: str, typed: str
) -> None:
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for n in range(23):
        company(
            "BOULANGERIE MEME NOM" if n % 2 else f"BOULANGERIE {n % 5}",
            created_at=moment,
            code_postal="48000",
        )
        company("AUTRE", created_at=moment)
    met: list[str] = []
    window: Window | None = Window(ORDERINGS[ordering], 4)
    while window is not None:
        page = engine.search(interpret(typed), EVERYTHING, window).page
        met += [row["siren"] for row in page.rows]
        window = page.next
    fields = ORDERINGS[ordering].fields
    every = list(Entreprise.objects.filter(nom__startswith="BOULANGERIE").order_by().values("siren", *fields))
    every.sort(key=lambda row: [row[field] for field in fields], reverse=ORDERINGS[ordering].descending)
    assert met == [row["siren"] for row in every]
    back: list[str] = []
    window = Window(ORDERINGS[ordering], 4, backward=True)
    while window is not None:
        page = engine.search(interpret(typed), EVERYTHING, window).page
        back = [row["siren"] for row in page.rows] + back
        window = page.previous
    assert back == met


@pytest.mark.parametrize("typed", ["boulangerie", "48000 boulangerie", "boulanger", "zzzz"])
def test_relevance_is_walked_to_its_end_both_ways(company: Add, engine: SearchEngine, typed: str) -> None:
    for nom in ("BOULANGERIE", "BOULANGERIE MARTIN", "LA BOULANGERIE", "AUTRE"):
        for band in ("11", "", "53"):
            company(nom, code_postal="48000", tranche_effectif=band)
    whole = engine.search(interpret(typed), EVERYTHING, Window(RELEVANCE, 100)).page.rows
    every = [(row["score"], row["rank"]) for row in whole]
    assert every == sorted(set(every), reverse=True)
    assert len(every) == (0 if typed == "zzzz" else 9)
    for backward in (False, True):
        met: list[tuple[int, int]] = []
        window: Window | None = Window(RELEVANCE, 2, backward=backward)
        while window is not None:
            page = engine.search(interpret(typed), EVERYTHING, window).page
            here = [(row["score"], row["rank"]) for row in page.rows]
            met = here + met if backward else met + here
            window = page.previous if backward else page.next
        assert met == every


def test_category_and_employer_narrow_list_and_count_alike(
    company: Add, engine: SearchEngine, find: Find
) -> None:
    person = {"categorie_juridique": "1000", "statut_diffusion": "P"}
    company("FOX A", categorie_entreprise="PME", est_employeur=True, departement="69")
    company("FOX B", categorie_entreprise="ETI", est_employeur=False)
    company("FOX C", categorie_entreprise="GE", est_employeur=True, is_active=False)
    company("FOX D")
    company("FOX E", categorie_entreprise="PME", est_employeur=True, departement="75", **person)
    assert find("fox", categories_entreprise=("PME",)) == ["FOX A"]
    assert find("fox", categories_entreprise=("ETI", "GE")) == ["FOX B", "FOX C"]
    assert find("fox", est_employeur=True) == ["FOX A", "FOX C"]
    assert find("fox", est_employeur=False) == ["FOX B"]
    assert find("fox", est_employeur=True, categories_entreprise=("PME", "GE"), is_active=False) == ["FOX C"]
    names = ["categorie_entreprise", "est_employeur"]
    for filters, noms, categories, employers in (
        (Filters(est_employeur=True), {"FOX A", "FOX C", "[ND]"}, {"PME": 2, "GE": 1}, {"true": 3}),
        (
            Filters(categories_entreprise=("ETI", "GE")),
            {"FOX B", "FOX C"}, {"ETI": 1, "GE": 1}, {"true": 1, "false": 1},
        ),
        (
            Filters(est_employeur=True, categories_entreprise=("PME",), departements=("69", "75")),
            {"FOX A", "[ND]"}, {"PME": 2}, {"true": 2},
        ),
    ):  # fmt: skip
        expected = (len(noms), {"categorie_entreprise": categories, "est_employeur": employers})
        hits = engine.count(filters, names)
        assert (hits.total, hits.facets) == expected
        hits = engine.listed(filters, Window(RELEVANCE, 10), names)
        assert (hits.total, hits.facets) == expected
        assert {row["nom"] for row in hits.page.rows} == noms
    everything = engine.count(EVERYTHING, names).facets
    assert everything["categorie_entreprise"] == {"PME": 2, "ETI": 1, "GE": 1, "": 1}
    assert everything["est_employeur"] == {"true": 3, "false": 1, "": 1}


def test_the_days_of_a_period_are_counted_each(company: Add, engine: SearchEngine) -> None:
    for nom, day in (
        ("A", dt.date(2021, 1, 31)), ("B", dt.date(2021, 1, 31)), ("C", dt.date(2024, 2, 29)),
        ("D", dt.date(2019, 5, 1)), ("E", None), ("F", dt.date(2030, 1, 1)),
    ):  # fmt: skip
        company(nom, date_creation=day)
    within = Filters(creation=Period(dt.date(2021, 1, 1), dt.date(2025, 12, 31)))
    hits = engine.count(within, [DAYS])
    assert (hits.total, dict(hits.facets[DAYS])) == (3, {"20210131": 2, "20240229": 1})


def test_companies_are_suggested_while_they_are_typed(company: Add, engine: SearchEngine) -> None:
    for nom in ("MARTEL", "MARTEAU", "MART", "AUTRE"):
        company(nom)
    for typed in ("mart", "Mart", "MART"):
        found = engine.suggest(interpret(typed), 10)
        assert found[0]["nom"] == "MART"
        assert found[0]["score"] == Tier.EXACT
        assert {row["nom"] for row in found} == {"MART", "MARTEAU", "MARTEL"}
    assert len(engine.suggest(interpret("mart"), 2)) == 2
    assert engine.suggest(interpret("zygo"), 10) == []


def test_a_person_who_is_not_public_is_not_suggested_by_number_either(
    company: Add, engine: SearchEngine
) -> None:
    hidden = {"categorie_juridique": "1000", "statut_diffusion": "P"}
    company("JEANNE MYSTERE", siren="732829320", **hidden)
    company("FOX", siren="552100554")
    for typed in ("732829320", "jeanne", "mystere", "[nd]"):
        assert engine.suggest(interpret(typed), 10) == []
    assert [row["nom"] for row in engine.suggest(interpret("552 100 554"), 10)] == ["FOX"]


def test_hits_are_whole_rows(company: Add, engine: SearchEngine) -> None:
    company("FOX", siren="732829320")
    (row,) = engine.search(interpret("fox"), EVERYTHING, Window(ORDERINGS["nom"], 5)).page.rows
    whole = Entreprise.objects.values().get(siren="732829320")
    assert {name: row[name] for name in whole} == whole
    assert row["score"] == Tier.EXACT


@pytest.mark.parametrize("typed", ["mystere", "je", "48000", "mystere 48000"])
def test_a_person_who_is_not_public_is_never_found_by_words(company: Add, find: Find, typed: str) -> None:
    hidden = {"categorie_juridique": "1000", "statut_diffusion": "P", "code_postal": "48000"}
    company("JEANNE MYSTERE", siren="732829320", **hidden)
    assert find(typed) == []
    assert find("732 829 320") == ["[ND]"]


def test_a_legal_person_who_is_partly_public_is_found(company: Add, find: Find) -> None:
    company("MYSTERE SAS", categorie_juridique="5710", statut_diffusion="P")
    assert find("mystere") == ["MYSTERE SAS"]


@settings(max_examples=60)
@given(typed=st.text(max_size=40))
def test_any_text_is_searched_or_refused(db: None, engine: SearchEngine, typed: str) -> None:
    try:
        query = interpret(typed)
    except EmptyQueryError:
        return
    assert engine.search(query, EVERYTHING, Window(ORDERINGS["nom"], 5)).page.rows == []


NAME = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@settings(max_examples=6)
@given(noms=st.lists(NAME, min_size=10, max_size=10))
def test_any_name_without_spaces_finds_itself(
    db: None, company: Add, engine: SearchEngine, noms: list[str]
) -> None:
    Entreprise.objects.all().delete()
    for nom in noms:
        company(unicodedata.normalize("NFC", nom), code_postal="")
    for siren, nom in Entreprise.objects.values_list("siren", "nom"):
        query = interpret(nom)
        rows = engine.search(query, EVERYTHING, Window(ORDERINGS["nom"], 2 * len(noms))).page.rows
        assert query.siren or siren in {row["siren"] for row in rows}
