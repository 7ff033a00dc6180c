"""Prints docs/reference/commands.md: every command of the project by the moment it is typed at, from its own --help.

make docs
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.core.management import BaseCommand, get_commands, load_command_class

MOMENTS = {
    "The first day": (
        "demo", "localdb", "tune", "generate_villes", "generate_entreprises", "import_villes",
    ),
    "Every month": (
        "preflight", "import_entreprises_bulk", "import_sirene", "verify", "import_history", "scaling",
    ),
    "At any time": ("match", "export", "api_key"),
    "All the time": ("search_catchup", "backup", "restore_drill", "maintain", "describe"),
    "When the directory grows": ("partition_entreprises",),
    "When something is wrong": ("doctor", "search_status", "search_rebuild", "restore"),
}  # fmt: skip
# Where each is described with what one sees and what to do if it fails; without one, --help is all there is to say.
HOW_TOS = {
    "tune": "tune-postgresql", "import_villes": "load-companies", "preflight": "before-and-after-an-import",
    "import_entreprises_bulk": "load-companies", "import_sirene": "import-sirene",
    "generate_entreprises": "import-sirene", "verify": "before-and-after-an-import", "scaling": "grow",
    "match": "match-a-list", "export": "export", "search_catchup": "search-index", "backup": "back-up-and-restore",
    "restore_drill": "back-up-and-restore", "restore": "back-up-and-restore", "maintain": "maintain",
    "describe": "descriptions", "partition_entreprises": "partition", "doctor": "troubleshoot",
    "search_status": "search-index", "search_rebuild": "search-index", "import_history": "operator-page",
    "api_key": "call-the-api",
}  # fmt: skip
PAGES = Path(__file__).resolve().parents[1] / "docs" / "howto"
HEAD = """\
# Commands

<!-- Written by `make docs` from each command's --help; a test compares. -->

All are typed as `.venv/bin/python manage.py COMMAND`, and `--help` says the same on a terminal. Exit codes: 0 it \
holds or is done, 1 it does not hold or failed, 2 wrong usage, 3 locked by another run, 130 interrupted.
"""


def page() -> str:
    """Raises SystemExit where a command has no moment, or a moment has a command that there is not."""
    ours = {name: app for name, app in get_commands().items() if app.startswith("foxreviews.")}
    placed = {name for names in MOMENTS.values() for name in names}
    if odd := placed.symmetric_difference(ours):
        raise SystemExit(
            f"scripts/commands_page.py: MOMENTS and the commands differ in {', '.join(sorted(odd))}"
        )
    commands = {name: load_command_class(app, name) for name, app in ours.items()}
    return "\n".join([HEAD, *_contents(), *_sections(commands)]) + "\n"


def _contents() -> Iterator[str]:
    yield "| moment | commands |\n|---|---|"
    for moment, names in MOMENTS.items():
        yield f"| {moment} | {', '.join(f'[{name}](#{name})' for name in names)} |"


def _sections(commands: dict[str, BaseCommand]) -> Iterator[str]:
    for moment, names in MOMENTS.items():
        yield f"\n## {moment}"
        for name in names:
            yield from _section(name, commands[name])


def _section(name: str, command: BaseCommand) -> Iterator[str]:
    parser = command.create_parser("manage.py", name)
    common = {action.dest for action in BaseCommand().create_parser("", "")._actions}
    arguments = [each for action in parser._actions if action.dest not in common for each in _rows(action)]
    yield f"\n### {name}\n\n{' '.join(command.help.split())}"
    if arguments:
        yield "\n| argument | meaning |\n|---|---|"
        yield from arguments
    if parser.epilog:
        yield f"\n```\n{parser.epilog.strip()}\n```"
    if page := HOW_TOS.get(name):
        title = (PAGES / f"{page}.md").read_text().partition("\n")[0].removeprefix("# ")
        yield f"\nHow to: [{title}](../howto/{page}.md)"


def _rows(action: argparse.Action) -> Iterator[str]:
    if isinstance(action, argparse._SubParsersAction):
        for choice in action._choices_actions:
            yield f"| `{choice.dest}` | {choice.help} |"
        return
    meaning = (action.help or "") % (vars(action) | {"prog": "manage.py"})
    if action.required and action.option_strings:
        meaning += " (required)"
    yield f"| `{_spelling(action)}` | {' '.join(meaning.split())} |".replace("||", "|")


def _spelling(action: argparse.Action) -> str:
    value = action.metavar or ("" if action.nargs == 0 else action.dest.upper())
    if action.choices:
        value = ", ".join(map(str, action.choices))
    return f"{', '.join(action.option_strings)} {value}".strip()


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(page())
