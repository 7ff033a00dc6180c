"""docs/howto/troubleshoot.md and grow.md: what they tell to type works, and repairs what it is about."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.imports.crashes import INDEXES, LEDGER
from tests.acceptance.directories import Directory
from tests.commands import run
from tests.conftest import LOADED_ROWS

CHECKOUT = Path(__file__).parents[2]
PAGES = CHECKOUT / "docs" / "howto"
DROPPED = "enterprise_entreprise_nom_trgm_idx"
pytestmark = pytest.mark.skipif(shutil.which("psql") is None, reason="manage.py dbshell needs psql")


@pytest.fixture
def directory(loaded_database: dict[str, str], tmp_path: Path) -> Iterator[Directory]:
    with closing(Directory(loaded_database, tmp_path)) as made:
        yield made


def commands(page: str, section: str = "") -> Iterator[str]:
    """What stands in the blocks of commands of a page, or of one section of it, line by line."""
    text = (PAGES / page).read_text()
    if section:
        text = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()


def follow(
    directory: Directory, section: str, page: str = "troubleshoot.md"
) -> dict[str, subprocess.CompletedProcess[str]]:
    """Type all of it, with the paths of this test."""
    done = {}
    for command in commands(page, section):
        typed = command
        for name, path in (("entreprises.csv", "entreprises.csv"), ("logs/import.log", "logs/import.log")):
            typed = typed.replace(name, shlex.quote(str(directory.logs / path)))
        done[command] = _type(typed, directory.environment)
        assert "Traceback" not in done[command].stderr, command
        finds = re.search(r"manage.py (doctor|verify|search_status|scaling)", command)
        assert done[command].returncode in ({0, 1} if finds else {0}), (command, done[command].stderr)
    assert done
    return done


def _type(line: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run it; a shell is there for what is more than one of our commands."""
    words = shlex.split(line)
    if words[:2] == [".venv/bin/python", "manage.py"]:
        assert not {"|", ">", "<", "&&", ";"} & set(words), line
        return run(environment, *words[2:])
    return subprocess.run(
        ["sh", "-c", line.replace(".venv/bin/python", shlex.quote(sys.executable))],
        cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_first_look_finds_what_there_is(directory: Directory) -> None:
    doctor, status, history = follow(directory, "Where to look first").values()
    assert "hold." in doctor.stdout
    assert "searches" in status.stdout
    assert "done" in history.stdout


def test_a_missing_index_is_built(directory: Directory) -> None:
    before = directory.ask(INDEXES)
    directory.ask(f"DROP INDEX {DROPPED}")
    follow(directory, "An index is missing or broken")
    assert set(directory.ask(INDEXES)) == set(before)


def test_an_import_that_was_killed_is_ended(directory: Directory) -> None:
    directory.empty()
    directory.ask("UPDATE importing_importrun SET status = 'running'")
    done = follow(directory, "An import is stuck or was interrupted")
    assert "interrupted" in next(iter(done.values())).stdout
    assert {status for status, _ in directory.ask(LEDGER)} == {"failed", "done"}
    assert directory.content().startswith(f"{LOADED_ROWS} ")


def test_a_file_is_loaded_in_pieces(directory: Directory) -> None:
    whole = directory.content()
    directory.empty()
    follow(directory, "The machine runs out of memory")
    assert directory.content() == whole


def test_a_slow_query_is_looked_at(directory: Directory) -> None:
    done = follow(directory, "A query is slow")
    assert any("Execution Time" in each.stdout for each in done.values())


def test_scaling_says_what_is_switched_on(directory: Directory) -> None:
    scaling, *_ = follow(directory, "When it is time", "grow.md").values()
    assert "off: CACHE_URL, DATABASE_REPLICA_URLS" in scaling.stdout
