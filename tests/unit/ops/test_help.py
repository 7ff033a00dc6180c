"""--help of every command fits a terminal of 80 columns, and shows how it is typed."""

from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

OURS = sorted((name, str(app)) for name, app in get_commands().items() if str(app).startswith("foxreviews"))


@pytest.mark.parametrize(("name", "app"), OURS)
def test_help_fits_80_columns_and_has_examples(name: str, app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command: Any = load_command_class(app, name)
    text = command.create_parser("manage.py", name).format_help()
    assert command.help
    assert "examples:" in text
    assert [line for line in text.splitlines() if len(line) > 80] == []
