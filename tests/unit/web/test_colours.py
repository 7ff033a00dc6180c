"""What is written on the tile map can be read in both themes: axe-core does not look at text in SVG."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[3] / "foxreviews" / "web" / "static" / "web" / "site.css").read_text()
MIN_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
INK = {"light": "#221c18", "dark": "#f2ece6"}
# The text of each shade, as the rules of .tiles give it
TEXT = {
    "light": {1: INK["light"], 2: INK["light"], 3: INK["light"], 4: "#fff", 5: "#fff"},
    "dark": {1: INK["dark"], 2: INK["dark"], 3: "#fff", 4: "#191512", 5: "#191512"},
}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    parts = [each * 2 for each in digits] if len(digits) == 3 else re.findall("..", digits)
    linear = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(part, 16) / 255 for part in parts)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("theme", "place"), [("light", 0), ("dark", 1)])
def test_each_shade_of_the_tile_map_bears_its_text(theme: str, place: int) -> None:
    assert re.findall(r"--ink: (#\w+)", CSS)[place] == INK[theme]
    for shade, text in TEXT[theme].items():
        colour = re.findall(rf"--shade{shade}: (#\w+)", CSS)[place]
        assert contrast(colour, text) >= MIN_CONTRAST, (shade, colour, text)
