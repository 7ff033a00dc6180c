"""Cold caches: the server started anew, and the files of the database out of the system's memory as well."""

import os
from pathlib import Path

from django.conf import settings
from django.db import connection

from foxreviews.core.errors import UsageError
from foxreviews.localdb import own_cluster
from foxreviews.localdb.cluster import Cluster


class ColdCaches:
    """Calling it makes them cold. It stops the project's own server, and no other."""

    def __init__(self) -> None:
        if settings.DATABASE_URL or not hasattr(os, "posix_fadvise"):
            raise UsageError(
                "--cold starts the project's own PostgreSQL anew before each measure; the one that DATABASE_URL "
                "names is not stopped for this. Leave --cold out."
            )
        self.cluster: Cluster = own_cluster()

    def __call__(self) -> None:
        connection.close()
        self.cluster.stop()
        for file in (self.cluster.data / "base").glob("*/*"):
            _forget(file)
        self.cluster.start()
        connection.ensure_connection()


def _forget(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
