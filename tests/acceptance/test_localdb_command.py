"""manage.py localdb, typed as a person types it; and the other commands, which start what they need."""

import json
import re
import subprocess

from foxreviews.localdb import binaries
from tests.acceptance.conftest import Checkout


def test_before_anything_was_made_the_status_says_so_and_exits_1(checkout: Checkout):
    done = checkout.manage("localdb", "status")
    assert done.returncode == 1
    assert "running  False" in done.stdout
    assert not (checkout.folder / "var" / "postgres").exists()


def test_a_command_that_needs_the_database_starts_it(checkout: Checkout):
    done = checkout.manage("showmigrations")
    assert done.returncode == 0, done.stderr
    assert "Making a PostgreSQL" in done.stderr
    assert json.loads(checkout.manage("localdb", "status", "--json").stdout)["running"] is True


def test_a_start_of_what_runs_changes_nothing(checkout: Checkout):
    done = checkout.manage("localdb", "start")
    assert done.returncode == 0
    assert "was already running" in done.stdout


def test_the_line_that_status_prints_lets_psql_find_the_database(checkout: Checkout):
    done = checkout.manage("localdb", "status")
    assert done.returncode == 0
    assert re.search(r"^disk +[0-9,]+ MB$", done.stdout, re.MULTILINE)
    export = done.stdout.splitlines()[-1]
    psql = subprocess.run(
        ["sh", "-c", f"{export}; '{binaries.client('psql')}' -Atc 'SELECT current_database()'"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert psql.stdout == "foxreviews_db\n", psql.stderr


def test_what_follows_psql_is_for_psql(checkout: Checkout):
    assert checkout.manage("localdb", "psql", "-At", "-c", "SELECT 6 * 7").stdout == "42\n"


def test_with_database_url_nothing_is_started(checkout: Checkout):
    elsewhere = {"DATABASE_URL": "postgresql://nobody@localhost:1/nothing", "SECRET_KEY": "not a secret"}
    checkout.manage("localdb", "stop")
    for command in (["localdb", "start"], ["localdb", "psql"]):
        done = checkout.manage(*command, **elsewhere)
        assert done.returncode == 2
        assert "DATABASE_URL names another PostgreSQL" in done.stderr
    assert checkout.manage("showmigrations", **elsewhere).returncode != 0
    assert checkout.manage("localdb", "status").returncode == 1


def test_a_stop_of_what_does_not_run_is_no_error(checkout: Checkout):
    done = checkout.manage("localdb", "stop")
    assert (done.returncode, done.stdout) == (0, "PostgreSQL was not running.\n")


def test_data_is_not_removed_unless_it_is_said_twice(checkout: Checkout):
    done = checkout.manage("localdb", "destroy")
    assert done.returncode == 2
    assert "localdb destroy --yes" in done.stderr
    assert (checkout.folder / "var" / "postgres").exists()


def test_both_spellings_of_yes_remove_it(checkout: Checkout):
    assert checkout.manage("localdb", "destroy", "--no-input").returncode == 0
    assert not (checkout.folder / "var" / "postgres").exists()
    done = checkout.manage("localdb", "destroy", "--yes")
    assert (done.returncode, checkout.processes()) == (0, [])
