"""The same lines matched by two matchers of the field, in the same run: rapidfuzz with blocking, and splink.

They are installed into an environment of their own, var/bench/matching-peers. Each gets the names, addresses, postal
codes and towns of the lines and of the companies. Their thresholds are found as ours was: the lowest score at which 99
in 100 of the lines for calibration are right, or the score with the best F1 where none is.
"""

import argparse
import csv
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.db import connection

from benchmarks.command import FOLDER
from benchmarks.matching import directory
from benchmarks.matching.directory import Line
from benchmarks.matching.fit import Array
from benchmarks.matching.quality import judged
from foxreviews.enterprise.privacy import HIDDEN_SQL
from foxreviews.matching.model import Decision, read

ENVIRONMENT = FOLDER / "matching-peers"
PEERS = {
    "rapidfuzz with blocking": ("peer_rapidfuzz.py", "rapidfuzz"),
    "splink": ("peer_splink.py", "splink"),
}
Truths = npt.NDArray[np.bool_]
COLUMNS = ("siren", "nom", "adresse", "code_postal", "ville_nom")
PRECISION = 0.99


def main(options: argparse.Namespace) -> int:
    """Print a row for each. Exits 1 where a peer is better than ours."""
    lines = directory.read_lines("calibrate", "test")[: options.lines]
    files = [FOLDER / f"matching-peers-{name}.csv" for name in ("lines", "companies")]
    _write(
        files[0],
        [[line.values.get(name, "") if name != "siren" else "" for name in COLUMNS] for line in lines],
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM enterprise_entreprise WHERE NOT {HIDDEN_SQL}")
        _write(files[1], cursor.fetchall())
    print("| matcher | precision | recall | F1 | lines a minute |\n|---|---|---|---|---|")
    scores = {"foxreviews": _ours(lines)}
    for name, (script, package) in PEERS.items():
        scores[name] = _peer(lines, script, package, files)
    return 0 if max(scores, key=lambda name: scores[name]) == "foxreviews" else 1


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])


def _ours(lines: Sequence[Line]) -> float:
    started, model = time.perf_counter(), read()
    found = judged(lines, model)
    seconds = time.perf_counter() - started
    sirens = [each.evidence[0].company.siren if each.evidence else "" for each in found]
    accepted = [
        bool(each.evidence) and model.decide(each.confidences[0], each.evidence[0]) is Decision.ACCEPT
        for each in found
    ]
    return _row("foxreviews, one process", lines, sirens, np.array(accepted), seconds)


def _peer(lines: Sequence[Line], script: str, package: str, files: Sequence[Path]) -> float:
    python = _python(package)
    out = FOLDER / f"matching-peers-{package}.out.csv"
    path = Path(__file__).with_name(script)
    subprocess.run(
        [python, path, *files, out], check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    with out.open(encoding="utf-8", newline="") as file:
        (seconds, _), *rows = csv.reader(file)
    sirens = [siren for siren, _ in rows]
    scores = np.array([float(score) for _, score in rows])
    right = np.array([siren != "" and siren == line.siren for siren, line in zip(sirens, lines, strict=True)])
    calibrate = np.array([line.part == "calibrate" for line in lines])
    least = _threshold(
        scores[calibrate],
        right[calibrate],
        sum(bool(line.siren) for line in lines if line.part == "calibrate"),
    )
    return _row(f"{package} at {least:.3f}", lines, sirens, scores >= least, float(seconds))


def _threshold(scores: Array, right: Truths, there: int) -> float:
    order = np.argsort(-scores, kind="stable")
    hits, count = np.cumsum(right[order]), np.arange(1, len(order) + 1)
    good = np.flatnonzero((hits / count >= PRECISION) & (count >= 100))
    best = good[-1] if len(good) else int(np.argmax(2 * hits / (count + there)))
    return float(scores[order[best]])


def _row(name: str, lines: Sequence[Line], sirens: Sequence[str], accepted: Truths, seconds: float) -> float:
    test = [n for n, line in enumerate(lines) if line.part == "test"]
    taken = [n for n in test if accepted[n]]
    right = sum(sirens[n] == lines[n].siren for n in taken)
    precision, recall = right / max(len(taken), 1), right / max(sum(bool(lines[n].siren) for n in test), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(
        f"| {name} | {precision:.4f} | {recall:.4f} | {f1:.4f} | {len(lines) * 60 / seconds:,.0f} |",
        flush=True,
    )
    return f1


def _python(package: str) -> Path:
    """The Python of the environment, which has the package then."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    if subprocess.run([python, "-c", f"import {package}"], check=False, stderr=subprocess.DEVNULL).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=True, stdout=sys.stderr)
    return python
