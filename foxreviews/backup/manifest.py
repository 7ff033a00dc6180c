"""The backups in a folder: what each holds, whether it is complete, and when a restore last proved it.

    newest(settings.BACKUP_DIR)         the newest complete one, None where there is none
    list_backups(settings.BACKUP_DIR)   all, the newest first, incomplete ones too

Both read manifest.json and look at names and sizes, in milliseconds; `Backup.damage` reads every byte.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from foxreviews.core.errors import UsageError
from foxreviews.core.files import write_json
from foxreviews.enterprise.partitions import holds_companies

MANIFEST, DRILL = "manifest.json", "drill.json"
FORMAT = 1


class UnusableBackup(UsageError):
    """The backup is incomplete, was altered, or is of something that this program or server cannot read."""

    code = "unusable-backup"


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

    def differences(self, found: "Contents") -> list[str]:
        """What of these contents `found` does not hold as it should, a sentence each."""
        sentences = []
        for name, table in self.tables.items():
            other = found.tables.get(name)
            if other is None:
                sentences.append(f"The table {name} is missing.")
            elif other.rows != table.rows:
                sentences.append(f"{name} has {other.rows:,} rows, not {table.rows:,}.")
            elif other.content != table.content:
                sentences.append(f"{name} has as many rows, {table.rows:,}, but other ones.")
        for kind, count in self.objects.items():
            if found.objects.get(kind) != count:
                sentences.append(f"There are {found.objects.get(kind, 0):,} {kind}, not {count:,}.")
        return sentences


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
    """What a backup says of itself, written when all else of it is on the disk.

    `contents` were read in the same snapshot as the dump.
    """

    format: int
    made_at: str  # ISO 8601, UTC: the moment that the backup shows
    seconds: float  # that it took
    database: str
    postgresql: str  # version of the server
    locale: dict[str, str]  # CREATE DATABASE's ENCODING, LC_COLLATE, LC_CTYPE
    database_bytes: int  # with indexes: what a restore needs
    migrations: list[str]  # «enterprise.0001_initial»: the version of the schema
    contents: Contents
    files: dict[str, File]  # by name, without the manifest itself

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises UnusableBackup where there is none that can be understood."""
        path = folder / MANIFEST
        try:
            read: dict[str, Any] = json.loads(path.read_bytes())
            if read["format"] != FORMAT:
                raise UnusableBackup(
                    f"{path} has format {read['format']}, this program reads {FORMAT}. "
                    "Use the version of foxreviews that made it."
                )
            tables = {name: Table(**table) for name, table in read["contents"]["tables"].items()}
            contents = Contents(tables, read["contents"]["objects"])
            files = {name: File(**file) for name, file in read["files"].items()}
            return cls(**read | {"contents": contents, "files": files})
        except FileNotFoundError:
            raise UnusableBackup(f"{path} is missing.") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UnusableBackup(f"{path} cannot be read: {error}.") from error

    def write(self, folder: Path) -> None:
        """Replace the file, atomically."""
        write_json(folder / MANIFEST, asdict(self))


@dataclass(frozen=True)
class Drill:
    """The last time that a backup was restored to prove it (`manage.py restore_drill`)."""

    at: str  # ISO 8601, UTC
    held: bool  # every count and hash was that of the manifest
    problem: str  # what was not, "" where all was
    seconds: float  # from the first byte checked to a database that answers
    postgresql: int  # major version of the server that it was restored on, 0 where it was not

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """None where the backup was never restored, or the file cannot be read."""
        try:
            return cls(**json.loads((folder / DRILL).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Next to the manifest of the backup."""
        write_json(folder / DRILL, asdict(self))


@dataclass(frozen=True)
class Backup:
    """One folder. `manifest` is None where it cannot be read; `problem` says what is missing, "" where nothing is."""

    folder: Path
    manifest: Manifest | None
    problem: str
    drill: Drill | None

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Whatever is in that folder."""
        try:
            manifest = Manifest.read(folder)
        except UnusableBackup as error:
            return cls(folder, None, str(error), None)
        return cls(folder, manifest, _incomplete(folder, manifest), Drill.read(folder))

    @property
    def name(self) -> str:
        """The moment that it shows, in UTC: 20260301T041500Z."""
        return self.folder.name

    @property
    def is_complete(self) -> bool:
        """Every file is there with its size."""
        return not self.problem

    @property
    def made_at(self) -> datetime:
        """The moment that it shows; the beginning of time where its manifest cannot be read."""
        if self.manifest is None:
            return datetime.min.replace(tzinfo=UTC)
        return datetime.fromisoformat(self.manifest.made_at)

    @property
    def age(self) -> timedelta:
        """How old it is: what would be lost if it were restored now."""
        return datetime.now(UTC) - self.made_at

    @property
    def bytes(self) -> int:
        """On the disk, by its manifest."""
        return sum(file.bytes for file in self.manifest.files.values()) if self.manifest else 0

    @property
    def companies(self) -> int:
        """How many it holds, in whichever schema."""
        tables = self.manifest.contents.tables if self.manifest else {}
        return sum(table.rows for name, table in tables.items() if holds_companies(name.rpartition(".")[2]))

    def damage(self) -> str:
        """What is wrong with it, "" where nothing is. Reads all of it."""
        if self.manifest is None or self.problem:
            return self.problem
        for name, file in self.manifest.files.items():
            try:
                found = File.of(self.folder / name)
            except OSError as error:
                return f"{self.folder / name} cannot be read: {error.strerror}."
            if found != file:
                return f"{self.folder / name} was altered: its SHA-256 is not that of {MANIFEST}."
        return ""


def list_backups(folder: Path) -> list[Backup]:
    """All that are in the folder, the newest first; incomplete ones are listed too, and drafts are not."""
    if not folder.is_dir():
        return []
    found = (Backup.at(path) for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sorted(found, key=lambda backup: (backup.made_at, backup.name), reverse=True)


def newest(folder: Path) -> Backup | None:
    """The newest complete one."""
    return next((backup for backup in list_backups(folder) if backup.is_complete), None)


def find_backup(folder: Path, name: str | None) -> Backup:
    """The one of that name or path; without a name the newest complete one. Raises UsageError where there is none."""
    if name is None:
        if backup := newest(folder):
            return backup
        raise UsageError(f"There is no complete backup in {folder}. Make one: manage.py backup")
    for path in (folder / name, Path(name)):
        if path.is_dir():
            return Backup.at(path)
    names = ", ".join(backup.name for backup in list_backups(folder)) or "none"
    raise UsageError(f"There is no backup {name}. In {folder}: {names}")


def _incomplete(folder: Path, manifest: Manifest) -> str:
    for name, file in manifest.files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError:
            return f"{folder / name} is missing."
        if size != file.bytes:
            return f"{folder / name} has {size:,} bytes, not the {file.bytes:,} of {MANIFEST}."
    return ""
