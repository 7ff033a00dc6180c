"""The files that a command is asked to write: it replaces its own of an earlier run, and no other file."""

from collections.abc import Collection
from pathlib import Path

from foxreviews.core.errors import UnwritableOutput, UsageError

HEAD = 1_000_000  # bytes, in which a file shows what it is


def check_output(path: Path, marks: Collection[str], *, overwrite: bool = False) -> None:
    """Find out before the work whether the file can be written. It stays as it is, or absent.

    `marks` are texts of which one stands in every file of that kind. Raises UnwritableOutput, UsageError.
    """
    was_there = path.exists()
    if was_there and not path.is_file() and not path.is_dir():
        return  # a device or a pipe
    try:
        with path.open("ab+") as file:
            file.seek(0)
            head = file.read(HEAD)
    except OSError as error:
        raise UnwritableOutput(path, error) from error
    if not was_there:
        path.unlink()
    elif head and not overwrite and not any(mark.encode() in head for mark in marks):
        raise UsageError(
            f"{path} is there and is not of an earlier run. Name another file, or add --overwrite."
        )
