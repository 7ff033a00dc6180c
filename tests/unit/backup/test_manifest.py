"""Which backups there are, and which of them are complete."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foxreviews.backup.backup import remove_old
from foxreviews.backup.manifest import (
    FORMAT,
    Backup,
    Contents,
    Drill,
    File,
    Manifest,
    Table,
    find_backup,
    list_backups,
    newest,
)
from foxreviews.core.errors import UsageError

NOW = datetime.now(UTC)


def make(folder: Path, name: str, hours: int, text: str = "rows") -> Path:
    """A backup of one file, so many hours old."""
    place = folder / name
    place.mkdir(parents=True)
    (place / "toc.dat").write_text(text)
    Manifest(
        format=FORMAT,
        made_at=(NOW - timedelta(hours=hours)).isoformat(),
        seconds=1.0,
        database="directory",
        postgresql="15.1",
        locale={"ENCODING": "UTF8"},
        database_bytes=1,
        migrations=["enterprise.0001_initial"],
        contents=Contents(
            {"public.ville": Table(2, "17"), "public.enterprise_entreprise": Table(3, "18")}, {"indexes": 1}
        ),
        files={"toc.dat": File.of(place / "toc.dat")},
    ).write(place)
    return place


def test_the_newest_comes_first_and_drafts_are_none(tmp_path: Path) -> None:
    make(tmp_path, "b", hours=1)
    make(tmp_path, "c", hours=30)
    make(tmp_path, ".d.part", hours=0)
    (tmp_path / "notes.txt").touch()
    found = list_backups(tmp_path)
    assert [backup.name for backup in found] == ["b", "c"]
    assert found[1].age > timedelta(hours=29)
    assert found[0].bytes == len("rows")


def test_where_nothing_was_ever_backed_up_there_is_none(tmp_path: Path) -> None:
    assert list_backups(tmp_path / "nowhere") == []
    assert newest(tmp_path / "nowhere") is None


def test_one_that_lacks_a_file_or_bytes_is_not_the_newest_complete_one(tmp_path: Path) -> None:
    whole = make(tmp_path, "whole", hours=9)
    (make(tmp_path, "short", hours=3) / "toc.dat").write_text("row")
    (make(tmp_path, "lacking", hours=2) / "toc.dat").unlink()
    (make(tmp_path, "unsaid", hours=1) / "manifest.json").unlink()
    (make(tmp_path, "broken", hours=1) / "manifest.json").write_text('{"format": 1}')
    problems = {backup.name: backup.problem for backup in list_backups(tmp_path)}
    assert "has 3 bytes, not the 4 of manifest.json" in problems["short"]
    assert problems["lacking"].endswith("toc.dat is missing.")
    assert problems["unsaid"].endswith("manifest.json is missing.")
    assert "cannot be read" in problems["broken"]
    found = newest(tmp_path)
    assert found
    assert found.folder == whole


def test_an_altered_byte_is_found_by_reading_it(tmp_path: Path) -> None:
    (make(tmp_path, "altered", hours=1) / "toc.dat").write_text("rowS")
    backup = Backup.at(tmp_path / "altered")
    assert backup.is_complete
    assert "toc.dat was altered" in backup.damage()


def test_a_manifest_of_another_version_is_named(tmp_path: Path) -> None:
    place = make(tmp_path, "new", hours=1)
    content = json.loads((place / "manifest.json").read_text())
    (place / "manifest.json").write_text(json.dumps(content | {"format": 99}))
    assert "has format 99, this program reads 1" in Backup.at(place).problem


def test_a_drill_is_noted_next_to_the_backup_and_leaves_it_complete(tmp_path: Path) -> None:
    place = make(tmp_path, "proven", hours=1)
    assert Backup.at(place).drill is None
    at = (NOW - timedelta(days=3)).isoformat()
    Drill(at, held=True, problem="", seconds=12.5, postgresql=15).write(place)
    backup = Backup.at(place)
    assert backup.drill
    assert backup.drill.held
    assert backup.drill.at == at
    assert backup.damage() == ""


def test_one_is_chosen_by_name_by_path_or_as_the_newest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Make one: manage\.py backup"):
        find_backup(tmp_path, None)
    old, new = make(tmp_path, "old", hours=2), make(tmp_path, "new", hours=1)
    assert find_backup(tmp_path, None).folder == new
    assert find_backup(tmp_path, "old").folder == old
    assert find_backup(tmp_path / "elsewhere", str(old)).folder == old
    with pytest.raises(UsageError, match=r"There is no backup older. In .*: new, old"):
        find_backup(tmp_path, "older")


def test_the_newest_complete_ones_stay_and_what_is_not_whole_is_left_to_be_looked_at(tmp_path: Path) -> None:
    for hours, name in enumerate(("made", "a", "b", "c", "d")):
        make(tmp_path, name, hours)
    (tmp_path / "a" / "toc.dat").unlink()
    gone = remove_old(tmp_path, 3, Backup.at(tmp_path / "made"))
    assert [backup.name for backup in gone] == ["d"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c", "made"]


def test_the_one_just_made_stays_though_the_clock_was_set_back(tmp_path: Path) -> None:
    made = make(tmp_path, "made", hours=99)
    make(tmp_path, "a", hours=1)
    make(tmp_path, "b", hours=2)
    assert [backup.name for backup in remove_old(tmp_path, 2, Backup.at(made))] == ["b"]
    assert made.is_dir()


def test_it_says_how_many_companies_it_holds(tmp_path: Path) -> None:
    assert Backup.at(make(tmp_path, "whole", hours=0)).companies == 3
