"""The base of our commands, without a database."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from foxreviews.core.commands import Command
from foxreviews.importing.command import Command as ImportCommand


class Considerate(Command):
    """Gives way to others."""

    niceness = 7

    def handle(self, *_args: Any, **_options: Any) -> None:
        return None


@pytest.fixture
def priorities(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The priorities that this process was given, without giving them; the handlers of signals as they were."""
    given: list[int] = []
    monkeypatch.setattr(os, "setpriority", lambda _which, _who, priority: given.append(priority))
    handler = signal.getsignal(signal.SIGTERM)
    yield given
    signal.signal(signal.SIGTERM, handler)


def test_a_command_gives_way_in_a_process_of_its_own_and_not_in_that_of_a_caller(
    priorities: list[int],
) -> None:
    call_command(Considerate())
    assert priorities == []
    Considerate().run_from_argv(["manage.py", "considerate"])
    assert priorities == [max(7, os.getpriority(os.PRIO_PROCESS, 0))]


def test_an_import_gives_way_to_readers() -> None:
    assert ImportCommand.niceness == 5
    assert Command.niceness == 0
