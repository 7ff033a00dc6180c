"""Where a cluster and its socket lie."""

import os
import pwd
from pathlib import Path

import pytest

from foxreviews.localdb.account import (
    ELSEWHERE,
    Account,
    LocaldbError,
    home_of,
    make_private,
    socket_folder_of,
)

US = Account(pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), os.getegid())


@pytest.mark.parametrize("folder", ["/srv/" + "long/" * 20, "/srv/a,b", "/srv/line\nbreak"])
def test_a_path_that_a_socket_cannot_have_is_replaced_by_a_short_one(folder: str):
    found = socket_folder_of(Path(folder), US, 5432)
    assert str(found).startswith(f"/tmp/foxreviews-{US.uid}-")
    assert found == socket_folder_of(Path(folder), US, 5432)


@pytest.mark.parametrize("folder", ["/srv/fox", "/srv/a b", "/srv/L'été"])
def test_any_other_path_is_kept(folder: str):
    assert socket_folder_of(Path(folder), US, 5432) == Path(folder, "socket")


def test_two_checkouts_with_long_paths_do_not_share_a_socket():
    one, other = (socket_folder_of(Path("/srv", "x" * 100, name), US, 5432) for name in "ab")
    assert one != other


def test_a_private_folder_is_closed_to_others(tmp_path: Path):
    folder = tmp_path / "socket"
    for _ in range(2):
        make_private(folder, US)
        assert folder.stat().st_mode & 0o777 == 0o700
        folder.chmod(0o777)


def test_a_link_that_another_account_put_in_its_place_is_refused(tmp_path: Path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "socket").symlink_to(tmp_path / "theirs")
    with pytest.raises(LocaldbError, match="belongs to another account"):
        make_private(tmp_path / "socket", US)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets folders that another account cannot enter")
def test_root_keeps_the_cluster_elsewhere_when_its_home_is_closed_to_the_servers_account(tmp_path: Path):
    nobody = pwd.getpwnam("nobody")
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    address = closed / "checkout" / "var" / "postgres"
    assert home_of(address, account).parent == ELSEWHERE
    address.mkdir(parents=True)
    with pytest.raises(LocaldbError, match="cannot enter"):
        home_of(address, account)
