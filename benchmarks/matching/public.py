"""What is accepted of lines as public lists write them, by their shape: no such line is in the training data."""

import argparse
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.matching import directory
from benchmarks.matching.quality import TARGET_PRECISION, Outcome, judged
from foxreviews.matching.model import read


def main(_options: argparse.Namespace) -> int:
    """Measure the shipped model. Exits 1 where less than 99 in 100 of all that is accepted are right."""
    lines, model = directory.read_lines(directory.PUBLIC), read()
    outcomes = [Outcome(line, each, model) for line, each in zip(lines, judged(lines, model), strict=True)]
    by_shape: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_shape[outcome.line.kinds[0]].append(outcome)
    print(
        "Of lines whose company is there, recall is what is accepted rightly, first what has it first, found what has"
    )
    print("it among the candidates.\n")
    print("| shape | lines | there | accepted | wrong | precision | recall | first | found |")
    print("|---|---|---|---|---|---|---|---|---|")
    for shape, some in by_shape.items():
        _row(shape, some)
    precision = _row("all", outcomes)
    return 0 if precision >= TARGET_PRECISION else 1


def _row(shape: str, outcomes: Sequence[Outcome]) -> float:
    """Print it, and return the precision."""
    there = [each for each in outcomes if each.line.siren]
    accepted = [each for each in outcomes if each.is_accepted]
    right = sum(each.is_right for each in accepted)
    precision = right / max(len(accepted), 1)
    shares = [precision, *(count / max(len(there), 1) for count in (
        right, sum(each.is_right for each in there), sum(each.is_found for each in there)
    ))]  # fmt: skip
    counts = (len(outcomes), len(there), len(accepted), len(accepted) - right)
    print(
        f"| {shape} | {' | '.join(f'{each:,}' for each in counts)} | {' | '.join(f'{each:.3f}' for each in shares)} |"
    )
    return precision
