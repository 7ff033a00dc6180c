"""manage.py with seven partitions instead of 110, copied in small steps: all that happens to all of them, for less.

commands.run(environment, "partition_entreprises", program=FEW_PARTITIONS)
"""

import os
import runpy
import sys
from pathlib import Path

import django

FEW_PARTITIONS = Path(__file__)
DEPARTEMENTS = ("01", "13", "2A", "69", "75", "971")
CHUNK_ROWS = 100


def main() -> None:
    sys.path[0] = str(Path.cwd())  # as manage.py's own folder is for Python
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from foxreviews.ops import partition

    partition.DEPARTEMENTS = {code: partition.DEPARTEMENTS[code] for code in DEPARTEMENTS}
    partition.CHUNK_ROWS = CHUNK_ROWS
    runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    main()
