"""manage.py tune, on a server of its own: what it prints, and that nothing is changed."""

import json
from pathlib import Path

import pytest

from foxreviews.localdb.cluster import Cluster
from tests.acceptance.conftest import Checkout
from tests.conftest import copy_cluster


@pytest.fixture(scope="module", autouse=True)
def made_before(checkout: Checkout, cluster_template: Path) -> None:
    """The checkout has a cluster, which does not run."""
    cluster = Cluster(checkout.folder / "var" / "postgres")
    cluster.address.parent.mkdir()
    copy_cluster(cluster_template, cluster)


def test_the_file_is_what_postgresql_reads(checkout: Checkout) -> None:
    done = checkout.manage("tune", "--memory", "8GB")
    assert done.returncode == 0, done.stderr
    assert "shared_buffers = '2048MB'" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "wal_level = 'replica'  # now minimal, needs a restart" in done.stdout
    assert "conf.d/foxreviews.conf" in done.stdout


def test_our_own_server_has_what_suits_the_machine(checkout: Checkout) -> None:
    advised = json.loads(checkout.manage("tune", "--json").stdout)
    assert not [each["name"] for each in advised if each["differs"]]
    assert "The server has all" in checkout.manage("tune").stdout


def test_what_is_no_size_is_refused(checkout: Checkout) -> None:
    done = checkout.manage("tune", "--memory", "much")
    assert done.returncode == 2
    assert "8GB, 32GB are" in done.stderr
