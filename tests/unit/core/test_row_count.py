"""How many companies --rows names."""

from argparse import ArgumentTypeError

import pytest

from foxreviews.core.commands import row_count


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10M", 10_000_000),
        ("500k", 500_000),
        ("4,000,000", 4_000_000),
        ("4_000_000", 4_000_000),
        ("1.5M", 1_500_000),
        ("1000M", 1_000_000_000),
        ("4000000", 4_000_000),
    ],
)
def test_companies_are_counted_in_thousands_and_millions(text: str, number: int) -> None:
    assert row_count(text) == number


@pytest.mark.parametrize("text", ["", "many", "0", "-4M", "2000M", "1000000001", "M"])
def test_what_is_no_number_of_companies_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="10M, 500k, 4000000 are"):
        row_count(text)
