"""search_quality FILE: how high the right answers stand, for a file of questions."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import Entreprise
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.engines.tantivy import TantivyEngine
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.reader import IndexReader
from foxreviews.search.quality.asked import Asked, read
from foxreviews.search.quality.score import Outcome, outcome
from foxreviews.search.quality.table import facts, failures, table

ENGINES = (TantivyEngine.name, PostgresEngine.name)


class Command(BaseCommand):
    """Score the answers to a file of questions."""

    help = (
        "Ask the questions of FILE (CSV: query, sirens, class) and print, by class and engine, how high the right "
        "answers stand: MRR is the mean of 1 / place, 0 beyond the tenth."
    )
    examples = """
  manage.py search_quality tests/golden/questions.csv
  manage.py search_quality questions.csv --engine both --failures 5
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="questions; search_questions makes some")
        parser.add_argument(
            "--engine", choices=[*ENGINES, "both"], default=ENGINES[0], help="default: tantivy"
        )
        parser.add_argument(
            "--failures", type=int, default=0, metavar="N", help="show N failures of each class (default 0)"
        )
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["failures"] < 0:
            raise UsageError("--failures must be 0 or more.")
        asked = read(options["file"])
        _refuse_another_directory(asked, options["file"])
        reporter = Reporter(self.stderr if options["json"] else self.stdout)
        names = ENGINES if options["engine"] == "both" else [options["engine"]]
        outcomes = {name: _ask(_engine(name), asked, reporter) for name in names}
        if options["json"]:
            self.stdout.write(json.dumps(facts(outcomes), indent=2))
            return
        reporter.console.print(table(outcomes))
        for name, each in outcomes.items():
            for failure in failures(each, options["failures"]):
                reporter.line(f"{name}, {failure}")


def _refuse_another_directory(asked: list[Asked], file: Path) -> None:
    expected = frozenset().union(*(each.sirens for each in asked))
    if not Entreprise.objects.filter(siren__in=expected).exists():
        raise UsageError(
            f"None of the {len(expected):,} companies that {file} expects is in the directory: its questions are of "
            "another one. For questions of this one: manage.py search_questions FILE"
        )


def _ask(engine: SearchEngine, asked: list[Asked], reporter: Reporter) -> list[Outcome]:
    outcomes = []
    with reporter.stage(engine.name, total=len(asked), unit="questions") as stage:
        for each in asked:
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
            f"{reader.why} First: manage.py search_rebuild. Or ask PostgreSQL: --engine postgres"
        )
    return TantivyEngine(indexes.entreprises)
