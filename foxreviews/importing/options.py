"""What the command line of an import asks for."""

from dataclasses import dataclass, replace
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
    max_reject_rate: float | None = None  # of the records that are not blank; None: see refusals
    min_ratio: float = 0.9  # active companies after, of those before
    force: bool = False
    restart: bool = False

    def restarted(self) -> "Options":
        """The same, from the beginning of the file."""
        return replace(self, restart=True)
