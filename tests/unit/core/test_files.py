"""A file is replaced as a whole, or not at all; sizes and free space are as they are."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from foxreviews.core.files import bytes_in, disk_space, format_bytes, replacing, write_json

KILLED_WHILE_WRITING = """
import os, sys
from pathlib import Path
from foxreviews.core.files import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"new")
    file.flush()
    os.kill(os.getpid(), 9)
"""


def write_and_stop(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"new, and incomplete")
        raise KeyboardInterrupt


def test_a_block_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_and_stop(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("old")
    subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], check=False)
    assert path.read_text() == "old"


def test_content_is_durable_before_its_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.json"
    steps = []
    fsync, replace = os.fsync, Path.replace

    def recorded_fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        steps.append("fsync folder" if stat.S_ISDIR(status.st_mode) else f"fsync {status.st_size} bytes")
        fsync(descriptor)

    def recorded_replace(draft: Path, target: Any) -> Path:
        steps.append("rename")
        return replace(draft, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(Path, "replace", recorded_replace)
    write_json(path, {})
    assert steps == ["fsync 3 bytes", "rename", "fsync folder"]


def test_json_is_read_back_as_it_was(tmp_path: Path) -> None:
    write_json(tmp_path / "drill.json", {"problem": "é"})
    assert json.loads((tmp_path / "drill.json").read_text(encoding="utf-8")) == {"problem": "é"}


def test_the_size_of_a_folder_is_that_of_its_files_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"x" * 10)
    (tmp_path / "file").write_bytes(b"x" * 5)
    assert bytes_in(tmp_path) == 15
    assert bytes_in(tmp_path / "missing") == 0


def test_the_disk_of_a_folder_that_does_not_exist_yet_is_that_of_its_parent(tmp_path: Path) -> None:
    assert disk_space(tmp_path / "not" / "yet").total == disk_space(tmp_path).total


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 kB"),
        (16_400, "16 kB"),
        (999_999, "1,000 kB"),
        (1_000_000, "1 MB"),
        (999_999_999, "1,000 MB"),
        (1_000_000_000, "1.0 GB"),
        (99_900_000_000, "99.9 GB"),
        (100_000_000_000, "100 GB"),
        (-2_500_000_000, "-2.5 GB"),
    ],
)
def test_a_size_has_the_unit_that_a_person_would_choose(size: int, text: str) -> None:
    assert format_bytes(size) == text
