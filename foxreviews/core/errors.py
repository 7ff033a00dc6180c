"""The one tree of errors: the class carries the consequence, the message is for the person who reads it."""

import re
from pathlib import Path
from typing import ClassVar

from django.conf import settings

_UNTYPED = re.compile(r"(?<!python )\bmanage\.py (?=\w)")


def as_typed(text: str) -> str:
    """`text` with each «manage.py …» in it as it can be pasted here: by MANAGE_COMMAND.

    The one place that decides how a command is named; everywhere else it is «manage.py …».
    """
    return _UNTYPED.sub(f"{settings.MANAGE_COMMAND} ", text)


class FoxreviewsError(Exception):
    """Something a person must know about. The message says what happened and what to do.

    `status` is the HTTP status, `code` the stable word in the API's problem+json, `exit_code` what a command
    exits with (1: does not hold, 2: wrong usage, 3: locked by another run).
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    exit_code: ClassVar[int] = 1


class UsageError(FoxreviewsError):
    """The command or request was written wrongly; the same call will fail again."""

    status = 400
    code = "bad-request"
    exit_code = 2


class LockedError(FoxreviewsError):
    """Another run holds the lock; the same call may pass later."""

    status = 409
    code = "locked"
    exit_code = 3


class BusyError(FoxreviewsError):
    """What holds it will let it go; the same request may pass in a moment."""

    status = 503
    code = "busy"
    exit_code = 3


class UnreadableSource(UsageError):
    """The file is missing, is not text, or stops before its end. Nothing was loaded."""

    code = "unreadable-source"


class UnwritableOutput(UsageError):
    """A file that was asked for cannot be written."""

    code = "unwritable-output"

    def __init__(self, path: Path, error: OSError) -> None:
        reasons = {FileNotFoundError: "there is no such folder", IsADirectoryError: "it is a folder"}
        reason = reasons.get(type(error)) or (error.strerror or str(error)).lower()
        super().__init__(f"{path} cannot be written: {reason}.")
