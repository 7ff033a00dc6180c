"""Files and folders: how large, how much room, and safely on the disk."""

import os
import shutil
from contextlib import suppress
from pathlib import Path


def room(folder: Path | str) -> tuple[int, int]:
    """Free and all bytes of the disk of the folder, or of the nearest above it that there is for us to look at."""
    for path in (Path(folder), *Path(folder).absolute().parents):
        with suppress(OSError):
            usage = shutil.disk_usage(path)
            return usage.free, usage.total
    raise FileNotFoundError(os.fspath(folder))


def bytes_in(folder: Path) -> int:
    """Of its files, also while somebody writes and removes some."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total


def shown(size: float) -> str:
    """«1.3 GB», «85 MB», «16 kB»: decimal, as disks are sold."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if abs(size) >= factor:
            number = size / factor
            return f"{number:,.1f} {unit}" if number < 100 and unit == "GB" else f"{number:,.0f} {unit}"
    return f"{size / 1000:,.0f} kB"


def sync(folder: Path) -> None:
    """Write the folder itself to the disk: the names in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
