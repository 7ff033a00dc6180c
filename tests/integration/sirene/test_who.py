"""What a company of the register is called, does and is."""

import datetime as dt
from collections.abc import Callable

import pytest

from foxreviews.enterprise.models import Entreprise

from .conftest import A, Register, establishment, person, siret, unit

Load = Callable[..., Entreprise]


def test_a_legal_unit_and_its_head_office_make_one_company(loaded: Load) -> None:
    found = loaded(unit(), establishment())
    assert (found.siren, found.siret, found.nom, found.nom_commercial) == (A, siret(A), "ACME", "")
    assert (found.naf_code, found.naf_libelle) == ("62.01Z", "Programmation informatique")
    assert found.naf25_code == "62.10Y"
    assert (found.categorie_juridique, found.tranche_effectif) == ("5710", "11")
    assert (found.date_creation, found.is_active, found.statut_diffusion) == (dt.date(2012, 3, 4), True, "O")
    assert found.adresse == "12 RUE DU PORT"
    assert (found.code_postal, found.ville_nom, found.departement) == ("42000", "Saint-Étienne", "42")
    assert found.ville_id == "42218"


@pytest.mark.parametrize(
    ("columns", "nom"),
    [
        ({}, "MARIE DUPONT"),
        ({"prenomUsuelUniteLegale": "LOUISE"}, "LOUISE DUPONT"),
        ({"prenomUsuelUniteLegale": ""}, "MARIE DUPONT"),
        ({"nomUsageUniteLegale": "MARTIN"}, "MARIE MARTIN"),
        ({"prenomUsuelUniteLegale": "", "prenom1UniteLegale": ""}, "DUPONT"),
        ({"pseudonymeUniteLegale": "LA MOUETTE"}, "MARIE DUPONT"),
        (
            {
                "prenomUsuelUniteLegale": "",
                "prenom1UniteLegale": "[ND]",
                "nomUniteLegale": "[ND]",
                "pseudonymeUniteLegale": "LA MOUETTE",
            },
            "LA MOUETTE",
        ),
    ],
)
def test_a_natural_person_is_called_by_the_names_in_use(
    loaded: Load, columns: dict[str, str], nom: str
) -> None:
    assert loaded(person(**columns)).nom == nom


@pytest.mark.parametrize(
    ("columns", "nom"),
    [
        ({"nomUniteLegale": "DUPONT", "prenom1UniteLegale": "MARIE"}, "ACME"),
        ({"denominationUniteLegale": "", "denominationUsuelle1UniteLegale": "CHEZ ACME"}, "CHEZ ACME"),
        ({"denominationUniteLegale": "[ND]", "sigleUniteLegale": "A.C.M.E."}, "A.C.M.E."),
    ],
)
def test_a_legal_person_is_called_by_its_own_name_else_by_what_it_has(
    loaded: Load, columns: dict[str, str], nom: str
) -> None:
    assert loaded(unit(**columns)).nom == nom


SIGNS = {
    "enseigne1Etablissement": "AU PORT",
    "enseigne2Etablissement": "LE BAR",
    "enseigne3Etablissement": "LE QUAI",
    "denominationUsuelleEtablissement": "CAFE DU PORT",
}
USUAL = {
    "denominationUsuelle1UniteLegale": "ACME UN",
    "denominationUsuelle2UniteLegale": "ACME DEUX",
    "denominationUsuelle3UniteLegale": "ACME TROIS",
    "sigleUniteLegale": "AC",
}


def without(columns: dict[str, str], count: int) -> dict[str, str]:
    """The same columns, the first ones empty or masked."""
    return {
        name: value if number >= count else ("", "[ND]")[number % 2]
        for number, (name, value) in enumerate(columns.items())
    }


@pytest.mark.parametrize("count", range(5))
def test_the_sign_of_the_head_office_is_the_commercial_name_else_its_usual_name(
    loaded: Load, count: int
) -> None:
    found = loaded(unit(**USUAL), establishment(**without(SIGNS, count)))
    assert found.nom_commercial == [*SIGNS.values(), "ACME UN"][count]


@pytest.mark.parametrize("count", range(5))
def test_without_a_sign_it_is_a_usual_name_of_the_unit_else_its_initials(loaded: Load, count: int) -> None:
    assert loaded(unit(**without(USUAL, count))).nom_commercial == [*USUAL.values(), ""][count]


def test_a_sign_that_says_the_name_again_is_passed_over(loaded: Load) -> None:
    found = loaded(unit(sigleUniteLegale="AC"), establishment(enseigne1Etablissement="ACME"))
    assert found.nom_commercial == "AC"


def test_a_unit_that_has_ceased_is_inactive(loaded: Load) -> None:
    assert not loaded(unit(etatAdministratifUniteLegale="C")).is_active


@pytest.mark.parametrize(("state", "name", "nom"), [("C", "ACME", "ACME"), ("", "", "[ND]")])
def test_a_purged_unit_is_kept_inactive_also_where_its_name_has_gone(
    loaded: Load, state: str, name: str, nom: str
) -> None:
    found = loaded(
        unit(
            unitePurgeeUniteLegale="true",
            etatAdministratifUniteLegale=state,
            denominationUniteLegale=name,
        )
    )
    assert (found.nom, found.is_active) == (nom, False)


def test_a_public_unit_without_any_name_is_rejected(import_register: Register) -> None:
    report = import_register([unit(denominationUniteLegale="[ND]")])
    assert report["rejects_by_reason"] == {"nom-missing": 1}
    assert not Entreprise.objects.exists()


@pytest.mark.parametrize("nomenclature", ["NAFRev1", "NAF1993", "NAP", ""])
def test_an_older_nomenclature_is_not_shown_as_naf_rev_2(
    import_register: Register, nomenclature: str
) -> None:
    report = import_register(
        [
            unit(
                activitePrincipaleUniteLegale="72.2A",
                nomenclatureActivitePrincipaleUniteLegale=nomenclature,
                activitePrincipaleNAF25UniteLegale="",
            )
        ]
    )
    found = Entreprise.objects.get()
    assert (found.naf_code, found.naf_libelle, found.naf25_code) == ("", "", "")
    assert report["values_left_out_by_reason"] == {"naf-of-an-older-nomenclature": 1}


def test_both_nomenclatures_of_today_are_kept_with_their_dot(loaded: Load) -> None:
    found = loaded(unit(activitePrincipaleUniteLegale="6201Z", activitePrincipaleNAF25UniteLegale="6210Y"))
    assert (found.naf_code, found.naf25_code) == ("62.01Z", "62.10Y")


def test_a_code_of_naf_2025_that_is_none_is_left_out_and_counted(import_register: Register) -> None:
    report = import_register([unit(activitePrincipaleNAF25UniteLegale="MUSIQUE")])
    assert Entreprise.objects.get().naf25_code == ""
    assert report["values_left_out_by_reason"] == {"naf25-code-malformed": 1}
