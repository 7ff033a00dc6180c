"""What readers notice of migrations: the API's slowest answers while tables in use are migrated.

    .venv/bin/python benchmarks/migrations.py

On the configured database, with its companies loaded. The migrations of the named apps are taken back to the state that
is given; then they are made again while clients ask for lists and companies, 50 pages a second or more. The search
index is to be rebuilt afterwards: its log is made anew. Exits 1 where an answer was an error or took over a
second.
"""

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack

from import_readers import CHECKOUT, Readers, configured, sampled, server

CLIENTS = 4
STATES = ("enterprise 0003", "search zero", "ops zero")
MOST = 1_000.0  # milliseconds


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--back-to", nargs="+", default=STATES, metavar="STATE", help=f"default: {', '.join(STATES)}"
    )
    asked = parser.parse_args()
    environment, connect = configured()
    sirens, _ = sampled(connect)

    def migrate(*state: str) -> None:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", *state]
        subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)

    with server(environment) as port, ExitStack() as clients:
        for state in asked.back_to:
            migrate(*state.split())
        answers = [clients.enter_context(Readers(port, sirens, []).asking()) for _ in range(CLIENTS)]
        time.sleep(5)
        started = time.monotonic()
        migrate()
        seconds = time.monotonic() - started
        time.sleep(2)
    times = sorted(time for each in answers for time in each.all)
    errors = [error for each in answers for error in each.errors]
    print(f"{len(times):,} pages in {seconds + 7:.1f} s, of which {seconds:.1f} s with migrations")
    print(f"the slowest {times[-1]:.0f} ms, p99 {times[len(times) * 99 // 100]:.0f} ms (limit {MOST:.0f} ms)")
    print(f"errors: {len(errors)}", *errors[:5], sep="\n  ")
    return 0 if not errors and times[-1] <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
