"""An address finds its town where exactly one is meant, and none where two could be."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.location.loading import Assembly
from foxreviews.location.lookup import Commune, Place, VilleLookup
from foxreviews.location.movements import Movements
from foxreviews.location.sources.insee import COG, MOVEMENTS, GeographicCode
from foxreviews.location.sources.laposte import LAYOUT
from foxreviews.location.sources.table import read
from foxreviews.reference.text import town_key


def commune(code: str, nom: str, codes: str, others: str = "", city: str | None = None) -> Commune:
    other_keys = others.split(",") if others else []
    return Commune(code, nom, code[:2], codes.split(), town_key(nom), other_keys, city)


LOOKUP = VilleLookup([
    commune("75056", "Paris", "75015 75016 75116"),
    commune("75115", "Paris 15e Arrondissement", "75015", "PARIS", city="75056"),
    commune("75116", "Paris 16e Arrondissement", "75016 75116", "PARIS", city="75056"),
    commune("69123", "Lyon", "69003"),
    commune("69383", "Lyon 3e Arrondissement", "69003", "LYON", city="69123"),
    commune("42218", "Saint-Étienne", "42000 42100 42230", "ROCHETAILLEE"),
    commune("42999", "Saint-Étienne-le-Molard", "42130"),
    commune("14762", "Vire Normandie", "14500", "COULONCES"),
    commune("14127", "Campagnolles", "14500"),
    commune("68012", "Aspach-Michelbach", "68700"),
    commune("68011", "Aspach-le-Bas", "68700"),
    commune("51108", "Châlons-en-Champagne", "51000"),
    commune("11188", "La Palme", "11480"),
    commune("11999", "Le Bosc", "11480"),
    commune("19123", "Malemort", "19360"),
    commune("19068", "Dampniat", "19360"),
    commune("62814", "Thièvres", "62760"),
    commune("80756", "Thièvres", "62760"),
    commune("69142", "La Mulatière", "69350"),
    commune("2A004", "Ajaccio", "20000 20090", "MEZZAVIA"),
    commune("13055", "Marseille", ""),
])  # fmt: skip


@pytest.mark.parametrize(
    ("code_postal", "nom", "code"),
    [
        ("42000", "SAINT-ETIENNE", "42218"),
        ("42100", "st etienne", "42218"),
        ("42000", "Saint-Étienne", "42218"),
        ("42230", "ROCHETAILLEE", "42218"),
        ("20090", "AJACCIO", "2A004"),
    ],
)
def test_a_name_that_the_post_delivers_under_the_code_is_the_town(
    code_postal: str, nom: str, code: str
) -> None:
    assert LOOKUP.resolve(code_postal, nom).code_commune == code


@pytest.mark.parametrize(
    ("code_postal", "nom", "code"),
    [
        ("75015", "PARIS", "75115"),
        ("75116", "PARIS", "75116"),
        ("75016", "PARIS 16", "75116"),
        ("75015", "PARIS 15E ARRONDISSEMENT", "75115"),
        ("75738", "PARIS CEDEX 15", "75115"),
        ("75000", "PARIS 15", "75115"),
        ("69003", "LYON 3EME", "69383"),
        ("69423", "LYON CEDEX 03", "69383"),
    ],
)
def test_an_address_in_a_large_city_is_in_its_district_and_shows_the_city(
    code_postal: str, nom: str, code: str
) -> None:
    place = LOOKUP.resolve(code_postal, nom)
    assert place.code_commune == code
    assert place.ville_nom == {"75": "Paris", "69": "Lyon"}[place.departement]


def test_where_the_district_is_not_given_the_place_is_the_city() -> None:
    assert LOOKUP.resolve("75270", "PARIS") == Place("75056", "Paris", "75")
    assert LOOKUP.resolve("69350", "LYON") == Place("69123", "Lyon", "69")


def test_a_cedex_is_found_by_its_name_in_the_departement() -> None:
    assert LOOKUP.resolve("42950", "SAINT ETIENNE CEDEX 9") == Place("42218", "Saint-Étienne", "42")
    assert LOOKUP.resolve("20700", "AJACCIO CEDEX 9") == Place("2A004", "Ajaccio", "2A")
    assert LOOKUP.resolve("14502", "VIRE CEDEX") == Place("14762", "Vire Normandie", "14")


@pytest.mark.parametrize(
    ("code_postal", "nom", "code"),
    [
        ("14500", "VIRE", "14762"),
        ("11480", "LAPALME", "11188"),
        ("11480", "BOSC", "11999"),
        ("19360", "MALEMORT-SUR-CORREZE", "19123"),
        ("51000", "CHALONS-SUR-MARNE", "51108"),
        ("51000", "", "51108"),
    ],
)
def test_a_name_that_is_near_enough_finds_the_one_town_under_its_code(
    code_postal: str, nom: str, code: str
) -> None:
    assert LOOKUP.resolve(code_postal, nom).code_commune == code


@pytest.mark.parametrize(
    ("code_postal", "nom"),
    [
        ("68700", "ASPACH-LE-HAUT"),  # both other Aspach are near, neither is it
        ("68700", "ASPACH"),
        ("62760", "THIEVRES"),  # two communes, one name, one code
        ("69350", "DARDILLY"),  # the only commune of the code has another name
        ("14500", ""),  # several communes under the code
        ("42000", "SAINT"),
        ("99999", "SAINT-ETIENNE"),
        ("", "PARIS"),
    ],
)
def test_where_several_towns_or_none_are_meant_no_town_is_given(code_postal: str, nom: str) -> None:
    assert LOOKUP.resolve(code_postal, nom).code_commune == ""


def test_what_does_not_resolve_keeps_its_name_tidied_and_the_departement_of_its_code() -> None:
    assert LOOKUP.resolve("20200", "  PIETRANERA   (Haute-Corse) ") == Place(
        "", "PIETRANERA (Haute-Corse)", "2B"
    )
    assert LOOKUP.resolve("", "Genève") == Place("", "Genève", "")


def test_a_code_of_the_register_gives_its_city() -> None:
    assert LOOKUP.by_code("75115") == Place("75115", "Paris", "75")
    assert LOOKUP.by_code("42218") == Place("42218", "Saint-Étienne", "42")
    assert LOOKUP.by_code("00000") is None


@given(st.text(max_size=8), st.text(max_size=30))
def test_any_address_has_a_place(code_postal: str, nom: str) -> None:
    place = LOOKUP.resolve(code_postal, nom)
    assert place.code_commune == "" or LOOKUP.by_code(place.code_commune, nom) == place


@pytest.mark.parametrize(
    ("code_postal", "nom", "localite"),
    [
        ("42230", "ROCHETAILLEE", "Rochetaillee"),
        ("42230", "Rochetaillée", "Rochetaillée"),
        ("42007", "ROCHETAILLEE CEDEX 1", "Rochetaillee"),
        ("42000", "ST ETIENNE", ""),
        ("42000", "Saint-Étienne Cedex 2", ""),
        ("14500", "COULONCES", "Coulonces"),
        ("14500", "VIRE", ""),  # of Vire Normandie's own words
        ("75015", "PARIS", ""),  # the city of the district
        ("11480", "LAPALME", ""),
    ],
)
def test_a_part_of_a_town_is_told_and_another_spelling_of_the_town_is_none(
    code_postal: str, nom: str, localite: str
) -> None:
    place = LOOKUP.resolve(code_postal, nom)
    assert place.code_commune
    assert place.localite == localite


def test_the_code_of_a_former_commune_leads_to_the_town_that_it_is_part_of() -> None:
    annecy = replace(commune("74010", "Annecy", "74000 74600", "SEYNOD"), former=["74268"])
    lookup = VilleLookup([annecy])
    assert lookup.by_code("74268", "Seynod") == Place("74010", "Annecy", "74", "Seynod")
    assert lookup.by_code("74010", "ANNECY") == Place("74010", "Annecy", "74")


def test_of_the_real_addresses_more_than_99_in_100_resolve(shared_data: Path) -> None:
    with (shared_data / "laposte_hexasmal.csv").open(encoding="utf-8-sig") as file:
        post = read(file, "hexasmal", LAYOUT)
    with (shared_data / "cog_communes_2026.csv").open(encoding="utf-8-sig") as file:
        cog = GeographicCode(read(file, "cog", COG).rows)
    with (shared_data / "cog_mouvements_communes.csv").open(encoding="utf-8-sig") as file:
        movements = Movements(read(file, "mouvements", MOVEMENTS).rows)
    towns = Assembly(post.rows, cog, {}, movements, {}).towns()
    lookup = VilleLookup(
        Commune(
            town.code_insee, town.nom, town.departement, town.codes_postaux, town.nom_recherche,
            town.appellations, town.commune_id,
        )
        for town in towns
    )  # fmt: skip
    with (shared_data / "entreprises.csv").open(encoding="utf-8-sig") as file:
        places = [lookup.resolve(row["code_postal"], row["ville_nom"]) for row in csv.DictReader(file)]
    assert len(places) == 10_167
    assert sum(place.code_commune == "" for place in places) <= 3
