"""A circuit breaker opens, tries, and closes; waiting for what is down costs nobody anything."""

from foxreviews.core.breaker import CircuitBreaker, State


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(threshold=3, seconds=2.0, clock=clock)


def test_it_opens_after_so_many_failures_in_a_row_and_no_fewer() -> None:
    tried = breaker(Clock())
    for _ in range(2):
        tried.failed()
    tried.succeeded()
    for _ in range(2):
        tried.failed()
    assert (tried.state, tried.allows()) == (State.CLOSED, True)
    tried.failed()
    assert (tried.state, tried.allows()) == (State.OPEN, False)


def test_one_caller_alone_tries_again_and_closes_it() -> None:
    clock = Clock()
    tried = breaker(clock)
    for _ in range(3):
        tried.failed()
    clock.now += 1.9
    assert not tried.allows()
    clock.now += 0.1
    assert tried.allows()
    assert tried.state is State.HALF_OPEN
    assert not any(tried.allows() for _ in range(10)), "one trial at a time"
    tried.succeeded()
    assert (tried.state, tried.allows()) == (State.CLOSED, True)


def test_a_trial_that_fails_opens_it_again_for_as_long() -> None:
    clock = Clock()
    tried = breaker(clock)
    for _ in range(3):
        tried.failed()
    clock.now += 2
    assert tried.allows()
    tried.failed()
    assert tried.state is State.OPEN
    clock.now += 1.9
    assert not tried.allows()
    clock.now += 0.1
    assert tried.allows()


def test_a_trial_that_never_says_how_it_went_is_not_waited_for() -> None:
    clock = Clock()
    tried = breaker(clock)
    for _ in range(3):
        tried.failed()
    clock.now += 2
    assert tried.allows()
    clock.now += 2
    assert tried.allows(), "its thread may have been killed"
