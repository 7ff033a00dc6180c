"""A PostgreSQL cluster that the project runs for itself: made when needed, reached by unix socket only."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from foxreviews.core.files import bytes_in
from foxreviews.core.locks import file_lock
from foxreviews.localdb import binaries as programs
from foxreviews.localdb import machine, process, server, tuning
from foxreviews.localdb.account import (
    Account,
    LocaldbError,
    home_of,
    make_private,
    server_account,
    socket_folder_of,
)
from foxreviews.localdb.binaries import Binaries, BinariesMissingError

PORT = 5432
LOCK_SECONDS = 120.0  # making a cluster takes 2 s, recovering from a crash during a large load about 60 s
DATABASE = "foxreviews_db"


@dataclass(frozen=True)
class Status:
    """What there is of a cluster. `pid` is None when it does not run, `version` None when there is none."""

    home: Path
    version: str | None
    pid: int | None
    account: str
    settings: dict[str, str]
    log: Path
    bytes_on_disk: int


class Cluster:
    """The cluster whose address is the folder `address`, with the database `database` in it.

    `say` is called with a sentence when something happens that takes time or that a person should know.
    """

    def __init__(
        self, address: Path, database: str = DATABASE, *, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.address = address.parent.resolve() / address.name
        self.database = database
        self.say = say

    @cached_property
    def account(self) -> Account:
        return server_account(self.address / "data")

    @cached_property
    def home(self) -> Path:
        return home_of(self.address, self.account)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgresql.log"

    @cached_property
    def socket_folder(self) -> Path:
        return socket_folder_of(self.home, self.account, PORT)

    def connection_settings(self) -> dict[str, str]:
        """Django's NAME, USER, HOST, PORT."""
        return {
            "NAME": self.database,
            "USER": server.SUPERUSER,
            "HOST": str(self.socket_folder),
            "PORT": str(PORT),
        }

    @property
    def url(self) -> str:
        """The same as a DATABASE_URL."""
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{server.SUPERUSER}@{host}:{PORT}/{self.database}"

    @property
    def is_ready(self) -> bool:
        """Whether it runs and has all that a start gives it. Costs no connection: every command asks."""
        with self._plainly():
            return self._answers() and self._complete.exists()

    def start(self) -> bool:
        """See that the server runs and the database is there; False when it already did.

        Makes the cluster where there is none, and repairs what a crash or a removed folder left.
        Raises LocaldbError with a message that says what to do.
        """
        with self._plainly(), self._locked() as lock:
            if self._answers():
                self._furnish()
                return False
            self._clear_away()
            binaries = self._binaries()
            if not self.data.exists():
                self._create(binaries, lock)
            self._launch(binaries)
            self._furnish()
            return True

    def stop(self) -> bool:
        """Stop the server; False when it did not run."""
        with self._plainly(), self._locked():
            return self._stop()

    def destroy(self) -> bool:
        """Stop the server and remove the cluster with all its data; False when there is none."""
        with self._plainly(), self._locked():
            self._stop()
            there = self.home.exists() or self.address.is_symlink()
            if self.home.exists():
                shutil.rmtree(self.home)
            if self.address.is_symlink():
                self.address.unlink()
            if self.socket_folder.exists():
                shutil.rmtree(self.socket_folder)
            return there

    def status(self) -> Status:
        """What there is, without changing it."""
        with self._plainly():
            there = self.address.exists()
            return Status(
                home=self.home,
                version=self._data_version() if there else None,
                pid=process.postmaster(self.data) if there else None,
                account=self.account.name,
                settings=self.connection_settings(),
                log=self.log,
                bytes_on_disk=bytes_in(self.home) if there else 0,
            )

    def _locked(self) -> AbstractContextManager[int]:
        """One process at a time starts, stops or removes the cluster. Raises LockedError."""
        path = self.address.with_name(f"{self.address.name}.lock")
        busy = (
            f"Another process has been starting or stopping this database for {LOCK_SECONDS:.0f} s. "
            f"See which one: fuser {path}"
        )
        return file_lock(path, message=lambda _: busy, timeout=LOCK_SECONDS)

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Say in a sentence what the system refused."""
        try:
            yield
        except PermissionError as error:
            raise LocaldbError(
                f"{error.filename}: permission denied. {self.address} was made by another account: "
                "run this as that one, or as root."
            ) from error
        except OSError as error:
            raise LocaldbError(f"{error.strerror}: {error.filename or self.home}") from error

    def _answers(self) -> bool:
        there = self.address.exists() and all(path.exists() for path in self._essentials)
        return there and process.postmaster(self.data) is not None and process.is_ready(self.data)

    @property
    def _complete(self) -> Path:
        """A file that is there when the database and its extensions are, since the server's last start."""
        return self.home / "complete"

    @property
    def _essentials(self) -> tuple[Path, Path]:
        """Without one of these the cluster is damaged; without both, its folder is what a removal left."""
        return self.data / "PG_VERSION", self.data / "global" / "pg_control"

    def _stop(self) -> bool:
        pid = process.postmaster(self.data)
        pids = [pid] if pid else process.strays(self.data)
        if pids:
            process.stop(pids)
        return bool(pids)

    def _clear_away(self) -> None:
        """Remove what an earlier run left: servers without a home, stale locks, half a folder."""
        pid = process.postmaster(self.data)
        if pids := process.strays(self.data) or ([pid] if pid else []):
            self.say(f"Stopping a PostgreSQL server (process {pids[0]}) that was left running in {self.data}")
            process.stop(pids)
        if self.home != self.address and not self.address.is_symlink() and self.home.exists():
            self.say(f"{self.address} was removed: removing the cluster that it stood for, in {self.home}")
            shutil.rmtree(self.home)
        if self.data.exists() and not all(path.exists() for path in self._essentials):
            self._set_aside_remains()
        for stale in (self.data / "postmaster.pid", self._complete):
            stale.unlink(missing_ok=True)

    def _set_aside_remains(self) -> None:
        if any(path.exists() for path in self._essentials):
            missing = next(path for path in self._essentials if not path.exists())
            raise LocaldbError(
                f"The cluster is damaged: {missing} is missing. Restore {self.data} from a backup, "
                "or start over with an empty database: .venv/bin/python manage.py localdb destroy --yes"
            )
        remains = self.home / "data.remains"
        if remains.exists():
            shutil.rmtree(remains)
        self.data.rename(remains)
        self.say(
            f"{self.data} was half removed and holds no cluster: moved to {remains}, starting with a new one"
        )

    def _binaries(self) -> Binaries:
        """The programs for the cluster that is there, or the newest for one to be made."""
        made_by = self._data_version()
        if made_by is None:
            return programs.newest()
        found = programs.of_major(int(made_by))
        if found is not None and found.major >= programs.MIN_MAJOR:
            return found
        raise BinariesMissingError(
            f"{self.data} was made by PostgreSQL {made_by}, and only that version can open it. "
            f"Install it: {programs.how_to_install(f'postgresql-{made_by}')} "
            "Or start over with an empty database: .venv/bin/python manage.py localdb destroy --yes"
        )

    def _data_version(self) -> str | None:
        try:
            return (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return None

    def _create(self, binaries: Binaries, lock: int) -> None:
        self.say(f"Making a PostgreSQL {binaries.version} cluster in {self.home}")
        if self.home != self.address:
            self.home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        make_private(self.home, self.account)
        if self.home != self.address and not self.address.is_symlink():
            self.address.symlink_to(self.home)
        server.initialise(self.data, binaries, self.account, lock)

    def _launch(self, binaries: Binaries) -> None:
        self.account.own(self.data)  # a checkout copied by root is root's
        make_private(self.socket_folder, self.account)
        for stale in self.socket_folder.glob(".s.PGSQL.*"):
            stale.unlink()
        chosen = tuning.settings(machine.inspect(self.data), socket_folder=str(self.socket_folder), port=PORT)
        server.configure(self.data, self.account, tuning.render(chosen))
        server.launch(binaries, self.data, self.log, self.account)

    def _furnish(self) -> None:
        server.furnish(self.connection_settings(), server.EXTENSIONS)
        self._complete.touch()
