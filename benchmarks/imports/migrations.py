"""What readers notice of migrations: the API's slowest answers while tables in use are migrated.

    .venv/bin/python -m benchmarks.imports.migrations

On the configured database, with its companies loaded. The migrations of the named apps are taken back to the state that
is given; then they are made again while clients ask for lists and companies, 50 pages a second or more. The search
index must be rebuilt afterwards, since its log is created again. Exits 1 where an answer was an error or took over a
second.
"""

import time
from contextlib import ExitStack

from benchmarks import command
from benchmarks.command import manage
from benchmarks.database import configured
from benchmarks.imports.readers import Readers, sampled
from benchmarks.server import server

CLIENTS = 4
STATES = ("enterprise 0003", "search zero", "ops zero")
MAX_MILLISECONDS = 1_000.0


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument(
        "--back-to", nargs="+", default=STATES, metavar="STATE", help=f"default: {', '.join(STATES)}"
    )
    options = parser.parse_args()
    environment, connect = configured()
    sirens, _ = sampled(connect)

    with server(environment) as port, ExitStack() as clients:
        for state in options.back_to:
            manage(environment, "migrate", "--verbosity", "0", *state.split())
        answers = [clients.enter_context(Readers(port, sirens, []).asking()) for _ in range(CLIENTS)]
        time.sleep(5)
        seconds = manage(environment, "migrate", "--verbosity", "0")
        time.sleep(2)
    times = sorted(time for each in answers for time in each.all)
    errors = [error for each in answers for error in each.errors]
    print(f"{len(times):,} pages in {seconds + 7:.1f} s, of which {seconds:.1f} s with migrations")
    print(
        f"the slowest {times[-1]:.0f} ms, p99 {times[len(times) * 99 // 100]:.0f} ms (limit {MAX_MILLISECONDS:.0f} ms)"
    )
    print(f"errors: {len(errors)}", *errors[:5], sep="\n  ")
    return 0 if not errors and times[-1] <= MAX_MILLISECONDS else 1


if __name__ == "__main__":
    command.run(main)
