"""What a backup says of itself: manifest.json, written when all else of it is on the disk."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from foxreviews.backup.errors import UnusableBackup
from foxreviews.core.files import write_json

FILE = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Table:
    """`content` is the sum of a hash of each row: the same for the same rows in any order (see contents.sql)."""

    rows: int
    content: str


@dataclass(frozen=True)
class Contents:
    """What a database holds: its tables by name, and how many indexes, constraints and triggers they have."""

    tables: dict[str, Table]
    objects: dict[str, int]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables.values())


@dataclass(frozen=True)
class File:
    """One file of the dump."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Reads all of it."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path.stat().st_size, digest)


@dataclass(frozen=True)
class Manifest:
    """`contents` were read in the same snapshot as the dump."""

    format: int
    made_at: str  # ISO 8601, UTC: the moment that the backup shows
    seconds: float  # that it took
    database: str
    postgresql: str  # version of the server
    locale: dict[str, str]  # CREATE DATABASE's ENCODING, LC_COLLATE, LC_CTYPE
    database_bytes: int  # indexes and all: what a restore needs
    migrations: list[str]  # «enterprise.0001_initial»: the version of the schema
    contents: Contents
    files: dict[str, File]  # by name, without the manifest itself

    @property
    def bytes(self) -> int:
        """On the disk."""
        return sum(file.bytes for file in self.files.values())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises UnusableBackup where there is none that can be understood."""
        try:
            told: dict[str, Any] = json.loads((folder / FILE).read_bytes())
            if told["format"] != FORMAT:
                raise UnusableBackup(
                    f"{folder / FILE} has format {told['format']}, this program reads {FORMAT}. "
                    "Use the version of foxreviews that made it."
                )
            tables = {name: Table(**table) for name, table in told["contents"]["tables"].items()}
            contents = Contents(tables, told["contents"]["objects"])
            files = {name: File(**file) for name, file in told["files"].items()}
            return cls(**told | {"contents": contents, "files": files})
        except FileNotFoundError:
            raise UnusableBackup(f"{folder / FILE} is missing.") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UnusableBackup(f"{folder / FILE} cannot be read: {error}.") from error

    def write(self, folder: Path) -> None:
        """Replace the file, atomically."""
        write_json(folder / FILE, asdict(self))
