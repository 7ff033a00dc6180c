"""A former commune is part of one of today's, whatever order the events and the files come in."""

import csv
from pathlib import Path

import pytest

from foxreviews.location.movements import Movements, Successors
from foxreviews.location.sources.insee import COG, MOVEMENTS, CogEntry, GeographicCode, Movement
from foxreviews.location.sources.table import Layout, read


def moves(*events: tuple[str, str, str]) -> Movements:
    return Movements(Movement(*each) for each in events)


def today(code: str, movements: Movements, cog: GeographicCode | None = None, **known: str) -> str:
    return Successors(movements, cog, {former[1:]: town for former, town in known.items()}).today(code)


MERGED = ("2017-01-01", "74268", "74010")


def test_a_chain_of_merges_is_followed_to_its_end() -> None:
    chain = moves(("1973-01-01", "74001", "74268"), MERGED, ("2017-01-01", "74010", "74010"))
    assert today("74001", chain) == today("74268", chain) == today("74010", chain) == "74010"


def test_a_commune_that_was_re_established_is_itself() -> None:
    back = moves(MERGED, ("2024-01-01", "74010", "74268"), ("2024-01-01", "74010", "74010"))
    assert today("74268", back) == "74268"
    assert today("74268", back, None, _74268="74010") == "74268"


def test_a_commune_that_was_re_established_and_merged_again_is_part_of_the_last_one() -> None:
    again = moves(MERGED, ("2020-01-01", "74010", "74268"), ("2020-01-01", "74010", "74010"),
                  ("2025-01-01", "74268", "74999"))  # fmt: skip
    assert today("74268", again) == "74999"


def test_a_commune_that_became_several_is_left_as_it_is() -> None:
    assert today("14999", moves(("1965-01-01", "14999", "1"), ("1965-01-01", "14999", "2"))) == "14999"


@pytest.mark.parametrize("second", ["1966-01-01", "1965-01-01"])
def test_events_in_a_circle_end(second: str) -> None:
    circle = moves(("1965-01-01", "02001", "02002"), (second, "02002", "02001"))
    assert today("02001", circle) in {"02001", "02002"}
    assert today("02001", moves(), None, _02001="02002", _02002="02001") == "02001"


def test_what_joined_a_commune_goes_with_its_name_where_that_one_was_split() -> None:
    events = [
        Movement("2019-01-01", "60455", "60054", "La Neuville-Garnier", "Les Hauts-Talican"),
        Movement("2025-01-01", "60054", "60054", "Les Hauts-Talican", "Beaumont-les-Nonains"),
        Movement("2025-01-01", "60054", "60694", "Les Hauts-Talican", "Les Hauts-Talican"),
    ]
    assert today("60455", Movements(events)) == "60694"


def test_the_geographic_code_tells_of_parts_and_the_movements_of_ends_that_it_does_not_know_yet() -> None:
    part, whole = CogEntry("COMD", "74268", "Seynod", "74010"), CogEntry("COM", "74010", "Annecy", "")
    young = GeographicCode([part, whole])
    assert today("74268", moves(), young) == "74010"
    old = GeographicCode([CogEntry("COM", "74268", "Seynod", ""), whole])
    assert today("74268", moves(), old) == "74268"
    assert today("74268", moves(MERGED), old) == "74010"


def test_what_an_earlier_load_knew_stays_where_no_file_tells_otherwise() -> None:
    assert today("74268", moves(), None, _74268="74010") == "74010"


def of(shared_data: Path, name: str, layout: Layout[Movement]) -> list[Movement]:
    with (shared_data / name).open(encoding="utf-8-sig") as file:
        return read(file, name, layout).rows


def test_the_movements_alone_tell_which_communes_there_are(shared_data: Path) -> None:
    movements = Movements(of(shared_data, "cog_mouvements_communes.csv", MOVEMENTS))
    with (shared_data / "cog_communes_2026.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    communes = {row["COM"] for row in rows if row["TYPECOM"] in {"COM", "ARM"}}
    parts = {row["COM"]: row["COMPARENT"] for row in rows if row["TYPECOM"] in {"COMD", "COMA"}}
    assert not movements.gone & communes
    wrong = {
        code for code, parent in parts.items() if code not in communes and today(code, movements) != parent
    }
    assert wrong == {"55273"}  # of Madine, which was split later


def test_both_files_together_lead_every_former_commune_to_one_of_today(shared_data: Path) -> None:
    movements = Movements(of(shared_data, "cog_mouvements_communes.csv", MOVEMENTS))
    with (shared_data / "cog_communes_2026.csv").open(encoding="utf-8-sig") as file:
        cog = GeographicCode(read(file, "cog", COG).rows)
    successors = Successors(movements, cog, {})
    former = successors.former()
    assert len(former) > 4_000
    assert {successors.today(code) for code in former} <= cog.communes
