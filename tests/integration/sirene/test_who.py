"""What a company of the register is called, does and is."""

import datetime as dt
from collections.abc import Callable

import pytest

from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.names import names

from .conftest import A, B, C, Register, establishment, person, siret, unit

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


def test_every_other_name_is_kept_with_its_kind(loaded: Load) -> None:
    found = loaded(unit(pseudonymeUniteLegale="FOX", **USUAL), establishment(**SIGNS))
    assert [*map(tuple, names(vars(found)))] == [
        ("ACME", "nom"),
        ("AU PORT", "enseigne"),
        ("LE BAR", "enseigne"),
        ("LE QUAI", "enseigne"),
        ("CAFE DU PORT", "denomination_usuelle"),
        ("AC", "sigle"),
        ("FOX", "pseudonyme"),
        ("ACME UN", "denomination_usuelle"),
        ("ACME DEUX", "denomination_usuelle"),
        ("ACME TROIS", "denomination_usuelle"),
    ]


@pytest.mark.parametrize(
    ("columns", "autres_noms"),
    [
        ({"nomUsageUniteLegale": "MARTIN"}, "nom_naissance:MARIE DUPONT"),
        (
            {"nomUsageUniteLegale": "MARTIN", "pseudonymeUniteLegale": "FOX"},
            "pseudonyme:FOX\tnom_naissance:MARIE DUPONT",
        ),
        ({"nomUsageUniteLegale": "MARTIN", "nomUniteLegale": "[ND]"}, ""),
        ({"nomUsageUniteLegale": "MARTIN", "statutDiffusionUniteLegale": "P"}, ""),
        ({}, ""),
    ],
)
def test_a_person_is_known_by_the_birth_name_where_it_is_public(
    loaded: Load, columns: dict[str, str], autres_noms: str
) -> None:
    assert loaded(person(**columns)).autres_noms == autres_noms


def test_a_name_that_is_masked_says_nothing_and_one_that_has_gone_goes(import_register: Register) -> None:
    def loaded_as(**signs: str) -> str:
        import_register([unit()], [establishment(**signs)], "--force")
        return Entreprise.objects.get().autres_noms

    assert loaded_as(enseigne1Etablissement="AU PORT") == "enseigne:AU PORT"
    assert loaded_as(enseigne1Etablissement="[ND]") == "enseigne:AU PORT"
    assert loaded_as(enseigne1Etablissement="") == ""


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
    report = import_register(
        [unit(activitePrincipaleUniteLegale="56.10C", activitePrincipaleNAF25UniteLegale="MUSIQUE")]
    )
    assert Entreprise.objects.get().naf25_code == ""
    assert report["values_left_out_by_reason"] == {"naf25-code-malformed": 1}


@pytest.mark.parametrize("nomenclature", ["NAFRev2", "NAF2025", "NAFRev3", "naf 2025", ""])
@pytest.mark.parametrize("newer", ["62.10Y", ""])
def test_a_code_of_naf_2025_in_the_main_column_is_one_whatever_the_file_calls_it(
    loaded: Load, nomenclature: str, newer: str
) -> None:
    found = loaded(
        unit(
            activitePrincipaleUniteLegale="62.10Y",
            nomenclatureActivitePrincipaleUniteLegale=nomenclature,
            activitePrincipaleNAF25UniteLegale=newer,
        )
    )
    assert (found.naf_code, found.naf25_code, found.naf_derived) == ("62.01Z", "62.10Y", "naf_code")
    assert found.naf_libelle == "Programmation informatique"
    assert found.naf25_libelle == "Activités de programmation informatique"


def test_a_code_of_rev_2_is_one_whatever_the_file_calls_it(loaded: Load) -> None:
    found = loaded(unit(nomenclatureActivitePrincipaleUniteLegale="NAF rév. 2 (2008)"))
    assert (found.naf_code, found.naf25_code, found.naf_derived) == ("62.01Z", "62.10Y", "")


@pytest.mark.parametrize("nomenclature", ["NAFRev1", "NAF1993", "NAP", "NAF rév. 1"])
def test_the_code_of_an_older_nomenclature_that_is_spelt_like_one_of_rev_2_is_left_out(
    import_register: Register, nomenclature: str
) -> None:
    row = unit(nomenclatureActivitePrincipaleUniteLegale=nomenclature, activitePrincipaleNAF25UniteLegale="")
    report = import_register([row])
    assert Entreprise.objects.get().naf_code == ""
    assert report["values_left_out_by_reason"] == {"naf-of-an-older-nomenclature": 1}


def test_codes_that_no_nomenclature_has_are_counted_where_the_file_names_an_unknown_one(
    import_register: Register,
) -> None:
    rows = [
        unit(siren, activitePrincipaleUniteLegale="99.98X", nomenclatureActivitePrincipaleUniteLegale=name,
             activitePrincipaleNAF25UniteLegale="")
        for siren, name in ((A, "NAFRev3"), (B, "NAFRev2"), (C, "NAF2025"))
    ]  # fmt: skip
    report = import_register(rows)
    found = {row.siren: (row.naf_code, row.naf25_code) for row in Entreprise.objects.all()}
    assert found == {A: ("", ""), B: ("99.98X", ""), C: ("", "99.98X")}
    assert report["values_left_out_by_reason"] == {"naf-nomenclature-unknown": 1}


def test_an_activity_that_cannot_be_read_empties_none_and_an_empty_one_does(loaded: Load) -> None:
    loaded(unit())
    older = {"nomenclatureActivitePrincipaleUniteLegale": "NAF1993", "activitePrincipaleNAF25UniteLegale": ""}
    found = loaded(unit(activitePrincipaleUniteLegale="72.2A", **older))
    assert (found.naf_code, found.naf25_code, found.naf_derived) == ("62.01Z", "62.10Y", "")
    empty = {"activitePrincipaleUniteLegale": "", "activitePrincipaleNAF25UniteLegale": ""}
    found = loaded(unit(**empty))
    assert (found.naf_code, found.naf25_code, found.naf25_libelle) == ("", "", "")
