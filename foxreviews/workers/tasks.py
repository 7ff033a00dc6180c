"""The tasks: each is a command with the words that stand behind it, run as manage.py runs it.

    celery -A config call foxreviews.import_villes --args='["/var/lib/foxreviews/laposte_hexasmal.csv"]'

The commands' own locks make a task that is delivered twice harmless. An import that was killed goes on where it was.
"""

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from logging import Logger
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_ready
from celery.utils.log import get_task_logger
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import InterfaceError, OperationalError

from foxreviews.core.errors import FoxreviewsError, LockedError
from foxreviews.workers import ledger
from foxreviews.workers.app import MAX_HOURS, app
from foxreviews.workers.ledger import State
from foxreviews.workers.schedule import PREFIX

MAX_DELIVERIES = 3  # what kills its worker each time would go round for ever
# The session of a killed import holds its lock for a moment longer: as long as a busy server may take to notice.
LOCK_SECONDS, SECONDS_BETWEEN_TRIES = 20.0, 1.0
GRACE_SECONDS = 600  # between the end of a task by an exception, and that of its process
RETRY_SECONDS, MAX_RETRIES = 60, 60  # while the database is away
AGAIN = "it has ended before"

log: Logger = get_task_logger(__name__)


class TaskFailed(FoxreviewsError):
    """The command has failed; the message is its own."""


Step = tuple[str, list[str]]  # a command, and its words


@dataclass(frozen=True)
class Work:
    """A task: its name, the hours that it may take, and its commands for the words it was called with."""

    name: str
    hours: int
    steps: Callable[[list[str]], list[Step]]


def _command(name: str, hours: int) -> Work:
    return Work(name, hours, lambda words: [(name, words)])


def _reload(words: list[str]) -> list[Step]:
    """As deploy/reload: a backup, then the register of the files that lie in REGISTER_DIR."""
    folder = settings.REGISTER_DIR
    files = [
        *("--unites-legales", str(folder / "StockUniteLegale_utf8.zip")),
        *("--etablissements", str(folder / "StockEtablissement_utf8.zip")),
        *("--rejects", str(folder / "rejects.csv")),
    ]
    return [("backup", []), ("import_sirene", [*files, *words])]


# Commands that read from a terminal, serve, or replace the database are not among them.
WORKS = (
    _command("import_sirene", MAX_HOURS),
    _command("import_entreprises_bulk", MAX_HOURS),
    Work("reload", MAX_HOURS, _reload),
    _command("import_villes", 1),
    _command("search_rebuild", 4),
    _command("backup", 4),
    _command("restore_drill", 4),
    _command("maintain", 4),
    _command("describe", 4),
)


def perform(task: Any, work: Work, words: list[Any]) -> str:
    """Run the commands of a task; what became of it, in a word. Raises TaskFailed."""
    task_id = task.request.id
    deliveries = ledger.begin(task_id, work.name, words, task.request.hostname or "")
    if deliveries is None:
        return AGAIN
    try:
        steps = work.steps(_checked(words, deliveries))
        for name, arguments in steps:
            _check_arguments(name, arguments)
        for name, arguments in steps:
            if _run(task_id, name, arguments, waits=deliveries > 1) == AGAIN:
                return AGAIN
    except LockedError as error:
        ledger.end(task_id, State.LOCKED, str(error))
        return str(State.LOCKED)
    except SoftTimeLimitExceeded:
        _fail(task_id, TaskFailed(f"It took longer than {work.hours} h, and was stopped."))
    except TaskFailed as error:
        _fail(task_id, error)
    ledger.end(task_id, State.DONE)
    return str(State.DONE)


def _fail(task_id: str, error: TaskFailed) -> None:
    ledger.end(task_id, State.FAILED, str(error))
    raise error


def _checked(words: list[Any], deliveries: int) -> list[str]:
    """What a command line may have. Raises TaskFailed."""
    if deliveries > MAX_DELIVERIES:
        raise TaskFailed(f"Given up: its worker died {MAX_DELIVERIES} times while it ran.")
    if not all(isinstance(word, str) for word in words):
        raise TaskFailed(f"The arguments of a task are the words of a command line, not {words!r}.")
    if "-" in words:
        raise TaskFailed("A task has no standard input: name a file instead of -.")
    return words


def _run(task_id: str, name: str, arguments: list[str], *, waits: bool) -> str:
    """Run a command. `waits`: for the lock of a delivery that was killed, or for the end of one that still runs.

    Raises LockedError, TaskFailed.
    """
    limit = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            _call(name, arguments)
        except LockedError:
            if waits and ledger.has_ended(task_id):
                return AGAIN
            if not waits or time.monotonic() > limit:
                raise
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return ""


def _command_of(name: str) -> Any:
    return load_command_class(get_commands()[name], name)


def _check_arguments(name: str, arguments: list[str]) -> None:
    """Before the first of several commands begins. Raises TaskFailed."""
    try:
        _command_of(name).create_parser("manage.py", name).parse_args(arguments)
    except CommandError as error:
        raise TaskFailed(f"{name}: {error}") from error
    except SystemExit as ended:
        raise TaskFailed(f"{name} is not run with {' '.join(arguments)}.") from ended


def _call(name: str, arguments: list[str]) -> None:
    """The command in this process, as manage.py runs it, its output in the log. Raises LockedError, TaskFailed."""
    command = _command_of(name)
    niceness = max(getattr(command, "niceness", 0), os.getpriority(os.PRIO_PROCESS, 0))
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    output = _LogLines(name)
    try:
        call_command(command, *arguments, stdout=output, stderr=output, no_color=True)
    except CommandError as error:
        if error.returncode == LockedError.exit_code:
            raise LockedError(str(error)) from error
        raise TaskFailed(str(error)) from error
    except SystemExit as ended:  # of a command that has said what it could not do
        if ended.code:
            raise TaskFailed(f"{name} exits with {ended.code}: {output.last}") from ended


class _LogLines(io.TextIOBase):
    """The output of a command, line by line in the log of Celery."""

    def __init__(self, name: str) -> None:
        self.name, self.last, self._begun = name, "", ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(str.strip, lines):
            self.last = line.strip()
            log.info("%s: %s", self.name, line.rstrip())
        return len(text)


def _register(work: Work) -> None:
    def run(self: Any, *words: Any) -> str:
        return perform(self, work, list(words))

    app.task(
        run,
        name=PREFIX + work.name,
        bind=True,
        soft_time_limit=work.hours * 3600,
        time_limit=work.hours * 3600 + GRACE_SECONDS,
        throws=(TaskFailed,),  # a sentence in the log, no traceback
        autoretry_for=(OperationalError, InterfaceError),
        default_retry_delay=RETRY_SECONDS,
        max_retries=MAX_RETRIES,
    )


for each in WORKS:
    _register(each)


def hand_back(sender: Any, **_signal: object) -> None:
    """Queue again what a worker of this name was running when it was killed.

    The broker would do so after VISIBILITY_SECONDS, and one that has forgotten it never.
    """
    for run in ledger.orphans(str(sender.hostname)):
        log.warning("%s was left running by a worker that is gone: queued again", run.name)
        app.send_task(PREFIX + run.name, args=run.arguments, task_id=str(run.pk))


worker_ready.connect(hand_back, weak=False)
