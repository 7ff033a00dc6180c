"""Lines a minute of the command, with two processes, against the companies of the configured database."""

import argparse
import csv
import itertools
import os
import subprocess
import sys
import time

from django.conf import settings

from benchmarks.command import CHECKOUT, FOLDER
from benchmarks.matching import directory
from foxreviews.matching.record import FIELDS

TARGET = 30_000  # lines a minute


def main(options: argparse.Namespace) -> int:
    """Run the real command on a list of that many lines. Exits 1 below the target."""
    file, out = FOLDER / "matching-list.csv", FOLDER / "matching-list-matched.csv"
    some = itertools.islice(itertools.cycle(directory.read_lines(*directory.PARTS)), options.lines)
    with file.open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, [*FIELDS, "telephone"], restval="")
        writer.writeheader()
        writer.writerows(line.values for line in some)
    command = [
        sys.executable,
        "manage.py",
        "match",
        str(file),
        "--out",
        str(out),
        "--restart",
        "--overwrite",
        "--json",
    ]
    environment = os.environ | {"SEARCH_INDEX_DIR": str(settings.SEARCH_INDEX_DIR)}
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    seconds = time.monotonic() - started
    print(done.stdout)
    rate = options.lines * 60 / seconds
    print(f"{options.lines:,} lines in {seconds:.1f} s: {rate:,.0f} a minute (at least {TARGET:,})")
    return 0 if rate >= TARGET else 1
