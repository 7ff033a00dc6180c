"""The lock of a file: held by one process, and released however that process ends."""

import os
import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from foxreviews.core import locks
from foxreviews.core.errors import LockedError
from foxreviews.core.locks import file_lock, lock_holder
from tests.waiting import DEADLINE

HOLDER = """
import sys, time
from pathlib import Path
from foxreviews.core.locks import file_lock
with file_lock(Path(sys.argv[1]), message=str):
    print("held", flush=True)
    time.sleep(600)
"""


def lock(path: Path, timeout: float = 0.0) -> AbstractContextManager[int]:
    return file_lock(path, message=lambda holder: f"Process {holder} holds it.", timeout=timeout)


def test_the_second_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    with lock(path):
        assert lock_holder(path) == os.getpid()
        with pytest.raises(LockedError, match=f"Process {os.getpid()} holds it"), lock(path):
            pass
    assert lock_holder(path) is None
    with lock(path):
        pass


def test_a_lock_that_was_never_taken_has_no_holder(tmp_path: Path) -> None:
    assert lock_holder(tmp_path / "lock") is None


def test_a_killed_process_releases_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        assert lock_holder(path) == process.pid
        process.kill()
    with lock(path, timeout=DEADLINE):
        pass


def test_a_child_that_inherited_the_lock_holds_it_when_its_parent_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock(path) as descriptor:
        child = subprocess.Popen(["sleep", "600"], pass_fds=(descriptor,))
    try:
        with pytest.raises(LockedError), lock(path):
            pass
    finally:
        child.kill()
        child.wait()
    with lock(path, timeout=DEADLINE):
        pass


def test_a_lock_that_is_released_in_time_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lock"
    first = ExitStack()
    first.enter_context(lock(path))
    monkeypatch.setattr(locks.time, "sleep", lambda _: first.close())
    with lock(path, timeout=DEADLINE):
        assert lock_holder(path) == os.getpid()
