"""make and scripts/setup, where they can be tried without installing anything."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.acceptance.conftest import SOURCES

TOOLS = ("bash", "cat", "cksum", "dirname", "env", "flock", "id", "mkdir", "rm", "sed", "touch")


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has a shell and little else."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in TOOLS:
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    return {"PATH": str(programs)}


def set_up(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    (folder / "scripts").mkdir()
    shutil.copy(SOURCES / "scripts" / "setup", folder / "scripts")
    shutil.copy(SOURCES / "requirements.txt", folder)
    return subprocess.run(
        [folder / "scripts" / "setup"], env=environment, capture_output=True, text=True, check=False
    )


def test_without_python_the_message_is_the_command_to_type(tmp_path: Path, bare_machine: dict[str, str]):
    done = set_up(tmp_path, bare_machine)
    assert done.returncode == 1
    assert "Type: sudo apt-get install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    "program", ["echo 'python3.12: command not found' >&2; exit 127", "exit 1"], ids=["dead shim", "too old"]
)
def test_a_python_that_will_not_do_is_passed_over(tmp_path: Path, bare_machine: dict[str, str], program: str):
    python = Path(bare_machine["PATH"], "python3.12")
    python.write_text(f"#!/bin/sh\n{program}\n")
    python.chmod(0o755)
    done = set_up(tmp_path, bare_machine)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 or later" in done.stderr


def test_a_checkout_that_is_set_up_is_left_alone_at_once():
    if not (SOURCES / ".venv" / ".requirements-dev.txt").exists():
        pytest.skip("this checkout was not set up by scripts/setup")
    started = time.monotonic()
    done = subprocess.run(
        [SOURCES / "scripts" / "setup", "--dev"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < 3  # a tenth of that on a machine that does nothing else


def test_make_alone_says_what_there_is():
    done = subprocess.run(["make"], cwd=SOURCES, capture_output=True, text=True, check=True)
    assert {"make demo", "make test", "make setup"} <= {
        " ".join(line.split()[:2]) for line in done.stdout.splitlines()
    }
