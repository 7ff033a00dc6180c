"""Beat does what the timers do, when they do it; and a process without a broker never loads Celery."""

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from foxreviews.workers.app import app
from foxreviews.workers.schedule import DAY, PREFIX, beat_schedule

CHECKOUT = Path(__file__).parents[3]
UNITS = CHECKOUT / "deploy" / "systemd"
TASKS = {"backup": "backup", "drill": "restore_drill", "maintain": "maintain", "import": "reload"}
CALENDAR = re.compile(r"(?:(?P<weekday>\w{3}) )?\*-\*-(?P<day>\*|\d+) (?P<hour>\d+):(?P<minute>\d+)")
PARIS = ZoneInfo("Europe/Paris")


def moments(entry: dict[str, Any]) -> tuple[set[int], set[int], set[int], set[int]]:
    when = entry["schedule"]
    return when.hour, when.minute, when.day_of_week, when.day_of_month


def test_there_is_no_timer_without_its_task() -> None:
    timers = {path.stem.removeprefix("foxreviews-") for path in UNITS.glob("*.timer")}
    assert timers == TASKS.keys()
    assert beat_schedule().keys() == set(TASKS.values())


@pytest.mark.parametrize(("timer", "task"), TASKS.items())
def test_each_is_due_when_its_timer_is(timer: str, task: str) -> None:
    text = (UNITS / f"foxreviews-{timer}.timer").read_text()
    found = re.search(r"^OnCalendar=(.*)$", text, re.MULTILINE)
    assert found
    calendar = CALENDAR.fullmatch(found[1])
    assert calendar
    hour, minute, weekdays, days = moments(beat_schedule()[task])
    assert (hour, minute) == ({int(calendar["hour"])}, {int(calendar["minute"])})
    assert weekdays == ({0} if calendar["weekday"] == "Sun" else set(range(7)))
    assert days == (set(range(1, 32)) if calendar["day"] == "*" else {int(calendar["day"])})


def test_what_waits_for_a_worker_is_dropped_before_it_is_due_again() -> None:
    for name, period in (("backup", 1), ("restore_drill", 7), ("maintain", 7), ("reload", 28)):
        entry = beat_schedule()[name]
        assert 0 < entry["options"]["expires"] < period * DAY
        assert entry["task"] == PREFIX + name


def test_descriptions_are_asked_for_each_day_where_there_is_an_endpoint(settings: Any) -> None:
    settings.DESCRIPTION_URL = "https://example.org/v1"
    assert beat_schedule()["describe"]["args"] == ["--fill"]


def test_what_was_due_while_beat_was_away_is_due_at_once() -> None:
    entry = beat_schedule()["backup"]["schedule"]
    entry.app = app
    entry.nowfun = lambda: datetime(2026, 3, 2, 12, tzinfo=PARIS)
    assert entry.is_due(datetime(2026, 2, 27, 3, 30, tzinfo=PARIS)).is_due
    assert not entry.is_due(datetime(2026, 3, 2, 3, 31, tzinfo=PARIS)).is_due


CODE = """
import io, sys
from django.core.management import call_command
for name in ("doctor", "scaling"):
    try:
        call_command(name, stdout=io.StringIO())
    except BaseException:
        pass
import foxreviews.telemetry.metrics, foxreviews.workers.status, config.urls
print([name for name in sys.modules if name.split(".")[0] in {"celery", "kombu", "billiard", "redis"}])
"""


def test_without_a_broker_celery_is_not_loaded() -> None:
    environment = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "SECRET_KEY": "k",
        "PATH": "/usr/bin",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", CODE],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_celery_without_a_broker_says_what_to_set() -> None:
    environment = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "SECRET_KEY": "k",
        "PATH": "/usr/bin",
    }
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "config", "worker"],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("CELERY_BROKER_URL is not set")
