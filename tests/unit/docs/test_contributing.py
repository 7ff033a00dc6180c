"""CONTRIBUTING.md draws the house as it is: its rooms are the folders, its layers those that lint-imports holds.

It has each benchmark that can be typed, once.
"""

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


def test_each_benchmark_is_named_once() -> None:
    folder = CHECKOUT / "benchmarks"
    typed = [path for path in folder.rglob("*.py") if 'if __name__ == "__main__":' in path.read_text()]
    parts = [path.relative_to(CHECKOUT).with_suffix("").parts for path in typed]
    modules = [".".join(part for part in each if part != "__main__") for each in parts]
    section = PAGE.split("\n## Benchmarks\n")[1].split("\n## ")[0]
    named = re.findall(r"`(benchmarks\.[\w.]+)`", section)
    # peer_*: benchmarks.matching starts them
    assert sorted(named) == sorted(each for each in modules if ".peer_" not in each)


def test_each_target_that_measures_is_named_once() -> None:
    targets = re.findall(r"^(bench[\w-]*|check-pages):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    section = PAGE.split("\n## Benchmarks\n")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^\| `make ([\w-]+)`", section, re.MULTILINE)) == sorted(targets)
