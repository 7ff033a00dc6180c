"""docs/reference/settings.md names the environment variables that config/settings.py reads, and no others."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


def test_every_environment_variable_is_documented_and_every_documented_one_is_read() -> None:
    source = (CHECKOUT / "config" / "settings.py").read_text()
    read = set(
        re.findall(r'(?:environ\.get|environ\[|_words|_number|_flag|_one_of|_rate)\(?"([A-Z_]+)"', source)
    )
    table = (CHECKOUT / "docs" / "reference" / "settings.md").read_text()
    assert read == set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE))
    assert len(read) > 5


def test_only_the_settings_read_environment_variables_but_for_the_search_path() -> None:
    readers = [
        str(path.relative_to(CHECKOUT))
        for folder in ("foxreviews", "config")
        for path in (CHECKOUT / folder).rglob("*.py")
        if re.search(r"os\.(environ\.get\((?!\"PATH\")|environ\[|getenv)", path.read_text())
    ]
    assert readers == ["config/settings.py"]


def test_the_defaults_of_numbers_and_rates_are_those_that_are_read() -> None:
    source = (CHECKOUT / "config" / "settings.py").read_text()
    numbers = re.findall(r'_number\("([A-Z_]+)", ([\d_]+)\)', source)
    rates = re.findall(r'_rate\("([A-Z_]+)", "([^"]+)"\)', source)
    table = (CHECKOUT / "docs" / "reference" / "settings.md").read_text()
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \|.* \| `([^`]+)`[^|]* \|$", table, re.MULTILINE))
    for name, default in [*numbers, *rates]:
        if name != "DATABASE_POOL_SIZE":  # config/wsgi.py says it
            assert documented[name] == default.replace("_", ""), name
    assert len([*numbers, *rates]) > 10
