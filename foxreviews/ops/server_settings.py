"""The server's settings beside those that suit its machine (localdb.tuning has the values)."""

import re
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import connection

from foxreviews.core.errors import UsageError
from foxreviews.localdb import tuning
from foxreviews.localdb.machine import GIB, MIB, Machine, inspect
from foxreviews.localdb.tuning import Setting
from foxreviews.ops import statement

UNITS = {
    "B": 1,
    "kB": 1024,
    "8kB": 8192,
    "MB": MIB,
    "GB": GIB,
    "ms": 1,
    "s": 1000,
    "min": 60_000,
    "h": 3_600_000,
}
# What the server says where it has what is wanted, or more
AS_GOOD = {"wal_compression": ("pglz", "lz4", "zstd"), "wal_level": ("logical",)}
BY_FREE_DISK = {"max_wal_size", "min_wal_size"}  # which changes from day to day
LIBRARIES = "shared_preload_libraries"
LOCAL = {"", "localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Advice:
    """A setting that suits the machine, and what the server has. `now` is None where it does not know the setting."""

    setting: Setting
    now: str | None
    differs: bool
    restart: bool  # a change takes effect when the server is started again
    altered: bool  # by ALTER SYSTEM, before

    @property
    def name(self) -> str:
        return self.setting.name

    @property
    def wanted(self) -> str:
        return self.setting.value


def is_local() -> bool:
    """Whether the server is on this machine."""
    host = str(connection.settings_dict["HOST"])
    return host.startswith("/") or host in LOCAL


def inspect_here() -> Machine:
    """This machine."""
    return inspect(settings.BASE_DIR)


def machine(memory: int | None) -> Machine:
    """The machine of the server, or one like it with so much memory. Raises UsageError where nobody can tell."""
    if memory is None and not is_local():
        raise UsageError("The server is on another machine. Say how much memory it has: --memory 16GB")
    here = inspect_here()
    return here if memory is None else replace(here, memory=memory, shared_memory=None)


def suited(memory: int | None = None) -> list[Setting]:
    """What suits the machine. The project's own server has no replica; any other may have."""
    own = memory is None and not settings.DATABASE_URL
    return tuning.own(machine(memory)) if own else tuning.elsewhere(machine(memory))


def advice(chosen: list[Setting]) -> list[Advice]:
    """Each of the settings beside the server's."""
    names = [setting.name for setting in chosen]
    found = {row["name"]: row for row in statement.rows("server_settings", {"names": names})}
    advised = []
    for setting in chosen:
        row = found.get(setting.name)
        if row is None:
            advised.append(Advice(setting, None, differs=False, restart=False, altered=False))
            continue
        suits = _with_libraries(setting, row["value"]) if setting.name == LIBRARIES else setting
        differs = not _same(suits, row["value"], row["unit"])
        advised.append(Advice(suits, row["shown"], differs, row["restart"], row["altered"]))
    return advised


def _with_libraries(setting: Setting, now: str) -> Setting:
    """The libraries that the server loads stay, and one that is not installed would keep it from starting."""
    installed = statement.value("SELECT count(*) FROM pg_available_extensions WHERE name = %s", setting.value)
    loaded = [name.strip() for name in now.split(",") if name.strip()]
    if installed and setting.value not in loaded:
        loaded.append(setting.value)
    return replace(setting, value=", ".join(loaded))


def _same(setting: Setting, now: str, unit: str) -> bool:
    if setting.value == now or now in AS_GOOD.get(setting.name, ()):
        return True
    wanted, found = amount(setting.value), _plain(now)
    if wanted is None or found is None:
        return False
    found *= UNITS[unit] if unit else 1
    if setting.name in BY_FREE_DISK:
        return wanted / 2 <= found <= wanted * 2
    return wanted == found


def amount(text: str) -> float | None:
    """«2GB» in bytes, «200ms» in milliseconds, a plain number as it is; None for a word."""
    found = re.fullmatch(r"(-?[0-9.]+)\s*(\w*)", text.strip())
    if found is None or (found[2] and found[2] not in UNITS):
        return None
    return float(found[1]) * UNITS.get(found[2], 1)


def _plain(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
