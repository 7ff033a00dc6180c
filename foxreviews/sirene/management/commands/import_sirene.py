"""import_sirene: the official register; the work is in sirene.run."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.progress import Reporter, open_log
from foxreviews.importing.command import (
    NICENESS,
    add_limits,
    add_outputs,
    check_outputs,
    common_options,
    fraction,
    write_report,
)
from foxreviews.importing.run import Options
from foxreviews.importing.summary import print_summary
from foxreviews.sirene.gone import ACTIONS, REPORT
from foxreviews.sirene.report import print_establishments, print_gone, print_links
from foxreviews.sirene.run import Files, import_register

OTHERS = ("mouvements", "successions", "doublons", "historique")


class Command(BaseCommand):
    """Load companies from INSEE's stock files."""

    help = (
        "Load the official register: one company for each legal unit, at its head office's address. Only what "
        "has changed is written. An interrupted run leaves the directory as it was; the same command starts over."
    )
    niceness = NICENESS
    examples = """
  manage.py import_sirene --unites-legales StockUniteLegale_utf8.zip \\
      --etablissements StockEtablissement_utf8.zip
  manage.py import_sirene --unites-legales StockUniteLegale_utf8.parquet \\
      --etablissements StockEtablissement_utf8.parquet \\
      --mouvements v_mvt_commune_2026.csv --report report.json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        what = "as CSV (plain, .gz or .zip) or parquet"
        parser.add_argument(
            "--unites-legales", required=True, metavar="FILE", help=f"INSEE's StockUniteLegale, {what}"
        )
        parser.add_argument(
            "--etablissements", required=True, metavar="FILE", help=f"INSEE's StockEtablissement, {what}"
        )
        parser.add_argument(
            "--mouvements",
            metavar="FILE",
            help="INSEE's movements of communes (v_mvt_commune): finds addresses in communes that were merged",
        )
        parser.add_argument(
            "--successions",
            metavar="FILE",
            help="INSEE's StockEtablissementLiensSuccession: who took over whom",
        )
        parser.add_argument(
            "--doublons", metavar="FILE", help="INSEE's StockDoublons: companies that have two SIREN"
        )
        parser.add_argument(
            "--historique", metavar="FILE", help="INSEE's StockUniteLegaleHistorique: former names"
        )
        parser.add_argument(
            "--gone",
            choices=ACTIONS,
            default=REPORT,
            help="what becomes of companies that the register had and has no more (default: report, they stay)",
        )
        parser.add_argument(
            "--max-gone",
            type=fraction,
            metavar="R",
            help="refuse a file that lacks more than this part of the companies of the last full one "
            "(default 0.01, from 20 companies on); who was gone before does not count",
        )
        add_limits(parser)
        add_outputs(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "import"))
        files = Files(
            options["unites_legales"], options["etablissements"], *(options[name] for name in OTHERS)
        )
        import_options = Options(
            file=f"{files.legal_units} and {files.establishments}",
            empty_overwrites=True,
            **common_options(options),
        )
        check_outputs(filter(None, files), options)
        report = import_register(
            files, import_options, reporter, gone=options["gone"], max_gone=options["max_gone"]
        )
        write_report(options["report"], report)
        print_establishments(report, reporter)
        print_links(report, reporter)
        print_gone(report, reporter)
        print_summary(report, import_options, reporter)
