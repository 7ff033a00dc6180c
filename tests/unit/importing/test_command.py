"""The arguments that all imports have."""

from argparse import ArgumentTypeError

import pytest

from foxreviews.core.commands import count, positive
from foxreviews.importing.command import fraction


def test_a_fraction_is_from_0_to_1_both_included() -> None:
    assert [fraction(text) for text in ("0", "0.05", "1")] == [0, 0.05, 1]
    for text in ("-0.01", "1.01", "nan", "x"):
        with pytest.raises(ArgumentTypeError):
            fraction(text)


def test_a_count_is_a_whole_number_and_a_positive_one_at_least_1() -> None:
    assert (count("0"), positive("1")) == (0, 1)
    with pytest.raises(ArgumentTypeError, match="at least 1"):
        positive("0")
    for text in ("-1", "1.5", "", "٣"):
        with pytest.raises(ArgumentTypeError, match="whole number"):
            count(text)
