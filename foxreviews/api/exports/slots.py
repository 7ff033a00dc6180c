"""How many exports run at once: a place is the lock of a file, so it is free as soon as its holder has ended."""

import fcntl
import hmac
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.messages import say

FOLDER = ".exports"  # next to SEARCH_INDEX_DIR, where all web servers of a host may write
RETRY_SECONDS = 30


class TooManyExportsError(FoxreviewsError):
    """As many exports run as may."""

    status = 429
    code = "too-many-exports"
    retry_after = RETRY_SECONDS


class Slot:
    """A place, until it is freed or the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def free(self) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def take(client: str) -> Slot:
    """A place for a client, "" for one that may have several. Raises TooManyExportsError."""
    folder = settings.SEARCH_INDEX_DIR.with_name(f"{settings.SEARCH_INDEX_DIR.name}{FOLDER}")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    paths = [folder / f"{number}.lock" for number in range(settings.EXPORTS_AT_ONCE)]
    client = client and hmac.digest(settings.SECRET_KEY.encode(), client.encode(), "sha256").hex()
    if client and any(_is_of(path, client) for path in paths):
        raise TooManyExportsError(
            _(
                "An export of yours is running, and each client has one at a time. Try again when it has ended."
            )
        )
    for path in paths:
        if slot := _lock(path, client):
            return slot
    sentence = _("{count} exports run, as many as may at once. Try again in {seconds} seconds.")
    raise TooManyExportsError(say(sentence, count=len(paths), seconds=RETRY_SECONDS))


def _is_of(path: Path, client: str) -> bool:
    """Whether the client holds the place: its name also stays where its process was killed."""
    with suppress(OSError):
        if path.read_text() == client:
            probe = _lock(path, client)
            if probe is None:
                return True
            probe.free()
    return False


def _lock(path: Path, client: str) -> Slot | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, client.encode(), 0)
    return Slot(descriptor)
