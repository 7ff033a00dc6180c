"""A map of the départements as tiles of one size: small ones can be read and hit as well as large ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.web import slugs

# Each as near to its place as there is room; Paris and its neighbours are spread. Overseas at the left.
GRID = """
.   .   .   .   .   80  62  59  .   .   .   .
.   .   .   .   76  95  60  93  02  08  57  .
.   .   50  14  27  78  92  75  51  55  54  67
29  22  35  53  61  28  91  94  77  52  88  68
.   56  44  49  72  41  45  89  10  21  70  90
.   .   .   85  37  36  18  58  71  39  25  .
.   .   .   79  86  87  23  03  69  01  74  .
.   .   .   17  16  19  15  63  42  38  73  .
971 .   .   33  24  46  12  43  07  26  05  .
972 .   .   40  47  82  81  48  30  84  04  06
973 .   .   64  32  31  11  34  .   13  83  2B
974 976 .   .   65  09  66  .   .   .   .   2A
"""
SIZE, GAP, TEXT = 40, 3, 26
SHADES = 5


@dataclass(frozen=True)
class Tile:
    """A département on the map; `shade` is 0 where companies were not counted, else 1 to 5, the most.

    Its places are texts: a template looks up how to write a number each time.
    """

    code: str
    nom: str
    url: str
    x: str
    y: str
    text_x: str
    text_y: str
    count: int | None
    shade: str


def tiles(counts: Mapping[str, int] | None, url: Callable[[str], str] = slugs.departement) -> list[Tile]:
    """All of them, with how many companies each has where that is known, and where each leads."""
    order = sorted((counts or {}).get(code, 0) for code in _places())
    return [_tile(code, url(code), place, counts, order) for code, place in _places().items()]


def _places() -> dict[str, tuple[int, int]]:
    rows = [line.split() for line in GRID.strip().splitlines()]
    return {
        code: (x * (SIZE + GAP), y * (SIZE + GAP))
        for y, row in enumerate(rows)
        for x, code in enumerate(row)
        if code != "."
    }


def _tile(
    code: str, url: str, place: tuple[int, int], counts: Mapping[str, int] | None, order: list[int]
) -> Tile:
    """Shaded by its place among the others: a few have most companies."""
    count = None if counts is None else counts.get(code, 0)
    shade = 1 + order.index(count) * SHADES // len(order) if count is not None and order[-1] else 0
    (x, y), nom = place, DEPARTEMENTS[code].nom
    return Tile(code, nom, url, str(x), str(y), str(x + SIZE // 2), str(y + TEXT), count, str(shade))
