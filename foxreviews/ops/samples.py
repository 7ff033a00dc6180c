"""Samples: taken every few minutes, merged as they grow old, and looked at over a day, a month and a year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from foxreviews.ops.database_cpu import cores, cpu_seconds
from foxreviews.ops.latency import Latency, total
from foxreviews.ops.models import Sample
from foxreviews.ops.web_figures import WebFigures
from foxreviews.telemetry.database_state import read_database_state

DAY, MONTH, YEAR = timedelta(days=1), timedelta(days=30), timedelta(days=365)
# Older samples are merged into one for each hour, then for each day, and removed after two years: 288 samples a day
# are 576 + 720 + 700 rows at most.
HOURLY_AFTER, DAILY_AFTER, REMOVED_AFTER = 2 * DAY, 32 * DAY, 730 * DAY


def take(web: WebFigures | None) -> Sample:
    """Write down what happened since the last sample. `web` is None where the web server was silent."""
    now, state, cpu = timezone.now(), read_database_state(), cpu_seconds()
    last = Sample.objects.exclude(counters={}).order_by("-taken_at").first()  # the last that was taken
    was: dict[str, Any] = last.counters if last else {}
    # A clock that was put back gives no span: the next sample counts from this one.
    seconds = max((now - last.taken_at).total_seconds(), 0.0) if last else 0.0
    used = _share(cpu, was.get("cpu"), seconds * cores())
    sample = Sample(
        taken_at=now,
        seconds=seconds,
        cpu=used,
        cpu_peak=used,
        active=_share(state.active_seconds, was.get("active"), seconds),
        connections=state.connections,
        rows=state.entreprises or 0,
        bytes=state.database_bytes,
        counters={"cpu": cpu, "active": state.active_seconds, **_counters(web, was)},
    )
    if web and "pages" in was:
        _count(sample, web, was)
    with transaction.atomic():
        Sample.objects.exclude(counters={}).update(counters={})
        sample.save()
    return sample


def _share(now: float | None, before: float | None, possible: float) -> float | None:
    """What was used of what could be; None where one reading is not there, or the server has restarted."""
    if now is None or before is None or now < before or not possible:
        return None
    return (now - before) / possible


def _counters(web: WebFigures | None, was: dict[str, Any]) -> dict[str, Any]:
    """What the next sample counts from: the last figures that a web server gave."""
    if web is None:
        return {name: was[name] for name in ("pages", "searches", "fallbacks") if name in was}
    return {
        "pages": web.pages.as_json(),
        "searches": {engine: latency.as_json() for engine, latency in web.searches.items()},
        "fallbacks": web.fallbacks,
    }


def _count(sample: Sample, web: WebFigures, was: dict[str, Any]) -> None:
    sample.pages = web.pages.since(Latency.of(was["pages"])).as_json()
    sample.searches = {
        engine: latency.since(Latency.of(was["searches"].get(engine, {}))).as_json()
        for engine, latency in web.searches.items()
    }
    begun_anew = web.fallbacks < was["fallbacks"]
    sample.fallbacks = web.fallbacks if begun_anew else web.fallbacks - was["fallbacks"]


def tidy(now: datetime) -> None:
    """Merge and remove what is old."""
    Sample.objects.filter(taken_at__lt=now - REMOVED_AFTER).delete()
    _merge_each(now - HOURLY_AFTER, lambda at: at.replace(minute=0, second=0, microsecond=0))
    _merge_each(now - DAILY_AFTER, lambda at: at.replace(hour=0, minute=0, second=0, microsecond=0))


def _merge_each(before: datetime, period: Any) -> None:
    groups = defaultdict(list)
    for pk, taken_at in Sample.objects.filter(taken_at__lt=before).values_list("pk", "taken_at"):
        groups[period(taken_at)].append(pk)
    for pks in groups.values():
        if len(pks) > 1:
            with transaction.atomic():
                whole = merged(list(Sample.objects.filter(pk__in=pks).order_by("taken_at")))
                Sample.objects.filter(pk__in=pks).delete()
                whole.save()


def merged(samples: Sequence[Sample]) -> Sample:
    """One sample that says of the whole time what they say of its parts. They are in their order, and not none."""
    last = samples[-1]
    engines = sorted({engine for sample in samples for engine in sample.searches})
    return Sample(
        taken_at=last.taken_at,
        seconds=sum(sample.seconds for sample in samples),
        pages=total(Latency.of(sample.pages) for sample in samples).as_json(),
        searches={
            engine: total(Latency.of(sample.searches.get(engine, {})) for sample in samples).as_json()
            for engine in engines
        },
        fallbacks=sum(sample.fallbacks for sample in samples),
        cpu=_mean((sample.cpu, sample.seconds) for sample in samples),
        cpu_peak=max((each.cpu_peak for each in samples if each.cpu_peak is not None), default=None),
        active=_mean((sample.active, sample.seconds) for sample in samples),
        connections=max(sample.connections for sample in samples),
        rows=last.rows,
        bytes=last.bytes,
        counters=last.counters,
    )


def _mean(weighted: Iterable[tuple[float | None, float]]) -> float | None:
    known = [(value, weight) for value, weight in weighted if value is not None]
    weight = sum(weight for _, weight in known)
    return sum(value * each for value, each in known) / weight if weight else None
