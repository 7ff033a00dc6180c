"""The system account that runs the server, since PostgreSQL refuses to run as root, and where its folders are.

A cluster has one address in the checkout, var/postgres. It is the cluster's own folder, unless the account cannot
enter the checkout (root's home folder is closed): then it is a link to a folder in /var/lib. Either way, removing var/
removes the cluster.
"""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from foxreviews.core.errors import FoxreviewsError

# When root starts the server: the account of the distribution's PostgreSQL, else the one with the fewest
# rights.
UNPRIVILEGED = ("postgres", "nobody")
ELSEWHERE = Path("/var/lib/foxreviews")
SOCKETS_ELSEWHERE = Path("/tmp")  # noqa: S108 - the folder in it is ours alone, or refused
MAX_SOCKET_PATH = 103  # bytes: macOS has room for 104 with the final zero, Linux for 108


class LocaldbError(FoxreviewsError):
    """The project's own PostgreSQL cannot be made, started, stopped or removed."""

    status = 503
    code = "local-database"


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether this very process runs under it."""
        return self.uid == os.geteuid()

    @property
    def process_options(self) -> dict[str, Any]:
        """What makes subprocess run a program under this account."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}

    def can_enter(self, folder: Path) -> bool:
        """Whether it may pass through `folder` and all the folders above it."""
        if self.is_ours:
            return os.access(folder, os.X_OK)
        command = ["test", "-x", str(folder)]
        return subprocess.run(command, check=False, cwd="/", **self.process_options).returncode == 0  # noqa: S603

    def own(self, path: Path) -> None:
        """Give `path`, and all that is in it, to this account."""
        if self.is_ours:
            return
        os.lchown(path, self.uid, self.gid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.lchown(Path(folder, name), self.uid, self.gid)


def server_account(data: Path) -> Account:
    """Who runs the server of the cluster in `data`: its owner when root asks, otherwise the account that asks."""
    uid = os.geteuid()
    if uid != 0:
        return _by_uid(uid)
    owner = _owner(data)
    if owner:
        return _by_uid(owner)
    for name in UNPRIVILEGED:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise LocaldbError(
        "PostgreSQL refuses to run as root, and there is no account named postgres or nobody to run it. "
        "Type: useradd --system postgres"
    )


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _by_uid(uid: int) -> Account:
    try:
        return _account(pwd.getpwuid(uid))
    except KeyError:
        raise LocaldbError(
            f"The user id {uid} has no name here, and PostgreSQL asks for one. Add it to /etc/passwd."
        ) from None


def _account(entry: pwd.struct_passwd) -> Account:
    groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, groups)


def home_of(address: Path, account: Account) -> Path:
    """The folder that holds the cluster whose address is `address`. Nothing is made."""
    if address.is_symlink():
        return address.resolve()
    if account.can_enter(_nearest_existing(address)):
        return address
    if address.exists():
        raise LocaldbError(
            f"The account {account.name}, which runs the server, cannot enter {address}. "
            f"Open the folders on the way to it (chmod a+x), or run this as another user."
        )
    return ELSEWHERE / _short_name(address)


def socket_folder_of(home: Path, account: Account, port: int) -> Path:
    """The folder of the unix socket: in the cluster's home, or in /tmp where that path is too long or odd."""
    folder = home / "socket"
    text = str(folder)
    # libpq reads a comma as the start of a second host; a socket's address has room for few bytes.
    fits = len(os.fsencode(folder / f".s.PGSQL.{port}")) <= MAX_SOCKET_PATH
    if fits and text.isprintable() and "," not in text:
        return folder
    return SOCKETS_ELSEWHERE / f"foxreviews-{account.uid}-{_short_name(home)}"


def make_private(folder: Path, account: Account) -> None:
    """Make `folder` for `account` alone; raises LocaldbError where something else has its name."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid()}:
            raise LocaldbError(f"{folder} belongs to another account. Remove it, then try again.") from None
    folder.chmod(0o700)
    if not account.is_ours:
        os.chown(folder, account.uid, account.gid)


def _nearest_existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _short_name(path: Path) -> str:
    return sha256(os.fsencode(path)).hexdigest()[:16]
