"""Commands of Django's own, typed where something is missing: a sentence, no traceback."""

import os

import pytest

from tests import commands

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def error_of(*arguments: str, **environment: str) -> str:
    """What the command says where it exits 1."""
    others = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    done = commands.run(others | environment, *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("command", ["migrate", "showmigrations", "createsuperuser"])
def test_a_database_that_does_not_answer_is_one_sentence(command: str) -> None:
    said = error_of(command, DATABASE_URL=NOWHERE, SECRET_KEY="x")
    assert said.startswith("The database does not answer: ")


def test_a_missing_setting_is_one_sentence() -> None:
    assert error_of("migrate", DATABASE_URL=NOWHERE).startswith(
        "SECRET_KEY is not set. Make one and keep it: "
    )
