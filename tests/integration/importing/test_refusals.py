"""Files that are refused before they do harm."""

import pytest
from django.core.management import CommandError

from foxreviews.enterprise.models import Entreprise

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
