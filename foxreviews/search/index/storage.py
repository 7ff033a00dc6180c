"""The folder of the index: one folder a generation, and `current`, a link to the one that answers.

    var/search/current -> 20260301T041500-3f2a
    var/search/20260301T041500-3f2a/{entreprises,reperes}/   what Tantivy writes
    var/search/20260301T041500-3f2a/state.json               what is known of it (search.index.state)
    var/search/{keeping,building}.lock                       who writes

A generation is built beside the one that answers, and takes its place by one rename.
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from foxreviews.core.errors import LockedError
from foxreviews.core.files import sync
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.state import NO_INDEX

CURRENT = "current"
ENTREPRISES, REPERES = "entreprises", "reperes"  # the two indexes of a generation
KEEPING, BUILDING = "keeping.lock", "building.lock"
TRIES, PAUSE = 5, 0.05  # seconds
DOUBT = "doubt"  # a file with what a web process found wrong in them


class Generations:
    """The generations in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.link = folder / CURRENT

    def current(self) -> Path | None:
        """The generation that answers."""
        try:
            return self.folder / self.link.readlink().name
        except OSError:  # there is none, or it is no link
            return None

    def required(self) -> Path:
        """The generation that answers. Raises UnusableIndexError where there is none."""
        if (generation := self.current()) is None:
            raise UnusableIndexError(NO_INDEX)
        return generation

    def create(self) -> Path:
        """The folder of a new generation, which nobody reads yet."""
        generation = self.folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        generation.mkdir(parents=True)
        return generation

    def publish(self, generation: Path) -> None:
        """Let this one answer from now on."""
        draft = self.folder / f".{CURRENT}"
        draft.unlink(missing_ok=True)
        draft.symlink_to(generation.name)
        if self.link.is_dir() and not self.link.is_symlink():  # somebody's copy
            shutil.rmtree(self.link)
        draft.replace(self.link)
        sync(self.folder)

    def others(self) -> list[Path]:
        """The generations that do not answer: old ones, and what a killed builder left. Who builds may remove them."""
        current = self.current()
        return [
            path
            for path in self.folder.iterdir()
            if path.is_dir() and not path.is_symlink() and path != current
        ]

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Hold the right to write to the current generation. Raises LockedError."""
        with self._locked(KEEPING, "keeps this index in step already; there is nothing to do"):
            yield

    @contextmanager
    def building(self) -> Iterator[None]:
        """Hold the right to build a generation. Raises LockedError."""
        with self._locked(BUILDING, "is building this index; wait until it is done"):
            yield

    def keeper(self) -> int | None:
        """The process that keeps the current generation in step."""
        return self._holder(KEEPING)

    def builder(self) -> int | None:
        """The process that builds a generation."""
        return self._holder(BUILDING)

    @contextmanager
    def _locked(self, name: str, does: str) -> Iterator[None]:
        """A lock that ends with the process, however it ends, and not with a connection to the database."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / name).open("a+") as file:
            if not _lock_patiently(file):
                raise LockedError(f"Another process ({self._holder(name)}) {does}: {self.folder}")
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _holder(self, name: str) -> int | None:
        """Who holds a lock."""
        try:
            with (self.folder / name).open() as file:
                return None if _lock(file, fcntl.LOCK_SH) else int(file.read() or 0)
        except FileNotFoundError:
            return None


def _lock_patiently(file: IO[str]) -> bool:
    """Whoever asks who holds a lock holds it for an instant."""
    for _ in range(TRIES):
        if _lock(file, fcntl.LOCK_EX):
            return True
        time.sleep(PAUSE)
    return False


def _lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
