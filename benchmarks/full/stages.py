"""Stages of a long measurement: the result of each stands in a file, and a stage that has one is not run again."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.files import replacing

Figures = dict[str, Any]


@dataclass(frozen=True)
class Folder:
    """The results so far, each under the name of its stage."""

    path: Path

    def run(self, name: str, measure: Callable[[bool], Figures]) -> Figures:
        """The stage's figures: those that stand, or else measured now.

        `measure` is told whether a run before this one was interrupted in the stage.
        """
        if (found := self.figures(name)) is not None:
            print(f"{name}: done before", flush=True)
            return found
        begun = self.path / f"{name}.begun"
        was_interrupted = begun.exists()
        begun.touch()
        print(f"{name}: {'begun again' if was_interrupted else 'begun'}", flush=True)
        started = time.monotonic()
        figures = measure(was_interrupted) | {"stage_seconds": round(time.monotonic() - started, 1)}
        self._keep(name, figures)
        begun.unlink()
        print(f"{name}: {json.dumps(figures)[:400]}", flush=True)
        return figures

    def figures(self, name: str) -> Figures | None:
        """What a stage has measured; None where it was not run to its end."""
        file = self.path / f"{name}.json"
        if not file.exists():
            return None
        found: Figures = json.loads(file.read_text())
        return found

    def require(self, *names: str, retry_hint: str) -> None:
        """Raises FoxreviewsError where a stage has no result."""
        if missing := [name for name in names if self.figures(name) is None]:
            raise FoxreviewsError(f"Nothing is known of {', '.join(missing)}. {retry_hint}")

    def all(self) -> Mapping[str, Figures]:
        """By stage."""
        return {file.stem: json.loads(file.read_text()) for file in sorted(self.path.glob("*.json"))}

    def _keep(self, name: str, figures: Figures) -> None:
        with replacing(self.path / f"{name}.json") as file:
            file.write(json.dumps(figures, indent=2).encode() + b"\n")
