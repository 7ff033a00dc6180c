"""Where the cluster and its socket lie on this machine.

A cluster has one address in the checkout, var/postgres. It is the cluster's own folder, unless the account
that runs the server cannot enter the checkout (root's home folder is closed): then it is a link to a folder
in /var/lib. Either way, whoever removes var/ removes the cluster.
"""

import os
import stat
from hashlib import sha256
from pathlib import Path

from foxreviews.localdb.account import Account
from foxreviews.localdb.errors import LocaldbError

ELSEWHERE = Path("/var/lib/foxreviews")
SOCKETS_ELSEWHERE = Path("/tmp")  # noqa: S108 - the folder in it is ours alone, or refused
LONGEST_SOCKET_PATH = 103  # bytes: macOS has room for 104 with the final zero, Linux for 108


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
    fits = len(os.fsencode(folder / f".s.PGSQL.{port}")) <= LONGEST_SOCKET_PATH
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
            raise LocaldbError(f"{folder} belongs to somebody else. Remove it, then try again.") from None
    folder.chmod(0o700)
    if not account.is_ours:
        os.chown(folder, account.uid, account.gid)


def _nearest_existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _short_name(path: Path) -> str:
    return sha256(os.fsencode(path)).hexdigest()[:16]
