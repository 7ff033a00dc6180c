"""Where a head office is: positions of metropolitan France, to the metre of its limits."""

import polars as pl
import pytest

from foxreviews.importing.clean.cleaning import Cleaner
from foxreviews.importing.clean.places import POSTAL, Places
from foxreviews.location.lookup import Place
from foxreviews.sirene.establishments import EAST, MAX_EAST, MAX_NORTH, MIN_EAST, MIN_NORTH, NORTH, position


def located(east: int, north: int, *, departement: str = "75", public: bool = True) -> tuple[bool, int]:
    """Whether it has a position, and how many were left out."""
    cleaner = Cleaner(Places(POSTAL, lambda *_: Place("", "", "")))
    frame = pl.DataFrame(
        {EAST: [str(east)], NORTH: [str(north)], "departement": [departement], "public": [public]}
    )
    found = position(cleaner, frame)
    return found["latitude"][0] is not None, sum(cleaner.left_out.values())


@pytest.mark.parametrize(
    ("east", "north", "here"),
    [
        (MIN_EAST, MIN_NORTH, True),
        (MAX_EAST, MAX_NORTH, True),
        (MIN_EAST - 1, MIN_NORTH, False),
        (MIN_EAST, MIN_NORTH - 1, False),
        (MAX_EAST + 1, MAX_NORTH, False),
        (MAX_EAST, MAX_NORTH + 1, False),
    ],
)
def test_metres_are_lambert_93_up_to_the_limits_of_metropolitan_france(
    east: int, north: int, here: bool
) -> None:
    assert located(east, north) == (here, 0 if here else 1)


def test_overseas_has_no_position_and_what_is_not_public_shows_none() -> None:
    assert located(650_000, 6_860_000, departement="974") == (False, 1)
    assert located(650_000, 6_860_000, public=False) == (False, 0)
