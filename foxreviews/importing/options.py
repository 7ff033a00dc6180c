"""What the command line of an import asks for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """One import of `file` (`-` is standard input): which records, whether to write, where rejects go."""

    file: str
    batch_size: int = 1000
    max_rows: int | None = None
    skip_rows: int = 0
    dry_run: bool = False
    update_existing: bool = True
    rejects_file: Path | None = None
