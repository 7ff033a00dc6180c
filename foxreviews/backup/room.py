"""Whether a disk has room for what is to come."""

from pathlib import Path

from foxreviews.backup.errors import NoRoom
from foxreviews.core import files
from foxreviews.core.files import format_bytes

SPARE = 1.1  # a forecast is not exact


def require(folder: Path, needed: int, what: str, otherwise: str) -> None:
    """Raises NoRoom where the disk of `folder` has less than `needed` bytes and a tenth; `otherwise` is what to do."""
    free, _ = files.disk_space(folder)
    if free < needed * SPARE:
        raise NoRoom(
            f"{what} takes about {format_bytes(needed)}, and the disk of {folder} has {format_bytes(free)} left. "
            f"{otherwise}"
        )
