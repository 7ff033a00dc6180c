"""What an import makes of an activity that the directory knows already."""

from typing import Any

import pytest

from foxreviews.enterprise.models import Entreprise
from tests.integration.importing.conftest import HEADER, Import

SIREN = "732829320"


def line(naf_code: str, naf25_code: str = "") -> str:
    return f"{SIREN},FOX,,,,{naf_code},{naf25_code}"


def activity() -> tuple[str, str, str]:
    """Both codes, and which is derived; each code with its label."""
    found = Entreprise.objects.get()
    assert bool(found.naf_code) == bool(found.naf_libelle)
    assert bool(found.naf25_code) == bool(found.naf25_libelle)
    return found.naf_code, found.naf25_code, found.naf_derived


@pytest.fixture
def load(import_rows: Import) -> Any:
    """load("62.01Z", "62.10Y"): import one line with these codes, twice; what the directory then has."""

    def run(naf_code: str, naf25_code: str | None = None) -> tuple[str, str, str]:
        header = HEADER if naf25_code is None else f"{HEADER},naf25_code"
        text = line(naf_code, naf25_code or "") if naf25_code is not None else line(naf_code)[:-1]
        import_rows(text, header=header)
        assert import_rows(text, header=header)["unchanged"] == 1
        return activity()

    return run


def test_a_file_of_rev_2_brings_the_code_of_naf_2025_where_there_is_only_one(load: Any) -> None:
    assert load("62.01Z") == ("62.01Z", "62.10Y", "naf25_code")
    assert load("56.10C") == ("56.10C", "", "")


def test_a_file_of_naf_2025_in_the_column_of_rev_2_brings_both(load: Any) -> None:
    assert load("6210Y") == ("62.01Z", "62.10Y", "naf_code")
    assert load("47.11K") == ("", "47.11K", "")


def test_a_file_may_have_both(load: Any) -> None:
    assert load("56.10C", "56.12Y") == ("56.10C", "56.12Y", "")


@pytest.mark.parametrize("newer", ["47.11K", "62.10Y", "46.89Y"])
def test_a_code_of_rev_2_that_a_source_gave_stays_where_another_gives_naf_2025_only(
    load: Any, newer: str
) -> None:
    load("56.10C")
    assert load(newer) == ("56.10C", newer, "")


def test_a_code_of_naf_2025_that_a_source_gave_stays_where_another_gives_rev_2_only(load: Any) -> None:
    load("56.10C", "56.12Y")
    assert load("62.01Z") == ("62.01Z", "56.12Y", "")


def test_a_derived_code_goes_with_the_one_that_it_was_derived_from(load: Any) -> None:
    load("62.01Z")
    assert load("56.10C") == ("56.10C", "", "")
    assert load("62.02A") == ("62.02A", "62.20G", "naf25_code")


def test_a_derived_code_of_rev_2_goes_with_its_own(load: Any) -> None:
    load("62.10Y")
    assert load("47.11K") == ("", "47.11K", "")


def test_what_a_source_gives_takes_the_place_of_what_was_derived(load: Any) -> None:
    load("62.01Z")
    assert load("62.01Z", "62.20G") == ("62.01Z", "62.20G", "")
    Entreprise.objects.all().delete()
    load("62.10Y")
    assert load("62.02A") == ("62.02A", "62.10Y", "")


def test_a_dry_run_counts_no_change_where_a_code_is_kept(import_rows: Import, load: Any) -> None:
    load("56.10C", "56.12Y")
    assert import_rows(line("56.12Y")[:-1], flags=("--dry-run",))["unchanged"] == 1
