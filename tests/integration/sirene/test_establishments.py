"""Establishments beside their companies: loaded from both files, hidden by the one rule, served."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from foxreviews.demo.generator.sirene import stock
from foxreviews.enterprise.models import AncienNom, Doublon, Entreprise, Etablissement, Succession
from foxreviews.importing.load import etablissements as loading
from foxreviews.reference.lambert import from_degrees

from .conftest import A, B, Register, Row, establishment, person, siret, unit

pytestmark = pytest.mark.django_db


def shop(siren: str = A, number: int = 2, **columns: Any) -> Row:
    return establishment(
        siren,
        number,
        **{
            "etablissementSiege": "false",
            "enseigne1Etablissement": "CHEZ FOX",
            "activitePrincipaleEtablissement": "56.10A",
            "nomenclatureActivitePrincipaleEtablissement": "NAFRev2",
            "caractereEmployeurEtablissement": "O",
            "dateCreationEtablissement": "2020-02-03",
            "dateDebut": "2021-05-06",
        }
        | columns,
    )


def get(address: str, **params: object) -> Any:
    answer = Client().get(address, params)
    assert answer.status_code == 200, answer.content
    return answer.json()


def _versions() -> dict[str, str]:
    """The version of each row, which any write changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT siret, ctid::text FROM enterprise_etablissement")
        return dict(cursor.fetchall())


def sirets(address: str = "/api/etablissements/", **params: object) -> list[str]:
    return [row["siret"] for row in get(address, **params)["results"]]


def test_each_establishment_of_a_loaded_company_is_a_row(import_register: Register) -> None:
    report = import_register([unit()], [establishment(), shop(), shop(B)])["establishments"]
    assert (report["head_offices"], report["secondary"], report["without_unit"]) == (1, 1, 1)
    assert (report["created"], report["updated"], report["unchanged"]) == (2, 0, 0)
    found = Etablissement.objects.get(siret=siret(A, 2))
    assert (found.siren, found.est_siege, found.nom_commercial) == (A, False, "CHEZ FOX")
    assert (found.numero_voie, found.type_voie, found.libelle_voie) == ("12", "RUE", "DU PORT")
    assert (found.ville_id, found.ville_nom, found.departement) == ("42218", "Saint-Étienne", "42")
    assert (found.naf_code, found.est_employeur, str(found.date_creation)) == ("56.10A", True, "2020-02-03")
    assert (found.is_active, found.date_fermeture) == (True, None)


def test_a_closed_one_says_since_when_and_is_shown_as_open_nowhere(import_register: Register) -> None:
    closed = shop(etatAdministratifEtablissement="F")
    import_register([unit()], [establishment(), closed])
    shown = get(f"/api/etablissements/{siret(A, 2)}/")
    assert (shown["is_active"], shown["date_fermeture"]) == (False, "2021-05-06")
    assert sirets(is_active="true") == [siret(A)]


def test_the_same_month_again_writes_nothing_and_a_change_its_row_alone(import_register: Register) -> None:
    rows = [establishment(), shop()]
    import_register([unit()], rows)
    before = _versions()
    assert import_register([unit()], rows)["establishments"]["unchanged"] == 2
    assert _versions() == before
    report = import_register([unit()], [establishment(), shop(enseigne1Etablissement="CHEZ VIXEN")])
    assert (report["establishments"]["updated"], report["establishments"]["unchanged"]) == (1, 1)
    assert _versions()[siret(A)] == before[siret(A)] != _versions()[siret(A, 2)]


@pytest.mark.django_db(transaction=True)
def test_a_first_load_builds_the_indexes_again(import_register: Register, monkeypatch: Any) -> None:
    monkeypatch.setattr(loading, "FIRST_LOAD_ROWS", 1)
    import_register([unit()], [establishment(), shop()])
    assert Etablissement.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'enterprise_etablissement'")
        names = {row[0] for row in cursor.fetchall()}
    assert names == {index.name for index in Etablissement._meta.indexes} | {"enterprise_etablissement_pkey"}


def test_of_two_records_with_one_siret_the_first_counts(import_register: Register) -> None:
    report = import_register([unit()], [establishment(), shop(), shop(enseigne1Etablissement="AGAIN")])
    assert report["establishments"]["duplicates"] == 1
    assert Etablissement.objects.get(siret=siret(A, 2)).nom_commercial == "CHEZ FOX"


def test_a_dry_run_counts_and_writes_nothing(import_register: Register) -> None:
    report = import_register([unit()], [establishment(), shop()], "--dry-run")
    assert report["establishments"]["created"] == 2
    assert not Etablissement.objects.exists()


def test_a_mask_overwrites_nothing_of_a_public_one(import_register: Register) -> None:
    import_register([unit()], [establishment(), shop()])
    import_register([unit()], [establishment(), shop(enseigne1Etablissement="[ND]")])
    assert Etablissement.objects.get(siret=siret(A, 2)).nom_commercial == "CHEZ FOX"


@pytest.mark.parametrize("status", ["P", "O"])
def test_of_a_hidden_person_no_establishment_tells_name_or_street(
    import_register: Register, status: str
) -> None:
    """Whether or not the establishment is marked itself."""
    hidden = person(statutDiffusionUniteLegale="P")
    import_register([hidden], [establishment(), shop(statutDiffusionEtablissement=status)])
    row = Etablissement.objects.filter(siret=siret(A, 2)).values().get()
    assert row["statut_diffusion"] == "P"
    assert "FOX" not in str(row)
    assert "PORT" not in str(row)
    assert row["latitude"] is None
    answer = str(get("/api/etablissements/")) + str(get(f"/api/entreprises/{A}/etablissements/"))
    assert "FOX" not in answer
    assert "PORT" not in answer
    assert "DUPONT" not in answer


@pytest.mark.django_db(transaction=True)  # the register says so in its transaction
def test_who_is_hidden_by_any_other_way_has_no_public_establishment(import_register: Register) -> None:
    import_register([person()], [establishment(), shop()])
    Entreprise.objects.update(statut_diffusion="P")
    assert set(Etablissement.objects.values_list("statut_diffusion", "nom_commercial", "libelle_voie")) == {
        ("P", "", "")
    }
    Etablissement.objects.update(statut_diffusion="O", nom_commercial="CHEZ FOX")
    assert not Etablissement.objects.filter(statut_diffusion="O").exists()
    import_register([person()], [establishment(), shop()])  # the register alone lifts it
    assert Etablissement.objects.get(siret=siret(A, 2)).nom_commercial == "CHEZ FOX"


def test_a_company_goes_with_its_establishments(import_register: Register) -> None:
    import_register([unit(), unit(B)], [establishment(), shop(), shop(B)])
    Entreprise.objects.filter(siren=A).delete()
    assert list(Etablissement.objects.values_list("siren", flat=True)) == [B]


def test_lists_are_filtered_and_walked_to_their_end_both_ways(import_register: Register) -> None:
    import_register([unit(), unit(B)], [establishment(), *(shop(number=n) for n in range(2, 8)), shop(B, 1)])
    assert sirets(siren=A, page_size=100) == sorted(siret(A, n) for n in range(1, 8))
    assert sirets(f"/api/entreprises/{A}/etablissements/", est_siege="true") == [siret(A)]
    assert sirets(naf="56", departement="42", ville="42218", code_postal="42000", siren=B) == [siret(B)]
    walked, address = [], "/api/etablissements/?page_size=3"
    while address:
        page = Client().get(address).json()
        walked += [row["siret"] for row in page["results"]]
        last, address = page, page["next"]
    assert walked == sorted(walked)
    assert len(set(walked)) == 8
    back = Client().get(last["previous"]).json()["results"]
    assert [row["siret"] for row in back] == walked[-5:-2]


def test_what_is_near_comes_by_distance_page_after_page(import_register: Register) -> None:
    def at(number: int, latitude: float) -> Row:
        east, north = from_degrees(latitude, 4.39)
        names = ("coordonneeLambertAbscisseEtablissement", "coordonneeLambertOrdonneeEtablissement")
        return shop(number=number, **dict(zip(names, (str(east), str(north)), strict=True)))

    places = [45.44 + 0.01 * n for n in (5, 1, 3, 2, 4, 0)]
    import_register([unit()], [at(number, latitude) for number, latitude in enumerate(places, 2)])
    by_distance = [siret(A, 2 + place) for place in (5, 1, 3, 2, 4, 0)]
    asked = {"near": "45.44,4.39", "ordering": "distance", "page_size": 2, "radius_km": 6}
    first = get("/api/etablissements/", **asked)
    second = Client().get(first["next"]).json()
    third = Client().get(second["next"]).json()
    assert [row["siret"] for page in (first, second, third) for row in page["results"]] == by_distance
    assert third["next"] is None
    assert Client().get(third["previous"]).json()["results"] == second["results"]
    assert [round(row["distance_km"], 1) for row in second["results"]] == [2.2, 3.3]
    assert sorted(sirets(near="45.44,4.39", radius_km=2.5)) == sorted(by_distance[:3])


@pytest.mark.parametrize(
    "query", ["near=91,2", "near=paris", "radius_km=5", "near=48,2&radius_km=500", "ordering=distance"]
)
def test_a_wrong_point_or_radius_is_refused(db: None, query: str) -> None:
    assert Client().get(f"/api/etablissements/?{query}").status_code == 400


def test_an_unknown_number_is_not_found(db: None) -> None:
    for address in (f"/api/etablissements/{siret(A)}/", f"/api/entreprises/{A}/etablissements/"):
        assert Client().get(address).status_code == 404


def test_generated_files_of_a_register_are_loaded_whole(tmp_path: Path, towns: None, settings: Any) -> None:
    settings.LOG_DIR = tmp_path / "logs"
    call_command("generate_entreprises", str(tmp_path), "--format", "sirene", "--rows", "600", "--parquet")
    files = {name: str(tmp_path / f"{name}.parquet") for name in stock.SCHEMAS}
    flags = ("--unites-legales", "--etablissements", "--successions", "--doublons", "--historique")
    arguments = [each for pair in zip(flags, files.values(), strict=True) for each in pair]
    call_command("import_sirene", *arguments, "--report", str(tmp_path / "report.json"))
    rows = {name: pl.read_parquet(file) for name, file in files.items()}
    units, places = rows[stock.LEGAL_UNITS], rows[stock.ESTABLISHMENTS]
    assert Entreprise.objects.count() == units.height
    assert set(Etablissement.objects.values_list("siret", flat=True)) == set(places["siret"])
    assert Etablissement.objects.filter(est_siege=False).exists()
    assert Succession.objects.count() == rows[stock.SUCCESSIONS].height
    assert Succession.objects.filter(transfert_siege=True).exists()
    assert Doublon.objects.count() == rows[stock.DOUBLES].height
    assert AncienNom.objects.exists()
    links = json.loads((tmp_path / "report.json").read_text())["links"]
    assert [counts["rejects_by_reason"] for counts in links.values()] == [{}, {}, {}]
    assert links["historique"]["records"] == rows[stock.HISTORY].height


def test_an_import_that_changes_some_has_them_counted(import_register: Register) -> None:
    import_register([unit()], [establishment(), shop()])
    first = get("/api/statistiques/")["etablissements"]
    assert first["total"] == 2
    import_register([unit()], [establishment(), shop()])
    assert get("/api/statistiques/")["etablissements"] == first
    import_register([unit()], [establishment(), shop(), shop(number=3)])
    assert get("/api/statistiques/")["etablissements"]["total"] == 3


def test_an_import_that_was_killed_before_it_counted_has_the_next_one_count(
    import_register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_register([unit()], [establishment()])
    with monkeypatch.context() as killed:
        killed.setattr("foxreviews.enterprise.comptages.refresh", lambda: None)
        import_register([unit()], [establishment(), shop()])
    assert get("/api/statistiques/")["etablissements"]["total"] == 1
    import_register([unit()], [establishment(), shop()])
    assert get("/api/statistiques/")["etablissements"]["total"] == 2
