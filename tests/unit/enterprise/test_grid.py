"""The grid of positions: what lies within a distance is in the ranges of cells."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.enterprise.grid import CELLS_A_DEGREE, CELLS_A_ROW, Point, distance_km, ranges, ring

PARIS, LYON = Point(48.8566, 2.3522), Point(45.764, 4.8357)


def cell(point: Point) -> int:
    row = math.floor((point.latitude + 90) * CELLS_A_DEGREE)
    return row * CELLS_A_ROW + math.floor((point.longitude + 180) * CELLS_A_DEGREE)


def test_distances_are_those_of_the_sphere() -> None:
    assert distance_km(PARIS, LYON) == pytest.approx(391.5, abs=0.5)
    assert distance_km(PARIS, PARIS) == 0


@given(
    st.floats(-60, 60), st.floats(-170, 170), st.floats(0.1, 100), st.floats(0, 1), st.floats(0, 2 * math.pi)
)
def test_what_is_within_the_radius_is_in_a_range_and_in_the_ring_of_its_distance(
    latitude: float, longitude: float, radius: float, part: float, angle: float
) -> None:
    centre = Point(latitude, longitude)
    north = math.degrees(part * radius / 6371.009 * math.cos(angle))
    east = math.degrees(part * radius / 6371.009 * math.sin(angle)) / math.cos(math.radians(latitude + north))
    point = Point(latitude + north, longitude + east)
    if distance_km(centre, point) <= radius:
        assert any(first <= cell(point) <= last for first, last in ranges(centre, radius))
        inner = part * distance_km(centre, point)
        assert sum(first <= cell(point) <= last for first, last in ring(centre, inner, radius)) == 1


def test_a_circle_of_ten_kilometres_is_a_score_of_ranges_and_little_more_than_the_circle() -> None:
    found = ranges(PARIS, 10)
    assert len(found) in (18, 19, 20)
    cells = sum(last - first + 1 for first, last in found)
    assert cells * 1.11 * 0.732 < 1.35 * math.pi * 10**2


def test_a_ring_leaves_out_the_cells_inside() -> None:
    whole, outside = ranges(PARIS, 10), list(ring(PARIS, 9, 10))
    assert (
        sum(last - first + 1 for first, last in outside) < sum(last - first + 1 for first, last in whole) / 2
    )
    assert all(any(first <= each[0] <= each[1] <= last for first, last in whole) for each in outside)
