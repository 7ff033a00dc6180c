"""The table of all stages, with their limits, as Markdown."""

from collections.abc import Iterator, Mapping

from benchmarks.full.stages import Figures

TARGET_ROWS, DISK_GB = 30_000_000, 30  # companies, and what they may take
Row = tuple[str, str, str, bool]  # what, measured, limit, whether it holds


def table(stages: Mapping[str, Figures]) -> str:
    """Of the stages that are done."""
    lines = ["| | measured | must | |", "|---|---|---|---|"]
    for what, measured, limit, holds in rows(stages):
        lines.append(f"| {what} | {measured} | {limit} | {'' if holds else '**missed**'} |")
    return "\n".join([*lines, "", *_worst(stages), *_search(stages), *_disk(stages)]) + "\n"


def holds(stages: Mapping[str, Figures]) -> bool:
    """Whether every limit is kept."""
    return all(row[3] for row in rows(stages))


def rows(stages: Mapping[str, Figures]) -> Iterator[Row]:
    """One for each limit of the stages that are done."""
    if generated := stages.get("generate"):
        counts = ", ".join(f"{name} {count:,}" for name, count in generated["rows"].items())
        yield (
            f"generate: {counts}",
            f"{generated['seconds']:,.0f} s, {generated['parquet_gb']:.1f} GB",
            "",
            True,
        )
    yield from _loads(stages)
    for name, limits in {"pages": {"p50": 5, "p99": 30}, "near": {"p95": 30}}.items():
        if found := stages.get(name):
            for percentile, limit in limits.items():
                yield (
                    f"{name}, {percentile}",
                    f"{found[percentile]:.1f} ms",
                    f"≤ {limit} ms",
                    found[percentile] <= limit,
                )
    for verdict in stages.get("search", {}).get("verdicts", ()):
        bound, unit = "≥" if verdict["at_least"] else "≤", verdict["unit"]
        yield (
            f"search: {verdict['what']}",
            f"{verdict['found']:,.1f} {unit}",
            f"{bound} {verdict['target']:,g} {unit}",
            verdict["holds"],
        )
    if found := stages.get("disk"):
        companies = stages["load"]["rows"]["enterprise_entreprise"]
        limit = DISK_GB * companies / TARGET_ROWS
        yield (
            "disk",
            f"{found['total_gb']:.1f} GB",
            f"≤ {limit:.1f} GB ({DISK_GB} for {TARGET_ROWS:,})",
            found["total_gb"] <= limit,
        )


def _loads(stages: Mapping[str, Figures]) -> Iterator[Row]:
    load = stages.get("load")
    if not load:
        return
    seconds = load["seconds"]
    yield "load", f"{seconds / 60:.1f} min", "≤ 60 min", seconds <= 3600
    yield "memory of the client", f"{load['peak_mib']:,.0f} MiB", "≤ 1,536 MiB", load["peak_mib"] <= 1536
    for table_, took in load["tables"].items():
        what, measured = f"load of {table_}: {load['rows'][table_]:,} rows", f"{took:,.1f} s"
        if floor := stages.get(f"floor-{table_}"):
            ratio = took / floor["seconds"]
            measured += f", {ratio:.2f} × its floor of {floor['seconds']:,.1f} s"
            yield what, measured, "≤ 1.15 ×", ratio <= 1.15
        else:
            yield what, measured, "", True
    for name, what, limit in (("again", "the same month again", 0.5), ("changed", "1 % changed", 0.6)):
        if found := stages.get(name):
            ratio = found["seconds"] / seconds
            yield what, f"{ratio:.2f} × ({found['seconds']:,.0f} s)", f"≤ {limit} ×", ratio <= limit
    if found := stages.get("again"):
        written = sum(found["written"].values())
        yield "rows written by the same month", f"{written:,}", "0", not written


def _worst(stages: Mapping[str, Figures]) -> Iterator[str]:
    for name in ("pages", "near"):
        if found := stages.get(name):
            slowest = "; ".join(f"{each['what']} {each['p95']:.1f}" for each in found["worst"])
            yield f"Slowest {name} (p95, ms): {slowest}."
            yield ""


def _search(stages: Mapping[str, Figures]) -> Iterator[str]:
    """The classes of queries, by the engine alone and over HTTP."""
    if not (mix := stages.get("search", {}).get("mix")):
        return
    engine, http = mix["tantivy engine"], mix["tantivy HTTP"]
    yield from ("| search, ms | engine p50 | p99 | HTTP p50 | p99 |", "|---|---|---|---|---|")
    for kind in engine:
        times = (engine[kind]["p50"], engine[kind]["p99"], http[kind]["p50"], http[kind]["p99"])
        yield f"| {kind} | {' | '.join(f'{each:.1f}' for each in times)} |"
    yield ""


def _disk(stages: Mapping[str, Figures]) -> Iterator[str]:
    found = stages.get("disk", {})
    for table_ in [name for name in found if f"{name} columns" in found]:
        yield from ("", f"| {table_} | MB |", "|---|---|")
        yield from (f"| {name} | {size / 1e6:,.1f} |" for name, size in found[table_].items())
        yield from ("", f"| column of {table_} | bytes per row |", "|---|---|")
        yield from (f"| {name} | {size} |" for name, size in found[f"{table_} columns"].items())
