"""search_questions OUT: questions with their answers, from the companies that are loaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.core.progress import Reporter, Stage
from foxreviews.search.index.source import Blocks, companies
from foxreviews.search.quality import sample
from foxreviews.search.quality.answers import answered
from foxreviews.search.quality.asked import write
from foxreviews.search.quality.questions import questions

SAMPLED = 20  # companies for each question of a class: few have two words, or a word of eight letters


class Command(BaseCommand):
    """Make questions for search_quality."""

    help = (
        "Make questions from the companies that are loaded: exact, misspelt, joined and split names, words being "
        "typed, names with towns, trades in towns. A right answer is any company of that very name."
    )
    examples = """
  manage.py search_questions questions.csv --per-class 300
  manage.py search_quality questions.csv
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT", help="CSV file to write: query, sirens, class")
        parser.add_argument(
            "--per-class",
            type=int,
            default=300,
            metavar="N",
            help="questions of each class at most (default 300)",
        )
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed asks other things")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["per_class"] < 1:
            raise UsageError("--per-class must be at least 1.")
        drawn = sample.companies(SAMPLED * options["per_class"], options["seed"])
        if not drawn:
            raise UsageError(
                "There are no companies to ask for. First: manage.py import_entreprises_bulk FILE"
            )
        drafts = list(questions(drawn, options["per_class"], options["seed"]))
        with Reporter(self.stdout).stage("answers", unit="companies") as stage:
            asked = list(answered(drafts, _told(companies(), stage)))
        try:
            count = write(options["out"], asked)
        except OSError as error:
            raise UsageError(f"{options['out']} cannot be written: {error}") from error
        self.stdout.write(f"{options['out']}: {count:,} questions")


def _told(blocks: Blocks, stage: Stage) -> Iterator[pl.DataFrame]:
    """The frames, while the stage is told of their rows."""
    for count, frame in blocks:
        yield frame
        stage.advance(count)
