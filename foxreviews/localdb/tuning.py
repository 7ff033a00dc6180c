"""PostgreSQL's settings, computed from the machine: for the project's own server, and for a dedicated one.

Memory follows the project's scaling plan: a quarter for shared_buffers, three quarters expected as cache. What our
own server takes for itself is capped, so that a laptop stays usable. fsync, full_page_writes and synchronous_commit
stay as PostgreSQL has them: on.
"""

from dataclasses import dataclass

from foxreviews.localdb.machine import GIB, MIB, Machine

SHARED_MEMORY_THRESHOLD = 1 * GIB
MAX_BUFFERS = 4 * GIB  # of our own server
MAX_BUFFERS_ELSEWHERE = 16 * GIB  # beyond, the system's own cache serves as well

HEADER = """\
# Written by foxreviews at each start of the server, from the memory, cores and disk of this machine.
# Do not edit: ALTER SYSTEM SET … overrides what is here, and stays.
"""


@dataclass(frozen=True)
class Setting:
    name: str
    value: str
    why: str


def settings(machine: Machine, *, socket_folder: str, port: int) -> list[Setting]:
    """Everything that differs from PostgreSQL's defaults, each with its reason."""
    return [*_doors(socket_folder, port), *own(machine), *_log()]


def own(machine: Machine) -> list[Setting]:
    """What makes our own server fast: without its doors and the manner of its log."""
    return [
        *_memory(machine, MAX_BUFFERS),
        *_no_replica(),
        *_writing(machine),
        *_planning(machine),
        *_watching(),
    ]


def elsewhere(machine: Machine) -> list[Setting]:
    """For a server that has the machine to itself, and a log that backups and replicas can read."""
    return [
        *_memory(machine, MAX_BUFFERS_ELSEWHERE),
        Setting(
            "wal_level",
            "replica",
            "What point-in-time recovery and replicas read; logical is more and as good.",
        ),
        *_writing(machine),
        *_planning(machine),
        *_watching(),
    ]


def render(chosen: list[Setting]) -> str:
    """The text of the configuration file."""
    lines = [f"\n# {setting.why}\n{setting.name} = {quote(setting.value)}\n" for setting in chosen]
    return HEADER + "".join(lines)


def _doors(socket_folder: str, port: int) -> list[Setting]:
    # The list of folders has quotes of its own: a comma or a space in the path must not split it.
    folder = '"' + socket_folder.replace('"', '""') + '"'
    return [
        Setting(
            "listen_addresses",
            "",
            "No network: only the unix socket, only for the accounts that pg_ident.conf names.",
        ),
        Setting("unix_socket_directories", folder, "In a folder that others cannot enter."),
        Setting("unix_socket_permissions", "0700", "As above, where the folder's mode is not honoured."),
        Setting("port", str(port), "Part of the socket's name; nothing listens on the network."),
    ]


def _memory(machine: Machine, max_buffers: int) -> list[Setting]:
    memory = machine.memory
    chosen = [
        Setting(
            "shared_buffers",
            _size(memory // 4, 128 * MIB, max_buffers),
            f"A quarter of memory, at most {max_buffers // GIB} GB.",
        ),
        Setting("effective_cache_size", _size(memory * 3 // 4, 256 * MIB), "Three quarters of memory."),
        Setting(
            "maintenance_work_mem",
            _size(memory // 16, 64 * MIB, 1 * GIB),
            "For one index build: a sixteenth of memory, at most 1 GB.",
        ),
        Setting(
            "work_mem",
            _size(memory // 256, 4 * MIB, 64 * MIB),
            "For one sort or hash; a query may take several.",
        ),
    ]
    if machine.shared_memory is not None and machine.shared_memory < SHARED_MEMORY_THRESHOLD:
        why = "Shared memory is small here, as in a container: parallel queries would run out of it."
        chosen.append(Setting("dynamic_shared_memory_type", "mmap", why))
    return chosen


def _no_replica() -> list[Setting]:
    return [
        Setting(
            "wal_level",
            "minimal",
            "No replica: a table filled in the transaction that made it skips the WAL.",
        ),
        Setting("max_wal_senders", "0", "wal_level = minimal asks for it."),
    ]


def _writing(machine: Machine) -> list[Setting]:
    wal = _clamp(machine.free_disk // 10, 256 * MIB, 8 * GIB)
    return [
        Setting(
            "max_wal_size",
            _size(wal),
            "A load of millions of rows between two checkpoints; a tenth of the disk.",
        ),
        Setting("min_wal_size", _size(wal // 4), "Keeps files for the next load instead of making new ones."),
        Setting(
            "checkpoint_timeout", "15min", "A page written often is logged whole once for each checkpoint."
        ),
        Setting("wal_compression", "on", "Those whole pages shrink to about a third."),
    ]


def _planning(machine: Machine) -> list[Setting]:
    chosen = [
        Setting("random_page_cost", "1.1", "Solid-state disks read anywhere at nearly the same cost."),
        Setting("jit", "off", "Compiling takes longer than the short queries of an API."),
        Setting(
            "max_parallel_maintenance_workers",
            str(_clamp(machine.cores, 2, 4)),
            "Builds of B-tree indexes use the cores there are.",
        ),
    ]
    if machine.linux:
        why = "Solid-state disks serve many reads at once; only systems with posix_fadvise() accept it."
        chosen.append(Setting("effective_io_concurrency", "200", why))
    return chosen


def _watching() -> list[Setting]:
    return [
        Setting("shared_preload_libraries", "pg_stat_statements", "Which queries take the time."),
        Setting(
            "log_min_duration_statement",
            "200ms",
            "The scaling plan's limit for a query; slower ones are in the log.",
        ),
        Setting(
            "log_min_error_statement",
            "panic",
            "A statement that fails is logged without its text, in which a person's name may stand.",
        ),
        Setting("log_error_verbosity", "terse", "Nor does the log show the row at which it failed."),
        Setting("log_lock_waits", "on", "Which session waited for which."),
    ]


def _log() -> list[Setting]:
    return [
        Setting("log_line_prefix", "%m [%p] %d ", "When, which process, which database."),
        Setting("lc_messages", "C", "The log in English, whatever the language of the machine."),
    ]


def _clamp(value: int, lowest: int, highest: int) -> int:
    return max(lowest, min(value, highest))


def _size(value: int, lowest: int = 0, highest: int | None = None) -> str:
    value = _clamp(value, lowest, value if highest is None else highest)
    return f"{max(value, lowest) // MIB}MB"


def quote(value: str) -> str:
    """A value as postgresql.conf takes it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
