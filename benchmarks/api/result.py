"""The lines as they are shown: on a terminal, as JSON, as a page with charts."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.template import Context, Template
from rich.console import Console
from rich.table import Table

from benchmarks.api.measure import RUNS, Line
from foxreviews.core import files, sql
from foxreviews.localdb import machine
from foxreviews.localdb.machine import GIB

PAGE = Path(__file__).with_name("limits.html")
# The charts: pixels, and the milliseconds at both ends of their axis, which is logarithmic
LEFT, WIDTH, ROW, RIGHT = 290, 380, 24, 90
FROM, TO = 0.1, 1_000.0


@dataclass(frozen=True)
class Result:
    """The lines, and what they were measured on."""

    lines: list[Line]
    companies: int
    towns: int
    sizes: dict[str, int]  # bytes on disk, by part
    server: str
    cores: int
    memory: int
    at: str

    @property
    def kept(self) -> int:
        """How many lines are within their limit."""
        return sum(line.holds for line in self.lines)

    @property
    def holds(self) -> bool:
        """Whether all are."""
        return self.kept == len(self.lines)

    @property
    def on_disk(self) -> int:
        """Bytes."""
        return sum(self.sizes.values())

    @property
    def about(self) -> str:
        """What it was measured on, in a sentence."""
        return (
            f"{self.companies:,} companies and {self.towns:,} towns, PostgreSQL {self.server}, {self.cores} cores, "
            f"{self.memory / GIB:.0f} GiB of memory"
        )

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "companies": self.companies,
            "towns": self.towns,
            "sizes": self.sizes,
            "server": self.server,
            "cores": self.cores,
            "memory": self.memory,
            "at": self.at,
            "runs": RUNS,
            "holds": self.holds,
            "lines": [line.as_json() for line in self.lines],
        }


def result(lines: list[Line], companies: int, towns: int) -> Result:
    """The lines with what is known of the machine and the database."""
    here = machine.inspect(settings.BASE_DIR)
    (sizes,) = sql.rows(sql.load(__file__, "sizes"))
    major, minor = divmod(connection.connection.info.server_version, 10_000)
    return Result(
        lines,
        companies,
        towns,
        {name: int(size) for name, size in sizes.items()},
        f"{major}.{minor}",
        here.cores,
        here.memory,
        f"{datetime.now(UTC):%Y-%m-%d}",
    )


def show(found: Result, console: Console) -> None:
    """A table for a person, and the verdict."""
    table = Table(title=f"{found.about}; {RUNS} runs each, milliseconds", title_justify="left", box=None)
    table.add_column("", no_wrap=True)
    table.add_column("what", overflow="fold")
    for name in ("limit", "p50", "p95", *(["cold"] if _has_cold(found) else [])):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("found", overflow="fold")
    for line in found.lines:
        sign = "[green]✓[/]" if line.holds else "[bold red]✗[/]"
        numbers = [line.limit, line.p50, line.p95, *([line.cold] if _has_cold(found) else [])]
        shown = ["" if number is None else _number(number) for number in numbers]
        table.add_row(sign, line.what, *shown, line.note, style="" if line.holds else "bold")
    console.print(table)
    on_disk = ", ".join(f"{part} {files.format_bytes(size)}" for part, size in found.sizes.items())
    console.print(f"On disk: {on_disk}, together {files.format_bytes(found.on_disk)}", soft_wrap=True)
    console.print(f"{found.kept} of {len(found.lines)} within the scaling plan's limits", soft_wrap=True)


def _has_cold(found: Result) -> bool:
    return any(line.cold is not None for line in found.lines)


def html_page(found: Result) -> str:
    """A page that needs nothing from elsewhere, to be kept."""
    groups = groupby(found.lines, key=lambda line: line.group)
    charts = [_chart(name, list(lines)) for name, lines in groups]
    template = Template(PAGE.read_text(encoding="utf-8"))
    return template.render(Context({"found": found, "charts": charts, "runs": RUNS}))


def _chart(name: str, lines: list[Line]) -> dict[str, Any]:
    height = ROW * len(lines) + 30
    ticks = [{"x": _x(ms), "label": f"{ms:g}"} for ms in (0.1, 1, 10, 100, 1000)]
    return {
        "name": name,
        "width": LEFT + WIDTH + RIGHT,
        "height": height,
        "bottom": height - 22,
        "label_x": LEFT - 8,
        "left": LEFT,
        "ticks": ticks,
        "rows": list(_bars(lines)),
        "has_cold": any(line.cold is not None for line in lines),
    }


def _bars(lines: list[Line]) -> Iterator[dict[str, Any]]:
    for place, line in enumerate(lines):
        top = place * ROW
        yield {
            "line": line,
            "y": top + 5,
            "text_y": top + 16,
            "tick_y": top + 2,
            "p50": round(_x(line.p50) - LEFT, 1),
            "p95": round(_x(line.p95) - LEFT, 1),
            "limit_x": _x(line.limit),
            "cold_x": None if line.cold is None else _x(line.cold),
            "cold_y": top + 12,
            "value_x": max(_x(line.p95), _x(line.limit), _x(line.cold or FROM)) + 8,
            "said": f"{_number(line.p50)} / {_number(line.p95)}",
        }


def _x(milliseconds: float) -> float:
    """Where so many milliseconds are on the axis."""
    share = math.log10(min(max(milliseconds, FROM), TO) / FROM) / math.log10(TO / FROM)
    return round(LEFT + share * WIDTH, 1)


def _number(milliseconds: float) -> str:
    return (
        f"{milliseconds:.0f}"
        if milliseconds >= 100 or milliseconds == round(milliseconds)
        else f"{milliseconds:.1f}"
    )
