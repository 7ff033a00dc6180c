"""Lambert-93 metres and degrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.lambert import from_degrees, to_degrees


@pytest.mark.parametrize(
    ("east", "north", "latitude", "longitude"),
    [
        (700_000.0, 6_600_000.0, 46.5, 3.0),  # where the projection has its origin, by its definition
        (648_237.3, 6_862_271.7, 48.8584, 2.2945),  # the Eiffel tower
    ],
)
def test_known_places_are_where_they_are(
    east: float, north: float, latitude: float, longitude: float
) -> None:
    degrees = to_degrees(np.array([east]), np.array([north]))
    assert [value[0] for value in degrees] == pytest.approx([latitude, longitude], abs=1e-5)


@given(st.floats(41, 51.5), st.floats(-5.5, 10))
def test_there_and_back_is_the_same_place_to_a_tenth_of_a_millimetre(
    latitude: float, longitude: float
) -> None:
    back = to_degrees(*from_degrees(np.array([latitude]), np.array([longitude])))
    assert [value[0] for value in back] == pytest.approx([latitude, longitude], abs=1e-9)
