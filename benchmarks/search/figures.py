"""The figures of the search: times by class of query, the targets, and both as a table and as JSON."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PERCENTILES = (50, 95, 99)
TARGET_ROWS = 4_000_000
ENGINE, HTTP = "engine", "HTTP"
TANTIVY, POSTGRES = "tantivy", "postgres"
TYPO, SIMILAR = "one typo", "one typo, by similarity"
RATIO_OF = ("frequent word", TYPO)
ALL = "all"
FIRST = "first answer after a start"


@dataclass
class Times:
    """Milliseconds, each of one query."""

    times: list[float] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """The time within which so many per cent are answered."""
        ranked = sorted(self.times)
        return ranked[min(len(ranked) - 1, len(ranked) * percent // 100)] if ranked else float("nan")

    def facts(self) -> dict[str, float]:
        return {"n": len(self.times)} | {f"p{percent}": self.percentile(percent) for percent in PERCENTILES}


Classes = dict[str, Times]


@dataclass
class Figures:
    """The build (seconds, MiB, MB), each class of the mix by (engine, ENGINE or HTTP), and the others: towns,
    suggestions, FIRST, SIMILAR. `rate`: answers a second to several clients at once."""

    rows: int
    build: dict[str, float]
    mix: dict[tuple[str, str], Classes] = field(default_factory=dict)
    others: dict[tuple[str, str], Times] = field(
        default_factory=dict
    )  # (towns, suggestions, FIRST or SIMILAR, ENGINE or HTTP)
    rate: float = 0.0

    def over_all(self, engine: str, where: str) -> Times:
        """The classes together."""
        return Times([time for times in self.mix[engine, where].values() for time in times.times])

    def ratio(self, kind: str) -> float:
        """How many times longer PostgreSQL takes for a class, at the 95th percentile.

        Its engine knows no typos: these are searched by the similarity of trigrams, which finds them.
        """
        theirs = self.others[SIMILAR, ENGINE] if kind == TYPO else self.mix[POSTGRES, ENGINE][kind]
        return theirs.percentile(95) / self.mix[TANTIVY, ENGINE][kind].percentile(95)


@dataclass(frozen=True)
class Verdict:
    """A target and what was measured."""

    what: str
    target: float
    found: float
    unit: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.found >= self.target if self.at_least else self.found <= self.target


@dataclass(frozen=True)
class Targets:
    """Of a directory of so many companies, on 2 cores; milliseconds, requests a second, s, MB, MiB."""

    engine: tuple[float, float]  # p50 and p99 of all classes
    http: tuple[float, float]
    each_class: float  # p99 of any class alone over HTTP
    suggestions: float
    towns: float
    facets: float
    first: float
    clients: float
    seconds: float
    megabytes: float
    memory: float


TARGETS = {
    TARGET_ROWS: Targets((2, 10), (3.5, 14), 25, 8, 3, 15, 300, 600, 45, 400, 1024),
    30_000_000: Targets((5, 40), (8, 50), 100, 15, 3, 60, 500, 300, 900, 6000, 2048),
}


def size_of_targets(rows: int) -> int:
    """The size whose targets a directory of so many companies is held to."""
    return next((size for size in TARGETS if rows <= size), max(TARGETS))


def judged(figures: Figures) -> Iterator[Verdict]:
    """Each target of the search."""
    targets = TARGETS[size_of_targets(figures.rows)]
    for where, limits in ((ENGINE, targets.engine), (HTTP, targets.http)):
        for percent, limit in zip((50, 99), limits, strict=True):
            found = figures.over_all(TANTIVY, where).percentile(percent)
            yield Verdict(f"all classes, {where}, p{percent}", limit, found, "ms")
    kind, slowest = max(
        ((kind, times.percentile(99)) for kind, times in figures.mix[TANTIVY, HTTP].items()),
        key=lambda pair: pair[1],
    )
    yield Verdict(f"slowest class ({kind}), HTTP, p99", targets.each_class, slowest, "ms")
    for what, where, limit in (("suggestions", HTTP, targets.suggestions), ("towns", ENGINE, targets.towns)):
        yield Verdict(f"{what}, {where}, p99", limit, figures.others[what, where].percentile(99), "ms")
    yield Verdict(
        "facets, HTTP, p95", targets.facets, figures.mix[TANTIVY, HTTP]["facets"].percentile(95), "ms"
    )
    yield Verdict(FIRST, targets.first, figures.others[FIRST, HTTP].percentile(99), "ms")
    yield Verdict("4 clients at once", targets.clients, figures.rate, "answers/s", at_least=True)
    for kind in RATIO_OF:
        yield Verdict(f"{kind}, p95 against PostgreSQL", 20, figures.ratio(kind), "x faster", at_least=True)
    yield Verdict("build", targets.seconds, figures.build["seconds"], "s")
    yield Verdict("on disk", targets.megabytes, figures.build["MB"], "MB")
    yield Verdict("memory of the build", targets.memory, figures.build["MiB"], "MiB")


def facts(figures: Figures) -> dict[str, Any]:
    """All of it as plain values."""
    return {
        "rows": figures.rows,
        "build": figures.build,
        "answers_a_second": figures.rate,
        "mix": {
            f"{engine} {where}": {kind: times.facts() for kind, times in _with_all(classes).items()}
            for (engine, where), classes in figures.mix.items()
        },
        "others": {" ".join(what): times.facts() for what, times in figures.others.items()},
        "ratios": {kind: figures.ratio(kind) for kind in figures.mix[POSTGRES, ENGINE]},
        "verdicts": [
            {
                "what": each.what,
                "target": each.target,
                "found": each.found,
                "unit": each.unit,
                "at_least": each.at_least,
                "holds": each.holds,
            }
            for each in judged(figures)
        ],
    }


def _with_all(classes: Classes) -> Classes:
    return classes | {ALL: Times([time for times in classes.values() for time in times.times])}


def show(figures: Figures) -> None:
    """The table, and a line for each target."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(_table(figures))
    build = figures.build
    console.print(
        f"build {build['seconds']:.1f} s, {build['MiB']:,.0f} MiB at most, {build['MB']:,.0f} MB on disk\n"
    )
    if figures.rows not in TARGETS:
        console.print(f"The targets are those of {size_of_targets(figures.rows):,} companies.")
    for each in judged(figures):
        verdict = "[green]✓[/]" if each.holds else "[bold red]✗[/]"
        bound = "≥" if each.at_least else "≤"
        console.print(f"{verdict} {each.what:44}{each.found:10,.1f} {each.unit:9} {bound} {each.target:,g}")


def _table(figures: Figures) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"{figures.rows:,} companies, milliseconds; ratio: PostgreSQL's p95 / the engine's",
        title_justify="left",
    )
    table.add_column("what")
    table.add_column("engine")
    for where in (ENGINE, HTTP):
        table.add_column(f"{where}\nn", justify="right")
        for percent in PERCENTILES:
            table.add_column(f"\np{percent}", justify="right")
    table.add_column("\nratio", justify="right")
    for kind in (*figures.mix[TANTIVY, ENGINE], ALL):
        for engine in (TANTIVY, POSTGRES):
            cells = [
                cell
                for where in (ENGINE, HTTP)
                for cell in _cells(_with_all(figures.mix.get((engine, where), {})).get(kind))
            ]
            ratio = f"{figures.ratio(kind):,.1f}" if engine == POSTGRES and kind != ALL else ""
            table.add_row(kind if engine == TANTIVY else "", engine, *cells, ratio)
    for what in dict.fromkeys(what for what, _ in figures.others):
        cells = [cell for where in (ENGINE, HTTP) for cell in _cells(figures.others.get((what, where)))]
        table.add_row(what, POSTGRES if what == SIMILAR else TANTIVY, *cells, "")
    return table


def _cells(times: Times | None) -> list[str]:
    if times is None or not times.times:
        return [""] * (1 + len(PERCENTILES))
    return [f"{len(times.times):,}", *(f"{times.percentile(percent):,.1f}" for percent in PERCENTILES)]
