"""docs/reference/import-rules.md explains every reason that the import gives, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from foxreviews.reading.header import OPTIONAL, REQUIRED
from foxreviews.reading.synonyms import SYNONYMS

CHECKOUT = Path(__file__).parents[3]
ROOMS = CHECKOUT / "foxreviews"
GIVING_REASONS = [
    ROOMS / "reading/blocks.py",
    ROOMS / "reading/resync.py",
    ROOMS / "importing/clean/steps.py",
    ROOMS / "sirene/legal_units.py",
    ROOMS / "sirene/nomenclature.py",
    ROOMS / "sirene/establishments.py",
]
OF_A_COLUMN = {f"{column}-malformed" for column in ("latitude", "longitude", "naf-code", "naf25-code")}


def reasons(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text())):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", text) and text != "utf-8":
            yield text


def test_every_reason_is_documented_and_every_documented_one_is_given() -> None:
    given = {reason for source in GIVING_REASONS for reason in reasons(source)} | OF_A_COLUMN
    page = (CHECKOUT / "docs" / "reference" / "import-rules.md").read_text()
    documented = re.findall(r"^\| `([a-z0-9]+(?:-[a-z0-9]+)+)` \|", page, re.MULTILINE)
    assert sorted(documented) == sorted(given)
    assert len(given) > 20


def test_the_columns_of_a_file_are_all_documented() -> None:
    page = (CHECKOUT / "docs" / "reference" / "import-rules.md").read_text()
    for beginning, columns in (("Required columns", REQUIRED), ("Optional columns", OPTIONAL)):
        (line,) = re.findall(rf"^- {beginning}.*$", page, re.MULTILINE)
        assert re.findall(r"`(\w+)`", line) == list(columns)


def test_the_names_that_lists_give_to_our_columns_are_all_documented() -> None:
    page = (CHECKOUT / "docs" / "reference" / "import-rules.md").read_text()
    table = page.partition("## What lists call our columns")[2]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    assert {ours: tuple(names.split(", ")) for ours, names in rows} == SYNONYMS
