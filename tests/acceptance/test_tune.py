"""manage.py tune, on a server of its own: what it prints, what --apply does, and how that is undone."""

import json
import shlex

from tests.acceptance.conftest import Checkout


def shown(checkout: Checkout, name: str) -> str:
    return checkout.manage("localdb", "psql", "-XAtc", f"SHOW {name}").stdout.strip()


def test_the_file_is_what_postgresql_reads(checkout: Checkout) -> None:
    done = checkout.manage("tune", "--memory", "8GB")
    assert done.returncode == 0, done.stderr
    assert "shared_buffers = '2048MB'" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "wal_level = 'replica'  # now minimal, needs a restart" in done.stdout


def test_our_own_server_has_what_suits_the_machine(checkout: Checkout) -> None:
    advised = json.loads(checkout.manage("tune", "--json").stdout)
    assert not [each["name"] for each in advised if each["differs"]]
    assert "Nothing to change" in checkout.manage("tune", "--apply").stdout


def test_applied_it_says_what_waits_for_a_restart_and_what_undoes_it(checkout: Checkout) -> None:
    before = shown(checkout, "work_mem"), shown(checkout, "shared_buffers")
    done = checkout.manage("tune", "--memory", "1GB", "--apply")
    assert done.returncode == 0, done.stderr
    assert shown(checkout, "work_mem") == "4MB"
    assert (
        ".venv/bin/python manage.py localdb stop && .venv/bin/python manage.py localdb start" in done.stdout
    )
    checkout.manage("localdb", "stop")
    assert shown(checkout, "shared_buffers") == "256MB"
    assert shown(checkout, "shared_preload_libraries") == "pg_stat_statements"
    (undo,) = (line for line in done.stdout.splitlines() if line.startswith("To undo all of it: "))
    words = shlex.split(undo.removeprefix("To undo all of it: .venv/bin/python manage.py "))
    assert checkout.manage(*words).returncode == 0
    checkout.manage("localdb", "stop")
    assert (shown(checkout, "work_mem"), shown(checkout, "shared_buffers")) == before


def test_more_memory_than_the_machine_has_is_not_applied(checkout: Checkout) -> None:
    done = checkout.manage("tune", "--memory", "900000GB", "--apply")
    assert done.returncode == 2
    assert "less memory" in done.stderr


def test_what_is_no_size_is_refused(checkout: Checkout) -> None:
    done = checkout.manage("tune", "--memory", "much")
    assert done.returncode == 2
    assert "8GB, 32GB are" in done.stderr
