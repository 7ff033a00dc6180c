"""The model's file, and the picture of how far its confidence can be trusted."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.command import CHECKOUT
from benchmarks.matching import curve, directory
from benchmarks.matching.directory import Line
from benchmarks.matching.fit import MIN_PRECISION, Array, Example, calibrate, fit, threshold
from benchmarks.matching.quality import judged, measure, show
from foxreviews.matching.evidence import FEATURES
from foxreviews.matching.matcher import Judged
from foxreviews.matching.model import FILE, MIN_PROBABILITY, Model, may_accept, read

# Of what no line has: former names are in no file that lines are made from
PRIORS = {"name_doubtful": -1.0}
MIN_ACCEPT = 0.85  # whatever would do for lines of our own
UNSEEN = 1e-6
REVIEW = 0.1  # below, nine in ten would be reviewed in vain
PICTURE = CHECKOUT / "docs" / "reference" / "matching-reliability.svg"


def main(options: argparse.Namespace) -> int:
    """Fit on a part of the lines, calibrate on another, measure on the third."""
    lines = directory.read_lines(*directory.PARTS)
    found = judged(lines, read())
    parts = {name: [n for n, line in enumerate(lines) if line.part == name] for name in directory.PARTS}
    intercept, weights = fit([e for n in parts["train"] if (e := _example(lines[n], found[n]))])
    weights |= {name: weight for name, weight in PRIORS.items() if abs(weights[name]) < UNSEEN}
    model = Model(intercept, tuple(weights.values()), 1.0, 0.0, 1.0, REVIEW)
    again = [_again(each, model) for each in found]
    shares, right, free = _best(
        [lines[n] for n in parts["calibrate"]], [again[n] for n in parts["calibrate"]]
    )
    slope, offset = calibrate(shares, right)
    model = replace(model, slope=slope, offset=offset)
    confidences = np.array([model._calibrated(share) for share in shares])
    model = replace(model, accept=round(max(MIN_ACCEPT, threshold(confidences[free], right[free])), 4))
    again = [_again(each, model) for each in found]
    test = parts["test"]
    figures = measure([lines[n] for n in test], [again[n] for n in test], model)
    content = _content(model, weights, _facts(options, lines, parts), figures)
    FILE.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    PICTURE.write_text(curve.drawn(figures["reliability"]), encoding="utf-8")
    show(figures)
    print(f"{FILE.relative_to(CHECKOUT)} and {PICTURE.relative_to(CHECKOUT)} are written.")
    return 0


def _example(line: Line, judged: Judged) -> Example | None:
    if not judged.evidence:
        return None
    sirens = [each.company.siren for each in judged.evidence]
    right = sirens.index(line.siren) if line.siren in sirens else -1
    return Example(np.array([each.features for each in judged.evidence]), right)


def _again(judged: Judged, model: Model) -> Judged:
    """The same candidates in another model's order."""
    scored = [(model.score_of(each), each) for each in judged.evidence]
    scored.sort(key=lambda pair: (-pair[0], pair[1].company.siren))
    return Judged(tuple(each for _, each in scored), tuple(model.confidences([score for score, _ in scored])))


def _best(lines: Sequence[Line], found: Sequence[Judged]) -> tuple[Array, Any, Any]:
    """The share of each line's best candidate, whether it is right, and whether it may be accepted at all."""
    pairs = [(line, each) for line, each in zip(lines, found, strict=True) if each.evidence]
    shares = np.array(
        [min(max(each.confidences[0], MIN_PROBABILITY), 1 - MIN_PROBABILITY) for _, each in pairs]
    )
    right = np.array([each.evidence[0].company.siren == line.siren for line, each in pairs])
    return shares, right, np.array([may_accept(each.evidence[0]) for _, each in pairs])


def _facts(options: argparse.Namespace, lines: Sequence[Line], parts: dict[str, list[int]]) -> dict[str, Any]:
    return {
        "command": f"python -m benchmarks.matching train --rows {options.rows} --seed {options.seed}",
        "real companies": "the IREP register of polluting emissions (Licence Ouverte), ../shared/data/entreprises.csv",
        "fictional companies": options.rows,
        "lines": {name: len(places) for name, places in parts.items()},
        "lines about real companies": sum(line.is_real for line in lines),
        "lines about companies that are not in the directory": sum(not line.siren for line in lines),
        "precision asked of the threshold": MIN_PRECISION,
    }


def _content(
    model: Model, weights: dict[str, float], facts: dict[str, Any], figures: dict[str, Any]
) -> dict[str, Any]:
    assert list(weights) == list(FEATURES)
    return {
        "made by": facts,
        "measured": {name: figures[name] for name in ("lines", "precision", "recall", "f1", "accepted")},
        "intercept": round(model.intercept, 3),
        "weights": {name: round(weight, 3) for name, weight in weights.items()},
        "calibration": {"slope": round(model.slope, 4), "offset": round(model.offset, 4)},
        "thresholds": {"accept": model.accept, "review": model.review},
    }
