"""search_rebuild stopped at a moment that the test chooses: the old index answers, and nothing is left behind."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from foxreviews.core.commands import INTERRUPTED
from tests.acceptance.scene import PATIENCE, Environment, Scene, rename
from tests.commands import Command

WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def scene(empty_database: Environment, tmp_path: Path) -> Scene:
    return Scene(empty_database, tmp_path)


@contextlib.contextmanager
def held(scene: Scene, table: str) -> Iterator[None]:
    """Who reads the table waits until the end of the block."""
    with scene.connect() as session, session.transaction():
        session.execute(f"LOCK TABLE {table}")
        yield


def is_waiting(scene: Scene) -> bool:
    with scene.connect() as session:
        found = session.execute(WAITS).fetchone()
    return bool(found and found[0])


@pytest.mark.parametrize("table", ["enterprise_anciennom", "location_ville"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_rebuild_that_is_stopped_leaves_the_old_index(
    scene: Scene, table: str, number: signal.Signals
) -> None:
    """While it reads companies, and when all of them are merged."""
    scene.fill()
    assert scene.manage("search_rebuild").returncode == 0
    first = scene.storage.required()
    scene.execute(rename(1, "AFTERWARDS"))
    with scene.log.open("a") as output:
        with held(scene, table):
            process = Command(scene.environment, "search_rebuild", stdout=output)
            scene.wait_for(lambda: is_waiting(scene), "the rebuild does not come so far")
            process.send_signal(number)
        ended = process.wait(PATIENCE)
    assert ended == (-signal.SIGKILL if number == signal.SIGKILL else INTERRUPTED)
    assert scene.storage.required() == first
    assert scene.finds("NAME1")
    if number != signal.SIGKILL:  # what that leaves, the next one removes
        assert scene.storage.others() == []
    assert scene.manage("search_rebuild").returncode == 0
    assert scene.storage.others() == []
    assert scene.differences() == []
