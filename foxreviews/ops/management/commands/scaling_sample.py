"""scaling_sample: one sample for `scaling`, taken by a timer."""

from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.locks import exclusive
from foxreviews.ops.samples import take, tidy
from foxreviews.ops.web_figures import WebServerSilent, read_web_figures

URL = "http://127.0.0.1:8000/metrics"


class Command(BaseCommand):
    """Reads what the web workers have counted, and how the database is."""

    help = (
        "Write down what the web server and the database did since the last sample. For a timer, every five "
        "minutes; old samples are merged, so that the table stays below 2,000 rows."
    )
    examples = f"""
  manage.py scaling_sample
  manage.py scaling_sample --metrics {URL}
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--metrics", default=URL, metavar="URL", help=f"default {URL}")

    def handle(self, *_args: Any, **options: Any) -> None:
        web, silent = None, None
        try:
            web = read_web_figures(options["metrics"])
        except WebServerSilent as error:
            silent = error
        with exclusive("scaling-sample", busy=lambda: "Another run takes a sample already."):
            sample = take(web)
            tidy(sample.taken_at)
        if silent:
            raise WebServerSilent(f"{silent}. The sample has no times of requests.")
        pages = sample.pages.get("count", 0)
        self.stdout.write(f"{sample}: {pages:,} requests, {sample.rows:,} companies.")
