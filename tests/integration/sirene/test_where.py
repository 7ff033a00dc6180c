"""Where a company of the register is: the address and the town of its head office."""

from collections.abc import Callable
from pathlib import Path

import pytest

from foxreviews.enterprise.models import Entreprise

from .conftest import A, B, Register, add_town, establishment, siret, unit

Load = Callable[..., Entreprise]


@pytest.mark.parametrize(
    ("columns", "adresse"),
    [
        ({}, "12 RUE DU PORT"),
        ({"indiceRepetitionEtablissement": "B"}, "12 B RUE DU PORT"),
        (
            {
                "dernierNumeroVoieEtablissement": "16",
                "indiceRepetitionDernierNumeroVoieEtablissement": "B",
            },
            "12 … 16 B RUE DU PORT",
        ),
        ({"dernierNumeroVoieEtablissement": "12"}, "12 RUE DU PORT"),
        ({"numeroVoieEtablissement": "", "dernierNumeroVoieEtablissement": "16"}, "16 RUE DU PORT"),
        ({"typeVoieEtablissement": "AV"}, "12 AVENUE DU PORT"),
        ({"typeVoieEtablissement": "AVENUE"}, "12 AVENUE DU PORT"),
        ({"typeVoieEtablissement": "", "numeroVoieEtablissement": ""}, "DU PORT"),
        (
            {
                "numeroVoieEtablissement": "",
                "typeVoieEtablissement": "LD",
                "libelleVoieEtablissement": "LE BOURG",
            },
            "LIEU DIT LE BOURG",
        ),
        (
            {"complementAdresseEtablissement": "BATIMENT C", "distributionSpecialeEtablissement": "BP 40"},
            "BATIMENT C, 12 RUE DU PORT, BP 40",
        ),
        ({"complementAdresseEtablissement": "[ND]", "numeroVoieEtablissement": "[ND]"}, "RUE DU PORT"),
    ],
)
def test_an_address_reads_as_on_an_envelope(loaded: Load, columns: dict[str, str], adresse: str) -> None:
    assert loaded(unit(), establishment(**columns)).adresse == adresse


def test_other_establishments_are_counted_and_not_kept(import_register: Register) -> None:
    shop = establishment(number=2, etablissementSiege="false", libelleVoieEtablissement="D AILLEURS")
    report = import_register([unit()], [shop, establishment()])
    assert Entreprise.objects.get().adresse == "12 RUE DU PORT"
    assert (report["establishments"]["head_offices"], report["establishments"]["secondary"]) == (1, 1)


def test_a_unit_without_a_head_office_in_the_file_has_its_number_and_no_address(loaded: Load) -> None:
    found = loaded(unit())
    assert found.siret == siret(A)
    assert (found.adresse, found.code_postal, found.ville_nom, found.departement) == ("", "", "", "")
    assert found.ville_id is None


def test_a_head_office_of_no_company_in_the_file_is_counted_and_not_kept(import_register: Register) -> None:
    report = import_register([unit(A)], [establishment(A), establishment(B)])
    assert report["establishments"]["without_unit"] == 1
    assert Entreprise.objects.count() == 1


def test_of_two_head_offices_the_first_counts(import_register: Register) -> None:
    second = establishment(number=2, libelleVoieEtablissement="D AILLEURS")
    report = import_register([unit()], [establishment(), second])
    assert report["establishments"]["duplicates"] == 1
    assert Entreprise.objects.get().adresse == "12 RUE DU PORT"


def test_a_company_in_a_municipal_district_is_in_the_city(loaded: Load) -> None:
    where = {"codePostalEtablissement": "75015", "libelleCommuneEtablissement": "PARIS 15"}
    found = loaded(unit(), establishment(codeCommuneEtablissement="75115", **where))
    assert (found.ville_id, found.ville_nom, found.departement) == ("75115", "Paris", "75")


def test_a_cedex_changes_nothing_about_the_town(loaded: Load) -> None:
    where = {"codePostalEtablissement": "", "codeCedexEtablissement": "42030"}
    found = loaded(unit(), establishment(libelleCedexEtablissement="SAINT ETIENNE CEDEX 2", **where))
    assert (found.code_postal, found.ville_nom, found.ville_id) == ("42030", "Saint-Étienne", "42218")


def test_a_company_overseas_is_in_its_three_digit_departement(loaded: Load) -> None:
    where = {"codePostalEtablissement": "97400", "libelleCommuneEtablissement": "SAINT-DENIS"}
    found = loaded(unit(), establishment(codeCommuneEtablissement="97411", **where))
    assert (found.ville_id, found.ville_nom, found.departement) == ("97411", "Saint-Denis", "974")


ABROAD = {
    "codePostalEtablissement": "10115",
    "libelleCommuneEtablissement": "",
    "codeCommuneEtablissement": "",
    "libelleCommuneEtrangerEtablissement": "BERLIN",
    "codePaysEtrangerEtablissement": "99109",
    "libellePaysEtrangerEtablissement": "ALLEMAGNE",
}


def test_an_address_abroad_names_its_town_and_country_and_no_place_in_france(loaded: Load) -> None:
    found = loaded(unit(), establishment(**ABROAD))
    assert (found.adresse, found.ville_nom) == ("12 RUE DU PORT, ALLEMAGNE", "BERLIN")
    assert (found.code_postal, found.departement, found.ville_id) == ("", "", None)


def test_a_town_abroad_stays_abroad_also_where_the_post_serves_it(import_register: Register) -> None:
    add_town("99138", "Monaco", "MONACO", ["98000"], departement="")
    where = ABROAD | {"libelleCommuneEtrangerEtablissement": "MONACO"}
    import_register([unit()], [establishment(**where)])
    found = Entreprise.objects.get()
    assert (found.ville_nom, found.ville_id) == ("MONACO", None)


def test_a_commune_that_is_not_known_keeps_its_code_and_name(loaded: Load) -> None:
    where = {"codePostalEtablissement": "48000", "libelleCommuneEtablissement": "NULLE PART"}
    found = loaded(unit(), establishment(codeCommuneEtablissement="48999", **where))
    assert (found.ville_id, found.ville_nom, found.departement) == ("48999", "NULLE PART", "48")


def test_without_a_code_the_town_is_found_by_postal_code_and_name(loaded: Load) -> None:
    found = loaded(unit(), establishment(codeCommuneEtablissement=""))
    assert (found.ville_id, found.ville_nom) == ("42218", "Saint-Étienne")


MOVEMENTS = """MOD,DATE_EFF,TYPECOM_AV,COM_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,LIBELLE_AP
32,2026-01-01,COM,02077,Berzy-le-Sec,COM,02564,Bernoy-le-Château
32,2026-01-01,COM,02077,Berzy-le-Sec,COMD,02077,Berzy-le-Sec
"""


def test_a_commune_that_was_merged_since_is_the_one_it_has_become(
    import_register: Register, tmp_path: Path
) -> None:
    add_town("02564", "Bernoy-le-Château", "BERNOY LE CHATEAU", ["02200"])
    add_town("02077", "Berzy-le-Sec", "BERZY LE SEC", ["02200"])  # as the post still has it
    moves = tmp_path / "mouvements.csv"
    moves.write_text(MOVEMENTS)
    where = {"codePostalEtablissement": "02200", "libelleCommuneEtablissement": "BERZY-LE-SEC"}
    office = establishment(codeCommuneEtablissement="02077", **where)
    import_register([unit()], [office], "--mouvements", moves)
    found = Entreprise.objects.get()
    assert (found.ville_id, found.ville_nom, found.departement) == ("02564", "Bernoy-le-Château", "02")
    assert found.adresse == "12 RUE DU PORT, Berzy-le-Sec"


def test_a_former_commune_that_towns_were_loaded_with_needs_no_movements(
    import_register: Register,
) -> None:
    add_town("02564", "Bernoy-le-Château", "BERNOY LE CHATEAU", ["02200"], codes_anciens=["02077"])
    where = {"codePostalEtablissement": "02200", "libelleCommuneEtablissement": "BERZY-LE-SEC"}
    offices = [
        establishment(A, codeCommuneEtablissement="02077", **where),
        establishment(B, codeCommuneEtablissement="02077", statutDiffusionEtablissement="P", **where),
    ]
    import_register([unit(A), unit(B)], offices)
    addresses = dict(Entreprise.objects.filter(ville_id="02564").values_list("siren", "adresse"))
    assert addresses == {A: "12 RUE DU PORT, Berzy-le-Sec", B: ""}
    report = import_register([unit(A), unit(B)], offices)
    assert (report["updated"], report["unchanged"]) == (0, 2)


def test_a_position_in_lambert_93_is_kept_in_degrees(loaded: Load) -> None:
    metres = {
        "coordonneeLambertAbscisseEtablissement": "648237.3",
        "coordonneeLambertOrdonneeEtablissement": "6862271.7",
    }
    found = loaded(unit(), establishment(**metres))
    assert (found.latitude, found.longitude) == pytest.approx((48.8584, 2.2945), abs=1e-5)


@pytest.mark.parametrize(
    "columns",
    [
        {"coordonneeLambertAbscisseEtablissement": "[ND]", "coordonneeLambertOrdonneeEtablissement": "[ND]"},
        {"coordonneeLambertAbscisseEtablissement": "648237.3"},
        {
            "coordonneeLambertAbscisseEtablissement": "338000.0",
            "coordonneeLambertOrdonneeEtablissement": "7690000.0",
            "codeCommuneEtablissement": "97411",
        },
    ],
)
def test_a_position_that_is_masked_halved_or_in_another_projection_is_none(
    loaded: Load, columns: dict[str, str]
) -> None:
    found = loaded(unit(), establishment(**columns))
    assert (found.latitude, found.longitude) == (None, None)
