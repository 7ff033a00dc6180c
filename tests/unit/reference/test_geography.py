import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.geography import (
    CITIES_WITH_DISTRICTS,
    DEPARTEMENTS,
    MUNICIPAL_DISTRICTS,
    REGIONS,
    departement_of_insee,
    departement_of_postal_code,
    district_name,
    region_of,
)

OVERSEAS_COLLECTIVITIES = {"975", "977", "978", "984", "986", "987", "988"}


def read(path, delimiter=","):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_each_departement_is_in_a_region_and_overseas_collectivities_in_none():
    outside = {code for code, departement in DEPARTEMENTS.items() if departement.region not in REGIONS}
    assert outside == OVERSEAS_COLLECTIVITIES
    assert {region_of(code) for code in outside} == {""}
    assert len(DEPARTEMENTS) == 101 + 7
    assert {region_of(code) for code in DEPARTEMENTS} - {""} == REGIONS.keys()


def test_the_departement_of_what_names_none_is_empty():
    for text in ("", "7", "750", "20004", "99138", "98901", "7505", "750566", "2C004"):
        assert departement_of_insee(text) == ""
    for text in (
        "",
        "75",
        "7501",
        "750155",
        "98000",
        "99100",
        "00100",
        "96000",
        "20900",
        "2A004",
        "750l5",
        "٧٥٠١٥",
    ):
        assert departement_of_postal_code(text) == ""
    assert region_of("") == region_of("20") == ""


@given(st.text())
def test_no_text_makes_the_departement_fail(text):
    assert departement_of_insee(text) in {"", *DEPARTEMENTS}
    assert departement_of_postal_code(text) in {"", *DEPARTEMENTS}


@pytest.mark.parametrize(
    ("code", "departement"),
    [
        ("2A004", "2A"),
        ("2B033", "2B"),
        ("97105", "971"),
        ("97611", "976"),
        ("97701", "977"),
        ("98818", "988"),
        ("75115", "75"),
    ],
)
def test_an_insee_code_shows_its_departement(code, departement):
    assert departement_of_insee(code) == departement


@pytest.mark.parametrize(
    ("code", "departement"),
    [
        ("75116", "75"),
        ("01000", "01"),
        ("20000", "2A"),
        ("20137", "2A"),
        ("20700", "2A"),
        ("20200", "2B"),
        ("20620", "2B"),
        ("97400", "974"),
        ("97500", "975"),
        ("97133", "977"),
        ("97150", "978"),
        ("97096", "977"),
        ("97064", "978"),
        ("97743", "974"),
        ("97825", "974"),
        ("97139", "971"),
        ("98714", "987"),
    ],
)
def test_a_postal_code_shows_its_departement(code, departement):
    assert departement_of_postal_code(code) == departement


def test_three_cities_have_forty_five_districts():
    assert len(MUNICIPAL_DISTRICTS) == 20 + 9 + 16
    assert set(MUNICIPAL_DISTRICTS.values()) == CITIES_WITH_DISTRICTS.keys()
    assert district_name("75115") == "Paris 15e Arrondissement"
    assert district_name("75101") == "Paris 1er Arrondissement"
    assert district_name("69389") == "Lyon 9e Arrondissement"
    assert district_name("75056") == district_name("31555") == ""


def test_departements_and_regions_are_those_of_the_official_code(shared_data):
    official = {r["DEP"]: (r["LIBELLE"], r["REG"]) for r in read(shared_data / "cog_departements.csv")}
    ours = {d.code: (d.nom, d.region) for d in DEPARTEMENTS.values() if d.code not in OVERSEAS_COLLECTIVITIES}
    assert ours == official
    assert {r["REG"]: r["LIBELLE"] for r in read(shared_data / "cog_regions.csv")} == REGIONS
    assert all(code == departement.code for code, departement in DEPARTEMENTS.items())


def test_districts_are_those_of_the_official_code(shared_data):
    official = [r for r in read(shared_data / "cog_communes_2026.csv") if r["TYPECOM"] == "ARM"]
    assert {r["COM"]: r["COMPARENT"] for r in official} == MUNICIPAL_DISTRICTS
    assert {r["COM"]: r["LIBELLE"] for r in official} == {
        code: district_name(code) for code in MUNICIPAL_DISTRICTS
    }


def test_every_commune_of_the_official_code_is_in_its_departement(shared_data):
    communes = [r for r in read(shared_data / "cog_communes_2026.csv") if r["TYPECOM"] in ("COM", "ARM")]
    wrong = {r["COM"] for r in communes if departement_of_insee(r["COM"]) != r["DEP"]}
    wrong_region = {r["COM"] for r in communes if region_of(departement_of_insee(r["COM"])) != r["REG"]}
    assert (wrong, wrong_region) == (set(), set())
    delegated = [r for r in read(shared_data / "cog_communes_2026.csv") if r["TYPECOM"] in ("COMD", "COMA")]
    assert all(departement_of_insee(r["COM"]) for r in delegated)


def test_every_postal_code_is_in_its_departement_but_where_the_next_one_s_post_delivers(shared_data):
    pairs = {
        (r["Code_commune_INSEE"], r["Code_postal"])
        for r in read(shared_data / "laposte_hexasmal.csv", ";")
        if r["Code_commune_INSEE"] != "98901"  # Clipperton: uninhabited
    }
    assert [code for _, code in pairs if not departement_of_postal_code(code)] == ["98000"]  # Monaco
    differ = {p for p in pairs if departement_of_insee(p[0]) != departement_of_postal_code(p[1])}
    assert len({insee for insee, _ in differ}) == 24
    assert not [
        p for p in differ if p[0].startswith(("2A", "2B", "97", "98")) or p[1].startswith(("20", "97", "98"))
    ]
