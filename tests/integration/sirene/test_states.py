"""In the register empty means empty, but for what INSEE leaves void: that overwrites nothing."""

from typing import Any

import pytest
from django.core.management import CommandError

from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.identifiers import siren_with_key

from .conftest import A, B, C, Register, establishment, person, unit

VOID_UNIT = dict.fromkeys(
    ("dateCreationUniteLegale", "trancheEffectifsUniteLegale", "denominationUniteLegale", "nicSiegeUniteLegale",
     "categorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale", "nomenclatureActivitePrincipaleUniteLegale",
     "activitePrincipaleNAF25UniteLegale", "etatAdministratifUniteLegale"), "",
)  # fmt: skip
WHO = ("nom", "categorie_juridique", "tranche_effectif", "date_creation", "naf_code", "siret")
WHERE = ("adresse", "code_postal", "ville_nom", "ville_id", "departement")


def row(siren: str = A, *columns: str) -> Any:
    (found,) = Entreprise.objects.filter(siren=siren).values(*columns)
    return found


def test_an_empty_cell_of_the_register_empties_the_column(import_register: Register) -> None:
    import_register([unit()], [establishment()])
    import_register(
        [unit(trancheEffectifsUniteLegale="", dateCreationUniteLegale="")],
        [establishment(numeroVoieEtablissement="", typeVoieEtablissement="", libelleVoieEtablissement="")],
    )
    assert row(A, "tranche_effectif", "date_creation", "adresse") == {
        "tranche_effectif": "", "date_creation": None, "adresse": "",
    }  # fmt: skip


def test_a_masked_fact_says_nothing(import_register: Register) -> None:
    import_register([unit()], [establishment()])
    before = row(A, *WHO, *WHERE, "is_active")
    names = ("dateCreationUniteLegale", "trancheEffectifsUniteLegale", "categorieJuridiqueUniteLegale",
             "nicSiegeUniteLegale")  # fmt: skip
    places = ("codePostalEtablissement", "codeCommuneEtablissement", "libelleCommuneEtablissement")
    report = import_register(
        [unit(**dict.fromkeys(names, "[ND]"))], [establishment(**dict.fromkeys(places, "[ND]"))]
    )
    assert row(A, *WHO, *WHERE, "is_active") == before
    assert report["values_kept_by_column"].keys() >= {"tranche_effectif", "date_creation", "code_postal"}


def test_an_unreadable_or_older_code_keeps_the_one_that_the_register_gave(import_register: Register) -> None:
    import_register([unit(A), unit(B)])
    import_register(
        [
            unit(
                A, activitePrincipaleUniteLegale="52.2B", nomenclatureActivitePrincipaleUniteLegale="NAF1993"
            ),
            unit(B, dateCreationUniteLegale="soon"),
        ]
    )
    assert row(A, "naf_code")["naf_code"] == "62.01Z"
    assert row(B, "date_creation")["date_creation"] is not None


def test_a_purged_unit_keeps_what_was_known_of_it_and_is_ceased(import_register: Register) -> None:
    import_register([unit(A), unit(B)], [establishment(A), establishment(B)])
    before = row(A, *WHO, *WHERE)
    void = VOID_UNIT | {"unitePurgeeUniteLegale": "true"}
    import_register([unit(A, **void), unit(C, **void), unit(B)], (), "--force")
    assert row(A, *WHO, *WHERE) == before
    assert not row(A, "is_active")["is_active"]
    assert row(C, "nom")["nom"] == "[ND]"


def test_a_head_office_that_is_missing_or_rejected_keeps_the_address(import_register: Register) -> None:
    import_register([unit(A), unit(B)], [establishment(A), establishment(B)])
    before = row(A, *WHERE), row(B, *WHERE)
    report = import_register([unit(A), unit(B)], [establishment(B, libelleVoieEtablissement="X" * 600)])
    assert (row(A, *WHERE), row(B, *WHERE)) == before
    assert report["values_kept_by_column"]["adresse"] == 2


def test_a_nomenclature_never_seen_stops_the_import_and_is_named_unless_forced(
    import_register: Register,
) -> None:
    sirens = [siren_with_key(number) for number in range(40_000_000, 40_000_120)]
    import_register([unit(siren) for siren in sirens])
    future = {"activitePrincipaleUniteLegale": "00.99X", "nomenclatureActivitePrincipaleUniteLegale": "NAF2040",
              "activitePrincipaleNAF25UniteLegale": ""}  # fmt: skip
    units = [unit(siren, **future) for siren in sirens]
    with pytest.raises(
        CommandError, match=r"nomenclatureActivitePrincipaleUniteLegale .* 120 of 120 units"
    ) as caught:
        import_register(units)
    assert caught.value.returncode == 1
    import_register(units, (), "--force")
    assert set(Entreprise.objects.values_list("naf_code", flat=True)) == {"62.01Z"}, "not known is not empty"


@pytest.mark.parametrize("purged", ["true", "false"])
def test_nothing_is_kept_of_who_and_where_a_person_is_who_may_no_longer_be_shown(
    import_register: Register, purged: str
) -> None:
    import_register([person()], [establishment(enseigne1Etablissement="CHEZ MARIE")])
    hidden = person(statutDiffusionUniteLegale="P", unitePurgeeUniteLegale=purged, nomUniteLegale="[ND]")
    import_register([hidden])
    assert row(A, "nom", "nom_commercial", "adresse", "latitude", "longitude") == {
        "nom": "[ND]", "nom_commercial": "", "adresse": "", "latitude": None, "longitude": None,
    }  # fmt: skip
