"""Which PostgreSQL the project would run (exit 0), or what to type to have one (exit 1)."""

import sys

from foxreviews.localdb.binaries import BinariesMissingError, newest

try:
    best = newest()
except BinariesMissingError as error:
    sys.exit(str(error))
print(f"PostgreSQL {best.version} in {best.folder}")
