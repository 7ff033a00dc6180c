"""A generated file is whole under its final name, or is not there."""

import gzip
import io
import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from foxreviews.core.errors import FoxreviewsError
from foxreviews.demo.generator.output import writing
from tests import commands


def generate(out: Path | str, **options: int) -> None:
    call_command("generate_entreprises", str(out), **{"rows": 20, "seed": 1, **options}, stdout=io.StringIO())


def interrupt(out: str) -> None:
    with writing(out) as file:
        file.write(b"new, and not")
        raise KeyboardInterrupt


def fill_the_disk() -> None:
    with writing("/dev/full") as file:
        file.write(b"x" * 100_000)


def test_a_run_cut_off_leaves_the_old_file_and_nothing_next_to_it(tmp_path: Path) -> None:
    out = tmp_path / "entreprises.csv"
    out.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        interrupt(str(out))
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_name_in_gz_is_compressed_and_the_same_each_time(tmp_path: Path) -> None:
    for name in ("plain.csv", "one.csv.gz", "two.csv.gz"):
        generate(tmp_path / name)
    assert gzip.decompress((tmp_path / "one.csv.gz").read_bytes()) == (tmp_path / "plain.csv").read_bytes()
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real.csv")
    generate(link)
    assert link.is_symlink()
    assert (tmp_path / "real.csv").is_file()


def test_a_device_is_written_to_and_not_replaced() -> None:
    with writing(os.devnull) as file:
        file.write(b"gone")
    assert Path(os.devnull).is_char_device()


def test_a_full_disk_is_reported_in_one_sentence() -> None:
    with pytest.raises(
        FoxreviewsError, match=re.escape("Writing /dev/full failed: No space left on device.")
    ):
        fill_the_disk()


@pytest.mark.parametrize(
    ("out", "reason"),
    [("missing/entreprises.csv", "No such file or directory"), (".", "Is a directory")],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, out: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason) as refused:
        generate(tmp_path / out)
    assert "Name a file in a folder you may write to." in str(refused.value)
    assert refused.value.returncode == 2


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w+") as said:
        process = commands.Command(os.environ, "generate_villes", "-", stderr=said)
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline().startswith("Code_commune_INSEE;")
        assert process.wait() == 0
        said.seek(0)
        assert "Traceback" not in said.read()


@pytest.mark.parametrize("command", ["generate_entreprises", "generate_villes"])
def test_without_a_place_of_its_own_a_command_asks_for_one(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var").write_text("not a folder")
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path / "var")
    with pytest.raises(CommandError, match=r"Cannot make the folder .*as OUT"):
        call_command(command, stdout=io.StringIO())
