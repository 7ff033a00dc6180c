"""Files that are refused before they do harm."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville

from .conftest import HEADER, Import
from .hostile import SIRENS, file, rows

TEN = file(rows(*range(10)))


def ending(*numbers: int) -> str:
    """Ten companies, of which those are ceased."""
    lines = (
        f"{SIRENS[number]},NOM,RUE,42000,X,62.01Z,{'false' if number in numbers else 'true'}"
        for number in range(10)
    )
    return "\n".join([f"{HEADER},is_active", *lines, ""])


def count_active() -> int:
    return Entreprise.objects.filter(is_active=True).count()


def test_a_reload_that_would_end_too_many_companies_changes_nothing(import_file: Import) -> None:
    import_file(TEN)
    sentence = r"10 companies are active; this file would leave 8 \(80\.0%, and --min-ratio is 90%\)"
    with pytest.raises(CommandError, match=sentence):
        import_file(ending(1, 2))
    assert count_active() == 10


def test_it_is_done_where_that_is_what_is_wanted(import_file: Import) -> None:
    import_file(TEN)
    assert import_file(ending(1, 2), "--force")["updated"] == 2
    assert import_file(ending(1, 2, 3), "--min-ratio", "0.8")["updated"] == 1
    assert count_active() == 7


def test_a_few_companies_may_end(import_file: Import) -> None:
    import_file(TEN)
    assert import_file(ending(1))["updated"] == 1
    assert count_active() == 9


def test_companies_that_begin_again_make_up_for_those_that_end(import_file: Import) -> None:
    import_file(ending(1, 2))
    assert import_file(ending(3, 4))["updated"] == 4
    assert count_active() == 8


@pytest.mark.parametrize(
    ("name", "why"), [("none/rejects.csv", "there is no such folder"), ("", "it is a folder")]
)
def test_rejects_that_cannot_be_written_are_reported_in_words(
    import_file: Import, tmp_path: Path, name: str, why: str
) -> None:
    with pytest.raises(CommandError, match=f"cannot be written: {why}.$") as caught:
        import_file(TEN, "--rejects", str(tmp_path / name))
    assert caught.value.returncode == 2
    assert not Entreprise.objects.exists()


def fictional() -> str:
    """Ten companies in a town that says that it is invented."""
    lines = (f"{SIRENS[number]},NOM,RUE,42000,SAINT AUBIN LA FICTIVE,62.01Z" for number in range(10))
    return "\n".join([HEADER, *lines, ""])


@pytest.mark.parametrize(("first", "second"), [(TEN, fictional()), (fictional(), TEN)])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_fictional_and_real_companies_mix_only_by_force(
    import_file: Import, first: str, second: str, dry: tuple[str, ...]
) -> None:
    import_file(first)
    towns = [*Entreprise.objects.order_by("siren").values_list("ville_nom", flat=True)]
    with pytest.raises(CommandError, match=r"The companies of this file are .*Nothing was merged.*--force"):
        import_file(second, *dry)
    assert [*Entreprise.objects.order_by("siren").values_list("ville_nom", flat=True)] == towns
    assert import_file(second, "--force")["updated"] == 10


def test_real_companies_are_not_put_into_fictional_towns_but_fictional_ones_into_real_towns(
    import_file: Import,
) -> None:
    town = Ville.objects.create(
        code_insee="42901", nom="Saint-Aubin-la-Fictive", departement="42", region="84"
    )
    with pytest.raises(
        CommandError, match="companies of this file are real, and the towns of this directory"
    ):
        import_file(TEN)
    town.delete()
    Ville.objects.create(code_insee="42218", nom="Saint-Étienne", departement="42", region="84")
    assert import_file(fictional())["created"] == 10


def many(adresse: str, naf_code: str = "62.01Z") -> str:
    """More companies than may lose a value."""
    return "\n".join([HEADER, *(f"{siren},NOM,{adresse},42000,X,{naf_code}" for siren in SIRENS[:120]), ""])


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_file_that_empties_a_column_is_refused_with_its_name_and_both_counts(
    import_file: Import, dry: tuple[str, ...]
) -> None:
    import_file(many("RUE"))
    sentence = (
        "would empty adresse of 120 companies .*; 120 companies are active, .*Nothing was merged.*--force"
    )
    with pytest.raises(CommandError, match=sentence) as caught:
        import_file(many(""), "--empty-overwrites", *dry)
    assert caught.value.returncode == 1
    assert not Entreprise.objects.filter(adresse="").exists()
    assert import_file(many(""))["unchanged"] == 120, "without the option an empty cell says nothing"


def with_status(statut: str, nom: str = "NOM", count: int = 120) -> str:
    lines = (f"{siren},{nom},RUE,42000,X,62.01Z,{statut}" for siren in SIRENS[:count])
    return "\n".join([f"{HEADER},statut_diffusion", *lines, ""])


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("hiding", "column"),
    [(with_status("P"), "statut_diffusion"), (with_status("non diffusible"), "statut_diffusion"),
     (with_status("O", "[ND]"), "nom"), (many("RUE").replace("NOM", "[ND]"), "nom")],
)  # fmt: skip
def test_a_file_that_hides_many_companies_is_refused_with_the_column_and_both_counts(
    import_file: Import, hiding: str, column: str, dry: tuple[str, ...]
) -> None:
    import_file(many("RUE"))
    with pytest.raises(CommandError) as caught:
        import_file(hiding, *dry)
    said = str(caught.value)
    assert all(text in said for text in (column, "120 companies are active", "Nothing was merged", "--force"))
    shown = Entreprise.objects.filter(statut_diffusion="O", nom="NOM", adresse="RUE")
    assert shown.count() == 120
    assert import_file(hiding, "--force")["updated"] == 120
    assert not shown.exists()


def test_a_few_companies_may_be_hidden_and_how_many_is_settable(import_file: Import) -> None:
    import_file(many("RUE"))
    with pytest.raises(CommandError, match="13 public companies"):
        import_file(with_status("P", count=13), "--max-emptied", "0.1")
    assert import_file(with_status("P", count=99))["updated"] == 99


def test_a_column_is_emptied_where_that_is_what_is_wanted(import_file: Import) -> None:
    import_file(many("RUE"))
    report = import_file(many(""), "--empty-overwrites", "--force")
    assert (report["updated"], report["values_emptied_by_column"]) == (120, {"adresse": 120})
    import_file(many("RUE"))
    assert import_file(many(""), "--empty-overwrites", "--max-emptied", "1")["updated"] == 120


def test_how_much_of_a_column_may_be_emptied_is_settable(import_file: Import) -> None:
    import_file(many("RUE"))
    few = "\n".join([HEADER, *(f"{siren},NOM,,42000,X,62.01Z" for siren in SIRENS[:13]), ""])
    with pytest.raises(CommandError, match="adresse of 13 companies"):
        import_file(few, "--empty-overwrites", "--max-emptied", "0.1")
    assert import_file(few, "--empty-overwrites", "--max-emptied", "0.2")["updated"] == 13


def test_codes_that_nobody_can_read_empty_no_trade(import_file: Import) -> None:
    import_file(many("RUE"))
    report = import_file(many("RUE", "Traiteur"))
    assert (report["unchanged"], report["values_kept_by_column"]["naf_code"]) == (120, 120)
    assert report["values_left_out_by_reason"] == {"naf-code-malformed": 120}
