"""Settings that suit a machine, compared with a server's."""

import pytest

from foxreviews.localdb.machine import GIB, Machine
from foxreviews.localdb.tuning import Setting, elsewhere, own
from foxreviews.ops import tune
from foxreviews.ops.tune import amount

MACHINE = Machine(memory=8 * GIB, cores=4, free_disk=100 * GIB, shared_memory=None, linux=True)


def test_the_scaling_plans_example_is_what_8_gb_get() -> None:
    chosen = {each.name: each.value for each in elsewhere(MACHINE)}
    assert (chosen["shared_buffers"], chosen["effective_cache_size"]) == ("2048MB", "6144MB")
    assert chosen["maintenance_work_mem"] == "512MB"


def test_a_server_elsewhere_keeps_a_log_that_replicas_can_read() -> None:
    chosen = {each.name: each.value for each in elsewhere(MACHINE)}
    assert chosen["wal_level"] == "replica"
    assert "max_wal_senders" not in chosen
    assert {each.name: each.value for each in own(MACHINE)}["wal_level"] == "minimal"


@pytest.mark.parametrize(
    ("text", "size"), [("2GB", 2 * GIB), ("200ms", 200), ("1.1", 1.1), ("on", None), ("5x", None)]
)
def test_a_size_is_read_in_its_unit(text: str, size: float | None) -> None:
    assert amount(text) == size


@pytest.mark.parametrize(
    ("name", "wanted", "now", "unit", "same"),
    [
        ("shared_buffers", "2048MB", "262144", "8kB", True),
        ("shared_buffers", "2048MB", "16384", "8kB", False),
        ("checkpoint_timeout", "15min", "900", "s", True),
        ("random_page_cost", "1.1", "1.1", "", True),
        ("random_page_cost", "1.1", "4", "", False),
        ("jit", "off", "on", "", False),
        ("wal_compression", "on", "pglz", "", True),
        ("wal_compression", "on", "off", "", False),
        ("wal_level", "replica", "minimal", "", False),
        ("wal_level", "replica", "logical", "", True),
        ("max_wal_size", "6000MB", "7000", "MB", True),
        ("max_wal_size", "6000MB", "3000", "MB", True),
        ("max_wal_size", "6000MB", "2999", "MB", False),
        ("max_wal_size", "6000MB", "12000", "MB", True),
        ("max_wal_size", "6000MB", "12001", "MB", False),
    ],
)
def test_a_value_is_the_same_in_whatever_unit_the_server_says_it(
    name: str, wanted: str, now: str, unit: str, same: bool
) -> None:
    assert tune._same(Setting(name, wanted, ""), now, unit) is same
