"""The system account that runs the server: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foxreviews.localdb.errors import LocaldbError

# When root starts the server: the account of the distribution's PostgreSQL, else the one with the fewest
# rights.
UNPRIVILEGED = ("postgres", "nobody")


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
    """Who runs the server of the cluster in `data`: its owner when root asks, otherwise whoever asks."""
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
