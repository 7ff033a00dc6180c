"""Which towns are fictional."""

from pathlib import Path

import pytest

from foxreviews.core.errors import FoxreviewsError
from foxreviews.demo.generator.entreprises import Generator
from foxreviews.demo.generator.towns import la_poste_lines
from foxreviews.reference.fictional import are_fictional, refuse_mixing

REAL = ["Lyon", "Saint-Étienne", "PARIS 15", "Villeurbanne", "Oullins-Pierre-Bénite"]
FICTIONAL = ["Lyon", "SAINT AUBIN LA FICTIVE", "Saint-Aubin-la-Fictive", "Beaumont-Nulle-Part"]
POST = Path(__file__).parents[4] / "shared" / "data" / "laposte_hexasmal.csv"


def _names(lines: list[str]) -> list[str]:
    return [line.split(";")[1] for line in lines[1:]]


def test_generated_towns_are_fictional_and_so_are_companies_in_them() -> None:
    assert are_fictional(_names([*la_poste_lines()]))
    for rows in (50, 10_000):
        assert are_fictional(Generator(seed=3).block(0, rows)["ville_nom"].to_list())


@pytest.mark.skipif(not POST.exists(), reason=f"needs {POST}")
def test_no_real_town_is_taken_for_a_fictional_one() -> None:
    names = _names(POST.read_text(encoding="latin-1").splitlines())
    assert not any(are_fictional([name]) for name in {*names})


def test_a_single_odd_name_makes_no_list_fictional() -> None:
    assert not are_fictional([*REAL * 10, "RUE NULLE PART"])
    assert not are_fictional([])


@pytest.mark.parametrize(("incoming", "present"), [(REAL, FICTIONAL), (FICTIONAL, REAL)])
def test_fictional_and_real_towns_are_kept_apart(incoming: list[str], present: list[str]) -> None:
    with pytest.raises(FoxreviewsError, match=r"Nothing was merged.*localdb destroy --yes.*--force"):
        refuse_mixing(incoming, present, of_file="towns", of_directory="towns")


@pytest.mark.parametrize(
    ("incoming", "present"), [(REAL, REAL), (FICTIONAL, FICTIONAL), (FICTIONAL, []), ([], REAL), (REAL, [])]
)
def test_like_comes_to_like_and_anything_into_an_empty_directory(
    incoming: list[str], present: list[str]
) -> None:
    refuse_mixing(incoming, present, of_file="towns", of_directory="towns")
