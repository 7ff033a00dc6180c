"""Whether a disk has room for what is to come."""

from pathlib import Path

from foxreviews.ops import disks
from foxreviews.ops.recovery.errors import NoRoom
from foxreviews.ops.sizes import shown

SPARE = 1.1  # a forecast is not exact


def require(folder: Path, needed: int, what: str, otherwise: str) -> None:
    """Raises NoRoom where the disk of `folder` has less than `needed` bytes and a tenth; `otherwise` is what to do."""
    free, _ = disks.room(folder)
    if free < needed * SPARE:
        raise NoRoom(
            f"{what} takes about {shown(needed)}, and the disk of {folder} has {shown(free)} left. {otherwise}"
        )
