"""Programs that come as npm packages: fetched once into var/npm, at the versions and hashes of their lock file."""

import shutil
import subprocess
from pathlib import Path

from benchmarks.command import CHECKOUT
from foxreviews.core.errors import FoxreviewsError

MANIFESTS = Path(__file__).with_name("manifests")
FETCHED = CHECKOUT / "var" / "npm"
FILES = ("package.json", "package-lock.json")
NPM_CI = (
    *("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
    *("--fetch-retries=1", "--fetch-timeout=60000"),
)


class MissingPackageError(FoxreviewsError):
    """There is no npm, or no network."""


def fetched(name: str, manifests: Path = MANIFESTS) -> Path:
    """The folder node_modules of a manifest. Raises MissingPackageError."""
    source, folder = manifests / name, FETCHED / name
    if _is_there(source, folder):
        return folder / "node_modules"
    if not shutil.which("npm"):
        raise MissingPackageError(f"{name} comes from npm, which is not here. Type: sudo apt-get install npm")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(source / FILES[0], folder)
    shutil.copy(source / FILES[1], folder)
    done = subprocess.run(NPM_CI, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder)
        raise MissingPackageError(
            f"{name} cannot be fetched (npm ci fails: no network?). {done.stderr[-500:]}"
        )
    (folder / "complete").touch()
    return folder / "node_modules"


def _is_there(source: Path, folder: Path) -> bool:
    """Whole, and of this lock file."""
    lock = folder / FILES[1]
    return (folder / "complete").exists() and lock.read_bytes() == (source / FILES[1]).read_bytes()
