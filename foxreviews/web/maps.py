"""A map of companies on a page: an outline of France, or where they are near each other their surroundings.

Drawn here as SVG: no tiles from elsewhere, which would tell others what is looked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, floor, log10, radians

from foxreviews.core.keyset import Row
from foxreviews.enterprise.privacy import is_hidden
from foxreviews.location.models import Ville
from foxreviews.reference import rows
from foxreviews.web.wording import short

WIDTH, HEIGHT, MARGIN = 400, 400, 28
FOOT = 28  # of the scale, where no pin lies
KM_PER_DEGREE = 111.2
LOCAL_KM = 150.0  # what lies within that is shown without the country
MIN_KM = 2.0
LINE, WORD = 16, 90  # how high and wide the name of a town is
WEST, EAST, SOUTH, NORTH = -5.3, 9.7, 41.2, 51.2  # of metropolitan France


@dataclass(frozen=True)
class Pin:
    """A company or establishment on the map, by its number in the list; 0 is one of another page."""

    number: int
    x: int
    y: int


@dataclass(frozen=True)
class Town:
    """The name of a town at its place."""

    nom: str
    x: int
    y: int


@dataclass(frozen=True)
class Map:
    """What is drawn. `scale` and `scale_km` are the length of a bar; 0 where the outline says how large it is."""

    pins: Sequence[Pin]
    outline: Sequence[str] = ()
    towns: Sequence[Town] = ()
    scale: int = 0
    scale_km: str = ""
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def foot(self) -> tuple[int, int]:
        """Where the bar of the scale lies, and the word on it."""
        return self.height - 16, self.height - 28


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


def drawn(listed: Sequence[Row], others: Iterable[tuple[float, float]] = ()) -> Map | None:
    """The map of a page's companies or establishments, numbered in their order; None where no place is known.

    One without a position stands in its town. `others` are positions of those that are not on the page. One query for
    the towns.
    """
    towns = _towns(listed)
    places = [
        (number, *place)
        for number, row in enumerate(listed, 1)
        if not is_hidden(row) and (place := _place(row, towns))
    ]
    places += [(0, *position) for position in others]
    inside = [each for each in places if WEST < each[2] < EAST and SOUTH < each[1] < NORTH]
    shown = inside or places
    if not shown:
        return None
    latitudes, longitudes = [each[1] for each in shown], [each[2] for each in shown]
    south, north, west, east = min(latitudes), max(latitudes), min(longitudes), max(longitudes)
    stretch = cos(radians((south + north) / 2))
    extent = max((east - west) * stretch, north - south) * KM_PER_DEGREE
    if inside and (extent > LOCAL_KM or not extent):  # around one place alone there would be nothing
        frame = _Frame.around(WEST, SOUTH, EAST, NORTH)
        return Map(_pins(shown, frame), outline=_outline(frame))
    room, latitude, longitude = (
        max(extent, MIN_KM) / KM_PER_DEGREE / 2,
        (south + north) / 2,
        (west + east) / 2,
    )
    frame = _Frame.around(
        longitude - room / stretch, latitude - room, longitude + room / stretch, latitude + room
    )
    km = _round(max(extent, MIN_KM) / 3)
    scale = round(km / KM_PER_DEGREE * frame.per_degree)
    return Map(
        _pins(shown, frame),
        towns=_named(towns.values(), frame),
        scale=scale,
        scale_km=f"{km:g}",
        height=HEIGHT + FOOT,
    )


def _towns(listed: Iterable[Row]) -> dict[str, tuple[str, float, float]]:
    """Names and places of their towns, by INSEE code."""
    codes = {row["ville_id"] for row in listed} - {None}
    known = Ville.objects.filter(code_insee__in=codes, latitude__isnull=False, longitude__isnull=False)
    found = known.values_list("code_insee", "nom", "latitude", "longitude")
    return {code: (nom, latitude or 0.0, longitude or 0.0) for code, nom, latitude, longitude in found}


def _place(row: Row, towns: Mapping[str, tuple[str, float, float]]) -> tuple[float, float] | None:
    """Its own, else its town's."""
    if row["latitude"] is not None and row["longitude"] is not None:
        return row["latitude"], row["longitude"]
    return towns[row["ville_id"]][1:] if row["ville_id"] in towns else None


def _named(towns: Iterable[tuple[str, float, float]], frame: _Frame) -> list[Town]:
    """The names that fit into the map, one under another at most."""
    found: list[Town] = []
    for nom, latitude, longitude in towns:
        x, y = frame.place(latitude, longitude)
        free = all(abs(y - other.y) > LINE or abs(x - other.x) > WORD for other in found)
        if WORD / 2 < x < WIDTH - WORD / 2 and LINE < y < HEIGHT - 2 * LINE and free:
            found.append(Town(short(nom), x, y))
    return found


def _pins(places: Iterable[tuple[int, float, float]], frame: _Frame) -> list[Pin]:
    """The first one last, so that it lies on top. Those that would lie on each other without a number are one."""
    return list(dict.fromkeys(Pin(number, *frame.place(*place)) for number, *place in [*places][::-1]))


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
