"""CONTRIBUTING.md draws the house as it is: its rooms are the folders, its layers those that lint-imports holds."""

import re
import tomllib

from tests.conftest import CHECKOUT

PAGE = (CHECKOUT / "CONTRIBUTING.md").read_text()


def test_the_rooms_are_the_folders() -> None:
    rooms = re.findall(r"^\| `foxreviews/(\w+)` \|", PAGE, re.MULTILINE)
    folders = [path.parent.name for path in (CHECKOUT / "foxreviews").glob("*/__init__.py")]
    assert sorted(rooms) == sorted(folders)


def test_the_layers_are_those_of_the_linter() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["name"].startswith("A room"))
    (picture,) = (
        block for block in re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if "core" in block
    )
    drawn = [line.split("│")[0].split("▼")[0].strip() for line in picture.splitlines()]
    assert [re.split(r" {3,}", line)[0] for line in drawn] == [
        layer.replace("foxreviews.", "") for layer in layers
    ]
