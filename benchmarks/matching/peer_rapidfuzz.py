"""rapidfuzz with blocking: of all companies of the département, or under the postal code's first digits, the best.

It runs in an environment of its own: peer_rapidfuzz.py LINES COMPANIES OUT, all CSV.
"""

import csv
import sys
import time
from collections import defaultdict

from rapidfuzz import fuzz, process, utils  # type: ignore[import-not-found,unused-ignore]


def main(lines: str, companies: str, out: str) -> None:
    """Write the best company of each line, and how alike it is: mostly the name, a quarter the address."""
    with open(companies, encoding="utf-8", newline="") as file:  # noqa: PTH123
        directory = list(csv.DictReader(file))
    with open(lines, encoding="utf-8", newline="") as file:  # noqa: PTH123
        asked = list(csv.DictReader(file))
    started = time.perf_counter()
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    names = [utils.default_process(row["nom"]) for row in directory]
    places = [
        utils.default_process(f"{row['adresse']} {row['code_postal']} {row['ville_nom']}")
        for row in directory
    ]
    for number, row in enumerate(directory):
        blocks[row["code_postal"][:2]].append(number)
    results = []
    for row in asked:
        block = blocks.get(row["code_postal"][:2]) or range(len(directory))
        name = utils.default_process(row["nom"])
        found = process.extract(name, [names[n] for n in block], scorer=fuzz.token_sort_ratio, limit=10)
        place = utils.default_process(f"{row['adresse']} {row['code_postal']} {row['ville_nom']}")
        best, score = "", 0.0
        for _, alike, at in found:
            number = block[at]
            near = fuzz.token_set_ratio(place, places[number]) if place else 50.0
            if (whole := 0.75 * alike + 0.25 * near) > score:
                best, score = directory[number]["siren"], whole
        results.append((best, score / 100))
    seconds = time.perf_counter() - started
    with open(out, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
        csv.writer(file).writerows([(f"{seconds:.3f}", ""), *results])


if __name__ == "__main__":
    main(*sys.argv[1:4])
