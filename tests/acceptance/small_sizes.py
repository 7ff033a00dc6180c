"""manage.py with sizes at which 600 companies are a first load in several blocks: all that happens to 20,500, for less.

commands.run(environment, "import_entreprises_bulk", file, program=SMALL_SIZES)
"""

import os
import runpy
import sys
from pathlib import Path

import django

BLOCK_BYTES = 32 << 10
FIRST_LOAD_ROWS = 400


def shrink() -> None:
    """Where Django is set up and this folder is not Python's own."""
    sys.path[0] = str(Path.cwd())  # as manage.py's own folder is for Python
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from foxreviews.core import sources
    from foxreviews.importing.load import etablissements, merge
    from foxreviews.reading import blocks, header, transcoder

    blocks.BLOCK_BYTES, blocks.RECORD_BYTES = BLOCK_BYTES, 1
    header.MAX_HEADER_BYTES = transcoder.FIRST_BYTES = sources.CHUNK = BLOCK_BYTES
    merge.FIRST_LOAD_ROWS = etablissements.FIRST_LOAD_ROWS = FIRST_LOAD_ROWS


def main() -> None:
    shrink()
    runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    main()
