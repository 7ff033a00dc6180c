"""How well and how fast lists are matched; the weights of the model, made again.

    .venv/bin/python -m benchmarks.matching train      the weights: foxreviews/matching/model.json, and their curve
    .venv/bin/python -m benchmarks.matching quality    precision, recall and F1 on lines kept aside, by kind of dirt
    .venv/bin/python -m benchmarks.matching public     the same of lines as public lists write them, by shape
    .venv/bin/python -m benchmarks.matching peers      the same lines, and two matchers of the field on them
    .venv/bin/python -m benchmarks.matching speed      lines a minute, against --rows fictional companies

Each makes a database of its own (benchmarks/matching/directory.py), which is dropped at the end; --loaded takes the
configured one, which `lines` has prepared. Exits 1 where a target is missed.
"""

import argparse
import os
import subprocess
import sys

from benchmarks import command
from benchmarks.command import CHECKOUT
from benchmarks.matching import directory, peers, public, quality, speed, train

WORK = {
    "train": train.main,
    "quality": quality.main,
    "public": public.main,
    "peers": peers.main,
    "speed": speed.main,
}


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("work", choices=[*WORK, "lines"])
    parser.add_argument(
        "--rows", type=int, default=100_000, metavar="N", help="fictional companies (default 100,000)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--loaded", action="store_true", help="the configured database, prepared by `lines`")
    parser.add_argument(
        "--lines", type=int, default=20_000, metavar="N", help="of `speed` and `peers` (default 20,000)"
    )
    options = parser.parse_args()
    if options.work == "lines":
        directory.write_lines(directory.make_lines(options.seed))
        return 0
    if not options.loaded:
        return _on_a_database_of_its_own(options)
    return WORK[options.work](options)


def _on_a_database_of_its_own(options: argparse.Namespace) -> int:
    """Load one and run the same with --loaded: settings name their database once in a process."""
    with directory.directory(options.rows, options.seed) as environment:
        again = [sys.executable, "-m", "benchmarks.matching", *sys.argv[1:], "--loaded"]
        return subprocess.run(again, cwd=CHECKOUT, env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    command.run(main)
