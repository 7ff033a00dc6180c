"""Who was in an earlier full file of the register and is no more: said, refused where they are many, and treated."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import RegisterBlock
from foxreviews.ops.verify import verify
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.reference.register import ESTABLISHMENT_COLUMNS, LEGAL_UNIT_COLUMNS

from .conftest import A, B, C, D, Register, Row, as_csv, establishment, person, unit

MANY = [siren_with_key(number) for number in range(40_000_000, 40_000_100)]


def units(*sirens: str) -> list[Row]:
    return [person(siren) for siren in sirens]


def row(siren: str) -> Any:
    return Entreprise.objects.filter(siren=siren).values().first()


def versions() -> list[Any]:
    return list(Entreprise.objects.order_by("pk").values_list("siren", "updated_at"))


def test_a_first_full_file_lacks_nobody(import_register: Register) -> None:
    Entreprise.objects.create(siren=D, nom="OF A LIST")
    gone = import_register(units(A))["gone"]
    assert (gone["companies"], gone["since_last"], gone["of"]) == (0, 0, 0)


def test_who_is_no_longer_in_the_register_is_counted_with_examples_and_stays(
    import_register: Register,
) -> None:
    import_register(units(A, B, C))
    Entreprise.objects.create(siren=D, nom="OF A LIST")
    before = row(B)
    gone = import_register(units(A, C))["gone"]
    assert gone == {
        "action": "report", "companies": 1, "since_last": 1, "of": 3, "changed": 0, "examples": [B],
        "share": 0.333333,
    }  # fmt: skip
    assert row(B) == before
    again = import_register(units(A, C))["gone"]
    assert (again["companies"], again["since_last"], again["of"]) == (1, 0, 2), "still not in it"


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("action", ["cease", "hide", "delete"])
def test_they_are_ceased_hidden_or_deleted_at_once_or_later_and_once(
    import_register: Register, action: str, later: bool
) -> None:
    import_register(units(A, B), [establishment(A), establishment(B)])
    other = row(A)
    if later:
        import_register(units(A), [establishment(A)])
    flags = ("--gone", action, "--force")
    assert import_register(units(A), [establishment(A)], *flags)["gone"]["changed"] == 1
    found = row(B)
    if action == "delete":
        assert found is None
    elif action == "cease":
        assert (found["is_active"], found["nom"]) == (False, "MARIE DUPONT")
    else:
        hidden = [found[name] for name in ("statut_diffusion", "nom", "adresse", "latitude")]
        assert hidden == ["P", "[ND]", "", None]
        assert found["ville_nom"] == "Saint-Étienne"
    assert row(A) == other
    before = versions()
    assert import_register(units(A), [establishment(A)], *flags)["gone"]["changed"] == 0
    assert versions() == before


def test_who_comes_back_is_as_the_register_says(import_register: Register) -> None:
    import_register(units(A, B))
    import_register(units(A), (), "--gone", "hide", "--force")
    gone = import_register(units(A, B))["gone"]
    assert gone["companies"] == 0
    assert (row(B)["nom"], row(B)["statut_diffusion"]) == ("MARIE DUPONT", "O")


def test_companies_of_other_lists_have_not_gone(import_register: Register) -> None:
    import_register(units(A))
    Entreprise.objects.create(siren=D, nom="OF A LIST")
    gone = import_register(units(A), (), "--gone", "delete")["gone"]
    assert (gone["companies"], row(D)["nom"]) == (0, "OF A LIST")


def test_a_record_that_is_rejected_is_in_the_register_all_the_same(
    import_files: Register, tmp_path: Any
) -> None:
    files = tmp_path / "u.csv", tmp_path / "e.csv"
    files[1].write_bytes(as_csv([], ESTABLISHMENT_COLUMNS))
    files[0].write_bytes(as_csv(units(A, B, C, D), LEGAL_UNIT_COLUMNS))
    import_files(*files)
    too_long = person(B, sigleUniteLegale="X" * 300)
    hidden = person(D, statutDiffusionUniteLegale="P", trancheEffectifsUniteLegale="1\0")
    records = as_csv([unit(A), too_long, hidden], LEGAL_UNIT_COLUMNS)
    files[0].write_bytes(records + f'{C},"broken\n'.encode())
    report = import_files(*files, "--gone", "delete")
    assert (report["rejected"], report["gone"]["companies"]) == (3, 0)
    assert Entreprise.objects.count() == 4


def test_a_file_that_lacks_too_many_is_refused_before_anything_is_merged(import_register: Register) -> None:
    import_register(units(*MANY))
    sentence = r"21 of the 100 companies .* not in this file \(21\.0%, .*Nothing was merged.*--force"
    for flags in ((), ("--gone", "delete"), ("--dry-run",)):
        with pytest.raises(CommandError, match=sentence) as caught:
            import_register([unit(siren, denominationUniteLegale="NEW") for siren in MANY[21:]], (), *flags)
        assert caught.value.returncode == 1
    assert Entreprise.objects.filter(nom="MARIE DUPONT").count() == 100
    assert import_register(units(*MANY[19:]))["gone"]["companies"] == 19, "few are no reason"
    with pytest.raises(CommandError, match="--max-gone is 10%"):
        import_register(units(*MANY[30:]), (), "--max-gone", "0.1")
    assert import_register(units(*MANY[60:]), (), "--max-gone", "0.6")["gone"]["since_last"] == 41
    assert import_register(units(*MANY[90:]), (), "--force", "--gone", "delete")["gone"]["changed"] == 90


@pytest.mark.parametrize("action", ["cease", "hide", "delete"])
def test_what_was_looked_at_once_is_done_without_force(import_register: Register, action: str) -> None:
    import_register(units(*MANY))
    import_register(units(*MANY[60:]), (), "--gone", "report", "--force")
    promised = import_register(units(*MANY[60:]), (), "--gone", action, "--dry-run")["gone"]
    gone = import_register(units(*MANY[60:]), (), "--gone", action)["gone"]
    assert gone == promised
    assert (gone["since_last"], gone["of"], gone["companies"], gone["changed"]) == (0, 40, 60, 60)


@pytest.mark.parametrize("action", ["report", "cease", "hide", "delete"])
def test_who_was_reported_before_makes_no_room_for_others(import_register: Register, action: str) -> None:
    import_register(units(*MANY))
    import_register(units(*MANY[60:]), (), "--force")
    with pytest.raises(CommandError, match="20 of the 40 companies"):
        import_register(units(*MANY[80:]), (), "--gone", action)
    gone = import_register(units(*MANY[79:]), (), "--gone", action)["gone"]
    assert (gone["since_last"], gone["companies"]) == (19, 79)


def test_a_part_of_the_file_and_a_dry_run_are_no_full_files(import_register: Register) -> None:
    import_register(units(A, B, C))
    stored = list(RegisterBlock.objects.order_by("number").values())
    assert import_register(units(A), (), "--max-rows", "1", "--gone", "delete")["gone"] is None
    promised = import_register(units(A, B), (), "--dry-run", "--gone", "delete")["gone"]
    assert (promised["companies"], promised["changed"], promised["examples"]) == (1, 1, [C])
    assert list(RegisterBlock.objects.order_by("number").values()) == stored
    assert Entreprise.objects.count() == 3


def test_what_fails_after_the_merge_changes_neither_the_companies_nor_what_the_register_had(
    import_register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_register(units(A, B))
    stored = list(RegisterBlock.objects.order_by("number").values())

    def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("foxreviews.importing.ledger.Ledger.close", fail)
        with pytest.raises(RuntimeError):
            import_register(units(A), (), "--gone", "delete", "--force")
    assert list(RegisterBlock.objects.order_by("number").values()) == stored
    assert import_register(units(A), (), "--gone", "delete", "--force")["gone"]["changed"] == 1


def test_verify_counts_who_is_not_in_the_last_full_file(import_register: Register) -> None:
    assert "register" not in {finding.subject for finding in verify()}
    import_register(units(A, B, C))
    Entreprise.objects.create(siren=D, nom="OF A LIST")
    import_register(units(A))
    (found,) = [finding for finding in verify() if finding.subject == "register"]
    assert found.figures == {"companies": 3, "gone": 2}


def test_the_summary_says_who_has_gone(import_register: Register, tmp_path: Any) -> None:
    import_register(units(A, B))
    import_register(units(A))
    out = StringIO()
    files = ("--unites-legales", tmp_path / "units.csv", "--etablissements", tmp_path / "establishments.csv")
    call_command("import_sirene", *map(str, files), stdout=out)
    said = " ".join(out.getvalue().split())
    assert f"No longer in the register: 1 companies ({B})" in said
    assert "--gone cease, hide or delete" in said
