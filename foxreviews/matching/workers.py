"""Processes that match lines: each is given some by its standard input, and answers by its standard output.

    python -m foxreviews.matching.workers

A process ends when its input does, so also where the command that started it was killed.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import IO, Any

import django
from django.conf import settings
from django.db import DatabaseError

from foxreviews.core.database_errors import sentence
from foxreviews.core.errors import FoxreviewsError

Line = list[str]
Values = Sequence[Mapping[str, str]]
Submit = Callable[[Values], Callable[[], list[Line]]]
LENGTH = 8  # bytes that say how long a message is


class WorkerFailedError(FoxreviewsError):
    """A process could not match its lines."""


@contextmanager
def workers(count: int) -> Iterator[Submit]:
    """What gives lines to so many processes, and gives back what waits for their results."""
    idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    started = [_start() for _ in range(count)]
    for each in started:
        idle.put(each)

    def ask(values: Values) -> list[Line]:
        process = idle.get()
        try:
            return _ask(process, values)
        finally:
            idle.put(process)

    threads = ThreadPoolExecutor(count)
    try:
        yield lambda values: threads.submit(ask, values).result
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for each in started:
            _stop(each)


def _start() -> "subprocess.Popen[bytes]":
    """In a group of its own: Ctrl-C reaches the command alone, which ends it."""
    command = [sys.executable, "-m", __name__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, process_group=0, **pipes)  # type: ignore[call-overload,no-any-return]  # noqa: S603


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.kill()  # it has nothing to lose
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            try:
                pipe.close()
            except BrokenPipeError:
                continue


def _ask(process: "subprocess.Popen[bytes]", values: Values) -> list[Line]:
    if process.stdin is None or process.stdout is None:
        raise TypeError("it has pipes")
    try:
        _send(process.stdin, list(values))
        answer = _receive(process.stdout)
    except OSError as error:
        raise WorkerFailedError(f"A process that matches lines has ended: {error}.") from error
    if answer is None:
        raise WorkerFailedError(
            "A process that matches lines has ended. Is there enough memory? Type it again."
        )
    lines, failure = answer
    if failure:
        raise WorkerFailedError(failure)
    found: list[Line] = lines
    return found


def _send(stream: IO[bytes], message: Any) -> None:
    data = pickle.dumps(message)
    stream.write(len(data).to_bytes(LENGTH) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any | None:
    """The next message, None at the end. Both ends are ours."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    data = stream.read(int.from_bytes(head))
    return pickle.loads(data)  # noqa: S301


def main() -> None:
    """Answer until the input ends."""
    django.setup()
    from foxreviews.matching.results import match_lines  # noqa: PLC0415 - the models need the set-up

    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints must not answer
    while (values := _receive(questions)) is not None:
        try:
            answer: tuple[list[Line], str] = match_lines(values), ""
        except FoxreviewsError as error:
            answer = [], str(error)
        except DatabaseError as error:
            answer = [], sentence(error) or f"{type(error).__name__}: {error}"
        _send(answers, answer)


if __name__ == "__main__":
    main()
