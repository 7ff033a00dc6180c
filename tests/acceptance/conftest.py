"""Clusters of their own, and what people do to them."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from foxreviews.localdb.cluster import Cluster


@pytest.fixture
def address() -> Iterator[Path]:
    """Where a cluster may be. Not in pytest's own folder: that one is closed to the account of root's server."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve() / "var" / "postgres"


@pytest.fixture
def said() -> list[str]:
    """What the cluster has told."""
    return []


@pytest.fixture
def cluster(address: Path, said: list[str]) -> Iterator[Cluster]:
    """A cluster that was never started; whatever becomes of it is removed."""
    address.parent.mkdir()
    yield Cluster(address, say=said.append)
    Cluster(address).destroy()
