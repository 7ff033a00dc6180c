"""When to grow, by the plan's thresholds and what was measured."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from foxreviews.ops import samples, web_figures
from foxreviews.ops.latency import Latency
from foxreviews.ops.models import Sample
from foxreviews.ops.samples import merged, take, tidy
from foxreviews.ops.web_figures import WebFigures, parse

Check = Callable[..., dict[str, dict[str, Any]]]

NOW = dt.datetime.now(dt.UTC)
FIVE_MINUTES = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)


def latency(count: int, ms: float, over_500: int = 0) -> Latency:
    return Latency(count, count * ms / 1000, {"0.2": count - over_500, "0.5": count - over_500})


SEARCH, PAGES = latency(100, 5), latency(500, 6)


def sample(
    ago: dt.timedelta = dt.timedelta(0),
    *,
    search: Latency = SEARCH,
    engine: str = "tantivy",
    pages: Latency = PAGES,
    **fields: Any,
) -> Sample:
    given: dict[str, Any] = {"cpu": 0.1, "cpu_peak": 0.1, "connections": 9, "rows": 4_000_000, "bytes": 10**9}
    return Sample.objects.create(
        taken_at=NOW - ago, seconds=300, pages=pages.as_json(), searches={engine: search.as_json()}, **given | fields
    )  # fmt: skip


def answer(found: dict[str, dict[str, Any]]) -> str:
    return str(found["answer"]["figures"]["answer"])


def test_without_a_sample_it_says_how_to_take_one(check: Check) -> None:
    found = check("scaling")
    assert set(found) == {"samples"}
    assert found["samples"]["fix"] == "manage.py scaling_sample"


def test_where_all_is_within_the_plan_s_thresholds_the_answer_is_to_stay(check: Check) -> None:
    for hours in range(0, 24 * 40, 12):
        sample(dt.timedelta(hours=hours))
    found = check("scaling")
    assert answer(found) == "stay"
    assert {each["severity"] for each in found.values()} == {"ok"}
    assert found["search, mean"]["figures"] == {"24 h": 5.0, "30 days": 5.0, "1 year": 5.0}


@pytest.mark.parametrize(
    ("fields", "subject", "severity", "expected"),
    [
        ({"search": latency(100, 201)}, "search, mean", "warning", "tune"),
        ({"search": latency(1_000, 9, over_500=11)}, "search, over 500 ms", "error", "move search to a cluster"),
        ({"search": latency(1_000, 9, over_500=11), "engine": "postgres"}, "search, over 500 ms", "error", "tune"),
        ({"pages": latency(100, 201)}, "pages, mean", "warning", "tune"),
        ({"cpu": 0.81}, "database CPU", "error", "add a replica"),
    ],
)  # fmt: skip
def test_each_threshold_of_the_plan_has_its_answer(
    check: Check, fields: dict[str, Any], subject: str, severity: str, expected: str
) -> None:
    sample(2 * DAY)
    sample(**fields)
    found = check("scaling")
    assert found[subject]["severity"] == severity
    assert found[subject]["fix"]
    assert answer(found) == expected
    assert subject in found["answer"]["figures"]["because"]


@pytest.mark.parametrize(
    "fields",
    [{"search": latency(100, 199)}, {"search": latency(1_000, 9, over_500=10)}, {"pages": latency(9, 199)},
     {"cpu": 0.8}],
)  # fmt: skip
def test_at_a_threshold_nothing_is_passed(check: Check, fields: dict[str, Any]) -> None:
    sample(2 * DAY)
    sample(**fields)
    assert answer(check("scaling")) == "stay"


def test_a_peak_of_yesterday_s_day_is_not_today_s(check: Check) -> None:
    sample(DAY + FIVE_MINUTES, search=latency(1_000, 900, over_500=1_000), cpu=1.0)
    sample()
    found = check("scaling")
    assert answer(found) == "stay"
    assert found["search, mean"]["figures"]["30 days"] > 800


def test_a_time_that_no_sample_reaches_has_no_figure(check: Check) -> None:
    sample(2 * DAY)
    sample()
    assert check("scaling")["pages, mean"]["figures"] == {"24 h": 6.0, "30 days": 6.0, "1 year": None}


def test_growth_is_forecast_from_a_month_on(check: Check) -> None:
    sample(20 * DAY, rows=4_000_000)
    sample(rows=4_200_000)
    assert "not to be told yet" in check("scaling")["growth"]["found"]
    sample(73 * DAY, rows=3_900_000)  # 300,000 in a fifth of a year
    found = check("scaling")
    assert found["growth"]["figures"]["rows_a_year"] == 1_500_000
    assert (found["growth"]["severity"], found["in a year"]["severity"]) == ("warning", "ok")
    assert answer(found) == "stay"


def test_from_eight_million_in_a_year_on_the_plan_partitions(check: Check) -> None:
    sample(73 * DAY, rows=7_700_000)
    sample(rows=7_800_000)
    found = check("scaling")
    assert found["in a year"]["figures"]["rows"] == 8_300_000
    assert answer(found) == "partition"


def test_a_first_load_is_no_growth(check: Check) -> None:
    sample(100 * DAY, rows=0)
    sample(73 * DAY, rows=4_000_000)
    sample(rows=4_000_000)
    assert check("scaling")["growth"]["figures"]["rows_a_year"] == 0


def test_a_database_on_another_machine_is_told_so(check: Check) -> None:
    sample(cpu=None, active=3.5)
    found = check("scaling")["database CPU"]
    assert found["severity"] == "note"
    assert "3.50 statements at work" in found["found"]


def test_samples_that_nobody_takes_any_more_are_noticed(check: Check) -> None:
    sample(dt.timedelta(hours=2))
    assert check("scaling")["samples"]["fix"] == "manage.py scaling_sample"


def figures(pages: int, searches: int, fallbacks: int = 0) -> WebFigures:
    return WebFigures(latency(pages, 6), {"tantivy": latency(searches, 5)}, fallbacks)


def test_a_sample_is_what_came_since_the_last_one(db: None) -> None:
    take(figures(1_000, 100, 7))
    second = take(figures(1_010, 104, 8))
    assert (second.pages["count"], second.searches["tantivy"]["count"], second.fallbacks) == (10, 4, 1)
    assert second.pages["within"] == {"0.2": 10, "0.5": 10}
    assert second.seconds > 0
    assert second.rows >= 0
    assert second.bytes > 0
    assert Sample.objects.exclude(counters={}).count() == 1


def test_a_web_server_that_began_anew_is_counted_from_its_start(db: None) -> None:
    take(figures(1_000, 100, 7))
    after = take(figures(5, 2, 1))
    assert (after.pages["count"], after.searches["tantivy"]["count"], after.fallbacks) == (5, 2, 1)


def test_a_clock_that_is_put_back_makes_no_figure_wrong(db: None) -> None:
    take(figures(1_000, 100, 7))
    Sample.objects.update(taken_at=NOW + DAY)
    after = take(figures(1_030, 104, 7))
    assert after.pages["count"] == 30
    assert after.seconds == 0
    assert after.cpu is None


def test_while_the_web_server_is_silent_the_count_goes_on_behind_it(db: None) -> None:
    take(figures(1_000, 100))
    assert take(None).pages == {}
    assert take(figures(1_010, 100)).pages["count"] == 10


def test_the_server_s_processor_time_is_read_where_it_runs_here(db: None, settings: Any) -> None:
    if settings.DATABASE_URL:
        pytest.skip("this PostgreSQL may be on another machine")
    first = samples.cpu_seconds()
    assert first is not None
    assert first <= (samples.cpu_seconds() or 0)


def test_a_year_of_samples_stays_a_small_table_and_loses_no_request(db: None) -> None:
    made = [
        Sample(
            taken_at=NOW - n * FIVE_MINUTES * 4,
            seconds=1200,
            pages=latency(10, 6).as_json(),
            searches={"tantivy": latency(1, 5, over_500=1).as_json()},
            cpu=0.5,
            cpu_peak=0.5,
            connections=3,
            rows=n,
            bytes=n,
        )
        for n in range(3 * 24 * 60)  # 60 days of three an hour
    ]
    Sample.objects.bulk_create(made)
    before = merged(list(Sample.objects.all()))
    tidy(NOW)
    assert Sample.objects.count() < 2 * 72 + 31 * 24 + 30
    after = merged(list(Sample.objects.all()))
    for name in ("count", "within"):
        assert after.pages[name] == before.pages[name]
        assert after.searches["tantivy"][name] == before.searches["tantivy"][name]
    assert (after.pages["seconds"], after.cpu) == (pytest.approx(before.pages["seconds"]), pytest.approx(0.5))
    assert (after.seconds, after.rows, after.taken_at) == (before.seconds, before.rows, before.taken_at)
    count = Sample.objects.count()
    tidy(NOW)
    assert Sample.objects.count() == count


def test_what_is_older_than_two_years_is_removed(db: None) -> None:
    sample(731 * DAY)
    sample(729 * DAY)
    tidy(NOW)
    assert Sample.objects.count() == 1


def test_the_figures_of_metrics_are_understood(client: Client, db: None) -> None:
    before = parse(client.get("/metrics").content.decode())
    for address in (
        "/api/entreprises/?q=boulangerie",
        "/api/villes/",
        "/health/live",
        "/nothing/",
        "/admin/login/",
    ):
        client.get(address)
    after = parse(client.get("/metrics").content.decode())
    assert after.pages.since(before.pages).count == 2
    assert after.searches["postgres"].since(before.searches.get("postgres", Latency())).count == 1
    assert after.fallbacks == before.fallbacks + 1
    assert after.pages.over("0.5") <= after.pages.count


def test_the_command_takes_a_sample_of_what_the_web_server_says(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "foxreviews.ops.management.commands.scaling_sample.read_web_figures", lambda _url: figures(10, 1)
    )
    call_command("scaling_sample")
    assert "0 requests, " in capsys.readouterr().out


def test_a_silent_web_server_is_told_and_the_rest_of_the_sample_taken(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_figures, "SECONDS", 0.5)
    with pytest.raises(CommandError, match="does not answer with figures") as failed:
        call_command("scaling_sample", "--web", "http://127.0.0.1:9", "unix:/nowhere/web.sock")
    assert failed.value.returncode == 1
    assert Sample.objects.count() == 1


def test_an_address_that_is_none_is_wrong_usage(db: None) -> None:
    with pytest.raises(CommandError) as failed:
        call_command("scaling_sample", "--web", "file:///etc/passwd")
    assert failed.value.returncode == 2
    assert not Sample.objects.exists()
