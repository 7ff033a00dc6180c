"""How much room a folder takes."""

from contextlib import suppress
from pathlib import Path


def bytes_in(folder: Path) -> int:
    """Of its files, also while somebody writes and removes some."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total
