"""Benchmarks in this process, on the tests' own server."""

import pytest

from benchmarks import command


@pytest.fixture
def own_server(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests is the configured one: no other is started."""
    monkeypatch.setattr(command, "start_configured_database", lambda: None)
