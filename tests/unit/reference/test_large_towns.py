import csv
from collections import Counter, defaultdict

import pytest

from foxreviews.reference.geography import (
    CITIES_WITH_DISTRICTS,
    LARGE_TOWNS,
    MUNICIPAL_DISTRICTS,
    departement_of_insee,
)


def read(path, delimiter=","):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.fixture
def populations(shared_data):
    """Population by commune, cities included, from INSEE's file."""
    rows = read(shared_data / "insee_population_donnees_communes.csv", ";")
    return Counter({row["COM"]: int(row["PMUN"]) for row in rows})


@pytest.fixture
def post(shared_data):
    """La Poste's rows by the commune that each code is part of today, and by the code as written."""
    communes = {r["COM"] for r in read(shared_data / "cog_communes_2026.csv") if r["TYPECOM"] == "COM"}
    absorbed = {
        move["COM_AV"]: move["COM_AP"]
        for move in sorted(
            read(shared_data / "cog_mouvements_communes.csv"), key=lambda move: move["DATE_EFF"]
        )
        if move["TYPECOM_AV"] == move["TYPECOM_AP"] == "COM" and move["COM_AV"] != move["COM_AP"]
    }
    codes, places = defaultdict(set), {}
    for row in read(shared_data / "laposte_hexasmal.csv", ";"):
        commune = row["Code_commune_INSEE"]
        places[commune] = row["coordonnees_gps"]
        while commune not in communes and commune in absorbed:
            commune = absorbed[commune]
        codes[commune].add(row["Code_postal"])
    return codes, places


def test_there_are_a_hundred_from_the_largest_down():
    populations = [town.population for town in LARGE_TOWNS]
    assert len({town.code_insee for town in LARGE_TOWNS}) == len(LARGE_TOWNS) == 100
    assert populations == sorted(populations, reverse=True)
    assert [town.nom for town in LARGE_TOWNS[:4]] == ["Paris", "Marseille", "Lyon", "Toulouse"]


def test_a_town_has_postal_codes_or_districts_that_have_them():
    for town in LARGE_TOWNS:
        assert bool(town.codes_postaux) != bool(town.districts)
        assert bool(town.districts) == (town.code_insee in CITIES_WITH_DISTRICTS)
        for place in (town, *town.districts):
            assert all(len(code) == 5 and code.isdigit() for code in place.codes_postaux)
            assert departement_of_insee(place.code_insee)
    assert [d.code_insee for town in LARGE_TOWNS for d in town.districts] == [
        code
        for city in ("75056", "13055", "69123")
        for code, of in sorted(MUNICIPAL_DISTRICTS.items())
        if of == city
    ]


def test_a_city_is_the_sum_of_its_districts_and_at_their_centre():
    for city in LARGE_TOWNS[:3]:
        people = sum(district.population for district in city.districts)
        assert city.population == people
        for axis in ("latitude", "longitude"):
            centre = (
                sum(getattr(district, axis) * district.population for district in city.districts) / people
            )
            assert getattr(city, axis) == pytest.approx(centre, abs=2e-5)


def test_no_commune_is_larger_than_the_hundredth(populations):
    for district, city in MUNICIPAL_DISTRICTS.items():
        populations[city] += populations.pop(district)
    largest = populations.most_common(100)
    assert [(town.code_insee, town.population) for town in LARGE_TOWNS] == largest


def test_districts_have_their_population(populations):
    districts = {d.code_insee: d.population for town in LARGE_TOWNS for d in town.districts}
    assert districts == {code: populations[code] for code in MUNICIPAL_DISTRICTS}


def test_names_are_the_official_ones(shared_data):
    official = {
        r["COM"]: r["LIBELLE"] for r in read(shared_data / "cog_communes_2026.csv") if r["TYPECOM"] == "COM"
    }
    assert [town.nom for town in LARGE_TOWNS] == [official[town.code_insee] for town in LARGE_TOWNS]


def test_postal_codes_and_places_are_those_of_the_post(post):
    codes, places = post
    for place in [p for town in LARGE_TOWNS for p in town.districts or (town,)]:
        assert place.codes_postaux == tuple(sorted(codes[place.code_insee]))
        latitude, longitude = map(float, places[place.code_insee].split(","))
        assert (place.latitude, place.longitude) == pytest.approx((latitude, longitude), abs=1e-5)
