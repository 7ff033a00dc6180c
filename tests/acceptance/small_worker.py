"""celery, with the sizes of small_sizes.py, and with little patience for a lock that is held."""

import sys
from pathlib import Path

LOCK_SECONDS = 3.0


def main() -> None:
    sys.path.insert(1, str(Path(__file__).parents[2]))
    from tests.acceptance.small_sizes import shrink

    shrink()
    from celery.__main__ import main as celery

    from foxreviews.workers import tasks

    tasks.LOCK_SECONDS = LOCK_SECONDS
    sys.exit(celery())


if __name__ == "__main__":
    main()
