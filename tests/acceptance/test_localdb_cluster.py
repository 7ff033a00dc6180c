"""The project's own PostgreSQL starts, stops, and gets over whatever happened to it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from foxreviews.core.processes import is_alive
from foxreviews.localdb import binaries
from foxreviews.localdb.account import LocaldbError
from foxreviews.localdb.binaries import BinariesMissingError
from foxreviews.localdb.cluster import Cluster
from tests.conftest import copy_cluster
from tests.waiting import wait_until


def ask(cluster: Cluster, query: str) -> str:
    with psycopg.connect(cluster.url) as connection:
        (answer,) = connection.execute(query).fetchone() or (None,)
        return str(answer)


@pytest.fixture(scope="module")
def shared(cluster_template: Path) -> Iterator[Cluster]:
    """A cluster for all tests that leave it whole."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder).resolve() / "postgres")
        copy_cluster(cluster_template, cluster)
        yield cluster
        cluster.destroy()


@pytest.fixture
def running(shared: Cluster) -> Cluster:
    """The same, which runs."""
    shared.start()
    return shared


def test_a_start_makes_a_database_with_the_extensions_and_the_letters_of_french(cluster: Cluster):
    assert cluster.start()
    assert ask(cluster, "SELECT current_database()") == "foxreviews_db"
    assert ask(cluster, "SELECT upper('éàçœ')") == "ÉÀÇŒ"
    assert ask(cluster, "SHOW server_encoding") == "UTF8"
    extensions = ask(cluster, "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension")
    assert extensions == "pg_stat_statements pg_trgm plpgsql unaccent"
    assert int(ask(cluster, "SELECT count(*) FROM pg_stat_statements")) > 0
    assert ask(cluster, "SHOW listen_addresses") == ""
    assert ask(cluster, "SHOW fsync") == ask(cluster, "SHOW synchronous_commit") == "on"


def test_the_words_of_the_plan_reach_the_database_once_the_host_is_exported(running: Cluster):
    done = subprocess.run(
        [binaries.client("psql"), "-U", "postgres", "-d", "foxreviews_db", "-Atc", "SELECT 'here'"],
        env=os.environ | {"PGHOST": running.connection_settings()["HOST"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "here\n", done.stderr


def test_no_other_account_may_connect(running: Cluster):
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(make_conninfo(running.url, user="another_role"))
    assert running.socket_folder.stat().st_mode & 0o077 == 0


def test_a_statement_that_fails_is_logged_without_the_name_in_it(running: Cluster):
    with psycopg.connect(running.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (nom varchar(20) CHECK (nom < 'M'))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO person VALUES ('MYSTERE')")
        with pytest.raises(psycopg.Error), connection.cursor().copy("COPY person FROM STDIN") as copy:
            copy.write("MYSTERE\n")
    log = running.log.read_text()
    assert "person_nom_check" in log
    assert "MYSTERE" not in log


def test_data_outlives_a_stop_and_a_second_start_changes_nothing(running: Cluster):
    with psycopg.connect(running.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    pid = running.status().pid
    assert not running.start()
    assert running.status().pid == pid
    assert running.is_ready
    assert running.stop()
    assert not running.is_ready
    assert not running.stop()
    assert running.start()
    assert ask(running, "SELECT seven FROM kept") == "7"


@pytest.mark.usefixtures("quick_initdb")
def test_two_starts_at_once_give_one_server(cluster: Cluster, address: Path):
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(Cluster(address).start())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]


def test_a_killed_server_is_started_again_with_its_data(running: Cluster):
    with psycopg.connect(running.url) as connection:
        connection.execute("CREATE TABLE also_kept AS SELECT 7 AS seven")
    pid = running.status().pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid), "it lives")
    assert not running.is_ready
    assert running.start()
    assert ask(running, "SELECT seven FROM also_kept") == "7"


def test_an_old_pid_file_whose_number_is_now_another_programs_is_no_obstacle(running: Cluster):
    pid_file, socket_lock = running.data / "postmaster.pid", running.socket_folder / ".s.PGSQL.5432.lock"
    old, old_lock = pid_file.read_text(), socket_lock.read_text()
    running.stop()
    stranger = subprocess.Popen(["sleep", "3600"], **running.account.process_options)
    try:
        for path, text in ((pid_file, old), (socket_lock, old_lock)):
            path.write_text("\n".join([str(stranger.pid), *text.splitlines()[1:]]) + "\n")
            running.account.own(path)
        assert running.status().pid is None
        assert running.start()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.usefixtures("made_before", "quick_initdb")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a server without a folder is found through /proc")
def test_a_server_whose_folder_was_removed_is_stopped_and_a_new_cluster_made(
    cluster: Cluster, said: list[str]
):
    cluster.start()
    pid = cluster.status().pid
    assert pid
    shutil.rmtree(cluster.address.parent)
    again = Cluster(cluster.address, say=said.append)
    assert again.start()
    assert not is_alive(pid)
    assert ask(again, "SELECT 1") == "1"


@pytest.mark.usefixtures("quick_initdb")
def test_half_a_cluster_is_never_taken_for_one(cluster: Cluster):
    draft = cluster.home / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("15\n")
    assert cluster.start()
    assert not draft.exists()


@pytest.mark.usefixtures("quick_initdb")
def test_what_a_half_finished_removal_left_is_moved_aside(cluster: Cluster, said: list[str]):
    (cluster.data / "pg_wal").mkdir(parents=True)
    assert cluster.start()
    assert (cluster.home / "data.remains" / "pg_wal").is_dir()
    assert any("half removed" in sentence for sentence in said)


@pytest.mark.usefixtures("made_before", "quick_initdb")
def test_a_server_that_runs_on_what_a_removal_left_is_replaced(cluster: Cluster, said: list[str]):
    cluster.start()
    pid = cluster.status().pid
    assert pid
    shutil.rmtree(cluster.data / "global")
    (cluster.data / "PG_VERSION").unlink()
    assert not cluster.is_ready
    assert cluster.start()
    assert not is_alive(pid)
    assert ask(cluster, "SELECT 1") == "1"
    assert any("half removed" in sentence for sentence in said)


def test_a_damaged_cluster_is_kept_and_the_way_out_is_named(cluster: Cluster):
    (cluster.data / "global").mkdir(parents=True)
    (cluster.data / "global" / "pg_control").touch()
    with pytest.raises(LocaldbError, match=r"is damaged.*localdb destroy --yes"):
        cluster.start()


def test_a_cluster_of_another_version_is_kept_and_the_command_is_named(cluster: Cluster):
    (cluster.data / "global").mkdir(parents=True)
    (cluster.data / "global" / "pg_control").touch()
    (cluster.data / "PG_VERSION").write_text("99\n")
    with pytest.raises(BinariesMissingError, match=r"was made by PostgreSQL 99.*localdb destroy --yes"):
        cluster.start()
    assert cluster.data.exists()


@pytest.mark.usefixtures("quick_initdb")
def test_a_start_killed_while_it_makes_the_cluster_is_made_good_by_the_next(cluster: Cluster):
    code = "import sys; from pathlib import Path; from foxreviews.localdb.cluster import Cluster; "
    code += "Cluster(Path(sys.argv[1])).start()"
    first = subprocess.Popen([sys.executable, "-c", code, str(cluster.address)])
    while not (cluster.home / "data.new").exists():
        assert first.poll() is None
    first.kill()
    first.wait()
    assert cluster.start()
    assert ask(cluster, "SELECT 1") == "1"


def test_no_room_for_a_cluster_is_said_and_leaves_nothing(cluster: Cluster):
    small = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); "
    code = "from pathlib import Path; from foxreviews.localdb.cluster import Cluster; "
    code += "Cluster(Path(sys.argv[1])).start()"
    done = subprocess.run(
        [sys.executable, "-c", small + code, str(cluster.address)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The PostgreSQL cluster could not be made in" in done.stderr
    assert not list(cluster.home.glob("data*"))


def test_a_server_that_does_not_start_shows_the_end_of_its_log(running: Cluster):
    running.stop()
    overrides = running.data / "postgresql.auto.conf"
    before = overrides.read_text()
    overrides.write_text("shared_buffers = 'nonsense'\n")
    try:
        with pytest.raises(
            LocaldbError, match=r'(?s)did not start.*invalid value for parameter "shared_buffers"'
        ):
            running.start()
    finally:
        overrides.write_text(before)


@pytest.mark.usefixtures("made_before")
def test_a_cluster_that_is_destroyed_is_gone(cluster: Cluster):
    cluster.start()
    pid = cluster.status().pid
    assert pid
    assert cluster.destroy()
    assert not is_alive(pid)
    assert not cluster.home.exists()
    assert not cluster.destroy()


@pytest.mark.usefixtures("quick_initdb")
@pytest.mark.parametrize("name", ["with space", "x" * 120])
def test_any_length_of_a_path_will_do(address: Path, name: str):
    assert_path_will_do(address.parent / name)


def test_any_letters_of_a_path_will_do(address: Path):
    assert_path_will_do(address.parent / 'it\'s "quoted" $HOME, été')


def assert_path_will_do(checkout: Path) -> None:
    odd = Cluster(checkout / "var" / "postgres")
    odd.address.parent.mkdir(parents=True)
    try:
        odd.start()
        assert ask(odd, "SELECT 1") == "1"
    finally:
        odd.destroy()
    assert not odd.socket_folder.exists()


@pytest.mark.usefixtures("quick_initdb")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server under another account")
def test_started_by_root_under_a_closed_home_it_lies_elsewhere_and_goes_with_var(
    address: Path, said: list[str]
):
    closed = address.parent
    closed.mkdir(mode=0o700)
    closed.chmod(0o700)
    home = Cluster(closed / "var" / "postgres", say=said.append)
    try:
        home.start()
        assert home.address.is_symlink()
        assert home.address.resolve() == home.home != home.address
        assert ask(home, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'postgres'") >= "1"
        pid = home.status().pid
        assert pid
        shutil.rmtree(closed / "var")
        again = Cluster(home.address, say=said.append)
        assert not again.is_ready
        again.start()
        assert not is_alive(pid)
        assert ask(again, "SELECT 1") == "1"
    finally:
        Cluster(home.address).destroy()
    assert not home.home.exists()
