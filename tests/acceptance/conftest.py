"""Clusters and checkouts of their own, to do to them what people do."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from foxreviews.localdb.binaries import Binaries
from foxreviews.localdb.cluster import Cluster
from tests import commands
from tests.acceptance.web import Server, serving
from tests.commands import Command
from tests.conftest import copy_cluster

SOURCES = Path(__file__).parents[2]


class Checkout:
    """A copy of the project in a folder of its own, with no database yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SECRET_KEY"}
        }
        for name in ("config", "foxreviews"):
            shutil.copytree(SOURCES / name, folder / name)  # with what Python has compiled
        shutil.copy(SOURCES / "manage.py", folder)

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return commands.run(self.environment | environment, *arguments, folder=self.folder)

    def start(self, *arguments: str, output: Any) -> Command:
        """Start a command that runs until it is stopped."""
        return Command(self.environment, *arguments, stdout=output, folder=self.folder)

    def processes(self) -> list[str]:
        """The command lines of what runs in it, or of what was started for it."""
        return [line for line in _command_lines() if str(self.folder) in line]


def _command_lines() -> Iterator[str]:
    if not Path("/proc").is_dir():
        shown = subprocess.run(["ps", "-A", "-o", "command="], capture_output=True, text=True, check=True)
        yield from shown.stdout.splitlines()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            yield file.read_bytes().replace(b"\0", b" ").decode(errors="replace")


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    """A checkout shared by the tests of a module, which come in the order of the file."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        copy = Checkout(Path(folder).resolve())
        yield copy
        copy.manage("localdb", "destroy", "--yes")


@pytest.fixture
def address() -> Iterator[Path]:
    """Where a cluster may be. Not in pytest's own folder: that one is closed to the account of root's server."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve() / "var" / "postgres"


@pytest.fixture
def said() -> list[str]:
    """What the cluster has said."""
    return []


@pytest.fixture
def cluster(address: Path, said: list[str]) -> Iterator[Cluster]:
    """A cluster that was never started; whatever becomes of it is removed."""
    address.parent.mkdir()
    yield Cluster(address, say=said.append)
    Cluster(address).destroy()


@pytest.fixture
def made_before(cluster: Cluster, cluster_template: Path) -> None:
    """The cluster was made before the test, and does not run."""
    copy_cluster(cluster_template, cluster)


@pytest.fixture
def quick_initdb(address: Path, cluster_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """initdb copies what it has made once: an eighth of its cost. For tests of what stands around it."""
    program = address.parents[1] / "initdb"
    program.write_text(
        f"#!/bin/sh\nfor word; do case $word in --pgdata=*) exec cp -a {quote(str(cluster_template / 'data'))} "
        '"${word#--pgdata=}";; esac; done\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(
        Binaries, "program", lambda self, name: str(program if name == "initdb" else self.folder / name)
    )


@pytest.fixture(scope="session")
def small_disk() -> Callable[[Path, str], AbstractContextManager[Path]]:
    """small_disk(folder, "8m"): a disk in memory of that size, mounted there; only root may."""

    @contextmanager
    def mounted(folder: Path, size: str) -> Iterator[Path]:
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(folder)]
        if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a small disk needs root")
        try:
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)

    return mounted


@pytest.fixture(scope="module")
def server(shared_database: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for the tests of a module, which come in the order of the file."""
    with serving(shared_database, tmp_path_factory.mktemp("server") / "web.log") as running:
        yield running
