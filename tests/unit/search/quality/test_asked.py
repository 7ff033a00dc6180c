"""The file of questions, written and read."""

from pathlib import Path

import pytest

from foxreviews.core.errors import UnreadableSource
from foxreviews.search.quality.asked import Asked, read, write

QUESTIONS = [
    Asked('l\'œuvre, "au" noir', frozenset({"732829320"}), "exact"),
    Asked("garage", frozenset({"732829320", "356000000"}), "word"),
]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert write(tmp_path / "q.csv", QUESTIONS) == 2
    assert read(tmp_path / "q.csv") == QUESTIONS
    assert "356000000 732829320" in (tmp_path / "q.csv").read_text()


def test_other_columns_and_another_order_of_them_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("\ufeffclass,note,query,sirens\nword,x,garage,732829320 356000000\n")
    assert read(tmp_path / "q.csv") == QUESTIONS[1:]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column query, sirens, class"),
        ("query,class\na,b\n", "no column sirens"),
        ("query,sirens,class\n", "holds no question"),
        ("query,sirens,class\nfox,732829321,exact\n", "line 2"),
        ("query,sirens,class\nfox,732829320,exact\n,732829320,exact\n", "line 3"),
        ("query,sirens,class\nfox,732829320\n", "line 2"),
        ("query,sirens,class\nfox,,exact\n", "line 2"),
    ],
)
def test_a_file_that_is_none_of_questions_is_refused_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "q.csv").write_text(text)
    with pytest.raises(UnreadableSource, match=said):
        read(tmp_path / "q.csv")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"query,sirens,class\n\xe9,732829320,exact\n")
    for path in (tmp_path / "nowhere.csv", tmp_path, tmp_path / "latin"):
        with pytest.raises(UnreadableSource, match="cannot be read"):
            read(path)
