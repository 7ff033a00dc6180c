"""The settings that suit a machine (localdb.tuning has the values), next to the server's, as a postgresql.conf."""

import re
import textwrap
from dataclasses import dataclass, replace

from django.conf import settings

from foxreviews.core import files
from foxreviews.core.errors import UsageError
from foxreviews.core.sql import value
from foxreviews.localdb import tuning
from foxreviews.localdb.machine import GIB, MIB, Machine, inspect
from foxreviews.localdb.tuning import Setting
from foxreviews.ops import server

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
WIDTH = 78  # characters of a comment


@dataclass(frozen=True)
class Advice:
    """A setting that suits the machine, and what the server has. `now` is None where it does not know the setting.

    Nor does it tell an ordinary role which libraries it loads.
    """

    setting: Setting
    now: str | None
    differs: bool
    restart: bool  # a change takes effect when the server is started again

    @property
    def name(self) -> str:
        return self.setting.name

    @property
    def wanted(self) -> str:
        return self.setting.value


def machine(memory: int | None) -> Machine:
    """The machine of the server, or one like it with so much memory. Raises UsageError where it is not known."""
    if memory is None and not server.is_local():
        raise UsageError("The server is on another machine. Say how much memory it has: --memory 16GB")
    here = inspect(settings.BASE_DIR)
    return here if memory is None else replace(here, memory=memory, shared_memory=None)


def suited(memory: int | None = None) -> list[Setting]:
    """What suits the machine. The project's own server has no replica; any other may have."""
    own = memory is None and server.is_own()
    return tuning.own(machine(memory)) if own else tuning.elsewhere(machine(memory))


def advice(chosen: list[Setting]) -> list[Advice]:
    """Each of the settings, and what the server has."""
    names = [setting.name for setting in chosen]
    found = {row["name"]: row for row in server.rows("settings", {"names": names})}
    advised = []
    for setting in chosen:
        row = found.get(setting.name)
        if row is None:
            advised.append(Advice(setting, _hidden(setting), differs=False, restart=False))
            continue
        suits = _with_libraries(setting, row["value"]) if setting.name == LIBRARIES else setting
        differs = not _same(suits, row["value"], row["unit"])
        advised.append(Advice(suits, row["shown"], differs, row["restart"]))
    return advised


def _hidden(setting: Setting) -> str | None:
    """What is known of a setting that this role may not see, or that the server does not have."""
    loaded = value("SELECT current_setting('pg_stat_statements.track', true)") is not None
    return setting.value if setting.name == LIBRARIES and loaded else None


def _with_libraries(setting: Setting, now: str) -> Setting:
    """The libraries that the server loads stay, and one that is not installed would keep it from starting."""
    installed = value("SELECT count(*) FROM pg_available_extensions WHERE name = %s", setting.value)
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


def render(chosen: Machine, advised: list[Advice], database: int) -> str:
    """The file; `database` is how many bytes the database has."""
    about = (
        f"PostgreSQL for foxreviews: {chosen.memory / GIB:.1f} GiB of memory, {chosen.cores} cores, "
        f"{files.format_bytes(chosen.free_disk)} of free disk. The database has {files.format_bytes(database)}."
    )
    lines = [_comment(about), _comment(_summary(advised))]
    lines += [f"\n{_comment(each.setting.why)}\n{_line(each)}" for each in advised]
    return "\n".join(lines)


def _summary(advised: list[Advice]) -> str:
    differing = [each for each in advised if each.differs]
    if not differing:
        return f"The server has all {len(advised)} of these already."
    restart = sum(each.restart for each in differing)
    return (
        f"{len(differing)} of {len(advised)} differ from the server's, {restart} of them need a restart. Put this into "
        "conf.d/foxreviews.conf next to the server's postgresql.conf (SHOW config_file), then restart the server: "
        "systemctl restart postgresql"
    )


def _comment(sentence: str) -> str:
    return textwrap.fill(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _line(each: Advice) -> str:
    line = f"{each.name} = {tuning.quote(each.wanted)}"
    if not each.differs:
        return (
            line if each.now is not None else f"# {line}  # unknown to this server, or hidden from this role"
        )
    return f"{line}  # now {each.now or 'empty'}{', needs a restart' if each.restart else ''}"
