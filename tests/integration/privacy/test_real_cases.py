"""A register and customers' lists made after public reports (../shared/cases), loaded in their order."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from foxreviews.enterprise.models import Entreprise
from foxreviews.search.index.storage import IndexStorage

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = ("13_liste_clients_nd", "13c_liste_P_sans_forme", "13d_forme_en_libelle", "14_annuaire_export_P")
HIDDEN = ("973000078", "973000086", "977000074", "977000082", "975000001", "975000019")
NAMES = ("QUENOUILLARD", "FARFELUZ", "FARFELUX", "BRIMBORION", "TARTEMPION")


@pytest.fixture
def loaded(shared_data: Path, tmp_path: Path, settings: Any) -> None:
    cases = shared_data.parent / "cases"
    if not cases.is_dir():
        pytest.skip("no cases: ../shared/cases is not next to this checkout")
    settings.SEARCH_INDEX_DIR, settings.SEARCH_ENGINE = tmp_path / "search", "tantivy"
    files = {"unites_legales": str(cases / "sirene_ul.csv"), "etablissements": str(cases / "sirene_et.csv")}
    call_command("import_sirene", **files, stdout=StringIO())
    call_command("search_rebuild", stdout=StringIO())
    for name in LISTS:
        call_command("import_entreprises_bulk", str(cases / f"{name}.csv"), stdout=StringIO())
    assert IndexStorage(settings.SEARCH_INDEX_DIR).current()


def test_who_the_register_hides_stays_hidden_after_every_list(loaded: None) -> None:
    client = Client()
    for siren in HIDDEN:
        response = client.get(f"/api/entreprises/{siren}/")
        assert (response.status_code, response.json()["nom"]) == (200, "[ND]")
        assert not any(name in response.content.decode() for name in NAMES)
    assert Entreprise.objects.get(siren="975000001").statut_diffusion == "P"
    for name in NAMES:
        assert client.get("/api/entreprises/", {"q": name}).json()["total"] == 0
        assert not any(
            each["kind"] == "entreprise"
            for each in client.get("/api/suggestions/", {"q": name}).json()["results"]
        )
    assert client.get("/api/entreprises/", {"q": "nd rennes"}).json()["results"] == []


def test_a_company_keeps_its_name_without_a_street_and_one_that_closed_is_ceased(loaded: None) -> None:
    company = Entreprise.objects.get(siren="973000060")
    assert (company.nom, company.adresse, company.latitude) == ("SOCIETE DISCRETE DU NORD", "", None)
    assert not Entreprise.objects.get(siren="975000027").is_active


def test_a_list_may_name_a_partial_company_without_its_form_and_it_keeps_its_name(
    loaded: None, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    header, row = (
        "siren,nom,adresse,code_postal,ville_nom,naf_code,statut_diffusion",
        "973000060,X,1 RUE HAUTE,69003",
    )
    path.write_text(f"{header}\n{row},LYON,10.71C,P\n973000011,Y,1 RUE HAUTE,69003,LYON,10.71C,P\n")
    call_command("import_entreprises_bulk", str(path), stdout=StringIO())
    stored = Entreprise.objects.filter(siren__in=("973000060", "973000011")).values_list(
        "siren", "nom", "adresse", "statut_diffusion"
    )
    assert set(stored) == {
        ("973000060", "SOCIETE DISCRETE DU NORD", "", "P"),
        ("973000011", "FOURNIL DES DEUX PORTES", "", "P"),
    }
