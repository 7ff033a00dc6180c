"""The official files become towns, once, and again without a trace."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from foxreviews.core import sql
from foxreviews.core.locks import advisory_lock
from foxreviews.demo.generator.towns import LA_POSTE_HEADER
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.importing.load import moves
from foxreviews.importing.models import LOCK as IMPORTS
from foxreviews.location.loading import LOCK
from foxreviews.location.lookup import Place, VilleLookup
from foxreviews.location.models import Ville
from tests.waiting import DEADLINE

from .conftest import POST

pytestmark = pytest.mark.django_db

Load = Callable[..., dict[str, Any]]


def versions() -> list[tuple[str, str]]:
    """Each row's version in PostgreSQL: a row that is written again has another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code_insee, xmin::text || ctid::text FROM location_ville ORDER BY 1")
        return list(cursor.fetchall())


def test_each_commune_becomes_one_town_with_all_its_postal_codes(load: Load) -> None:
    report = load()
    assert (report["records"], report["rejected"], report["created"]) == (11, 0, 10)
    town = Ville.objects.get(code_insee="42218")
    assert town.nom == "Saint-Étienne"
    assert town.slug == "saint-etienne"
    assert town.codes_postaux == ["42000", "42100", "42230"]
    assert (town.departement, town.region) == ("42", "84")
    assert (town.latitude, town.longitude) == (45.4, 4.4)
    assert town.nom_recherche == "SAINT ETIENNE"
    assert town.appellations == ["ROCHETAILLEE"]


def test_a_second_load_finds_all_unchanged_and_writes_nothing(load: Load, official: dict[str, str]) -> None:
    load(**official)
    before = versions()
    report = load(**official)
    assert (report["created"], report["updated"], report["unchanged"], report["merged"]) == (0, 0, 10, 0)
    assert versions() == before


@pytest.mark.django_db(transaction=True)
def test_after_a_load_the_planner_s_statistics_are_of_all_towns(load: Load) -> None:
    load()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT n_mod_since_analyze, reltuples::int FROM pg_stat_user_tables JOIN pg_class ON oid = relid"
            " WHERE pg_class.relname = 'location_ville'"
        )
        assert cursor.fetchone() == (0, 10)


def test_only_the_town_that_changed_is_written(load: Load, post: str) -> None:
    load()
    before = dict(versions())
    report = load(post + "42207;ST CHAMOND;42152;ST CHAMOND;;\n")
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 1, 9)
    assert {code for code, version in versions() if before[code] != version} == {"42207"}
    assert Ville.objects.get(code_insee="42207").codes_postaux == ["42152", "42400"]


def test_districts_belong_to_their_city_which_has_their_postal_codes(load: Load) -> None:
    load()
    city = Ville.objects.get(code_insee="69123")
    assert (city.nom, city.slug, city.codes_postaux) == ("Lyon", "lyon", ["69001", "69003"])
    districts = city.arrondissements.order_by("code_insee")
    assert [town.nom for town in districts] == ["Lyon 1er Arrondissement", "Lyon 3e Arrondissement"]
    assert not Ville.objects.filter(nom="Paris").exists()


def test_the_population_of_a_city_is_that_of_its_districts(load: Load, post: str) -> None:
    header = "COM;Commune;PMUN\n"
    districts = "".join(f"6938{number};Lyon {number};{number}000\n" for number in range(1, 10))
    load(post, population=header + districts)
    assert Ville.objects.get(code_insee="69123").population == 45_000
    assert Ville.objects.get(code_insee="69383").population == 3_000


def test_names_and_populations_come_from_the_insee(load: Load, official: dict[str, str]) -> None:
    load(**official)
    eragny = Ville.objects.get(code_insee="95218")
    assert (eragny.nom, eragny.appellations) == ("Éragny-sur-Oise", ["ERAGNY"])
    lyons = Ville.objects.get(code_insee="27348")
    assert (lyons.nom, lyons.population) == ("Lyons-la-Forêt", 750)


def test_without_populations_the_large_towns_have_theirs_and_the_others_none(load: Load) -> None:
    load()
    assert (Ville.objects.get(code_insee="42218").population or 0) > 150_000
    assert (Ville.objects.get(code_insee="69123").population or 0) > 500_000
    assert Ville.objects.get(code_insee="27348").population is None


def test_a_commune_that_the_post_does_not_know_has_the_codes_of_those_it_is_made_of(
    load: Load, official: dict[str, str]
) -> None:
    load(**official)
    town = Ville.objects.get(code_insee="42999")
    assert (town.nom, town.codes_postaux) == ("Gier-en-Forez", ["42400"])
    assert (town.appellations, town.codes_anciens) == (["SAINT CHAMOND"], ["42207"])
    assert not Ville.objects.filter(code_insee="42207").exists()


MOVEMENTS = """\
MOD,DATE_EFF,TYPECOM_AV,COM_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,LIBELLE_AP
32,2025-01-01,COM,42207,Saint-Chamond,COM,42218,Gier-sur-Furan
32,2025-01-01,COM,42207,Saint-Chamond,COMD,42207,Saint-Chamond
32,2025-01-01,COM,42218,Saint-Étienne,COM,42218,Gier-sur-Furan
32,2026-01-01,COM,27348,Lyons-la-Forêt,COM,27999,Lyons-en-Vexin
"""


def test_the_movements_make_a_commune_that_the_post_still_lists_part_of_todays(load: Load) -> None:
    load()
    report = load(mouvements=MOVEMENTS)
    assert (report["created"], report["updated"], report["unchanged"]) == (1, 1, 7)
    assert (report["merged"], report["kept"], report["movements"]["used"]) == (2, 0, 4)
    town = Ville.objects.get(code_insee="42218")
    assert (town.nom, town.codes_anciens) == ("Gier-sur-Furan", ["42207"])
    assert town.codes_postaux == ["42000", "42100", "42230", "42400"]
    assert town.appellations == ["ROCHETAILLEE", "SAINT CHAMOND", "SAINT ETIENNE"]
    new = Ville.objects.get(code_insee="27999")
    assert (new.nom, new.latitude, new.codes_postaux) == ("Lyons-en-Vexin", 49.4, ["27480"])
    assert new.appellations == ["LYONS LA FORET"]
    assert not Ville.objects.filter(code_insee__in=["42207", "27348"]).exists()


def test_a_former_commune_stays_one_where_only_the_post_is_loaded_again(load: Load) -> None:
    load(mouvements=MOVEMENTS)
    before = versions()
    report = load()
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, 9)
    assert versions() == before


def test_a_commune_that_is_re_established_is_a_town_again(load: Load) -> None:
    load(mouvements=MOVEMENTS)
    back = "21,2027-01-01,COM,42218,Gier-sur-Furan,COM,{}\n"
    load(mouvements=MOVEMENTS + back.format("42218,Saint-Étienne") + back.format("42207,Saint-Chamond"))
    assert Ville.objects.get(code_insee="42207").codes_postaux == ["42400"]
    town = Ville.objects.get(code_insee="42218")
    assert (town.nom, town.codes_anciens) == ("Saint-Étienne", [])
    assert (town.codes_postaux, town.appellations) == (
        ["42000", "42100", "42230"],
        ["GIER SUR FURAN", "ROCHETAILLEE"],
    )


def add_company(siren: str, town: str, code: str | None, **values: Any) -> None:
    """One of `town`, in the words that an import has stored."""
    given = {"code_postal": "42400", "departement": "42", "adresse": "1 RUE DU PORT"} | values
    Entreprise.objects.create(siren=siren, nom="FOX", ville_nom=town, ville_id=code, **given)


def place_of(siren: str) -> tuple[str | None, str, str, str]:
    found = Entreprise.objects.get(siren=siren)
    return found.ville_id, found.ville_nom, found.departement, found.adresse


def test_companies_move_to_the_town_of_today_and_their_address_keeps_the_former_one(load: Load) -> None:
    load()
    add_company("100000009", "Saint-Chamond", "42207")
    add_company("100000017", "Saint-Chamond", "42207", adresse="2 RUE X, ST-CHAMOND")
    add_company("100000025", "Saint-Étienne", "42218", code_postal="42000")
    add_company("100000033", "LYONS LA FORET", None, code_postal="27480", departement="27", adresse="")
    add_company("100000041", "Ailleurs", "99999")
    add_company("100000058", "Saint-Chamond", "42207", statut_diffusion="P", categorie_juridique="1000")
    assert load(POST, "--dry-run", mouvements=MOVEMENTS)["companies_moved"] == 5
    assert place_of("100000009")[0] == "42207"
    assert load(mouvements=MOVEMENTS)["companies_moved"] == 5
    gier = ("42218", "Gier-sur-Furan", "42")
    assert place_of("100000009") == (*gier, "1 RUE DU PORT, Saint-Chamond")
    assert place_of("100000025") == (*gier, "1 RUE DU PORT, Saint-Étienne")
    assert place_of("100000033") == ("27999", "Lyons-en-Vexin", "27", "Lyons-la-Foret")
    assert place_of("100000041") == ("99999", "Ailleurs", "42", "1 RUE DU PORT")
    assert place_of("100000058") == (*gier, "")
    changed = Entreprise.objects.values_list("updated_at", flat=True).order_by("siren")
    before = list(changed)
    assert load(mouvements=MOVEMENTS)["companies_moved"] == 0
    assert list(changed) == before


def test_establishments_move_with_their_towns_block_by_block_and_the_index_follows(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    monkeypatch.setattr(moves, "PAGES", 1)
    add_company("100000009", "Lyon", "69381", code_postal="69001", departement="69")
    given = {"code_postal": "42400", "departement": "42", "ville_nom": "Saint-Chamond", "ville_id": "42207"}
    Etablissement.objects.bulk_create(
        Etablissement(siret=f"100000009{number:05}", siren="100000009", libelle_voie="DU PORT " * 15, **given)
        for number in range(100)
    )
    Etablissement.objects.filter(siret="10000000900001").update(localite="SAINT CHAMOND")
    Etablissement.objects.filter(siret="10000000900002").update(localite="Izieux")
    Etablissement.objects.filter(siret="10000000900003").update(statut_diffusion="P")
    sql.value("WITH gone AS (DELETE FROM search_change RETURNING 1) SELECT count(*) FROM gone")
    assert load(POST, "--dry-run", mouvements=MOVEMENTS)["establishments_moved"] == 100
    assert not Etablissement.objects.exclude(ville_id="42207").exists()
    report = load(mouvements=MOVEMENTS)
    assert (report["companies_moved"], report["establishments_moved"]) == (0, 100)
    places = Etablissement.objects.order_by("siret").values_list("ville_id", "ville_nom", "localite")
    gier = ("42218", "Gier-sur-Furan")
    assert list(places[:4]) == [
        (*gier, "Saint-Chamond"),
        (*gier, "SAINT CHAMOND"),
        (*gier, "Izieux, Saint-Chamond"),
        (*gier, ""),
    ]
    noted = "SELECT array_agg(DISTINCT siren) FROM search_change WHERE part = 'entreprises'"
    assert sql.value(noted) == ["100000009"]
    assert load(mouvements=MOVEMENTS)["establishments_moved"] == 0


@pytest.mark.django_db(transaction=True)
def test_companies_are_not_moved_while_an_import_looks_up_their_towns(load: Load) -> None:
    add_company("100000009", "Saint-Chamond", "42207")
    with ThreadPoolExecutor(1) as elsewhere:
        busy, done = threading.Event(), threading.Event()
        elsewhere.submit(hold_the_lock, busy, done, IMPORTS)
        busy.wait(DEADLINE)
        try:
            with pytest.raises(CommandError, match="An import of companies is running") as error:
                load()
        finally:
            done.set()
    assert error.value.returncode == 3
    assert not Ville.objects.exists()


def test_what_an_earlier_load_knew_better_stays(load: Load, official: dict[str, str]) -> None:
    load(**official)
    report = load()
    assert (report["updated"], report["unchanged"], report["kept"]) == (0, 10, 0)
    assert Ville.objects.get(code_insee="27348").population == 750
    assert Ville.objects.get(code_insee="95218").nom == "Éragny-sur-Oise"


def test_positions_stay_when_a_vintage_leaves_them_out(load: Load) -> None:
    load()
    report = load("Code_commune_INSEE;Nom_commune;Code_postal\n27348;LYONS LA FORET;27480\n")
    assert report["unchanged"] == 1
    assert Ville.objects.get(code_insee="27348").latitude == 49.4


def test_homonyms_have_their_departement_in_their_slug(load: Load) -> None:
    load()
    slugs = Ville.objects.filter(nom="Saint-Denis").order_by("code_insee").values_list("slug", flat=True)
    assert list(slugs) == ["saint-denis-93", "saint-denis-974"]


def test_a_town_keeps_its_slug_when_a_homonym_is_loaded_later(load: Load, post: str) -> None:
    load()
    load(post + "61999;ST CHAMOND;61000;ST CHAMOND;;\n")
    assert Ville.objects.get(code_insee="42207").slug == "saint-chamond"
    assert Ville.objects.get(code_insee="61999").slug == "saint-chamond-61"


def test_a_place_in_no_departement_is_a_town_all_the_same(load: Load) -> None:
    load()
    assert Ville.objects.get(code_insee="99138").departement == ""


def test_a_dry_run_reports_what_a_real_run_does_and_writes_nothing(load: Load, post: str) -> None:
    dry_run = load(post, "--dry-run")
    assert not Ville.objects.exists()
    real = load(post)
    assert dry_run["dry_run"]
    for name in ("records", "created", "updated", "unchanged", "rejected", "towns"):
        assert dry_run[name] == real[name]


def test_bad_lines_are_counted_and_the_others_loaded(load: Load, post: str) -> None:
    report = load(post + "XX;NOWHERE;1;;;\n\n80021;AMIENS;80000;;;\n")
    assert (report["records"], report["used"], report["rejected"], report["blank"]) == (14, 12, 1, 1)
    assert report["rejects_by_reason"] == {"code-insee": 1}
    assert Ville.objects.filter(code_insee="80021").exists()


def test_a_person_sees_the_bad_lines_and_the_sums(tmp_path: Path, post: str, settings: Any) -> None:
    settings.LOG_DIR = tmp_path / "logs"
    file = tmp_path / "post.csv"
    file.write_text(post + "XX;NOWHERE;1;;;\n", encoding="utf-8")
    shown = StringIO()
    call_command("import_villes", str(file), stdout=shown)
    assert "set aside, line 13 (code-insee): XX;NOWHERE;1;;;" in shown.getvalue()
    assert (
        "(records 12, rejected 1, created 10, updated 0, unchanged 0, merged 0, companies_moved 0, "
        "establishments_moved 0)" in shown.getvalue()
    )


def test_a_file_without_one_good_line_is_refused(load: Load, post: str) -> None:
    with pytest.raises(CommandError, match="no line that can be used") as error:
        load(post.splitlines()[0] + "\nXX;NOWHERE;1;;;\n")
    assert error.value.returncode == 2


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("siren.csv", b"siren,nom\n1,FOX\n", "has no column Code_commune_INSEE, Nom_commune, Code_postal"),
        ("empty.csv", b"", "is empty"),
        ("binary.csv", bytes(range(256)) * 20, "has no column|is not a text file"),
        ("cut.gz", b"\x1f\x8b\x08\x00\x00\x00", "cannot be read"),
    ],
)
def test_a_wrong_file_is_reported_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("import_villes", str(tmp_path / name), stdout=StringIO())
    assert error.value.returncode == 2


def test_a_folder_and_a_missing_file_are_reported(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(CommandError, match="cannot be read") as error:
            call_command("import_villes", str(path), stdout=StringIO())
        assert error.value.returncode == 2


def test_invented_towns_do_not_take_the_codes_of_real_ones(load: Load, post: str) -> None:
    fictional = f"{LA_POSTE_HEADER}\r\n01004;SAINT AUBIN LA FICTIVE;01500;SAINT AUBIN LA FICTIVE;;\r\n"
    load(post)
    before = {*Ville.objects.values_list("code_insee", "nom")}
    with pytest.raises(CommandError, match=r"The towns of this file are fictional.*--force"):
        load(fictional)
    assert {*Ville.objects.values_list("code_insee", "nom")} == before
    load(fictional, "--force")
    for towns in (Ville.objects.filter(commune__isnull=False), Ville.objects.exclude(code_insee="01004")):
        towns.delete()
    with pytest.raises(CommandError, match="The towns of this file are real"):
        load(post)


@pytest.mark.parametrize("flag", ["--cog", "--population", "--mouvements"])
def test_every_file_is_looked_at_before_the_first_is_read(tmp_path: Path, post: str, flag: str) -> None:
    printed = StringIO()
    (tmp_path / "post.csv").write_text(post)
    with pytest.raises(CommandError, match=r"none\.csv cannot be read: there is no such file"):
        call_command("import_villes", str(tmp_path / "post.csv"), flag, "none.csv", stdout=printed)
    assert printed.getvalue() == ""


def test_a_report_that_cannot_be_written_is_reported_before_the_work(
    load: Load, tmp_path: Path, post: str
) -> None:
    with pytest.raises(CommandError, match="cannot be written: there is no such folder"):
        load(post, "--report", str(tmp_path / "none" / "report.json"))
    assert not Ville.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_loads_at_once_the_second_is_refused(load: Load) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        busy, done = threading.Event(), threading.Event()
        elsewhere.submit(hold_the_lock, busy, done)
        busy.wait(DEADLINE)
        try:
            with pytest.raises(CommandError, match="Another import_villes is running") as error:
                load()
        finally:
            done.set()
    assert error.value.returncode == 3
    assert load()["created"] == 10


def hold_the_lock(busy: threading.Event, done: threading.Event, name: str = LOCK) -> None:
    """As another process does while it loads: a thread has a database session of its own."""
    try:
        with advisory_lock(name, message="It is taken already."):
            busy.set()
            done.wait(DEADLINE)
    finally:
        connection.close()


def test_loaded_towns_are_found_by_their_address(load: Load) -> None:
    load()
    lookup = VilleLookup.load()
    assert lookup.resolve("42230", "ROCHETAILLEE") == Place("42218", "Saint-Étienne", "42", "Rochetaillee")
    assert lookup.resolve("69003", "LYON") == Place("69383", "Lyon", "69")
    assert lookup.resolve("95610", "ERAGNY SUR OISE CEDEX") == Place(
        "95218", "Eragny", "95", "Eragny-sur-Oise"
    )


def test_the_real_files_load_completely_and_once(load: Load, shared_data: Path) -> None:
    def text(name: str) -> str:
        return (shared_data / name).read_text(encoding="utf-8")

    files = {
        "cog": text("cog_communes_2026.csv"),
        "population": text("insee_population_donnees_communes.csv"),
        "mouvements": text("cog_mouvements_communes.csv"),
    }
    report = load(text("laposte_hexasmal.csv"), **files)
    assert (report["records"], report["used"], report["created"]) == (39_201, 39_201, 35_010)
    assert Ville.objects.get(code_insee="75056").population == 2_103_778
    assert Ville.objects.filter(commune__isnull=False).count() == 45
    again = load(text("laposte_hexasmal.csv"), **files)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 35_010)
