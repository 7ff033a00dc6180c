"""A broker and a worker as an operator sees them: checks, figures, what a task may be, what beat queues."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery.beat import PersistentScheduler

from foxreviews.workers.app import app
from tests import commands
from tests.acceptance.broker import REDIS, Broker, brokering, working
from tests.acceptance.web import serving
from tests.waiting import wait_until

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "howto" / "workers.md"
pytestmark = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with brokering(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(scope="module")
def environment(shared_database: dict[str, str], broker: Broker) -> dict[str, str]:
    return shared_database | {"CELERY_BROKER_URL": broker.url}


@pytest.fixture(scope="module")
def worker(environment: dict[str, str]) -> Iterator[Any]:
    with working(environment) as running:
        yield running


def ended(environment: dict[str, str], task_id: str) -> tuple[str, str]:
    """state and message, once it has ended."""
    found: list[tuple[str, str]] = []
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as session:

        def has_ended() -> bool:
            found[:] = session.execute(
                "SELECT state, message FROM workers_taskrun WHERE id = %s AND state <> 'running'", [task_id]
            ).fetchall()
            return bool(found)

        wait_until(has_ended, "the task does not end")
    return found[0]


def checks(environment: dict[str, str], command: str) -> dict[str, dict[str, Any]]:
    done = commands.run(environment, command, "--json")
    assert "Traceback" not in done.stderr, done.stderr
    return {each["subject"]: each for each in json.loads(done.stdout)["findings"]}


def test_a_task_is_its_command_and_its_words(
    environment: dict[str, str], broker: Broker, worker: Any
) -> None:
    task = broker.send("maintain", "--dry-run", "--json")
    assert ended(environment, task) == ("done", "")
    log = worker.log.read_text()
    assert "foxreviews.maintain" in log
    assert "maintain: " in log, "what the command says is in the log"


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("maintain", ["--nonsense"], "unrecognized arguments: --nonsense"),
        ("import_sirene", [], "--unites-legales"),
        ("import_entreprises_bulk", ["-"], "no standard input"),
        ("import_entreprises_bulk", [{"file": "x"}], "words of a command line"),
        ("import_entreprises_bulk", ["/nowhere.csv"], "/nowhere.csv"),
        ("import_villes", ["/nowhere.csv"], "/nowhere.csv"),
        ("restore_drill", [], "backup"),
        ("reload", ["--nonsense"], "unrecognized arguments: --nonsense"),
        ("describe", ["--fill"], "set DESCRIPTION_URL"),
    ],
)
def test_what_is_wrong_with_a_task_is_in_the_ledger(
    environment: dict[str, str], broker: Broker, worker: Any, name: str, words: list[Any], message: str
) -> None:
    state, said = ended(environment, broker.send(name, *words))
    assert state == "failed"
    assert message in said
    assert "Traceback" not in said


def test_only_what_is_a_task_can_be_called(environment: dict[str, str], broker: Broker, worker: Any) -> None:
    for name in ("restore", "flush", "shell", "localdb"):
        broker.send(name, "--yes")
    worker.wait_until_said("Received unregistered task of type 'foxreviews.localdb'")
    assert ended(environment, broker.send("maintain", "--dry-run")) == ("done", "")


def test_the_checks_know_the_broker_and_the_worker(environment: dict[str, str], worker: Any) -> None:
    for command in ("doctor", "verify", "scaling", "preflight"):
        found = checks(environment, command)
        assert found["workers"]["found"] == "one@here answers", command
        assert found["broker"]["severity"] == "ok", command


def test_the_last_failure_of_a_task_is_a_warning_until_it_succeeds(
    environment: dict[str, str], broker: Broker, worker: Any
) -> None:
    ended(environment, broker.send("maintain", "--wrong"))
    found = checks(environment, "doctor")["task maintain"]
    assert found["severity"] == "warning"
    assert found["fix"] == "manage.py maintain --wrong"
    ended(environment, broker.send("maintain", "--dry-run"))
    assert "task maintain" not in checks(environment, "doctor")


def test_the_figures_are_in_metrics(
    environment: dict[str, str], broker: Broker, worker: Any, tmp_path: Path
) -> None:
    ended(environment, broker.send("maintain", "--dry-run"))
    ended(environment, broker.send("backup", "--wrong"))
    with serving(environment, tmp_path / "web.log") as server:
        _, text = server.get("/metrics")
    figures = dict(re.findall(r"^(foxreviews_\w*task\S*|foxreviews_broker_up) (\S+)$", text, re.MULTILINE))
    assert float(figures['foxreviews_tasks_total{result="done",task="maintain"}']) >= 1
    assert float(figures['foxreviews_tasks_total{result="failed",task="backup"}']) >= 1
    assert float(figures['foxreviews_task_seconds_total{task="maintain"}']) > 0
    assert figures["foxreviews_broker_up"] == "1.0"
    assert figures["foxreviews_tasks_waiting"] == "0.0"


def test_the_page_is_typed_as_it_stands(environment: dict[str, str], worker: Any) -> None:
    import shlex
    import subprocess
    import sys

    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert any("call foxreviews." in line for line in lines)
    for line in lines:
        words = [str(Path(sys.executable).with_name(word.rpartition("/")[2])) if word.startswith(".venv/bin/") else word
                 for word in shlex.split(line)]  # fmt: skip
        done = subprocess.run(
            words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)


def test_without_a_worker_and_without_a_broker_the_checks_say_so(
    shared_database: dict[str, str], tmp_path: Path
) -> None:
    with brokering(tmp_path) as lonely:
        environment = shared_database | {"CELERY_BROKER_URL": lonely.url}
        assert checks(environment, "doctor")["workers"]["severity"] == "warning"
        for _ in range(11):
            lonely.send("maintain")
        assert checks(environment, "doctor")["broker"]["severity"] == "warning"
    found = checks(environment, "doctor")
    assert found["broker"]["severity"] == "error"
    assert "workers" not in found
    assert not {"broker", "workers"} & checks(shared_database, "doctor").keys(), "none is configured"


def test_beat_queues_what_was_due_while_it_was_away_once(
    shared_database: dict[str, str], tmp_path: Path
) -> None:
    kept = tmp_path / "beat"
    away = PersistentScheduler(app=app, schedule_filename=str(kept))  # as it was kept three days ago
    away.schedule["backup"].last_run_at -= timedelta(days=3)
    away.close()
    with brokering(tmp_path) as lonely:
        environment = shared_database | {"CELERY_BROKER_URL": lonely.url}
        with working(
            environment, "beat", "--schedule", str(kept), "--pidfile=", "--loglevel", "INFO"
        ) as beat:
            beat.wait_until_said("Sending due task backup")
            wait_until(lambda: lonely.waiting() == 1, "nothing is queued")
        assert "restore_drill (" not in beat.output.read_text()
