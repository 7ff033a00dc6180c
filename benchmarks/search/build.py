"""What the build of the search index costs: processor time, of the command and of PostgreSQL, memory and disk.

    .venv/bin/python -m benchmarks.search.build                       of the configured database
    .venv/bin/python -m benchmarks.search.build --against ../before   and that of another checkout, in the same run

Processor time is what a build takes on a machine that does other things too; seconds are those of a calm one. The
server must run on this machine.
"""

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import command
from benchmarks.command import CHECKOUT, FOLDER
from benchmarks.search import queries
from benchmarks.search.index import own_index
from foxreviews.core.files import bytes_in
from foxreviews.core.processes import PROC
from foxreviews.core.sql import value

INDEX = FOLDER / "search-build"
PER = 100_000  # companies
REAPED = slice(
    13, 15
)  # of /proc/PID/stat, behind the name: ticks of children that have ended, in it and in the kernel
TICKS = os.sysconf("SC_CLK_TCK")
SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass
class Build:
    """Processor seconds of the command and of PostgreSQL, seconds, MiB of the command at most, MB of the index."""

    command: float
    server: float
    seconds: float
    memory: float
    disk: float

    def line(self, name: str, companies: int) -> str:
        """Of the table."""
        shares = (each * PER / companies for each in (self.command + self.server, self.command, self.server))
        cells = "".join(f"{each:12.2f}" for each in shares)
        return f"{name:12}{cells}{self.seconds:10.1f}{self.memory:8.0f}{self.disk:8.1f}"


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--against", type=Path, metavar="DIR", help="build that of the checkout in DIR, too")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="builds of each (default 1)")
    options = parser.parse_args()
    command.start_configured_database()
    companies = max(queries.count(), 1)
    sides = {"ours": CHECKOUT} | ({"theirs": options.against.resolve()} if options.against else {})
    builds = [(name, built(checkout)) for _ in range(options.rounds) for name, checkout in sides.items()]
    print(f"\n{companies:,} companies; processor seconds per {PER:,}\n")
    print(f"{'':12}{'all':>12}{'command':>12}{'PostgreSQL':>12}{'seconds':>10}{'MiB':>8}{'MB':>8}")
    for name, each in builds:
        print(each.line(name, companies))
    return 0


def built(checkout: Path) -> Build:
    """Build the index of the configured database by a checkout's own command, and remove it."""
    before, server = resource.getrusage(resource.RUSAGE_CHILDREN), _server()
    with own_index(INDEX, checkout) as (_, seconds, memory):
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Build(used, _server() - server, seconds, memory, bytes_in(INDEX) / 1e6)


def _server() -> float:
    """Processor seconds of the server's processes that have ended: of sessions above all."""
    while value(SESSIONS):  # a closed one is counted a moment later
        time.sleep(0.1)
    parent = int(_stat(value("SELECT pg_backend_pid()"))[1])
    return sum(map(int, _stat(parent)[REAPED])) / TICKS


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name, the state first."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


if __name__ == "__main__":
    command.run(main)
