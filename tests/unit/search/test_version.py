"""The version is looked up once a second, by one thread, and is not believed for long."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import OperationalError

from foxreviews.search import version
from foxreviews.search.version import MAX_AGE, VersionWatch
from tests.waiting import wait_until


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Where versions are read: `name` is the one of now."""

    def __init__(self) -> None:
        self.name, self.looks, self.is_away = "1-a", 0, False

    def __call__(self) -> str:
        self.looks += 1
        if self.is_away:
            raise OperationalError
        return self.name


@pytest.fixture(autouse=True)
def _once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "REFRESH_SECONDS", 1.0)


def name(watch: VersionWatch) -> str:
    found = watch.version()
    return found.name if found else ""


def test_it_is_looked_up_once_a_second() -> None:
    clock, source = Clock(), Source()
    watch = VersionWatch(source, clock)
    assert [name(watch) for _ in range(100)] == ["1-a"] * 100
    assert source.looks == 1
    source.name = "2-b"
    clock.now += 0.99
    assert name(watch) == "1-a"
    clock.now += 0.02
    name(watch)
    assert name(watch) == "2-b"
    assert source.looks == 2


def test_a_version_keeps_the_moment_at_which_it_was_first_seen() -> None:
    clock, source = Clock(), Source()
    watch = VersionWatch(source, clock)
    first = watch.version()
    clock.now += 5
    assert watch.version() is first
    source.name = "2-b"
    clock.now += 5
    second = watch.version()
    assert first
    assert second
    assert second.seen_at >= first.seen_at


def test_where_the_database_is_away_there_is_none_and_it_is_asked_once_a_second() -> None:
    clock, source = Clock(), Source()
    watch = VersionWatch(source, clock)
    assert name(watch) == "1-a"
    source.is_away = True
    clock.now += MAX_AGE
    assert [name(watch) for _ in range(10)] == [""] * 10
    assert source.looks == 2
    source.is_away = False
    clock.now += 1.1
    assert name(watch) == "1-a"


class SlowSource(Source):
    """The next look lasts until `goes_on`."""

    def __init__(self) -> None:
        super().__init__()
        self.looking, self.goes_on = Event(), Event()
        self.goes_on.set()

    def __call__(self) -> str:
        self.looking.set()
        self.goes_on.wait()
        return super().__call__()


def test_a_web_worker_goes_on_with_the_last_one_while_it_looks_but_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, source = Clock(), SlowSource()
    with ThreadPoolExecutor(1) as aside:
        watch = VersionWatch(source, clock, aside)
        monkeypatch.setattr(version, "PATIENCE", 60.0)
        assert name(watch) == "1-a"  # the first is waited for
        monkeypatch.setattr(version, "PATIENCE", 0.01)
        source.goes_on.clear()
        source.name = "2-b"
        clock.now += 1.1
        assert [name(watch) for _ in range(5)] == ["1-a"] * 5
        clock.now += MAX_AGE
        assert [name(watch) for _ in range(5)] == [""] * 5
        assert source.looks == 1
        source.goes_on.set()
        wait_until(lambda: name(watch) == "2-b", "it is not seen")
        assert source.looks == 2


def test_nobody_waits_again_for_a_database_that_was_found_to_be_away(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, source = Clock(), SlowSource()
    with ThreadPoolExecutor(1) as aside:
        watch = VersionWatch(source, clock, aside)
        monkeypatch.setattr(version, "PATIENCE", 60.0)
        source.is_away = True
        assert name(watch) == ""
        source.goes_on.clear()
        clock.now += 10
        assert name(watch) == ""  # at once: with patience it would wait for a minute
        source.is_away = False
        source.goes_on.set()
        wait_until(lambda: name(watch) == "1-a", "it is not used again")
