"""What staff corrected survives an import of the register, per column, and ends where the register says the same."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from foxreviews.enterprise import corrections
from foxreviews.enterprise.corrections import Author
from foxreviews.enterprise.models import Correction, Entreprise, Etablissement, Modification

from .conftest import A, B, C, D, Register, establishment, person, siret, unit

BY = Author("marie", "Letter")


def company(siren: str = A) -> dict[str, Any]:
    return dict(Entreprise.objects.values().get(siren=siren))


def versions() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid, ctid::text, xmin::text FROM enterprise_entreprise UNION ALL "
            "SELECT tableoid, ctid::text, xmin::text FROM enterprise_etablissement ORDER BY 1, 2"
        )
        return list(cursor.fetchall())


def test_the_next_month_writes_what_nobody_corrected(import_register: Register) -> None:
    import_register([unit(), unit(B)], [establishment(), establishment(B)])
    corrections.correct(A, {"nom": "ACME SAS", "naf_code": "10.71C", "latitude": 45.5, "longitude": 4.5}, BY)
    report = import_register(
        [unit(trancheEffectifsUniteLegale="12"), unit(B)], [establishment(), establishment(B)]
    )
    row = company()
    assert (row["nom"], row["naf_code"], row["latitude"], row["tranche_effectif"]) == (
        "ACME SAS",
        "10.71C",
        45.5,
        "12",
    )
    assert (report["updated"], report["unchanged"]) == (1, 1)
    assert report["corrections_kept_by_column"].keys() >= {"nom", "naf_code", "latitude", "longitude"}
    assert report["corrected_companies"] == 1
    before = versions()
    again = import_register(
        [unit(trancheEffectifsUniteLegale="12"), unit(B)], [establishment(), establishment(B)]
    )
    assert (again["updated"], again["unchanged"]) == (0, 2)
    assert versions() == before


def test_what_the_register_says_itself_is_closed_and_follows_it(import_register: Register) -> None:
    import_register([unit()], [establishment()])
    corrections.correct(A, {"nom": "ACME SAS", "is_active": False}, BY)
    said = unit(denominationUniteLegale="ACME SAS")
    assert import_register([said], [establishment()], "--dry-run")["corrections_closed_by_column"] == {
        "nom": 1
    }
    report = import_register([said], [establishment()])
    assert report["corrections_closed_by_column"] == {"nom": 1}
    assert report["corrections_kept_by_column"] == {"is_active": 1}
    assert Modification.objects.get(action="confirmed").author == f"import {report['run_id']}"
    import_register([unit(denominationUniteLegale="ACME HOLDING")], [establishment()])
    assert (company()["nom"], company()["is_active"]) == ("ACME HOLDING", False)


def test_what_the_register_lacks_is_a_word_of_it(import_register: Register) -> None:
    import_register([unit()], [establishment()])
    corrections.correct(A, {"tranche_effectif": ""}, BY)
    assert import_register([unit()], [establishment()])["corrections_kept_by_column"] == {
        "tranche_effectif": 1
    }
    closed = import_register([unit(trancheEffectifsUniteLegale="")], [establishment()])
    assert closed["corrections_closed_by_column"] == {"tranche_effectif": 1}


def test_whom_the_register_hides_keeps_no_correction_of_what_is_withheld(import_register: Register) -> None:
    import_register([person()], [establishment()])
    corrections.correct(A, {"nom": "MARIE DURAND", "adresse": "2 RUE DU PORT", "tranche_effectif": "12"}, BY)
    hidden = person(
        statutDiffusionUniteLegale="P",
        prenom1UniteLegale="[ND]",
        prenomUsuelUniteLegale="[ND]",
        nomUniteLegale="[ND]",
    )
    for _ in range(2):
        report = import_register([hidden], [establishment(statutDiffusionEtablissement="P")])
        assert (company()["nom"], company()["adresse"]) == ("[ND]", "")
        assert report["corrections_kept_by_column"] == {"tranche_effectif": 1}
        assert "DURAND" not in str([*Correction.objects.values(), *Modification.objects.values()])
    assert (report["updated"], report["unchanged"]) == (0, 1)
    import_register([person()], [establishment()])
    assert (company()["nom"], company()["tranche_effectif"]) == ("MARIE DUPONT", "12")


def test_whom_staff_hide_stays_hidden_with_the_establishments(import_register: Register) -> None:
    import_register([person(), unit(B)], [establishment(), establishment(B)])
    for siren in (A, B):
        corrections.correct(siren, {"statut_diffusion": "P"}, BY)
    assert company()["nom"] == "[ND]"
    before = versions()
    for dry in ((), ("--dry-run",)):
        report = import_register([person(), unit(B)], [establishment(), establishment(B)], *dry)
        assert (report["updated"], report["unchanged"]) == (0, 2)
        assert (report["establishments"]["updated"], report["establishments"]["unchanged"]) == (0, 2)
    assert versions() == before
    assert (company(B)["nom"], company(B)["adresse"]) == ("ACME", "")
    assert not Etablissement.objects.exclude(statut_diffusion="P", libelle_voie="").exists()
    corrections.take_back(A, "statut_diffusion", BY)
    assert company()["nom"] == "[ND]"
    import_register([person(), unit(B)], [establishment(), establishment(B)])
    assert (company()["nom"], company()["statut_diffusion"]) == ("MARIE DUPONT", "O")
    assert Etablissement.objects.get(siret=siret(A)).libelle_voie == "DU PORT"


def test_who_has_gone_is_ceased_unless_staff_say_otherwise_and_is_deleted_with_the_corrections(
    import_register: Register,
) -> None:
    many = [unit(), unit(B)]
    import_register(many)
    corrections.correct(A, {"is_active": False}, BY)
    corrections.correct(A, {"is_active": True, "nom": "X"}, BY)
    corrections.correct(B, {"nom": "Y"}, BY)
    Correction.objects.create(siren=A, field="is_active", value=True, register_value=False, author="marie")
    rest = [unit(D)]
    report = import_register(rest, [], "--gone", "cease", "--force")
    assert (company(A)["is_active"], company(B)["is_active"]) == (True, False)
    assert report["gone"]["changed"] == 1
    assert company(B)["nom"] == "Y"
    import_register(rest, [], "--gone", "delete", "--force")
    assert not Correction.objects.exists()
    assert "Y" not in [*Modification.objects.values_list("new_value", flat=True)]


def trail(action: str) -> list[tuple[str, ...]]:
    told = Modification.objects.filter(action=action).order_by("siren", "field")
    return [*told.values_list("siren", "field", "author")]


def test_the_trail_tells_of_a_company_that_is_deleted_if_staff_had_changed_or_created_it(
    import_register: Register,
) -> None:
    corrections.create(A, {"nom": "FOURNIL"}, BY)
    import_register([unit(), unit(B), unit(C)])
    corrections.correct(B, {"nom": "Y", "latitude": 45.5, "longitude": 4.5}, BY)
    assert import_register([unit(D)], [], "--gone", "delete", "--force", "--dry-run")["gone"]["changed"] == 3
    assert trail("deleted") == []
    report = import_register([unit(D)], [], "--gone", "delete", "--force")
    assert not Entreprise.objects.exclude(siren=D).exists()
    by = f"import {report['run_id']}"
    assert trail("deleted") == [(siren, "", by) for siren in sorted((A, B))]
    import_register([unit(D)], [], "--gone", "delete", "--force")
    assert len(trail("deleted")) == 2


def test_the_trail_tells_which_corrections_end_with_a_company_that_is_hidden(
    import_register: Register,
) -> None:
    """Because the register makes it non-public, or has it no more; not what they said."""
    import_register([person(), unit(B), unit(C)], [establishment()])
    corrections.correct(A, {"nom": "MARIE DURAND", "telephone": "0477", "tranche_effectif": "12"}, BY)
    corrections.correct(B, {"nom": "Y", "is_active": False}, BY)
    hidden = person(
        statutDiffusionUniteLegale="P", **dict.fromkeys(("prenom1UniteLegale", "nomUniteLegale"), "[ND]")
    )
    report = import_register([hidden, unit(B), unit(C)], [establishment(statutDiffusionEtablissement="P")])
    of_a = [(A, field, f"import {report['run_id']}") for field in ("nom", "telephone")]
    assert trail("withheld") == of_a
    assert report["corrections_withheld_by_column"] == {"nom": 1, "telephone": 1}
    report = import_register([hidden], [], "--gone", "hide", "--force")
    assert company(B)["nom"] == "[ND]"
    assert trail("withheld") == sorted([*of_a, (B, "nom", f"import {report['run_id']}")])
    assert {each.field for each in Correction.objects.all()} == {"tranche_effectif", "is_active"}
    stored = str([*Modification.objects.values(), *Correction.objects.values()])
    assert not any(text in stored for text in ("DURAND", "0477", "'Y'"))


def test_who_has_gone_costs_no_statement_more_for_each_company(import_register: Register) -> None:
    def asked(*sirens: str) -> int:
        import_register([*map(unit, sirens), unit(D)])
        for siren in sirens:
            corrections.correct(siren, {"nom": "Y"}, BY)
        with CaptureQueriesContext(connection) as captured:
            import_register([unit(D)], [], "--gone", "delete", "--force")
        return len([each for each in captured if "enterprise_modification" in each["sql"]])

    assert asked(A, B, C) == asked(A)
