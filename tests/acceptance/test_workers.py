"""What becomes of tasks when their worker, their broker or both are killed: with a real Redis and real workers."""

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from benchmarks.imports.crashes import CONTINUING, IMPORT, Whole
from tests.acceptance import gates
from tests.acceptance.broker import REDIS, Broker, brokering, working
from tests.acceptance.directories import SmallDirectory
from tests.acceptance.gates import GATES, IS_WAITING, PLACES
from tests.waiting import DEADLINE, wait_until

ROWS = 600
pytestmark = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")


class Scene:
    """A directory with gates at which imports wait, and a broker."""

    def __init__(self, directory: SmallDirectory, broker: Broker, whole: Whole) -> None:
        self.directory, self.broker, self.whole = directory, broker, whole
        self.environment = directory.environment | {"CELERY_BROKER_URL": broker.url}
        self.log = directory.logs / "celery.log"

    def state(self, task_id: str) -> tuple[object, ...]:
        """state and deliveries."""
        found = self.directory.ask(f"SELECT state, deliveries FROM workers_taskrun WHERE id = '{task_id}'")
        return found[0] if found else ()

    def wait_until_is(self, task_id: str, state: str) -> None:
        wait_until(
            lambda: self.state(task_id)[:1] == (state,),
            lambda: f"{self.state(task_id)}: {self.log.read_text()}",
        )

    def close_gate(self, place: str) -> psycopg.Connection:
        """A session for which imports wait at that place, until it is closed."""
        session = psycopg.connect(self.directory.url, autocommit=True)
        session.execute(f"SELECT pg_advisory_lock({GATES}, {PLACES[place]})")
        return session

    def wait_until_held(self, session: psycopg.Connection) -> None:
        wait_until(
            lambda: session.execute(IS_WAITING).fetchall(), lambda: f"It is not held: {self.log.read_text()}"
        )


@pytest.fixture
def directory(empty_database: dict[str, str], tmp_path: Path) -> Iterator[SmallDirectory]:
    with closing(SmallDirectory(empty_database, tmp_path)) as made:
        gates.build(made)
        yield made


@pytest.fixture
def whole(directory: SmallDirectory, companies_file: Callable[[int], Path]) -> Whole:
    """What an uninterrupted import of an empty directory comes to."""
    loaded = Whole.load(directory, companies_file(ROWS))
    directory.empty()
    return loaded


@pytest.fixture
def scene(directory: SmallDirectory, whole: Whole, tmp_path: Path) -> Iterator[Scene]:
    with brokering(tmp_path) as broker:
        yield Scene(directory, broker, whole)


def test_a_process_killed_in_the_middle_is_replaced_and_the_import_goes_on_where_it_was(scene: Scene) -> None:
    with working(scene.environment) as worker, scene.close_gate("reading") as gate:
        task = scene.broker.send(IMPORT, str(scene.whole.file))
        scene.wait_until_held(gate)
        for pid in worker.children():
            os.kill(pid, signal.SIGKILL)
        gate.close()
        scene.wait_until_is(task, "done")
        assert scene.state(task) == ("done", 2)
        assert CONTINUING in scene.log.read_text()
        assert scene.whole.problems(scene.directory) == []
        wait_until(lambda: not scene.broker.unacknowledged(), "the task is not acknowledged")
        assert worker.stop() == 0


def test_a_worker_killed_in_the_middle_has_its_task_again_when_it_is_back(scene: Scene) -> None:
    with working(scene.environment) as worker, scene.close_gate("merging") as gate:
        task = scene.broker.send(IMPORT, str(scene.whole.file))
        scene.wait_until_held(gate)
        worker.kill()
    assert scene.directory.content().startswith("0 ")
    with working(scene.environment):
        scene.wait_until_is(task, "done")
        assert scene.state(task) == ("done", 2)
        assert CONTINUING in scene.log.read_text()
        assert scene.whole.problems(scene.directory) == []


def test_a_worker_that_is_stopped_ends_what_it_does_and_takes_no_more(scene: Scene) -> None:
    with working(scene.environment) as worker, scene.close_gate("merging") as gate:
        task = scene.broker.send(IMPORT, str(scene.whole.file))
        scene.wait_until_held(gate)
        worker.process.terminate()
        worker.wait_until_said("Warm shutdown")
        later = scene.broker.send("maintain", "--dry-run")
        gate.close()
        assert worker.process.wait(DEADLINE) == 0, worker.output.read_text()
    assert scene.state(task) == ("done", 1)
    assert scene.whole.problems(scene.directory) == []
    assert scene.state(later) == ()
    assert (scene.broker.waiting(), scene.broker.unacknowledged()) == (1, 0)


def test_a_task_delivered_twice_at_once_is_done_once(scene: Scene) -> None:
    with working(scene.environment) as worker, scene.close_gate("merging") as gate:
        task = scene.broker.send(IMPORT, str(scene.whole.file))
        scene.wait_until_held(gate)
        another = scene.broker.send(IMPORT, str(scene.whole.file))
        scene.wait_until_is(another, "locked")
        scene.broker.send(IMPORT, str(scene.whole.file), task_id=task)
        scene.wait_until_is(task, "locked")
        gate.close()
        scene.wait_until_is(task, "done")
        assert scene.whole.problems(scene.directory) == []
        assert scene.directory.ask("SELECT count(*) FROM importing_importrun") == [(2,)], (
            "the whole one, and this"
        )
        scene.broker.send(IMPORT, str(scene.whole.file), task_id=task)
        worker.wait_until_said("it has ended before")
        assert scene.state(task) == ("done", 2)


def test_what_kills_its_worker_again_and_again_is_given_up(scene: Scene) -> None:
    task = str(uuid.uuid4())
    scene.directory.ask(
        "INSERT INTO workers_taskrun (id, name, arguments, state, deliveries, worker, message)"
        f" VALUES ('{task}', 'maintain', '[]', 'running', 3, 'two@there', '')"
    )
    with working(scene.environment):
        scene.broker.send("maintain", task_id=task)
        scene.wait_until_is(task, "failed")
    (message,) = scene.directory.ask(f"SELECT message FROM workers_taskrun WHERE id = '{task}'")[0]
    assert message == "Given up: its worker died 3 times while it ran."


def test_a_broker_that_forgets_loses_what_waits_and_nothing_that_runs(scene: Scene) -> None:
    with working(scene.environment) as worker, scene.close_gate("merging") as gate:
        task = scene.broker.send(IMPORT, str(scene.whole.file))
        scene.wait_until_held(gate)
        worker.process.send_signal(signal.SIGSTOP)  # so that it takes no second one
        lost = scene.broker.send("maintain", "--dry-run")
        scene.broker.kill()
        scene.broker.start()
        worker.process.send_signal(signal.SIGCONT)
        worker.wait_until_said("Connection to broker lost")
        gate.close()
        scene.wait_until_is(task, "done")
        after = scene.broker.send("maintain", "--dry-run")
        scene.wait_until_is(after, "done")
        assert scene.whole.problems(scene.directory) == []
        assert scene.state(task) == ("done", 1)
        assert scene.state(lost) == ()


def test_a_broker_that_writes_to_its_disk_keeps_what_waits_and_what_runs(
    directory: SmallDirectory, whole: Whole, tmp_path: Path
) -> None:
    with brokering(tmp_path, persistent=True) as broker:
        scene = Scene(directory, broker, whole)
        waiting = broker.send("maintain", "--dry-run")
        broker.kill()
        broker.start()
        with working(scene.environment) as worker, scene.close_gate("merging") as gate:
            scene.wait_until_is(waiting, "done")
            task = broker.send(IMPORT, str(whole.file))
            scene.wait_until_held(gate)
            broker.kill()
            worker.kill()  # both: a power cut
            broker.start()
        with working(scene.environment):
            scene.wait_until_is(task, "done")
        assert whole.problems(directory) == []
