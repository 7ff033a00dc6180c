"""The commands that tests fork end as those that Python starts."""

import os
import subprocess
import sys

import pytest

from tests import commands
from tests.conftest import CHECKOUT

NOWHERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (("version",), NOWHERE | {"SECRET_KEY": "x"}),
        (("search_status", "--nonsense"), NOWHERE | {"SECRET_KEY": "x"}),
        (("migrate",), NOWHERE),
        (("migrate",), NOWHERE | {"SECRET_KEY": "x"}),
    ],
    ids=["done", "refused", "no-secret-key", "no-database"],
)
def test_a_forked_command_says_and_ends_as_one_that_python_starts(
    arguments: tuple[str, ...], settings: dict[str, str]
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"} | settings
    started = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    forked = commands.run(environment, *arguments)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        started.returncode,
        started.stdout,
        started.stderr,
    )


def test_a_forked_command_hears_signals_and_ends_by_them() -> None:
    code = "import time; print('here', flush=True); time.sleep(3600)"
    environment = os.environ | NOWHERE | {"SECRET_KEY": "x"}
    for end, code_of_it in ((commands.Command.kill, -9), (commands.Command.interrupt, 130)):
        process = commands.Command(environment, "shell", "--verbosity", "0", "--command", code)
        assert process.stdout
        while "here" not in process.stdout.readline():
            assert process.poll() is None
        end(process)
        assert process.wait() == code_of_it
        process.stdout.close()
