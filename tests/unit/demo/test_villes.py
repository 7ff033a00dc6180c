"""What the fictional file of towns promise."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from foxreviews.demo.generator.towns import la_poste_lines, towns
from foxreviews.reference.fictional import TAILS
from foxreviews.reference.geography import (
    DEPARTEMENTS,
    LARGE_TOWNS,
    MUNICIPAL_DISTRICTS,
    departement_of_insee,
    departement_of_postal_code,
)
from foxreviews.reference.text import town_key

REAL = {town.code_insee for town in LARGE_TOWNS if not town.districts} | set(MUNICIPAL_DISTRICTS)
FICTIONAL = [town for town in towns() if town.code_insee not in REAL]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The two files that the command writes."""
    folder = tmp_path_factory.mktemp("generated")
    villes, population = folder / "villes.csv", folder / "population.csv"
    call_command("generate_villes", str(villes), population=str(population), stdout=io.StringIO())
    return villes, population


def test_the_file_has_the_lines_and_the_header_of_la_poste(files: tuple[Path, Path]) -> None:
    header, *lines, end = files[0].read_bytes().split(b"\r\n")
    assert header.decode() == (
        "Code_commune_INSEE;Nom_commune;Code_postal;Libelle_acheminement;Ligne_5;coordonnees_gps"
    )
    assert (len(lines), end) == (39_201, b"")
    assert all(line.isascii() and line == line.upper() for line in lines)
    assert len(set(lines)) == 39_201


def test_names_are_those_of_the_post() -> None:
    lines = set(la_poste_lines())
    assert "75115;PARIS 15;75015;PARIS;;48.84016, 2.29356\r\n" in lines
    assert "69383;LYON 03;69003;LYON;;45.75336, 4.86919\r\n" in lines
    assert any(line.startswith("42218;ST ETIENNE;42000;ST ETIENNE;;") for line in lines)
    assert any(";STE " in line for line in lines)
    assert not any(";SAINT" in line for line in lines)


def test_the_hundred_largest_towns_are_as_la_poste_has_them(shared_data: Path) -> None:
    def delivered(lines: Iterable[str]) -> dict[tuple[str, str], str]:
        rows = csv.DictReader(lines, delimiter=";")
        return {
            (row["Code_commune_INSEE"], row["Code_postal"]): row["Libelle_acheminement"]
            for row in rows
            if row["Code_commune_INSEE"] in REAL
        }

    ours = delivered(la_poste_lines())
    with (shared_data / "laposte_hexasmal.csv").open(encoding="latin-1", newline="") as file:
        official = delivered(file)
    assert {code for code, _ in official} == {code for code, _ in ours} == REAL
    assert official.keys() <= ours.keys()  # we also give a town the codes of those that it has absorbed
    renamed = {(name, ours[key]) for key, name in official.items() if ours[key] != name}
    assert renamed == {("EVRY", "EVRY COURCOURONNES")}


def test_fictional_towns_say_that_they_are() -> None:
    assert len(FICTIONAL) > 34_000
    assert all(town.nom.endswith(TAILS) for town in FICTIONAL)


def test_no_two_fictional_towns_have_the_same_name() -> None:
    assert len({town_key(town.nom) for town in FICTIONAL}) == len(FICTIONAL)


def test_codes_are_unique_and_of_their_departement() -> None:
    assert len({town.code_insee for town in towns()}) == len(towns())
    assert not {town.code_insee for town in FICTIONAL} & {town.code_insee for town in LARGE_TOWNS}
    for town in towns():
        assert departement_of_insee(town.code_insee) == town.departement
        assert {departement_of_postal_code(code) for code in town.codes_postaux} == {town.departement}


def test_every_departement_of_a_region_has_towns() -> None:
    assert {town.departement for town in towns()} == {
        code for code, departement in DEPARTEMENTS.items() if departement.region
    }


def test_towns_share_postal_codes_and_some_have_several() -> None:
    served = Counter(len(town.codes_postaux) for town in FICTIONAL)
    assert served.keys() == {1, 2, 3}
    assert all(len(set(town.codes_postaux)) == len(town.codes_postaux) for town in FICTIONAL)
    sharing = Counter(code for town in FICTIONAL for code in town.codes_postaux)
    assert max(sharing.values()) > 5


def test_populations_fall_by_rank_as_they_do_in_france() -> None:
    by_rank = sorted((town.population for town in FICTIONAL), reverse=True)
    smallest_real = min(town.population for town in LARGE_TOWNS)
    assert by_rank[0] < smallest_real
    assert 3_000 < by_rank[3_000] < 4_300
    assert 600 < by_rank[12_000] < 1_000
    assert 60e6 < sum(town.population for town in towns()) < 75e6


def test_the_population_file_tells_the_people_of_every_town(files: tuple[Path, Path]) -> None:
    text = files[1].read_text(encoding="utf-8")
    assert text.startswith("REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT\n")
    rows = {row["COM"]: row for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    assert rows.keys() == {town.code_insee for town in towns()}
    assert rows["75115"]["Commune"] == "Paris 15e Arrondissement"
    assert rows["42218"]["Commune"] == "Saint-Étienne"
    assert rows["2A004"] | {"PCAP": "", "PTOT": ""} == {
        "REG": "94",
        "Région": "Corse",
        "DEP": "2A",
        "CODARR": "1",
        "CODCAN": "",
        "CODCOM": "004",
        "COM": "2A004",
        "Commune": "Ajaccio",
        "PMUN": "76320",
        "PCAP": "",
        "PTOT": "",
    }
    assert all(int(row["PMUN"]) + int(row["PCAP"]) == int(row["PTOT"]) for row in rows.values())


def test_the_towns_are_the_same_at_every_call(files: tuple[Path, Path]) -> None:
    towns.cache_clear()
    assert "".join(la_poste_lines()).encode() == files[0].read_bytes()


def test_the_two_files_need_two_names() -> None:
    with pytest.raises(CommandError, match="give them different names") as refused:
        call_command("generate_villes", "-", population="-")
    assert refused.value.returncode == 2
