"""describe: what is said of companies, towns and trades; and the endpoint asked for what it has not worded yet."""

import re
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.commands import positive
from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.progress import Reporter, open_log
from foxreviews.descriptions.facts import Company, Facts, Town, Trade
from foxreviews.descriptions.filling import fill
from foxreviews.descriptions.shown import description
from foxreviews.enterprise.by_siren import company_with_town
from foxreviews.location.models import Ville
from foxreviews.reference import naf
from foxreviews.reference.geography import INSEE_CODE


class UnknownKeyError(FoxreviewsError):
    """The directory has no such company, town or trade."""

    status = 404


class Command(BaseCommand):
    help = (
        "Show the short French description of companies, towns and trades; or, with --fill, ask the endpoint of "
        "DESCRIPTION_URL for those that it has not worded yet, within DESCRIPTION_BUDGET a day. An answer that states "
        "a number, name or place that is not in the facts is thrown away."
    )
    examples = """
  manage.py describe 552100554 69123 62.01Z     a company, a town, a trade
  manage.py describe --fill --max 200
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "keys",
            nargs="*",
            metavar="KEY",
            help="a SIREN, the INSEE code of a town, or a code of either NAF",
        )
        parser.add_argument("--fill", action="store_true", help="ask the endpoint for what is missing")
        parser.add_argument(
            "--max", type=positive, metavar="N", help="ask for N texts at most (default: the day's budget)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        keys, limit = options["keys"], options["max"]
        if options["fill"] is bool(keys) or (limit and not options["fill"]):
            raise UsageError("Name what to show, manage.py describe 69123, or say --fill [--max N].")
        if options["fill"]:
            reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "descriptions"))
            reporter.line(str(fill(limit or settings.DESCRIPTION_BUDGET, reporter)))
            return
        for key in keys:
            shown = description(find(key))
            self.stdout.write(f"{key} ({shown['description_source']}): {shown['description']}")


def find(key: str) -> Facts:
    """The facts about what the key names. Raises UnknownKeyError."""
    if trade := Trade.of(naf.normalise(key)):
        return trade
    if INSEE_CODE.fullmatch(key.upper()):
        town = Ville.objects.filter(code_insee=key.upper()).values().first()
        if town:
            return Town.of(dict(town))
        raise UnknownKeyError(
            f"No town has the INSEE code {key}. Load the towns: manage.py import_villes FILE"
        )
    siren = re.sub(r"\s", "", key)
    company = company_with_town(siren) if re.fullmatch("[0-9]{9}", siren) else None
    if company is None:
        raise UnknownKeyError(f"{key} is no SIREN of the directory, no INSEE code and no code of a NAF.")
    return Company.of(company)
