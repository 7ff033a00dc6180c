"""A small directory to look at: companies of every kind in three towns."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from foxreviews.enterprise.models import AncienNom, Doublon, Entreprise, Succession
from foxreviews.location.models import Ville

BAKERY = {
    "adresse": "12 RUE DES LILAS", "code_postal": "69003", "ville_nom": "Lyon",
    "ville_id": "69383", "departement": "69", "naf_code": "10.71C", "naf25_code": "10.71H",
    "naf_libelle": "Boulangerie et boulangerie-pâtisserie", "categorie_juridique": "5710",
    "tranche_effectif": "11", "categorie_entreprise": "ETI", "est_employeur": True,
    "date_creation": date(2003, 4, 1), "latitude": 45.76, "longitude": 4.85,
}  # fmt: skip


@pytest.fixture
def towns(db: None) -> None:
    lyon = Ville.objects.create(
        code_insee="69123", nom="Lyon", slug="lyon", departement="69", region="84", population=519_127,
        codes_postaux=["69001", "69003"], latitude=45.75, longitude=4.84,
    )  # fmt: skip
    Ville.objects.create(
        code_insee="69383", nom="Lyon 3e Arrondissement", slug="lyon-3e-arrondissement", departement="69",
        region="84", commune=lyon, codes_postaux=["69003"], latitude=45.753, longitude=4.869,
    )  # fmt: skip
    Ville.objects.create(
        code_insee="44109", nom="Nantes", slug="nantes", departement="44", region="52", population=320_000,
        codes_postaux=["44000"], latitude=47.22, longitude=-1.55, codes_anciens=["44036"],
    )  # fmt: skip


@pytest.fixture
def bakery(towns: None, company: Callable[..., Entreprise], etablissement: Callable[..., Any]) -> Entreprise:
    """A company of which everything is known."""
    made = company("LE FOURNIL DE LYON", nom_commercial="AU BON PAIN", **BAKERY)
    siren = made.siren
    Entreprise.objects.filter(siren=siren).update(siret=f"{siren}00012")
    place = {"code_postal": "69003", "ville_nom": "Lyon", "ville_id": "69383", "departement": "69"}
    etablissement(siren, 12, "AU BON PAIN", est_siege=True, numero_voie="12", type_voie="RUE",
                  libelle_voie="DES LILAS", naf_code="10.71C", **place)  # fmt: skip
    etablissement(siren, 20, "LA MICHE", naf_code="10.71C", **place)
    etablissement(siren, 38, is_active=False, date_fermeture=date(2019, 6, 30), **place)
    AncienNom.objects.create(
        siren=siren,
        nature="denomination",
        nom="LE VIEUX FOUR",
        date_debut=date(2003, 4, 1),
        date_fin=date(2010, 1, 1),
    )
    Succession.objects.create(
        predecesseur="99999999900015", successeur=f"{siren}00012", date=date(2003, 4, 1),
        transfert_siege=False, continuite_economique=True,
    )  # fmt: skip
    Doublon.objects.create(siren="888888880", doublon_de=siren)
    Doublon.objects.create(siren="777777770", doublon_de="666666660")
    return made


@pytest.fixture
def person(towns: None, company: Callable[..., Entreprise]) -> Entreprise:
    """A natural person who is not public."""
    hidden = {"categorie_juridique": "1000", "statut_diffusion": "P"}
    return company("DUPONT MARIE", **BAKERY | hidden)


@pytest.fixture
def scene(
    bakery: Entreprise, person: Entreprise, company: Callable[..., Entreprise], index: Callable[[], None]
) -> Entreprise:
    """The bakery, with others around it and an index of all of them."""
    for number in range(25):
        company(f"BOULANGERIE NUMERO {number:02d}", **BAKERY | {"latitude": None, "longitude": None})
    company("BOULANGERIE DU PASSE", **BAKERY | {"is_active": False})
    company(
        "CREPERIE DU PORT",
        ville_nom="Nantes",
        ville_id="44109",
        code_postal="44000",
        departement="44",
        naf_code="56.10A",
    )
    company("HOLDING DISCRETE", **BAKERY | {"statut_diffusion": "P", "naf_code": "64.20Z", "naf25_code": ""})
    company("SANS RIEN")
    index()
    return bakery
