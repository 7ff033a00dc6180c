"""A cell has three states, a value, empty, and not known; only a value overwrites unless the file is to empty."""

from typing import Any

import pytest

from foxreviews.enterprise.models import Entreprise

from .conftest import HEADER, Import
from .hostile import SIRENS

A, B, C = SIRENS[:3]
STATES = f"{HEADER},statut_diffusion,etat_administratif"


def stored(siren: str, *columns: str) -> Any:
    values = Entreprise.objects.values_list(*columns).get(siren=siren)
    return values if len(columns) > 1 else values[0]


def line(siren: str, *more: str) -> str:
    return ",".join((siren, "NOM", "RUE", "42000", "X", "62.01Z", *more))


def test_every_import_reads_who_may_be_shown_and_who_has_ceased(import_rows: Import) -> None:
    lines = [line(A, "Partiellement diffusible", "Radiée"), line(B, "O", "A"), line(C, "N", "F")]
    import_rows(*lines, header=STATES)
    assert [stored(siren, "statut_diffusion", "is_active") for siren in (A, B, C)] == [
        ("P", False),
        ("O", True),
        ("P", False),
    ]


def test_a_new_company_of_unknown_words_is_neither_public_nor_active(import_rows: Import) -> None:
    report = import_rows(line(A, "réservé", "on ne sait pas"), line(B, "", ""), header=STATES)
    assert stored(A, "statut_diffusion", "is_active") == ("P", False)
    assert stored(B, "statut_diffusion", "is_active") == ("O", True), "as in a file without these columns"
    assert report["values_left_out_by_reason"] == {"is-active-unknown": 1, "statut-diffusion-unknown": 1}


@pytest.mark.parametrize("word", ["réservé", ""])
@pytest.mark.parametrize("flags", [(), ("--empty-overwrites",)])
@pytest.mark.parametrize(("diffusion", "active"), [("P", False), ("O", True)])
def test_an_unknown_word_or_none_leaves_the_state_as_it_was(
    import_rows: Import, word: str, flags: tuple[str, ...], diffusion: str, active: bool
) -> None:
    import_rows(line(A, diffusion, "A" if active else "C"), header=STATES)
    import_rows(line(A, word, word), header=STATES, flags=flags)
    assert stored(A, "statut_diffusion", "is_active") == (diffusion, active)
