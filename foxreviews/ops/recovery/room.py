"""Whether a disk has room for what is to come."""

import shutil
from pathlib import Path

from foxreviews.ops.recovery.errors import NoRoom

SPARE = 1.1  # a forecast is not exact


def require(folder: Path, needed: int, what: str, otherwise: str) -> None:
    """Raises NoRoom where the disk of `folder` has less than `needed` bytes and a tenth; `otherwise` is what to do."""
    free = shutil.disk_usage(folder).free
    if free < needed * SPARE:
        raise NoRoom(
            f"{what} takes about {megabytes(needed)}, and the disk of {folder} has {megabytes(free)} left. {otherwise}"
        )


def megabytes(size: float) -> str:
    """«1,234 MB», and of less than one the tenths."""
    return f"{size / 1_000_000:,.0f} MB" if size >= 1_000_000 else f"{size / 1_000_000:.1f} MB"
