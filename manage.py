#!/usr/bin/env python
"""The front door of every command. Starts the project's own PostgreSQL where none is named (DATABASE_URL)."""

import os
import sys

from foxreviews.core.errors import FoxreviewsError
from foxreviews.localdb import ensure_running

# localdb and demo start it themselves; the others need none.
WITHOUT_DATABASE = {"localdb", "demo", "help", "version", "check", "compilemessages", "makemessages",
                    "makemigrations", "collectstatic", "generate_entreprises", "generate_villes",
                    "spectacular"}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # after the settings are named
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import OperationalError  # noqa: PLC0415

    needs_database = len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_DATABASE and "--help" not in sys.argv
    if needs_database and not os.environ.get("DATABASE_URL"):
        try:
            ensure_running()
        except FoxreviewsError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(error.exit_code)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:  # of Django's own commands; ours say so themselves
        sys.exit(f"The database does not answer: {error}".strip())


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # a command that runs catches it; this one came before or after
        sys.exit(130)
