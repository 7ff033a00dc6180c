"""PostgreSQL's server programs are found wherever distributions put them."""

import os
from pathlib import Path

import pytest

from foxreviews.localdb import binaries
from foxreviews.localdb.binaries import BinariesMissingError


def install(folder: Path, version: str) -> Path:
    """Programs that only know their version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A machine without PostgreSQL, whose packages would go to tmp_path/lib/*/bin."""
    path = tmp_path / "path"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setattr(binaries, "FOLDERS", (f"{tmp_path}/lib/*/bin",))
    binaries.installed.cache_clear()
    yield path
    binaries.installed.cache_clear()


def test_the_newest_version_is_taken(bare_machine: Path, tmp_path: Path):
    for version in ("15.18", "9.6.24", "17.2", "16.9"):
        install(tmp_path / "lib" / version / "bin", version)
    assert binaries.newest().version == "17.2"


def test_a_beta_counts_as_its_version(bare_machine: Path, tmp_path: Path):
    install(tmp_path / "lib" / "new" / "bin", "19beta1")
    assert binaries.newest().major == 19


def test_the_programs_of_an_existing_cluster_are_those_of_its_version(bare_machine: Path, tmp_path: Path):
    for version in ("15.1", "17.2"):
        install(tmp_path / "lib" / version / "bin", version)
    found = binaries.of_major(15)
    assert found is not None
    assert found.version == "15.1"
    assert binaries.of_major(16) is None


def test_a_link_on_the_path_leads_to_the_real_folder(bare_machine: Path, tmp_path: Path):
    real = install(tmp_path / "elsewhere", "16.3 (Debian 16.3-1)")
    (bare_machine / "postgres").symlink_to(real / "postgres")
    assert binaries.newest().folder == real


def test_pg_config_tells_where_they_are(bare_machine: Path, tmp_path: Path):
    real = install(tmp_path / "elsewhere", "16.3")
    config = bare_machine / "pg_config"
    config.write_text(f"#!/bin/sh\necho '{real}'\n")
    config.chmod(0o755)
    assert binaries.newest().folder == real


def test_a_program_that_does_not_run_is_passed_over(bare_machine: Path, tmp_path: Path):
    broken = install(tmp_path / "lib" / "17" / "bin", "17.1")
    (broken / "postgres").write_text("#!/nowhere/sh\n")
    install(tmp_path / "lib" / "15" / "bin", "15.1")
    assert binaries.newest().version == "15.1"


def test_a_client_without_a_server_is_not_a_server(bare_machine: Path, tmp_path: Path):
    client = tmp_path / "lib" / "17" / "bin"
    client.mkdir(parents=True)
    (client / "psql").touch()
    assert binaries.installed() == ()


def test_where_nothing_is_installed_the_message_is_the_command_to_type(bare_machine: Path):
    apt = bare_machine / "apt-get"
    apt.write_text("")
    apt.chmod(0o755)
    with pytest.raises(BinariesMissingError, match=r"not installed\. Type: sudo apt-get install postgresql$"):
        binaries.newest()


def test_an_old_version_is_named_and_refused(bare_machine: Path, tmp_path: Path):
    install(tmp_path / "lib" / "14" / "bin", "14.9")
    with pytest.raises(BinariesMissingError, match=r"PostgreSQL 15 or later is needed; .* has 14\.9"):
        binaries.newest()


def test_this_machine_has_one():
    binaries.installed.cache_clear()
    assert os.access(binaries.newest().program("initdb"), os.X_OK)
