"""The folder of the index: a folder for each generation, and `current`, a link to the one that answers.

    var/search/current -> 20260301T041500-3f2a
    var/search/20260301T041500-3f2a/{entreprises,places}/   what Tantivy writes
    var/search/20260301T041500-3f2a/state.json              what is known of it: State
    var/search/{writer,rebuild}.lock                        which process writes

A generation is built next to the one that answers, and takes its place by one rename.
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from foxreviews.core.files import bytes_in, sync_folder, write_json
from foxreviews.core.locks import file_lock, lock_holder
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.schema import FORMAT, META

CURRENT = "current"
STATE = "state.json"
CORRUPTION = "corruption"  # a file with the error of a process that could not read the index
ENTREPRISES, PLACES = "entreprises", "places"  # the two indexes of a generation
WRITER, REBUILD = "writer.lock", "rebuild.lock"
LOCK_SECONDS = 0.25  # who asks which process holds a lock holds it for an instant
MANAGED = ".managed.json"  # Tantivy's list of what it may remove, next to META
SEGMENT_FILES = ("term", "idx", "pos", "fast", "fieldnorm", "store")
NO_INDEX = "There is no index."
MIN_DOCUMENTS, MAX_DOCUMENTS = 0.5, 2.0  # per company: beyond, PostgreSQL answers


@dataclass(frozen=True)
class State:
    """What is known of a generation: a file in its folder, replaced as a whole after each commit.

    `position` is the place in the change log (search.index.changes) up to which the index has everything.
    `rebuild_reason` says why the index must be rebuilt, "" where it need not be; it answers meanwhile, unless it is
    `unusable`: so far from the directory that it would mislead. `hashes` are those of its files, and `stamps` what the
    disk said of them when they were hashed (with_hashes).
    """

    format: int
    database: str
    position: str
    built_at: str  # ISO 8601
    documents: int
    places: int
    rebuild_reason: str = ""
    unusable: bool = False
    hashes: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def read(cls, generation: Path) -> "State":
        """Raises UnusableIndexError where there is none, or none of this FORMAT."""
        try:
            text = (generation / STATE).read_bytes()
        except FileNotFoundError:
            raise UnusableIndexError(NO_INDEX) from None
        except OSError as error:
            raise UnusableIndexError(f"The index's {STATE} cannot be read: {error}.") from error
        return cls.parsed(text, FORMAT)

    @classmethod
    def parsed(cls, text: bytes | str, wanted: int) -> "State":
        """From JSON. Raises UnusableIndexError where it is none, or of another format."""
        try:
            found = json.loads(text)
            if found["format"] == wanted:
                known = {each.name for each in fields(cls)}  # a later release may have written more
                return cls(**{name: value for name, value in found.items() if name in known})
        except (ValueError, TypeError, KeyError) as error:
            raise UnusableIndexError(f"The index's {STATE} cannot be read: {error}.") from error
        raise UnusableIndexError(f"The index has format {found['format']}, this program reads {wanted}.")

    @property
    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    def write(self, generation: Path) -> None:
        """Replace the file, atomically."""
        write_json(generation / STATE, asdict(self))

    def require_database(self, database: str) -> None:
        """Raises UnusableIndexError where the index was made from another one."""
        if self.database != database:
            raise UnusableIndexError("The index was made from another database.")


def misleads(documents: int, companies: int) -> bool:
    """Whether an index of so many documents is no answer for a directory of so many companies."""
    return documents != companies and not MIN_DOCUMENTS <= documents / max(companies, 1) <= MAX_DOCUMENTS


def with_hashes(state: State, generation: Path) -> State:
    """The state with the hashes of the files that are there now.

    Only new files are read (SHA-256): Tantivy replaces meta.json and never changes another file.
    """
    hashes, stamps = {}, {}
    for part in (ENTREPRISES, PLACES):
        hashes[f"{part}/{META}"] = _hash(generation / part / META)
        for name in _segment_files(generation, part):
            if name in state.hashes and name in state.stamps:
                hashes[name], stamps[name] = state.hashes[name], state.stamps[name]
                continue
            stamp, found = _stamp(generation / name), _hash(generation / name)
            hashes[name] = state.hashes.get(name, found)
            if stamp and hashes[name] == found:
                stamps[name] = stamp
    return replace(state, hashes=hashes, stamps=stamps)


@dataclass
class Whole:
    """Which files of a generation were found whole, and what the disk said of them then."""

    generation: Path
    files: dict[str, tuple[int, ...] | None] = field(default_factory=dict)

    @classmethod
    def as_hashed(cls, generation: Path, state: State) -> "Whole":
        """Those that nobody wrote since they were hashed: to read 2 GB takes seconds at the start of a process."""
        return cls(generation, {name: tuple(stamp) for name, stamp in state.stamps.items()})

    @property
    def is_unchanged(self) -> bool:
        """Whether no file was written since. Tantivy writes none again, but meta.json. 50 µs."""
        return all(_stamp(self.generation / name) == stamp for name, stamp in list(self.files.items()))


def damage(generation: Path, known: Whole | None = None) -> str:
    """What is wrong with the files of a generation, "" where nothing is. 400 MB take half a second.

    Files that are `known` are not read again, and those that are read are known then.

    Files of a commit whose hashes were not stored, because the process was killed between the two, are only looked
    for: what it did not note is applied again, and then stored.
    """
    while True:
        before = _written(generation)
        found = _find_damage(generation, known or Whole(generation))
        if not found or before == _written(generation):  # otherwise files that were named may be gone
            return found


def _find_damage(generation: Path, known: Whole) -> str:
    try:
        hashes = State.read(generation).hashes
    except UnusableIndexError as error:
        return str(error)
    for part in (ENTREPRISES, PLACES):
        meta = f"{part}/{META}"
        try:
            json.loads((generation / part / MANAGED).read_bytes())
            files = _segment_files(generation, part)
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"{meta} or {MANAGED} cannot be read: {error}"
        if {meta, *files} == {name for name in hashes if name.startswith(f"{part}/")}:
            files.add(meta)
        for name in sorted(files):
            stamp = _stamp(generation / name)
            if stamp and known.files.get(name) == stamp:
                continue
            if not _is_whole(generation / name, hashes.get(name)):
                return f"{name} is missing or damaged"
            if name in hashes and not name.endswith(META):
                known.files[name] = stamp
        for name in [each for each in known.files if each.startswith(f"{part}/") and each not in files]:
            del known.files[name]  # merged into another since
    return ""


def _segment_files(generation: Path, part: str) -> set[str]:
    """The files that meta.json names. Raises OSError, ValueError, KeyError, TypeError where it cannot be read."""
    names = set()
    for segment in json.loads((generation / part / META).read_bytes())["segments"]:
        stem = f"{part}/{segment['segment_id'].replace('-', '')}"
        names |= {f"{stem}.{ending}" for ending in SEGMENT_FILES}
        if deletes := segment["deletes"]:
            names.add(f"{stem}.{deletes['opstamp']}.del")
    return names


def _is_whole(path: Path, expected: str | None) -> bool:
    try:
        return path.exists() if expected is None else _hash(path) == expected
    except OSError:
        return False


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ctime_ns, found.st_ino  # no program sets ctime back


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(generation: Path) -> list[bytes]:
    """The files that a commit replaces."""
    found = []
    for name in (STATE, f"{ENTREPRISES}/{META}", f"{PLACES}/{META}"):
        with suppress(OSError):
            found.append((generation / name).read_bytes())
    return found


class IndexStorage:
    """The generations in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.link = folder / CURRENT

    def current(self) -> Path | None:
        """The generation that answers."""
        try:
            return self.folder / self.link.readlink().name
        except OSError:  # there is none, or it is no link
            return None

    def required(self) -> Path:
        """The generation that answers. Raises UnusableIndexError where there is none."""
        if (generation := self.current()) is None:
            raise UnusableIndexError(NO_INDEX)
        return generation

    def create(self) -> Path:
        """The folder of a new generation, which does not answer yet."""
        generation = self.folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        generation.mkdir(parents=True)
        return generation

    def publish(self, generation: Path, state: State) -> None:
        """Let this one answer from now on. Hashing its files takes half a second for 4,000,000 companies."""
        with_hashes(state, generation).write(generation)
        draft = self.folder / f".{CURRENT}"
        draft.unlink(missing_ok=True)
        draft.symlink_to(generation.name)
        if self.link.is_dir() and not self.link.is_symlink():  # a copy by hand
            shutil.rmtree(self.link)
        draft.replace(self.link)
        sync_folder(self.folder)

    def others(self) -> list[Path]:
        """The generations that do not answer: old ones, and what a killed rebuild left."""
        current = self.current()
        return [
            path
            for path in self.folder.iterdir()
            if path.is_dir() and not path.is_symlink() and path != current
        ]

    def worth_keeping(self, _generation: Path | None) -> Path | None:
        """None: a disk of this machine has better use, and to rebuild takes a minute."""
        return None

    def is_there(self, generation: Path) -> bool:
        """Whether its folder was not removed."""
        return (generation / STATE).exists()

    def bytes_of(self, generation: Path) -> int:
        """Of its files."""
        return bytes_in(generation)

    def remove(self, generation: Path) -> None:
        """Remove one that does not answer. Renamed first: a process that still writes to it creates no new file."""
        hidden = generation.with_name(f".{generation.name.lstrip('.')}")
        with suppress(OSError):
            generation.rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)

    def writer_lock(self) -> AbstractContextManager[int]:
        """Hold the right to write to the current generation. Raises LockedError."""
        return self._lock(WRITER, "keeps this index in sync already; there is nothing to do")

    def rebuild_lock(self) -> AbstractContextManager[int]:
        """Hold the right to build a generation. Raises LockedError."""
        return self._lock(REBUILD, "is rebuilding this index; wait until it is done")

    def writer_pid(self) -> int | None:
        """The process that keeps the current generation in sync."""
        return lock_holder(self.folder / WRITER)

    def rebuild_pid(self) -> int | None:
        """The process that builds a generation."""
        return lock_holder(self.folder / REBUILD)

    def _lock(self, name: str, does: str) -> AbstractContextManager[int]:
        """Not a lock of the database: it ends with the process, and not with a connection."""
        return file_lock(
            self.folder / name,
            message=lambda holder: f"Another process ({holder}) {does}: {self.folder}",
            timeout=LOCK_SECONDS,
        )
