"""The files that an import writes: --report and --rejects, never over what it reads."""

import json
from collections.abc import Iterable
from pathlib import Path

from foxreviews.core.errors import UnwritableOutput, UsageError
from foxreviews.importing.report import Report


def prepare(inputs: Iterable[str], report: Path | None, rejects: Path | None) -> None:
    """Find out before the work whether the outputs can be written. Raises UsageError."""
    for file in inputs:
        for path in (report, rejects):
            if path and path.exists() and Path(file).exists() and path.samefile(file):
                raise UsageError(f"{path} is the file to be imported; name another one to write to.")
    if report:
        _write(report, "")


def write_report(path: Path | None, report: Report) -> None:
    """The counts as JSON, where they are asked for."""
    if path:
        _write(path, json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnwritableOutput(path, error) from error
