"""Which replicas may be read, judged from what the last looks at the servers have found."""

from time import monotonic
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.test import RequestFactory
from django.urls import resolve

from foxreviews.core.postgresql import routing
from foxreviews.core.postgresql.replicas import SILENT_SECONDS, Guard, Look, Server

MAX_LAG = 10


@pytest.fixture
def guard(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Guard:
    """Of two replicas, with nobody who looks at them."""
    settings.REPLICA_WEIGHTS = {"replica-1": 3, "replica-2": 1}
    settings.MAX_REPLICA_LAG = MAX_LAG
    monkeypatch.setattr(Server, "look_on", lambda _server: None)
    made = Guard()
    seen(made.primary, 1_000, is_standby=False)
    for replica in made.replicas:
        seen(replica, 1_000)
    return made


def seen(
    server: Server, position: int, ago: float = 0.0, *, is_standby: bool = True, system: int = 1, timeline: int = 1,
    started: str = "today",
) -> None:  # fmt: skip
    """A look at it, some seconds ago."""
    at = monotonic() - ago
    row = SimpleNamespace(
        position=position, is_standby=is_standby, system=system, timeline=timeline, started=started
    )
    server.look, server.why = Look(at, row, at), ""
    server.history.append((at, position))


def test_replicas_that_have_what_the_primary_has_are_read_by_weight(guard: Guard) -> None:
    first = sum(guard.readable()[0].alias == "replica-1" for _ in range(2_000))
    assert 1_300 < first < 1_700


def test_what_was_never_looked_at_is_not_read(guard: Guard) -> None:
    assert guard.why_out(Server("replica-1", 1))


def test_before_the_first_look_at_the_primary_none_is_read(guard: Guard) -> None:
    guard.primary.history.clear()
    assert guard.readable() == []


def test_one_that_is_behind_is_read_for_as_long_as_it_shows_what_is_not_too_old(guard: Guard) -> None:
    replica = guard.replicas[0]
    guard.primary.history.clear()
    seen(guard.primary, 1_000, ago=MAX_LAG - 1, is_standby=False)
    seen(guard.primary, 2_000, is_standby=False)
    assert guard.why_out(replica) == ""
    guard.primary.history.clear()
    seen(guard.primary, 1_000, ago=MAX_LAG + 1, is_standby=False)
    seen(guard.primary, 2_000, is_standby=False)
    assert guard.why_out(replica) == f"is {MAX_LAG + 1} s behind"
    seen(replica, 2_000)
    assert guard.why_out(replica) == ""


def test_a_quiet_primary_makes_no_replica_old(guard: Guard) -> None:
    seen(guard.primary, 1_000, ago=3_600, is_standby=False)
    seen(guard.primary, 1_000, is_standby=False)
    assert guard.why_out(guard.replicas[0]) == ""


def test_one_that_answers_no_look_is_not_read(guard: Guard) -> None:
    seen(guard.replicas[0], 1_000, ago=SILENT_SECONDS + 1)
    assert guard.why_out(guard.replicas[0]) == "does not answer"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"is_standby": False}, "is no standby: it was promoted"),
        ({"system": 2}, "is of another cluster or a later timeline"),
        ({"timeline": 2}, "is of another cluster or a later timeline"),
    ],
)
def test_one_of_another_history_is_not_read(guard: Guard, found: dict[str, int], why: str) -> None:
    seen(guard.replicas[0], 1_000, **found)  # type: ignore[arg-type]
    seen(guard.primary, 1_000, is_standby=False)
    assert guard.why_out(guard.replicas[0]) == why


def test_one_that_was_ahead_of_the_primary_is_not_read_until_it_has_started_again(guard: Guard) -> None:
    """It has what was lost with another primary, also when this one has written more since."""
    replica = guard.replicas[0]
    seen(replica, 1_500, ago=0.1)
    seen(guard.primary, 1_000, is_standby=False)
    assert guard.why_out(replica) == "has what the primary has not"
    seen(guard.primary, 1_600, is_standby=False)
    seen(replica, 1_600)
    assert guard.why_out(replica) == "has what the primary has not"
    seen(replica, 1_600, started="later")
    assert guard.why_out(replica) == ""


def test_a_look_at_the_primary_that_takes_long_makes_no_replica_old(guard: Guard) -> None:
    guard.primary.history.clear()
    seen(guard.primary, 1_000, ago=MAX_LAG + 2, is_standby=False)
    assert [guard.why_out(each) for each in guard.replicas] == ["", ""]


def test_a_primary_that_does_not_answer_is_taken_to_stand_still(guard: Guard) -> None:
    first, second = guard.replicas
    guard.primary.history.clear()
    seen(guard.primary, 1_000, ago=MAX_LAG + 5, is_standby=False)
    seen(guard.primary, 2_000, ago=MAX_LAG + 4, is_standby=False)
    guard.primary.why = "does not answer"
    guard.primary.history.append((monotonic(), 2_000))
    seen(first, 2_100)
    seen(second, 1_900)
    assert (guard.why_out(first), guard.why_out(second)) == ("", f"is {MAX_LAG + 5} s behind")


@pytest.mark.parametrize(("headers", "reads"), [({}, True), ({"authorization": "Token a"}, False)])
def test_who_has_a_token_reads_what_was_just_written(headers: dict[str, str], reads: bool) -> None:
    request = RequestFactory(headers=headers).get("/api/entreprises/732829320/")
    request.resolver_match = resolve(request.path)
    assert routing._only_reads(request) is reads
