"""How much room the disk of a folder has."""

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
