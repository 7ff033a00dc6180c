"""The plan's phase 4 as it writes it (plan/phase4.py): three tests, each with the lines that stand above the first."""

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "plan"


@dataclass(frozen=True)
class PlanTest:
    """`title` is its comment: «Test 1: Cursor pagination»."""

    title: str
    source: str

    def run(self) -> str:
        """What it prints."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(self.source, "phase4.py", "exec"), {})  # noqa: S102 - the plan's own lines
        return printed.getvalue()


def plan_tests() -> list[PlanTest]:
    """All three, in order."""
    head, *tests = re.split(r"(?m)^(?=# Test)", (FOLDER / "phase4.py").read_text())
    return [PlanTest(test.partition("\n")[0].removeprefix("# "), head + test) for test in tests]
