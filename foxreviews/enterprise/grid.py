"""Positions as cells of a grid, and what is within a distance as ranges of cells.

A cell is a hundredth of a degree each way: 1.1 km from south to north, 0.7 km from west to east in Paris. Cells are
numbered from west to east, row after row, so what is within a circle is one range of numbers in each row.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F, IntegerField
from django.db.models.functions import Cast, Floor

CELLS_A_DEGREE = 100
CELLS_A_ROW = 360 * CELLS_A_DEGREE
KM_A_DEGREE = 111.195  # of latitude: the mean radius of the earth, 6,371.009 km, times pi / 180
EARTH_KM = 6371.009
# More than a cell is wide, from corner to corner: cells that touch a circle smaller by this are inside it.
CELL_KM = 1.7


class Point(NamedTuple):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


def cell_of(latitude: str, longitude: str) -> Cast:
    """The cell's number, of two columns; NULL where one is. -90 to 90 and -180 to 180 degrees fit an integer."""
    row = Cast(Floor((F(latitude) + 90) * CELLS_A_DEGREE), IntegerField())
    column = Cast(Floor((F(longitude) + 180) * CELLS_A_DEGREE), IntegerField())
    return Cast(row * CELLS_A_ROW + column, IntegerField())


def ranges(centre: Point, radius_km: float) -> list[tuple[int, int]]:
    """The cells that the circle touches: first and last of each row. Across 180 degrees nothing is looked for."""
    south = _number(centre.latitude - radius_km / KM_A_DEGREE + 90)
    north = _number(centre.latitude + radius_km / KM_A_DEGREE + 90)
    return [
        (row * CELLS_A_ROW + _number(west + 180), row * CELLS_A_ROW + _number(east + 180))
        for row in range(max(south, 0), min(north, 180 * CELLS_A_DEGREE) + 1)
        for west, east in [_width(centre, radius_km, row)]
    ]


def ring(centre: Point, inner_km: float, outer_km: float) -> Iterator[tuple[int, int]]:
    """The cells of a ring between two distances: those of the outer circle that are not within the inner one."""
    inside = ranges(centre, inner_km - CELL_KM) if inner_km > CELL_KM else []
    holes = {first // CELLS_A_ROW: (first, last) for first, last in inside}
    for first, last in ranges(centre, outer_km):
        begin, end = holes.get(first // CELLS_A_ROW, (last + 1, last))
        yield from ((here, there) for here, there in ((first, begin - 1), (end + 1, last)) if here <= there)


def _width(centre: Point, radius_km: float, row: int) -> tuple[float, float]:
    """How far west and east the circle goes anywhere in the row: where the row is nearest to the centre."""
    south = row / CELLS_A_DEGREE - 90
    north = south + 1 / CELLS_A_DEGREE
    nearest = min(max(centre.latitude, south), north)
    angle = radius_km / EARTH_KM
    between = math.radians(nearest - centre.latitude)
    # haversine, solved for the difference of longitudes
    part = (math.sin(angle / 2) ** 2 - math.sin(between / 2) ** 2) / (
        math.cos(math.radians(centre.latitude))
        * max(math.cos(math.radians(max(abs(south), abs(north)))), 1e-9)
    )
    half = 180.0 if part >= 1 else math.degrees(2 * math.asin(math.sqrt(max(part, 0.0))))
    return max(centre.longitude - half, -180.0), min(centre.longitude + half, 179.999999)


def _number(degrees: float) -> int:
    return math.floor(degrees * CELLS_A_DEGREE)


def distance_km(one: Point, other: Point) -> float:
    """The great-circle distance (haversine)."""
    north, east = math.radians(other.latitude - one.latitude), math.radians(other.longitude - one.longitude)
    part = (
        math.sin(north / 2) ** 2
        + math.cos(math.radians(one.latitude))
        * math.cos(math.radians(other.latitude))
        * math.sin(east / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(min(part, 1.0)))
