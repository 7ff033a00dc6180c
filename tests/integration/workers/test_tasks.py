"""What a task does where its command, its time or its database fails."""

import uuid
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client

from foxreviews.workers import ledger, tasks
from foxreviews.workers.app import app
from foxreviews.workers.models import TaskRun
from foxreviews.workers.schedule import PREFIX, beat_schedule

Called = list[tuple[str, list[str]]]


@pytest.fixture
def called(db: None, monkeypatch: pytest.MonkeyPatch) -> Called:
    """What would be run."""
    found: Called = []
    monkeypatch.setattr(tasks, "_call", lambda name, arguments: found.append((name, arguments)))
    return found


def do(name: str, *words: Any, task_id: str = "") -> TaskRun:
    """The task in this process, to its end."""
    named = task_id or str(uuid.uuid4())
    app.tasks[PREFIX + name].apply(args=words, task_id=named)
    return TaskRun.objects.get(pk=named)


def test_the_reload_is_a_backup_and_the_import_of_the_folder(called: Called, settings: Any) -> None:
    assert do("reload", "--force").state == "done"
    (backup, no_words), (name, words) = called
    assert (backup, no_words, name) == ("backup", [], "import_sirene")
    assert words[:2] == ["--unites-legales", str(settings.REGISTER_DIR / "StockUniteLegale_utf8.zip")]
    assert words[-1] == "--force"


def test_nothing_is_run_where_a_later_step_has_wrong_words(called: Called) -> None:
    run = do("reload", "--nonsense")
    assert (run.state, called) == ("failed", [])
    assert "unrecognized arguments: --nonsense" in run.message
    assert do("maintain", "--help").state == "failed"


def test_what_takes_too_long_has_failed(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_arguments: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(tasks, "_call", slow)
    run = do("maintain")
    assert (run.state, run.message) == ("failed", "It took longer than 4 h, and was stopped.")


def test_a_database_that_is_away_is_waited_for(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, tries = ledger.begin, []

    def away(*arguments: Any) -> int | None:
        tries.append(arguments)
        if len(tries) < 3:
            raise OperationalError("the server is gone")
        return begin(*arguments)

    monkeypatch.setattr(ledger, "begin", away)
    assert do("maintain").state == "done"
    assert called == [("maintain", [])]


def test_what_has_ended_is_not_run_again(called: Called) -> None:
    task = str(uuid.uuid4())
    do("maintain", task_id=task)
    assert do("maintain", task_id=task).deliveries == 1
    assert len(called) == 1


def test_each_task_is_a_command_and_has_its_limits(called: Called) -> None:
    for work in tasks.WORKS:
        task = app.tasks[PREFIX + work.name]
        assert (
            0
            < task.soft_time_limit
            < task.time_limit
            < app.conf.broker_transport_options["visibility_timeout"]
        )
        assert all(name in tasks.get_commands() for name, _ in work.steps([]))
    assert {entry["task"] for entry in beat_schedule().values()} <= {
        PREFIX + work.name for work in tasks.WORKS
    }


def test_a_command_that_exits_with_an_error_has_failed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, stdout: Any, **_options: object) -> None:
        stdout.write("it was not done\n")
        raise SystemExit(1)

    assert call_command is tasks.call_command
    monkeypatch.setattr(tasks, "call_command", refuse)
    run = do("maintain")
    assert (run.state, run.message) == ("failed", "maintain exits with 1: it was not done")


def test_the_admin_shows_what_became_of_a_task(called: Called, admin_client: Client) -> None:
    run = do("maintain", "--nonsense")
    page = admin_client.get("/admin/workers/taskrun/").content.decode()
    assert "unrecognized arguments: --nonsense" in page
    assert admin_client.get(f"/admin/workers/taskrun/{run.pk}/change/").status_code == 200
    assert admin_client.get("/admin/workers/taskrun/add/").status_code == 403
