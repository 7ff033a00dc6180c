"""Where a generated file goes: a finished file under its final name, or none."""

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.files import replacing

STANDARD_OUTPUT = "-"
_GZIP_LEVEL = 1  # 84 MB for 1,000,000 companies; level 6 saves 16 % and takes twice as long


def default_path(name: str) -> str:
    """Where a file goes that no place was named for: var/fictional, where no real file lies.

    Raises UsageError where that folder cannot be made: of a server's release the service owns nothing.
    """
    folder = settings.VAR_DIR / "fictional"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Cannot make the folder {folder}: {error.strerror}. Name a place you may write to, as OUT."
        ) from error
    return str(folder / name)


@contextmanager
def writing(out: str) -> Iterator[BinaryIO]:
    """A file to write `out` with: "-" is standard output, a name ending in .gz is compressed.

    Until it is whole the file has another name next to `out`: a run cut off leaves the old file, or none.
    Raises UsageError where `out` cannot be written, FoxreviewsError where the disk refuses in between. A
    reader of standard output that has seen enough (`| head`) ends the writing, and is not an error.
    """
    if out == STANDARD_OUTPUT:
        with _standard_output() as file:
            yield file
        return
    closing = ExitStack()
    try:
        file = closing.enter_context(replacing(Path(out).resolve()))
    except OSError as error:
        raise UsageError(
            f"Cannot write {out}: {error.strerror}. Name a file in a folder you may write to."
        ) from error
    try:
        with closing, _compressed(file, out) as plain:
            yield plain
    except OSError as error:
        raise FoxreviewsError(f"Writing {out} failed: {error.strerror or error}.") from error


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python fails again at its end


@contextmanager
def _compressed(file: BinaryIO, out: str) -> Iterator[BinaryIO]:
    if not out.endswith(".gz"):
        yield file
        return
    # No name and no time inside: the same rows give the same bytes.
    with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as compressed:
        yield cast(BinaryIO, compressed)
