"""The demo keeps its index daemon: one that has ended is started again, with pauses, and not for ever."""

from pathlib import Path
from typing import Any

import pytest

from foxreviews.demo import processes
from foxreviews.demo.processes import MAX_RESTARTS, RECOVERED_SECONDS, IndexDaemon


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


class Child:
    """A process that runs until a test ends it."""

    def __init__(self) -> None:
        self.starts, self.is_running = 0, False

    def start(self, *_command: Any, **_options: Any) -> int:
        self.starts, self.is_running = self.starts + 1, True
        return 4121

    def stop(self) -> None:
        self.is_running = False


class Storage:
    pid: int | None = None

    def writer_pid(self) -> int | None:
        return self.pid


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(processes, "time", clock)
    monkeypatch.setattr(processes, "Child", Child)
    return clock


@pytest.fixture
def daemon(clock: Clock, tmp_path: Path) -> Any:
    daemon: Any = IndexDaemon(tmp_path, Storage(), tmp_path / "pid")  # type: ignore[arg-type]
    daemon.start()
    return daemon


def end(daemon: Any) -> None:
    daemon._child.is_running = False


def test_one_that_runs_is_left_alone(daemon: Any) -> None:
    assert daemon.ensure_running() == ""
    assert daemon._child.starts == 1


def test_one_that_has_ended_is_started_again_at_once_and_said(daemon: Any) -> None:
    end(daemon)
    assert "started again (1 of 5)" in daemon.ensure_running()
    assert daemon._child.is_running


def test_pauses_grow_and_after_some_times_it_is_given_up_once(daemon: Any, clock: Clock) -> None:
    pauses = []
    for _ in range(MAX_RESTARTS):
        end(daemon)
        before = clock.now
        while not daemon.ensure_running():
            clock.now += 1
        pauses.append(clock.now - before)
    assert pauses == [0, 2, 4, 8, 16]
    end(daemon)
    clock.now += 60
    assert "not started again" in daemon.ensure_running()
    assert daemon.ensure_running() == ""
    assert daemon._child.starts == 1 + MAX_RESTARTS


def test_one_that_ran_for_long_begins_anew(daemon: Any, clock: Clock) -> None:
    for _ in range(2 * MAX_RESTARTS):
        clock.now += RECOVERED_SECONDS + 1
        end(daemon)
        assert "(1 of 5)" in daemon.ensure_running()


def test_none_is_started_beside_another_one_or_after_the_end(daemon: Any) -> None:
    end(daemon)
    daemon.storage.pid = 7
    assert daemon.ensure_running() == ""
    daemon.storage.pid = None
    daemon.stop()
    assert daemon.ensure_running() == ""
    assert daemon._child.starts == 1
