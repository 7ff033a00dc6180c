"""Lighthouse on one page, as on a phone: its own default, a slow network and a processor four times slower."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.pages.npm_packages import MissingPackageError, fetched
from foxreviews.core.errors import FoxreviewsError

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SECONDS = 180.0


def scores(url: str, *, is_indexed: bool = True) -> dict[str, Any]:
    """The score of each category, 0 to 100, and `failed`: what does not hold, by its name.

    A page that is not meant for search engines is not asked whether they may have it.
    """
    with tempfile.TemporaryDirectory(prefix="foxreviews-lighthouse-") as folder:
        report = Path(folder) / "report.json"
        command = _command(url, report) + ([] if is_indexed else ["--skip-audits=is-crawlable"])
        environment = os.environ | {"CHROME_PATH": _chromium(), "TMPDIR": folder}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        if not report.exists():
            raise FoxreviewsError(f"Lighthouse says nothing of {url}: {done.stderr[-500:]}")
        return read(json.loads(report.read_text(encoding="utf-8")))


def _command(url: str, report: Path) -> list[str]:
    node = shutil.which("node")
    if node is None:
        raise MissingPackageError(
            "Lighthouse runs on Node.js, which is not here. Type: sudo apt-get install nodejs"
        )
    sandbox = "" if os.geteuid() else " --no-sandbox"  # Chromium has none for root
    return [
        node, str(fetched("lighthouse") / "lighthouse" / "cli" / "index.js"), url, "--quiet",
        "--output=json", f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags=--headless=new --disable-dev-shm-usage{sandbox}",
    ]  # fmt: skip


def read(report: dict[str, Any]) -> dict[str, Any]:
    """What of a report is shown."""
    if problem := report.get("runtimeError"):
        raise FoxreviewsError(f"Lighthouse cannot measure {report.get('requestedUrl')}: {problem['message']}")
    found: dict[str, Any] = {
        name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES
    }
    weighed = (
        each for name in CATEGORIES for each in report["categories"][name]["auditRefs"] if each["weight"]
    )
    audits = (report["audits"][each["id"]] for each in weighed)
    found["failed"] = sorted(
        {each["id"] for each in audits if each["score"] is not None and each["score"] < 0.9}
    )
    return found


def _chromium() -> str:
    for name in PROGRAMS:
        if program := shutil.which(name):
            return program
    raise MissingPackageError("There is no Chromium. Type: sudo apt-get install chromium")
