"""Files and folders: their size, the free space of their disk, and writes that survive a crash."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple


class DiskSpace(NamedTuple):
    """Bytes of a disk."""

    free: int
    total: int


def disk_space(folder: Path | str) -> DiskSpace:
    """Of the disk of the folder, or of its nearest parent that exists and may be read."""
    for path in (Path(folder), *Path(folder).absolute().parents):
        with suppress(OSError):
            usage = shutil.disk_usage(path)
            return DiskSpace(usage.free, usage.total)
    raise FileNotFoundError(os.fspath(folder))


def bytes_in(folder: Path) -> int:
    """Of all files below the folder, also while another process writes and removes some."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(parent, name).lstat().st_size
    return total


def format_bytes(size: float) -> str:
    """«1.3 GB», «85 MB», «16 kB»: decimal, as disks are sold."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if abs(size) >= factor:
            number = size / factor
            return f"{number:,.1f} {unit}" if number < 100 and unit == "GB" else f"{number:,.0f} {unit}"
    return f"{size / 1000:,.0f} kB"


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the name `path` when the block has ended: complete, and durable.

    A block that fails or is killed leaves the old file, or none. A device or a pipe is written in place.
    Raises OSError.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_json(path: Path, content: object) -> None:
    """Replace the file by one with this content, atomically."""
    with replacing(path) as file:
        file.write(json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n")


def sync_folder(folder: Path) -> None:
    """Make the names in the folder durable: fsync of a file does not write its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
