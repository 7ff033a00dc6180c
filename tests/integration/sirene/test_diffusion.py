"""Who asked INSEE not to be public: what is stored of them, and that nothing of it is shown or found."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foxreviews.enterprise.models import Entreprise

from .conftest import A, Register, establishment, person, unit

Load = Callable[..., Entreprise]

# As if INSEE had forgotten to mask them.
WHO = {
    "prenom1UniteLegale": "JEANNE",
    "prenomUsuelUniteLegale": "JEANNE",
    "nomUniteLegale": "MYSTERE",
    "nomUsageUniteLegale": "SECRETE",
    "pseudonymeUniteLegale": "MASQUE",
    "denominationUsuelle1UniteLegale": "CHEZ MYSTERE",
    "sigleUniteLegale": "JM",
}
WHERE = {
    "complementAdresseEtablissement": "CHEZ MYSTERE",
    "libelleVoieEtablissement": "DES MYSTERES",
    "enseigne1Etablissement": "MYSTERES",
    "denominationUsuelleEtablissement": "MYSTERE ET FILS",
    "coordonneeLambertAbscisseEtablissement": "648237.3",
    "coordonneeLambertOrdonneeEtablissement": "6862271.7",
}


def stored(found: Entreprise) -> str:
    return " ".join(str(getattr(found, field.attname)) for field in Entreprise._meta.concrete_fields)


@pytest.mark.parametrize("statut", ["P", "N"])
@pytest.mark.parametrize("legal_form", ["1000", "[ND]", ""])
@pytest.mark.parametrize("of_establishment", ["P", "O"])
def test_nothing_that_tells_who_and_in_which_street_is_stored(
    loaded: Load, statut: str, legal_form: str, of_establishment: str
) -> None:
    columns = WHO | {"statutDiffusionUniteLegale": statut, "categorieJuridiqueUniteLegale": legal_form}
    found = loaded(person(**columns), establishment(statutDiffusionEtablissement=of_establishment, **WHERE))
    assert (found.nom, found.nom_commercial, found.adresse) == ("[ND]", "", "")
    assert (found.latitude, found.longitude) == (None, None)
    assert not any(secret in stored(found) for secret in ("JEANNE", "MYSTERE", "SECRETE", "MASQUE", "JM"))


def test_the_town_and_the_trade_of_a_partly_public_person_are_kept(loaded: Load) -> None:
    found = loaded(person(statutDiffusionUniteLegale="P"), establishment(statutDiffusionEtablissement="P"))
    assert (found.ville_id, found.ville_nom, found.departement) == ("42218", "Saint-Étienne", "42")
    assert (found.naf_code, found.statut_diffusion) == ("62.01Z", "P")


def test_the_api_shows_masks_and_finds_the_person_by_siren_alone(loaded: Load, client: Client) -> None:
    loaded(person(statutDiffusionUniteLegale="P", **WHO), establishment(**WHERE))
    shown = client.get(f"/api/entreprises/{A}/").json()
    assert (shown["nom"], shown["adresse"], shown["latitude"]) == ("[ND]", "[ND]", None)
    for q in ("jeanne", "mystere", "chez mystere", "[ND]"):
        assert client.get("/api/entreprises/", {"q": q}).json()["results"] == []


def test_a_partly_public_legal_person_keeps_its_name(loaded: Load) -> None:
    masked = dict.fromkeys(("numeroVoieEtablissement", "libelleVoieEtablissement"), "[ND]")
    found = loaded(
        unit(statutDiffusionUniteLegale="P"), establishment(statutDiffusionEtablissement="P", **masked)
    )
    assert (found.nom, found.adresse, found.statut_diffusion) == ("ACME", "", "P")


def test_a_legal_person_whose_name_is_masked_is_stored_as_masked(loaded: Load) -> None:
    assert loaded(unit(statutDiffusionUniteLegale="P", denominationUniteLegale="[ND]")).nom == "[ND]"


def test_an_establishment_that_is_not_public_has_no_street_whatever_its_owner(loaded: Load) -> None:
    found = loaded(unit(), establishment(statutDiffusionEtablissement="P"))
    assert (found.nom, found.adresse, found.ville_nom) == ("ACME", "", "Saint-Étienne")


def test_a_person_who_is_no_longer_public_loses_what_was_shown_before(import_register: Register) -> None:
    import_register([person()], [establishment()])
    assert Entreprise.objects.get().nom == "MARIE DUPONT"
    report = import_register([person(statutDiffusionUniteLegale="P")], [establishment()])
    found: Any = Entreprise.objects.get()
    assert (report["updated"], found.nom, found.adresse) == (1, "[ND]", "")
