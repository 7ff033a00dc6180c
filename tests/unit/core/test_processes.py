"""A child ends with its parent, and in good order where it can."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from foxreviews.core.processes import Child, end_processes, find_processes, is_alive
from tests.waiting import DEADLINE, wait_until

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(["sleep", "600"]).pid, flush=True)
time.sleep(600)
"""


def stubborn(child: Child) -> int:
    """Start a program that ignores SIGTERM; the id of its own child, which ignores it as well."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines:
        child.start([sys.executable, "-c", STUBBORN], output=writing)
        os.close(writing)
        return int(lines.readline())


def test_a_child_that_ignores_sigterm_is_killed_and_its_group_with_it() -> None:
    child = Child()
    grandchild = stubborn(child)
    child.stop(seconds=0.1)
    assert child.exit_code == -signal.SIGKILL
    wait_until(lambda: not is_alive(grandchild), "its own child runs on")


def test_a_child_is_stopped_in_good_order_at_the_end_of_its_block() -> None:
    with Child() as child:
        pid = child.start(["sleep", "600"])
        assert child.is_running
        assert os.getpgid(pid) == pid, "Ctrl-C in the terminal would reach it"
    assert child.exit_code == -signal.SIGTERM
    child.stop()


def test_a_child_that_was_never_started_is_stopped_without_an_error() -> None:
    child = Child()
    child.stop()
    assert child.exit_code is None
    assert not child.is_running


def test_ctrl_c_while_a_child_starts_comes_when_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    popen = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started = popen(*arguments, **options)
        os.kill(os.getpid(), signal.SIGINT)
        return started

    child = Child()
    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        child.start(["sleep", "600"])
    assert child.is_running
    child.stop()
    assert child.exit_code == -signal.SIGTERM


def test_a_process_that_ignores_the_first_signal_gets_the_next() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, process_group=0
    ) as process:
        assert process.stdout
        grandchild = int(process.stdout.readline())

        def running() -> list[int]:
            return [pid for pid in (process.pid, grandchild) if is_alive(pid)]

        assert not end_processes(running, [(signal.SIGTERM, 0.1)])
        assert running() == [process.pid, grandchild]
        assert end_processes(running, [(signal.SIGTERM, 0.1), (signal.SIGKILL, DEADLINE)])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_is_found_by_its_arguments() -> None:
    with Child() as child:
        pid = child.start(["sleep", "600.125"])
        wait_until(
            lambda: find_processes(lambda process: b"600.125" in process.command) == [pid], "not found"
        )
    assert find_processes(lambda process: process.command == b"sleep\x00600.125\x00") == []
