"""A server that fails is asked again after a pause, by one call."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from foxreviews.core.breaker import CircuitBreaker, State


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(threshold=3, seconds=5, clock=clock)


def test_it_opens_after_failures_in_a_row_and_says_so_once(breaker: CircuitBreaker) -> None:
    assert breaker.state is State.CLOSED
    assert [breaker.failed() for _ in range(2)] == [False, False]
    assert breaker.allows()
    assert not breaker.succeeded()
    assert [breaker.failed() for _ in range(4)] == [False, False, True, False]
    assert (breaker.state, breaker.allows()) == (State.OPEN, False)


def test_after_its_pause_one_call_tries_and_the_others_wait(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 4.9
    assert not breaker.allows()
    clock.now += 0.2
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    assert breaker.state is State.HALF_OPEN


def test_a_trial_that_succeeds_closes_it_and_says_so(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 6
    assert breaker.allows()
    assert breaker.succeeded()
    assert breaker.state is State.CLOSED
    assert all(breaker.allows() for _ in range(3))
    assert not breaker.succeeded()


def test_a_trial_that_fails_begins_the_pause_again(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 6
    assert breaker.allows()
    assert not breaker.failed()
    assert breaker.state is State.OPEN
    clock.now += 4.9
    assert not breaker.allows()
    clock.now += 0.2
    assert breaker.allows()


def test_a_call_that_began_before_and_fails_late_does_not_lengthen_the_pause(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 4
    breaker.failed()
    clock.now += 1.1
    assert breaker.allows()


def test_a_trial_that_never_reports_gives_its_place_to_another(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 6
    assert breaker.allows()
    clock.now += 5.1
    assert breaker.allows()
    assert not breaker.allows()


def test_of_many_threads_one_tries(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.failed()
    clock.now += 6
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: breaker.allows(), range(200))) == 1
