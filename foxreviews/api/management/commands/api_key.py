"""api_key: a key of a client of the API, which may then come more often."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.api import keys
from foxreviews.core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = (
        "Print the key of a client of the API. Sent as X-Api-Key, it has API_KEY_FACTOR times the rates, and its owner "
        "is counted by the key, not by the address. It is made from the name and SECRET_KEY, and stored nowhere: the "
        "same name has the same key. To take it back, add the name to API_KEYS_REVOKED and restart the web server."
    )
    examples = """
  manage.py api_key acme
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="whose it is: small letters, digits, hyphens")

    def handle(self, *_args: Any, **options: Any) -> None:
        key = keys.make(options["name"])
        self.stdout.write(key)
        self.stderr.write(f"Sent as {keys.HEADER}, it has {settings.API_KEY_FACTOR} times the rates.")
