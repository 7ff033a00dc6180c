"""How good the search is, for a file of queries with judgments, by class of query and by engine.

    .venv/bin/python -m benchmarks.relevance.quality tests/golden/judgments.csv
    .venv/bin/python -m benchmarks.relevance.quality var/judgments.csv --engine both --failures 5

MRR is the mean of 1 / place of the first right answer, 0 beyond the tenth; hit@1 and hit@10 are the shares of queries
with a right answer as the first, and among the first ten.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from rich import box
from rich.table import Table

from benchmarks import command
from benchmarks.relevance.judgments import Judgment, read
from benchmarks.relevance.score import TOP, Outcome, Score, outcome, scores
from foxreviews.core.errors import UsageError
from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import Entreprise
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.engines.tantivy import TantivyEngine
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.reader import IndexReader

ENGINES = (TantivyEngine.name, PostgresEngine.name)
Outcomes = Mapping[str, Sequence[Outcome]]  # by the name of the engine


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser(__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV: query, sirens, class")
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default=ENGINES[0], help="default: tantivy")
    parser.add_argument(
        "--failures", type=int, default=0, metavar="N", help="show N failures of each class (default 0)"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")
    options = parser.parse_args(arguments)
    if options.failures < 0:
        raise UsageError("--failures must be 0 or more.")
    judgments = read(options.file)
    command.start_configured_database()
    _refuse_another_directory(judgments, options.file)
    reporter = Reporter(sys.stderr if options.json else sys.stdout)
    names = ENGINES if options.engine == "both" else [options.engine]
    outcomes = {name: _search(_engine(name), judgments, reporter) for name in names}
    if options.json:
        print(json.dumps(facts(outcomes), indent=2))
        return 0
    reporter.console.print(table(outcomes))
    for name, each in outcomes.items():
        for failure in failures(each, options.failures):
            reporter.line(f"{name}, {failure}")
    return 0


def _refuse_another_directory(judgments: list[Judgment], file: Path) -> None:
    expected = frozenset().union(*(each.sirens for each in judgments))
    if not Entreprise.objects.filter(siren__in=expected).exists():
        raise UsageError(
            f"None of the {len(expected):,} companies that {file} expects is in the directory: its queries are of "
            "another one. For queries of this one: .venv/bin/python -m benchmarks.relevance.judgments FILE"
        )


def _search(engine: SearchEngine, judgments: list[Judgment], reporter: Reporter) -> list[Outcome]:
    outcomes = []
    with reporter.stage(engine.name, total=len(judgments), unit="queries") as stage:
        for each in judgments:
            outcomes.append(outcome(engine, each))
            stage.advance(1)
    return outcomes


def _engine(name: str) -> SearchEngine:
    if name == PostgresEngine.name:
        return PostgresEngine()
    reader = IndexReader(settings.SEARCH_INDEX_DIR)
    indexes = reader.indexes()
    if indexes is None:
        raise UnusableIndexError(
            f"{reader.why} First: manage.py search_rebuild. Or measure PostgreSQL's: --engine postgres"
        )
    return TantivyEngine(indexes.entreprises)


def table(outcomes: Outcomes) -> Table:
    """A line for each class of queries and one for all, three columns for each engine."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    drawn.add_column("class")
    drawn.add_column("queries", justify="right")
    for engine in outcomes:
        for name in ("MRR", "hit@1", f"hit@{TOP}"):
            drawn.add_column(f"{engine}\n{name}" if name == "MRR" else f"\n{name}", justify="right")
    for line in zip(*(scores(each) for each in outcomes.values()), strict=True):
        figures = [f"{figure:.3f}" for score in line for figure in (score.mrr, score.hit_1, score.hit_10)]
        drawn.add_row(line[0].kind, f"{line[0].queries:,}", *figures)
    return drawn


def facts(outcomes: Outcomes) -> dict[str, Any]:
    """The same as plain values, by engine and class."""
    return {
        engine: {score.kind: _facts(score) for score in scores(each)} for engine, each in outcomes.items()
    }


def _facts(score: Score) -> dict[str, float]:
    figures = {"mrr": score.mrr, "hit@1": score.hit_1, f"hit@{TOP}": score.hit_10}
    return {"queries": score.queries} | {name: round(figure, 4) for name, figure in figures.items()}


def failures(outcomes: Sequence[Outcome], limit: int) -> Iterator[str]:
    """Of each class up to `limit` queries without a right answer among the first, what was expected, what was found."""
    failed = [each for each in outcomes if each.place is None and limit]
    for kind in dict.fromkeys(each.judgment.kind for each in failed):
        here = [each for each in failed if each.judgment.kind == kind]
        names = _names({min(each.judgment.sirens) for each in here[:limit]})
        for each in here[:limit]:
            sirens = each.judgment.sirens
            others = f" (or {len(sirens) - 1} others)" if len(sirens) > 1 else ""
            expected = f"{names.get(min(sirens), 'not in the directory')}, {min(sirens)}{others}"
            yield f"{kind}: {each.judgment.query}\n    expected  {expected}\n    found     {_found(each)}"
        if len(here) > limit:
            yield f"{kind}: and {len(here) - limit:,} more"


def _found(failed: Outcome) -> str:
    if failed.rows:
        return " | ".join(f"{row['nom']}, {row['ville_nom']}" for row in failed.rows[:3])
    return failed.refused or "nothing"


def _names(sirens: set[str]) -> dict[str, str]:
    found = Entreprise.objects.filter(siren__in=sirens).values_list("siren", "nom", "ville_nom")
    return {siren: f"{nom}, {ville_nom}" for siren, nom, ville_nom in found}


if __name__ == "__main__":
    command.run(main)
