"""What every command of the project says of itself fits a terminal of 80 columns."""

import pytest
from django.core.management import get_commands, load_command_class

OURS = {name: app for name, app in get_commands().items() if app.startswith("foxreviews.")}


@pytest.mark.parametrize("name", sorted(OURS))
def test_help_fits_80_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    output = load_command_class(OURS[name], name).create_parser("manage.py", name).format_help()
    assert [line for line in output.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", sorted(OURS))
def test_help_breaks_no_word_and_leaves_no_argument_without_a_meaning(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command = load_command_class(OURS[name], name)
    parser = command.create_parser("manage.py", name)
    words = parser.format_help().split()
    assert [word for word in command.help.split() if word not in words] == []
    assert [action.dest for action in parser._actions if not action.help and action.dest != "action"] == []


def test_there_are_commands() -> None:
    assert {"import_entreprises_bulk", "import_sirene", "demo"} <= OURS.keys()
