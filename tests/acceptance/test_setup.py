"""make and scripts/setup, where they can be tried without installing anything."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.conftest import SOURCES

TOOLS = (
    *(
        "bash",
        "cat",
        "chmod",
        "cksum",
        "dirname",
        "env",
        "flock",
        "id",
        "mkdir",
        "mktemp",
        "rm",
        "sed",
        "sh",
        "tail",
    ),
    *("tee", "touch"),
)


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


class Ready:
    """A checkout that is set up but for a program that tests call, on a machine whose apt-get writes down its words."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.programs, self.log = Path(environment["PATH"]), folder / "apt.log"
        self.log.touch()
        self.policy = folder / "policy-rc.d"
        (folder / "scripts").mkdir()
        text = (SOURCES / "scripts" / "setup").read_text()
        for name, value in (("TEST_PROGRAMS", '"sh:dash needed:its-package"'), ("POLICY", str(self.policy))):
            text = re.sub(f"^{name}=.*", f"{name}={value}", text, flags=re.MULTILINE)
        self.program(folder / "scripts" / "setup", text)
        shutil.copy(SOURCES / "requirements-dev.txt", folder)
        (folder / ".venv" / "bin").mkdir(parents=True)
        self.program(folder / ".venv" / "bin" / "python", "#!/bin/sh\n")
        (folder / ".venv" / ".path").write_text(f"{folder}\n")
        printed = f"{folder}\n".encode() + (folder / "requirements-dev.txt").read_bytes()
        made_from = subprocess.run(["cksum"], input=printed, capture_output=True, check=True).stdout
        (folder / ".venv" / ".requirements-dev.txt").write_bytes(made_from)
        self.replace("apt-get", f'echo "$*" >> {self.log}')

    def replace(self, name: str, script: str) -> None:
        (self.programs / name).unlink(missing_ok=True)
        self.program(self.programs / name, f"#!/bin/sh\n{script}\n")

    @staticmethod
    def program(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "scripts" / "setup", "--dev"],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def ready(tmp_path: Path, bare_machine: dict[str, str]) -> Ready:
    return Ready(tmp_path.resolve(), bare_machine)


def test_a_checkout_that_is_set_up_is_left_alone(ready: Ready):
    ready.replace("needed", "")
    before = {path: path.stat().st_mtime_ns for path in (ready.folder / ".venv").rglob("*")}
    done = ready.set_up()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path: path.stat().st_mtime_ns for path in (ready.folder / ".venv").rglob("*")} == before
    assert ready.log.read_text() == ""


def test_what_only_tests_call_is_installed_where_it_may_be(ready: Ready):
    ready.replace("id", "echo 0")
    needed = ready.programs / "needed"
    ready.replace(
        "apt-get",
        f"""
        echo "$*" >> {ready.log}
        [ "$1" = install ] || exit 0
        [ -x {ready.policy} ] && echo "services are denied" >> {ready.log}
        echo > {needed}; chmod +x {needed}""",
    )
    done = ready.set_up()
    assert (done.returncode, done.stderr) == (0, "setup: installing its-package (apt-get)\n")
    assert ready.log.read_text().splitlines() == [
        "update -q", "install -qy --no-install-recommends its-package", "services are denied"
    ]  # fmt: skip
    assert not ready.policy.exists()


@pytest.mark.parametrize("account", [0, 1000], ids=["not found", "not root"])
def test_where_it_may_not_be_the_command_is_named_and_the_run_goes_on(ready: Ready, account: int):
    ready.replace("id", f"echo {account}")
    done = ready.set_up()
    assert done.returncode == 0
    assert done.stderr.endswith(
        "setup: some tests are skipped. For all of them, type: sudo apt-get install its-package\n"
    )
    assert bool(ready.log.read_text()) == (account == 0)


def test_make_alone_says_what_there_is():
    done = subprocess.run(["make"], cwd=SOURCES, capture_output=True, text=True, check=True)
    assert {"make demo", "make test", "make setup"} <= {
        " ".join(line.split()[:2]) for line in done.stdout.splitlines()
    }
