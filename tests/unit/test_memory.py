"""Where tests keep what they write: of what a run leaves, and of what others left."""

import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import memory


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files in memory that no run uses, with all the room of the world."""
    monkeypatch.setattr(memory, "SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(memory, "NEEDED", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in (memory.VARIABLE, *memory.TEMPORARY):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv(memory.VARIABLE)
    return tmp_path


def folders(place: Path) -> list[Path]:
    return [path for path in place.iterdir() if path.is_dir()]


def test_a_run_leaves_nothing_but_what_it_is_to_keep_which_the_next_removes(place: Path) -> None:
    run = memory.Run()
    assert [run.folder] == folders(place)
    run.keep = True
    run.close()
    assert [run.folder] == folders(place)
    del os.environ[memory.VARIABLE]
    tempfile.tempdir = str(place)
    following = memory.Run()
    assert [following.folder] == folders(place)
    following.close()
    assert folders(place) == []


def test_what_killed_runs_left_is_removed_and_a_run_under_way_is_not(place: Path) -> None:
    under_way, killed, killed_at_once = (place / f"{memory.NAME}-{name}" for name in "abc")
    for each in (under_way, killed, killed_at_once):
        each.mkdir()
    (killed / "lock").touch()
    with memory.lock(under_way / "lock"):
        run = memory.Run()
    assert {run.folder, under_way} == {*folders(place)}
    run.close()


def test_memory_that_runs_no_programs_has_no_room(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/proc/meminfo").exists():
        pytest.skip("no /proc/meminfo here: tests write to the temporary folder")
    disk = SimpleNamespace(f_flag=0, f_bavail=1, f_bfree=1, f_blocks=1, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _path: disk)
    assert memory.has_room()
    disk.f_flag = os.ST_NOEXEC
    assert not memory.has_room()


def test_memory_that_is_taken_has_no_room(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_available_memory", lambda: 0)
    assert not memory.has_room()
