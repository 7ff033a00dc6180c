"""In the register empty means empty, but for what INSEE leaves void: that overwrites nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError

from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.identifiers import siren_with_key

from .conftest import A, B, C, Register, Row, establishment, person, unit

VOID_UNIT = dict.fromkeys(
    ("dateCreationUniteLegale", "trancheEffectifsUniteLegale", "denominationUniteLegale", "nicSiegeUniteLegale",
     "categorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale", "nomenclatureActivitePrincipaleUniteLegale",
     "activitePrincipaleNAF25UniteLegale", "etatAdministratifUniteLegale"), "",
)  # fmt: skip
WHO = ("nom", "categorie_juridique", "tranche_effectif", "date_creation", "naf_code", "siret")
WHERE = ("adresse", "code_postal", "ville_nom", "ville_id", "departement")

POSITION = {
    "coordonneeLambertAbscisseEtablissement": "648237.3",
    "coordonneeLambertOrdonneeEtablissement": "6862271.7",
}


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


@pytest.mark.parametrize("statut", ["", "X", "o?"])
@pytest.mark.parametrize("of_whom", [person, unit])
def test_a_status_that_is_not_known_hides_nobody_who_is_there_and_whoever_is_new(
    import_register: Register, of_whom: Callable[..., Row], statut: str
) -> None:
    shop = POSITION | {"enseigne1Etablissement": "CHEZ MARIE"}
    import_register([of_whom(A)], [establishment(A, **shop)])
    columns = (*WHO, *WHERE, "statut_diffusion", "nom_commercial", "latitude", "longitude")
    before = row(A, *columns)
    assert before["statut_diffusion"] == "O"
    assert all(before.values())
    status = {"statutDiffusionUniteLegale": statut}
    offices = [establishment(A, **shop), establishment(B, **shop)]
    import_register([of_whom(A, **status), of_whom(B, **status)], offices)
    assert row(A, *columns) == before
    assert row(B, "statut_diffusion", "adresse", "latitude") == {
        "statut_diffusion": "P", "adresse": "", "latitude": None,
    }  # fmt: skip
    assert row(B, "nom")["nom"] == ("[ND]" if of_whom is person else "ACME")
    assert import_register([of_whom(A, **status), of_whom(B, **status)], offices)["updated"] == 0


def test_a_status_that_is_not_known_makes_nobody_public(import_register: Register) -> None:
    import_register([person(statutDiffusionUniteLegale="P")], [establishment()])
    before = row(A, *WHO, *WHERE, "statut_diffusion")
    assert import_register([person(statutDiffusionUniteLegale="")], [establishment()])["updated"] == 0
    assert row(A, *WHO, *WHERE, "statut_diffusion") == before


@pytest.mark.parametrize("statut", ["O", "P"])
def test_an_establishment_whose_status_is_not_known_keeps_the_street_of_a_public_unit_alone(
    import_register: Register, statut: str
) -> None:
    import_register([unit()], [establishment(**POSITION)])
    before = row(A, *WHERE, "latitude", "longitude")
    office = establishment(statutDiffusionEtablissement="", **POSITION)
    import_register([unit(statutDiffusionUniteLegale=statut)], [office])
    hidden = before | {"adresse": "", "latitude": None, "longitude": None}
    assert row(A, *WHERE, "latitude", "longitude") == (before if statut == "O" else hidden)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize("statut", ["P", "N"])
@pytest.mark.parametrize("of_whom", [person, unit])
def test_a_register_that_hides_many_is_refused_unless_forced(
    import_register: Register, of_whom: Callable[..., Row], statut: str, dry: tuple[str, ...]
) -> None:
    sirens = [siren_with_key(number) for number in range(40_000_000, 40_000_120)]
    import_register([of_whom(siren) for siren in sirens])
    units = [of_whom(siren, statutDiffusionUniteLegale=statut) for siren in sirens]
    sentence = (
        "120 public companies .*statut_diffusion.*120 companies are active.*Nothing was merged.*--force"
    )
    with pytest.raises(CommandError, match=sentence) as caught:
        import_register(units, (), *dry)
    assert caught.value.returncode == 1
    public = Entreprise.objects.filter(statut_diffusion="O").exclude(nom="[ND]")
    assert public.count() == 120
    report = import_register(units, (), "--force", *dry)
    assert report["values_emptied_by_column"] == {"statut_diffusion": 120}
    assert public.count() == (120 if dry else 0)


def test_a_register_of_empty_statuses_changes_nobody(import_register: Register) -> None:
    sirens = [siren_with_key(number) for number in range(40_000_000, 40_000_120)]
    import_register([person(siren) for siren in sirens])
    report = import_register([person(siren, statutDiffusionUniteLegale="") for siren in sirens])
    assert (report["updated"], report["values_kept_by_column"]["statut_diffusion"]) == (0, 120)
    assert Entreprise.objects.filter(statut_diffusion="O", nom="MARIE DUPONT").count() == 120


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
