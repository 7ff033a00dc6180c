"""How many companies manage.py capacity is asked for."""

from argparse import ArgumentTypeError

import pytest

from foxreviews.ops.management.commands.capacity import rows


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10M", 10_000_000),
        ("250k", 250_000),
        ("4,000,000", 4_000_000),
        ("4_000_000", 4_000_000),
        ("1.5M", 1_500_000),
    ],
)
def test_companies_are_counted_in_thousands_and_millions(text: str, number: int) -> None:
    assert rows(text) == number


@pytest.mark.parametrize("text", ["", "many", "0", "-4M", "2000M", "M"])
def test_what_is_no_number_of_companies_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="10M, 250k, 4000000 are"):
        rows(text)
