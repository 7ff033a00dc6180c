"""Former names: of who is hidden there is none, whoever writes; the search follows each change."""

from datetime import date

import pytest
from django.db import connection

from foxreviews.enterprise.models import AncienNom, Doublon, Entreprise
from foxreviews.enterprise.successions import doublon_de

pytestmark = pytest.mark.django_db
A, B = "732829320", "552081145"


def add(siren: str, nom: str = "DURAND", **columns: str) -> Entreprise:
    company = Entreprise.objects.create(siren=siren, nom="X", categorie_juridique="1000", **columns)
    AncienNom.objects.bulk_create([AncienNom(siren=siren, nature="nom", nom=nom, date_fin=date(2020, 1, 2))])
    return company


def _noted() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT siren FROM search_change")
        return {row[0] for row in cursor.fetchall()}


def test_who_is_hidden_gets_no_former_name_and_loses_those_there_were() -> None:
    company = add(A)
    add(B, statut_diffusion="P")
    assert [*AncienNom.objects.values_list("siren", "nom")] == [(A, "DURAND")]
    Entreprise.objects.filter(pk=company.pk).update(statut_diffusion="P")
    assert not AncienNom.objects.exists()


@pytest.mark.parametrize("change", [{"nom": "[ND]"}, {"siren": B}])
def test_a_masked_name_or_another_number_takes_them_along(change: dict[str, str]) -> None:
    Entreprise.objects.filter(pk=add(A).pk).update(**change)
    assert not AncienNom.objects.exists()


def test_a_company_of_the_directory_only_has_any_and_takes_them_along() -> None:
    AncienNom.objects.bulk_create([AncienNom(siren=B, nature="nom", nom="X", date_fin=date(2020, 1, 2))])
    add(A).delete()
    assert not AncienNom.objects.exists()


def test_a_change_of_a_former_name_is_noted_for_the_search() -> None:
    add(A)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_change")
    AncienNom.objects.filter(siren=A).update(nom="MARTIN")
    assert _noted() == {A}


def test_doubles_are_followed_to_the_end_but_not_round_in_a_circle() -> None:
    pairs = {"1": "2", "2": "3", "4": "5", "5": "4", "6": "6"}
    Doublon.objects.bulk_create(Doublon(siren=siren, doublon_de=of) for siren, of in pairs.items())
    assert [doublon_de(siren) for siren in "1346"] == ["3", "", "", ""]
