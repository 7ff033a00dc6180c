"""--report and --rejects replace files of an earlier import, and no other file."""

from pathlib import Path
from typing import Any

import pytest

from foxreviews.core.errors import UsageError
from foxreviews.importing.command import check_outputs

REPORT = '{"records": 1,\n "rejects_by_reason": {}}'
REJECTS = "line,reason,column,raw,offset\n"


def check(report: Path | None = None, rejects: Path | None = None, **flags: Any) -> None:
    check_outputs(["-"], {"report": report, "rejects": rejects, "overwrite": False, "dry_run": False} | flags)


@pytest.mark.parametrize("text", ["", REPORT])
def test_a_report_of_an_earlier_import_is_replaced_by_the_end_of_this_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    check(report=path)
    assert path.read_text() == text


@pytest.mark.parametrize("text", [REJECTS, "\ufeff" + REJECTS.replace(",", ";")])
def test_rejects_of_an_earlier_import_are_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text(text)
    check(rejects=path)
    assert path.read_text() == text


@pytest.mark.parametrize("name", ["report", "rejects"])
def test_any_other_file_is_not_but_with_overwrite(tmp_path: Path, name: str) -> None:
    path = tmp_path / "entreprises.csv"
    path.write_text("siren,nom\n")
    with pytest.raises(UsageError, match="or add --overwrite"):
        check(**{name: path})
    check(**{name: path}, overwrite=True)
    with pytest.raises(UsageError, match="A dry run overwrites nothing"):
        check(**{name: path}, overwrite=True, dry_run=True)
    assert path.read_text() == "siren,nom\n"


def test_one_file_is_not_both(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "out")
    for path in ("out", "link", "./out"):
        with pytest.raises(UsageError, match="cannot be both"):
            check(tmp_path / "out", tmp_path / path)
    check(Path("/dev/null"), Path("/dev/null"))
    assert not (tmp_path / "out").exists()
