"""Maps that the server draws: tiles of the départements, and companies at their places."""

import pytest

from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.web import maps
from foxreviews.web.maps import WIDTH, _Frame, _outline, _round
from foxreviews.web.tiles import GRID, SHADES


def test_each_departement_has_one_tile() -> None:
    codes = [code for code in GRID.split() if code != "."]
    overseas_collectivities = {code for code, each in DEPARTEMENTS.items() if not each.region}
    assert sorted(codes) == sorted({*DEPARTEMENTS} - overseas_collectivities)
    assert SHADES == 5


def test_the_country_fits_on_its_map() -> None:
    frame = _Frame.around(maps.WEST, maps.SOUTH, maps.EAST, maps.NORTH)
    numbers = [float(part) for path in _outline(frame) for part in path[1:-1].replace("L", " ").split()]
    assert min(numbers) >= 0
    assert max(numbers) <= WIDTH
    paris, nice, brest = (frame.place(*place) for place in ((48.86, 2.35), (43.7, 7.27), (48.39, -4.49)))
    assert brest[0] < paris[0] < nice[0]
    assert paris[1] < nice[1]


@pytest.mark.parametrize(("km", "bar"), [(0.7, 0.5), (1.0, 1.0), (3.9, 2.0), (49.0, 20.0), (51.0, 50.0)])
def test_a_scale_is_a_round_number(km: float, bar: float) -> None:
    assert _round(km) == bar
