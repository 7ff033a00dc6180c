"""Clients are counted for all processes in one table of fixed size, and a heavy one is not forgotten."""

import os

import pytest

from foxreviews.core.rate_table import SETS, WAYS, Rate, RateTable

RATE = Rate(10, 60)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_client_has_its_requests_at_once_and_then_as_they_come_back() -> None:
    clock = Clock()
    table = RateTable(clock=clock)
    assert [table.take("fox", RATE) for _ in range(10)] == [0.0] * 10
    assert table.take("fox", RATE) == pytest.approx(6.0)
    assert table.take("owl", RATE) == 0.0
    clock.now += 6.0
    assert table.take("fox", RATE) == 0.0
    assert table.take("fox", RATE) == pytest.approx(6.0)
    clock.now += 3600.0
    assert [table.take("fox", RATE) for _ in range(10)] == [0.0] * 10
    assert table.take("fox", RATE) > 0.0


def test_what_is_given_back_was_not_taken() -> None:
    table = RateTable(clock=Clock())
    for _ in range(100):
        assert table.take("fox", RATE) == 0.0
        table.give_back("fox", RATE)


def test_a_heavy_client_is_not_forgotten_for_any_number_of_light_ones() -> None:
    table = RateTable(sets=4, clock=Clock())
    while table.take("heavy", RATE) == 0.0:
        pass
    assert sum(table.take(f"light {n}", RATE) for n in range(100 * 4 * WAYS)) == 0.0
    assert table.take("heavy", RATE) > 0.0


def test_processes_count_together() -> None:
    table, rate, each = RateTable(clock=Clock()), Rate(4000, 60), 1000
    children = []
    for _ in range(4):
        if not (pid := os.fork()):
            os._exit(any(table.take("fox", rate) for _ in range(each)))
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
    assert table.take("fox", rate) > 0.0


def test_the_table_has_room_for_thousands_of_clients() -> None:
    table = RateTable(clock=Clock())
    # Of as many clients as sets, one set in half a percent of all runs has more than it has room for.
    clients = [f"2001:db8:{n:x}::/64" for n in range(SETS // 2)]
    for _ in range(10):
        assert not any(table.take(client, RATE) for client in clients)
    assert all(table.take(client, RATE) for client in clients)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1200/min", Rate(1200, 60)),
        ("20/sec", Rate(20, 1)),
        ("5/hour", Rate(5, 3600)),
        ("7/d", Rate(7, 86_400)),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["", "many", "0/min", "-1/min", "10/", "10/month!", "/min", "1.5/min", "10/year"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="1200/min"):
        Rate.parse(text)
