"""The backups that there are: how old, how large, whether whole, and when one was last proven by a restore.

    newest(settings.BACKUP_DIR)         the newest that is whole, None where there is none
    list_backups(settings.BACKUP_DIR)   all, the newest first, also those that are not whole

Both only look at names and sizes, in milliseconds; `Backup.damage` reads every byte.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from foxreviews.backup.errors import NoBackup, UnusableBackup
from foxreviews.backup.manifest import FILE, File, Manifest
from foxreviews.core.files import write_json

DRILL = "drill.json"
DRAFT = ".part"  # how the folder of a backup ends that is not done yet, and begins with a dot


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
        """None where the backup was never restored, or nobody can tell."""
        try:
            return cls(**json.loads((folder / DRILL).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Beside the backup that it is of."""
        write_json(folder / DRILL, asdict(self))

    @property
    def age(self) -> timedelta:
        """How long ago it was."""
        return datetime.now(UTC) - datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class Backup:
    """One folder. `manifest` is None where it cannot be read; `problem` says why it is not whole, "" where it is."""

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
        return cls(folder, manifest, _lacks(folder, manifest), Drill.read(folder))

    @property
    def name(self) -> str:
        """The moment that it shows, in UTC: 20260301T041500Z."""
        return self.folder.name

    @property
    def is_whole(self) -> bool:
        """Every file is there with its size."""
        return not self.problem

    @property
    def made_at(self) -> datetime:
        """The moment that it shows; the beginning of time where nobody can tell."""
        return (
            datetime.fromisoformat(self.manifest.made_at)
            if self.manifest
            else datetime.min.replace(tzinfo=UTC)
        )

    @property
    def age(self) -> timedelta:
        """How old it is: what would be lost if it were restored now."""
        return datetime.now(UTC) - self.made_at

    @property
    def bytes(self) -> int:
        """On the disk, by its manifest."""
        return self.manifest.bytes if self.manifest else 0

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
                return f"{self.folder / name} was altered: its SHA-256 is not that of {FILE}."
        return ""


def list_backups(folder: Path) -> list[Backup]:
    """All that are in the folder, the newest first; those that are not whole come too, and drafts do not."""
    if not folder.is_dir():
        return []
    found = (Backup.at(path) for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sorted(found, key=lambda backup: (backup.made_at, backup.name), reverse=True)


def newest(folder: Path) -> Backup | None:
    """The newest that is whole."""
    return next((backup for backup in list_backups(folder) if backup.is_whole), None)


def chosen(folder: Path, named: str | None) -> Backup:
    """The one of that name or path, the newest whole one where none is named. Raises NoBackup."""
    if named is None:
        if backup := newest(folder):
            return backup
        raise NoBackup(f"There is no whole backup in {folder}. Make one: manage.py backup")
    for path in (folder / named, Path(named)):
        if path.is_dir():
            return Backup.at(path)
    there = ", ".join(backup.name for backup in list_backups(folder)) or "none"
    raise NoBackup(f"There is no backup {named}. In {folder}: {there}")


def _lacks(folder: Path, manifest: Manifest) -> str:
    for name, file in manifest.files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError:
            return f"{folder / name} is missing."
        if size != file.bytes:
            return f"{folder / name} has {size:,} bytes, not the {file.bytes:,} of {FILE}."
    return ""
