"""scaling_sample: one sample for `scaling`, taken by a timer."""

from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.locks import exclusive
from foxreviews.ops.samples import take, tidy
from foxreviews.ops.web_figures import WebServerSilent, read_web_figures

HERE = "http://127.0.0.1:8000"


class Command(BaseCommand):
    """Reads what the web workers have counted, and how the database is."""

    help = (
        "Write down what the web server and the database did since the last sample. For a timer, every five "
        "minutes; old samples are merged, so that the table stays below 2,000 rows."
    )
    examples = """
  manage.py scaling_sample
  manage.py scaling_sample --web http://127.0.0.1:8001
  manage.py scaling_sample --web unix:/run/foxreviews-blue/web.sock
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--web",
            nargs="+",
            default=[HERE],
            metavar="PLACE",
            help=f"where the web server listens; of several the first that answers (default {HERE})",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        web, silent = None, None
        try:
            web = read_web_figures(options["web"])
        except WebServerSilent as error:
            silent = error
        with exclusive("scaling-sample", busy=lambda: "Another run takes a sample already."):
            sample = take(web)
            tidy(sample.taken_at)
        if silent:
            raise WebServerSilent(f"{silent}. The sample has no times of requests.")
        pages = sample.pages.get("count", 0)
        self.stdout.write(f"{sample}: {pages:,} requests, {sample.rows:,} companies.")
