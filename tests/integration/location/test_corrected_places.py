"""A place that staff corrected follows its commune."""

from typing import Any

import pytest

from foxreviews.enterprise import corrections
from foxreviews.enterprise.corrections import Author
from foxreviews.enterprise.models import Correction, Entreprise
from foxreviews.importing.load.moves import move_companies
from foxreviews.location.models import Ville


@pytest.mark.django_db
def test_a_corrected_place_goes_into_the_town_that_has_its_commune_now() -> None:
    town: dict[str, Any] = {"departement": "74", "codes_postaux": ["74600"]}
    Ville.objects.create(code_insee="74268", nom="Seynod", slug="seynod", nom_recherche="SEYNOD", **town)
    Entreprise.objects.create(
        siren="732829320", nom="ACME", code_postal="69001", ville_nom="Lyon", departement="69"
    )
    corrections.correct("732829320", {"code_postal": "74600", "ville_nom": "Seynod"}, Author("marie"))
    Ville.objects.all().delete()
    Ville.objects.create(
        code_insee="74010",
        nom="Annecy",
        slug="annecy",
        nom_recherche="ANNECY",
        codes_anciens=["74268"],
        **town,
    )
    assert move_companies().companies == 1
    values = dict(Correction.objects.values_list("field", "value"))
    assert values == {
        "code_postal": "74600",
        "ville_nom": "Annecy",
        "code_commune": "74010",
        "departement": "74",
    }
