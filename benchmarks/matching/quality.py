"""Precision, recall and F1 of what is accepted, on lines that nothing was fitted on; by style and kind of dirt."""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.matching import directory
from benchmarks.matching.directory import Line
from foxreviews.matching.matcher import Judged, judge
from foxreviews.matching.model import Decision, Model, read
from foxreviews.matching.record import read as read_record
from foxreviews.matching.towns import Towns

TARGET_PRECISION, TARGET_RECALL = 0.99, 0.90
BLOCK = 500  # lines
BANDS = 10  # of confidence


def main(_options: argparse.Namespace) -> int:
    """Measure the shipped model."""
    lines, model = directory.read_lines("test"), read()
    figures = measure(lines, judged(lines, model), model)
    show(figures)
    return 0 if figures["precision"] >= TARGET_PRECISION and figures["recall"] >= TARGET_RECALL else 1


def judged(lines: Sequence[Line], model: Model) -> list[Judged]:
    """The candidates of each line."""
    towns = Towns.load()
    records = [read_record(line.values, towns) for line in lines]
    return [
        each for at in range(0, len(records), BLOCK) for each in judge(records[at : at + BLOCK], towns, model)
    ]


def measure(lines: Sequence[Line], found: Sequence[Judged], model: Model) -> dict[str, Any]:
    """All figures. A line without its company in the directory is right where nothing is accepted."""
    outcomes = [Outcome(line, each, model) for line, each in zip(lines, found, strict=True)]
    by_kind, by_style = defaultdict(list), defaultdict(list)
    for outcome in outcomes:
        by_style[outcome.line.style].append(outcome)
        for kind in {*outcome.line.kinds} or {"clean"}:
            by_kind[kind].append(outcome)
    whole = _scores(outcomes)
    return whole | {
        "real": _scores([each for each in outcomes if each.line.is_real]),
        "fictional": _scores([each for each in outcomes if not each.line.is_real]),
        "styles": {name: _scores(each) for name, each in sorted(by_style.items())},
        "kinds": {name: _scores(each) for name, each in sorted(by_kind.items())},
        "reliability": _reliability(outcomes),
        "absent accepted": sum(each.is_accepted for each in outcomes if not each.line.siren),
        "absent": sum(not each.line.siren for each in outcomes),
        "found": _share(outcomes, lambda each: bool(each.line.siren), lambda each: each.is_found),
        "first": _share(outcomes, lambda each: bool(each.line.siren), lambda each: each.is_right),
        "establishment": _share(
            outcomes, lambda each: each.is_right and each.is_accepted, lambda each: each.has_siret
        ),
    }


class Outcome:
    """What became of a line."""

    def __init__(self, line: Line, judged: Judged, model: Model) -> None:
        self.line = line
        self.confidence = judged.confidences[0] if judged.confidences else 0.0
        best = judged.evidence[0] if judged.evidence else None
        self.is_accepted = best is not None and model.decide(self.confidence, best) is Decision.ACCEPT
        self.is_right = best is not None and best.company.siren == line.siren
        self.has_siret = best is not None and best.site.siret == line.siret
        self.is_found = any(each.company.siren == line.siren for each in judged.evidence)


def _scores(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    accepted = [each for each in outcomes if each.is_accepted]
    right = sum(each.is_right for each in accepted)
    there = sum(bool(each.line.siren) for each in outcomes)
    precision, recall = right / max(len(accepted), 1), right / max(there, 1)
    return {
        "lines": len(outcomes),
        "accepted": len(accepted),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
    }


def _share(
    outcomes: Sequence[Outcome], among: Callable[[Outcome], bool], which: Callable[[Outcome], bool]
) -> float:
    some = [each for each in outcomes if among(each)]
    return round(sum(map(which, some)) / max(len(some), 1), 4)


def _reliability(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Of each band of confidence how many lines it has, what it tells on average, and how many are right."""
    bands: list[list[Outcome]] = [[] for _ in range(BANDS)]
    for each in outcomes:
        if each.confidence > 0:
            bands[min(int(each.confidence * BANDS), BANDS - 1)].append(each)
    return [
        {
            "lines": len(band),
            "told": round(sum(each.confidence for each in band) / len(band), 4),
            "right": round(sum(each.is_right for each in band) / len(band), 4),
        }
        for band in bands
        if band
    ]


def show(figures: dict[str, Any]) -> None:
    """Print them as tables."""
    print("| lines | | accepted | precision | recall | F1 |\n|---|---|---|---|---|---|")
    _row("all kept aside", figures)
    for name in ("real", "fictional"):
        _row(name, figures[name])
    for group in ("styles", "kinds"):
        for name, scores in figures[group].items():
            _row(f"{group[:-1]}: {name}", scores)
    print(
        f"\nof companies that are there: found {figures['found']:.1%}, first {figures['first']:.1%};"
        f" of those accepted with the right establishment {figures['establishment']:.1%}"
    )
    print(
        f"of {figures['absent']:,} lines whose company is not there {figures['absent accepted']:,} were accepted\n"
    )
    print("| told | right | lines |\n|---|---|---|")
    for band in figures["reliability"]:
        print(f"| {band['told']:.3f} | {band['right']:.3f} | {band['lines']:,} |")


def _row(name: str, scores: dict[str, Any]) -> None:
    shares = " | ".join(f"{scores[each]:.4f}" for each in ("precision", "recall", "f1"))
    print(f"| {name} | {scores['lines']:,} | {scores['accepted']:,} | {shares} |")
