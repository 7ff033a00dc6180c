"""The PostgreSQL that the project runs for itself, in var/postgres, when DATABASE_URL is not set."""

import sys
from pathlib import Path

from foxreviews.core.locks import lock_holder
from foxreviews.localdb.cluster import Cluster

CHECKOUT = Path(__file__).resolve().parents[2]


def own_cluster() -> Cluster:
    """The project's own cluster. What it says goes to stderr: a command's stdout may be read by a machine."""
    return Cluster(CHECKOUT / "var" / "postgres", say=lambda sentence: print(sentence, file=sys.stderr))


def running_demo() -> int | None:
    """The process of the demo that runs in this checkout; None where there is none."""
    return lock_holder(CHECKOUT / "var" / "demo" / "lock")


def connection_settings() -> dict[str, str]:
    """Django's settings for the database in the own cluster, whether it runs or not."""
    return own_cluster().connection_settings()


def ensure_running() -> None:
    """Start the own cluster where it does not run. Raises LocaldbError."""
    cluster = own_cluster()
    if not cluster.is_ready and cluster.start():
        cluster.say("PostgreSQL was started for this, and stays: .venv/bin/python manage.py localdb stop")
