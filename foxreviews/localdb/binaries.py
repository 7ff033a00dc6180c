"""Where PostgreSQL's server programs are."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from foxreviews.localdb.account import LocaldbError

MIN_MAJOR = 15

# Debian and Ubuntu, Red Hat, SUSE, Homebrew (Apple silicon, Intel, Linux), PostgreSQL's own `make install`,
# Alpine, Postgres.app. Distributions leave the server programs out of PATH.
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/lib/postgresql*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
    "/usr/libexec/postgresql*",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)

# The program that installs software, and the whole command to type.
INSTALLERS = {
    "apt-get": "sudo apt-get install postgresql",
    "dnf": "sudo dnf install postgresql-server postgresql-contrib",
    "zypper": "sudo zypper install postgresql-server postgresql-contrib",
    "pacman": "sudo pacman -S postgresql",
    "apk": "sudo apk add postgresql postgresql-contrib",
    "brew": "brew install postgresql@17",
}


class BinariesMissingError(LocaldbError):
    """No PostgreSQL server programs of a version that will do are installed."""


@dataclass(frozen=True, order=True)
class Binaries:
    """One installed PostgreSQL: its version and the folder of its server programs."""

    major: int
    minor: int
    folder: Path

    @property
    def version(self) -> str:
        return f"{self.major}.{self.minor}"

    def program(self, name: str) -> str:
        return str(self.folder / name)


@cache
def installed() -> tuple[Binaries, ...]:
    """Every PostgreSQL server found on this machine, newest first."""
    found = {folder: _read(folder) for folder in _folders()}
    return tuple(sorted(filter(None, found.values()), reverse=True))


def newest() -> Binaries:
    """The newest server programs; raises BinariesMissingError where none is of version 15 or later."""
    if not installed():
        raise BinariesMissingError(
            f"PostgreSQL's server programs are not installed. Type: {how_to_install()}"
        )
    best = installed()[0]
    if best.major < MIN_MAJOR:
        raise BinariesMissingError(
            f"PostgreSQL {MIN_MAJOR} or later is needed; {best.folder} has {best.version}. {_newer()}"
        )
    return best


def of_major(major: int) -> Binaries | None:
    """The programs that can open a cluster made by this major version (each opens only its own)."""
    return next((binaries for binaries in installed() if binaries.major == major), None)


def client(name: str) -> str:
    """The path of a client program (psql, pg_dump): the newest server's own, else the one on PATH."""
    for binaries in installed():
        if Path(binaries.program(name)).is_file():
            return binaries.program(name)
    if found := shutil.which(name):
        return found
    raise BinariesMissingError(f"{name} is not installed. Type: {how_to_install()}")


def client_of_major(name: str, major: int) -> str:
    """The path of the client program of that very version: a dump of another one may not load again."""
    found = shutil.which(name)
    for folder in (*_folders(), *([Path(found).parent] if found else [])):
        program = str(folder / name)
        match = re.search(r"\(PostgreSQL\) (\d+)", _output([program, "--version"]))
        if match and int(match[1]) == major:
            return program
    raise BinariesMissingError(
        f"{name} of PostgreSQL {major}, the server's version, is not installed. "
        f"Type: {how_to_install(f'postgresql-client-{major}')}"
    )


def how_to_install(package: str = "") -> str:
    """The command that installs PostgreSQL here (with apt-get: `package` where given)."""
    for program, command in INSTALLERS.items():
        if shutil.which(program):
            return f"sudo apt-get install {package}" if package and program == "apt-get" else command
    return "the installer of https://www.postgresql.org/download/"


def _newer() -> str:
    if shutil.which("brew"):
        return f"Type: {INSTALLERS['brew']}"
    return "Your system's own packages are older: see https://www.postgresql.org/download/ for newer ones."


def _folders() -> Iterator[Path]:
    for name in ("postgres", "initdb"):
        if program := shutil.which(name):
            yield Path(program).resolve().parent
    if program := shutil.which("pg_config"):
        answer = _output([program, "--bindir"])
        if answer:
            yield Path(answer)
    for pattern in FOLDERS:
        yield from Path("/").glob(pattern[1:])


def _read(folder: Path) -> Binaries | None:
    if not (folder / "postgres").is_file() or not (folder / "initdb").is_file():
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", _output([str(folder / "postgres"), "--version"]))
    return Binaries(int(match[1]), int(match[2] or 0), folder) if match else None


def _output(command: list[str]) -> str:
    """What the program prints, or "" where it does not run (a version manager's shim may be dead)."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
