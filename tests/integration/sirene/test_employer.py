"""Category, and whether a company has employees: as the unit says it, else its open establishments."""

import pytest

from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.identifiers import siren_with_key

from .conftest import A, B, C, Register, Row, establishment, person, siret, unit

pytestmark = pytest.mark.django_db
HEAD, SHOP = "true", "false"
EMPLOYER, CATEGORY = "caractereEmployeurUniteLegale", "categorieEntreprise"


def place(siege: str, letter: str, etat: str = "A", number: int = 1, siren: str = A) -> Row:
    return establishment(
        siren,
        number,
        etablissementSiege=siege,
        caractereEmployeurEtablissement=letter,
        etatAdministratifEtablissement=etat,
    )


def stored(siren: str = A) -> tuple[str, bool | None]:
    found: tuple[str, bool | None] = Entreprise.objects.values_list(
        "categorie_entreprise", "est_employeur"
    ).get(siren=siren)
    return found


@pytest.mark.parametrize(
    ("of_unit", "places", "employs"),
    [
        pytest.param("", [place(HEAD, "O")], True, id="its head office"),
        pytest.param("", [place(HEAD, "N"), place(SHOP, "O", number=2)], True, id="another one"),
        pytest.param("", [place(SHOP, "O", number=2), place(HEAD, "")], True, id="another one alone"),
        pytest.param(
            "", [place(SHOP, "O", number=2), place(SHOP, "O", number=3)], True, id="two, and no head"
        ),
        pytest.param("", [place(HEAD, "N"), place(SHOP, "N", number=2)], False, id="none"),
        pytest.param("", [place(HEAD, "O", "F")], False, id="its closed head office"),
        pytest.param(
            "", [place(HEAD, "N"), place(SHOP, "O", "F", 2)], False, id="another one that is closed"
        ),
        pytest.param(
            "", [place(HEAD, ""), place(SHOP, "N", number=2)], None, id="of the head nothing is said"
        ),
        pytest.param("", [place(HEAD, "?")], None, id="a letter that is none"),
        pytest.param("", [], None, id="no establishment"),
        pytest.param("O", [place(HEAD, "N")], True, id="the unit itself, in files before March 2024"),
        pytest.param("N", [place(HEAD, "O")], False, id="the unit itself has none"),
    ],
)
def test_a_company_has_employees_where_an_open_establishment_has(
    import_register: Register, of_unit: str, places: list[Row], employs: bool | None
) -> None:
    import_register([unit(**{EMPLOYER: of_unit, CATEGORY: "ETI"}), unit(B)], places)
    assert stored() == ("ETI", employs)
    assert stored(B) == ("", None)


def test_a_category_that_is_none_is_left_out_and_counted(import_register: Register) -> None:
    report = import_register([unit(A, **{CATEGORY: "TPE"}), unit(B, **{CATEGORY: "GE"})])
    assert (stored(A)[0], stored(B)[0]) == ("", "GE")
    assert report["values_left_out_by_reason"] == {"categorie-entreprise-unknown": 1}


def test_a_directory_of_the_release_before_is_filled_by_the_next_import_and_then_nothing_is_written(
    import_register: Register,
) -> None:
    units = [unit(A, **{CATEGORY: "PME"}), unit(B, **{CATEGORY: "GE"}), person(C)]
    places = [place(HEAD, "O"), place(HEAD, "N", siren=B), place(SHOP, "O", number=2, siren=B)]
    import_register(units, places)
    Entreprise.objects.update(categorie_entreprise="", est_employeur=None)
    promised = import_register(units, places, "--dry-run")
    again = import_register(units, places)
    assert (promised["updated"], again["updated"]) == (2, 2)
    assert (stored(A), stored(B), stored(C)) == (("PME", True), ("GE", True), ("", None))
    again = import_register(units, places)
    assert (again["updated"], again["unchanged"]) == (0, 3)


def test_what_is_masked_or_of_an_office_that_is_missing_keeps_what_was_known(
    import_register: Register,
) -> None:
    units = [unit(A, **{CATEGORY: "PME"}), unit(B, **{CATEGORY: "GE"})]
    import_register(units, [place(HEAD, "O"), place(HEAD, "N", siren=B)])
    masked = [unit(A, **{CATEGORY: "[ND]"}), unit(B, **{CATEGORY: "[ND]"})]
    import_register(masked, [place(HEAD, "[ND]")])
    assert (stored(A), stored(B)) == (("PME", True), ("GE", False))
    import_register([unit(A), unit(B)], [place(HEAD, ""), place(HEAD, "O", siren=B)])
    assert (stored(A), stored(B)) == (("", None), ("", True)), "what is empty is emptied, as in any column"


def test_of_many_companies_each_has_its_own(import_register: Register) -> None:
    sirens = [siren_with_key(number) for number in range(40_000_000, 40_000_300)]
    letters = ["ON"[number % 2] for number in range(len(sirens))]
    units = [unit(siren, **{CATEGORY: ("PME", "ETI", "GE")[n % 3]}) for n, siren in enumerate(sirens)]
    places = [place(HEAD, letters[n], siren=siren) for n, siren in enumerate(sirens)]
    places += [place(SHOP, "O", number=2, siren=siren) for siren in sirens[::5]]
    assert import_register(units, places)["created"] == 300
    expected = {
        siren: (("PME", "ETI", "GE")[n % 3], letters[n] == "O" or n % 5 == 0)
        for n, siren in enumerate(sirens)
    }
    assert {siren: stored(siren) for siren in sirens} == expected
    assert import_register(units, places)["updated"] == 0
    assert Entreprise.objects.get(siren=sirens[0]).siret == siret(sirens[0])


def test_of_a_person_who_is_not_public_both_are_kept_as_the_register_publishes_them(
    import_register: Register,
) -> None:
    import_register([person(statutDiffusionUniteLegale="P", **{CATEGORY: "PME"})], [place(HEAD, "O")])
    assert stored() == ("PME", True)
    assert Entreprise.objects.get().nom == "[ND]"
