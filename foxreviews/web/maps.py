"""A map of companies on a page: an outline of France, or where they are near each other their surroundings.

Drawn here as SVG: no tiles from elsewhere, which would tell others what is looked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, floor, log10, radians

from foxreviews.core.keyset import Row
from foxreviews.enterprise.privacy import is_hidden
from foxreviews.location.models import Ville
from foxreviews.reference import rows

WIDTH, HEIGHT, MARGIN = 400, 400, 28
KM_PER_DEGREE = 111.2
LOCAL_KM = 150.0  # what lies within that is shown without the country
MIN_KM = 2.0
WEST, EAST, SOUTH, NORTH = -5.3, 9.7, 41.2, 51.2  # of metropolitan France


@dataclass(frozen=True)
class Pin:
    """A company on the map, by its number in the list."""

    number: int
    x: int
    y: int


@dataclass(frozen=True)
class Map:
    """What is drawn. `scale` and `scale_km` are the length of a bar; 0 where the outline says how large it is."""

    pins: Sequence[Pin]
    outline: Sequence[str] = ()
    scale: int = 0
    scale_km: str = ""
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class _Frame:
    """A projection on a rectangle of the map, true to scale in its middle."""

    west: float
    north: float
    stretch: float  # of a degree of longitude
    per_degree: float

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float) -> "_Frame":
        stretch = cos(radians((south + north) / 2))
        room = WIDTH - 2 * MARGIN
        wide, high = max((east - west) * stretch, 1e-9), max(north - south, 1e-9)
        per_degree = room / max(wide, high)
        left, top = (room / per_degree - wide) / 2, (room / per_degree - high) / 2
        return cls(west - left / stretch, north + top, stretch, per_degree)

    def place(self, latitude: float, longitude: float) -> tuple[int, int]:
        x = (longitude - self.west) * self.stretch * self.per_degree
        return round(MARGIN + x), round(MARGIN + (self.north - latitude) * self.per_degree)


def drawn(companies: Sequence[Row]) -> Map | None:
    """The map of a page's companies, numbered in their order; None where no place is known.

    A company without a position stands in its town. One query for those towns.
    """
    places = [(number, *each) for number, each in enumerate(_positions(companies), 1) if each]
    inside = [each for each in places if WEST < each[2] < EAST and SOUTH < each[1] < NORTH]
    shown = inside or places
    if not shown:
        return None
    latitudes, longitudes = [each[1] for each in shown], [each[2] for each in shown]
    west, east, south, north = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    wide = (east - west) * cos(radians((south + north) / 2))
    extent = max(wide, north - south) * KM_PER_DEGREE
    if extent > LOCAL_KM and inside:
        frame = _Frame.around(WEST, SOUTH, EAST, NORTH)
        return Map(_pins(shown, frame), outline=_outline(frame))
    room = max(extent, MIN_KM) / KM_PER_DEGREE / 2
    latitude, longitude = (south + north) / 2, (west + east) / 2
    stretch = cos(radians(latitude))
    frame = _Frame.around(
        longitude - room / stretch, latitude - room, longitude + room / stretch, latitude + room
    )
    km = _round(max(extent, MIN_KM) / 3)
    return Map(_pins(shown, frame), scale=round(km / KM_PER_DEGREE * frame.per_degree), scale_km=f"{km:g}")


def _positions(companies: Sequence[Row]) -> list[tuple[float, float] | None]:
    """Where each is, itself or its town; None where that is not known, or not public."""
    codes = {row["ville_id"] for row in companies if row["latitude"] is None} - {None}
    known = Ville.objects.filter(code_insee__in=codes).values_list("code_insee", "latitude", "longitude")
    towns = {code: _position(latitude, longitude) for code, latitude, longitude in (known if codes else ())}
    return [
        None if is_hidden(row) else _position(row["latitude"], row["longitude"]) or towns.get(row["ville_id"])
        for row in companies
    ]


def _position(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    return None if latitude is None or longitude is None else (latitude, longitude)


def _pins(places: Iterable[tuple[int, float, float]], frame: _Frame) -> list[Pin]:
    """The first company last, so that it lies on top."""
    return [Pin(number, *frame.place(*place)) for number, *place in [*places][::-1]]


@cache
def _outline(frame: _Frame) -> tuple[str, ...]:
    """The mainland and Corsica."""
    points = rows("outline")
    parts = dict.fromkeys(row["part"] for row in points)
    return tuple(
        "M"
        + "L".join(
            "{} {}".format(*frame.place(float(row["latitude"]), float(row["longitude"])))
            for row in points
            if row["part"] == part
        )
        + "z"
        for part in parts
    )


def _round(km: float) -> float:
    """1, 2 or 5 with zeros, not more than that."""
    power = 10.0 ** floor(log10(km))
    return float(power * max(digit for digit in (1, 2, 5) if digit * power <= km))
