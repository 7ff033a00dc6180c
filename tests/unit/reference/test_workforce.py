import json
from itertools import pairwise

from foxreviews.reference.workforce import BANDS


def test_every_band_is_that_of_the_nomenclature(shared_data):
    official = json.loads((shared_data / "labels_tranches-effectifs.json").read_text(encoding="utf-8"))
    assert {code: band.label for code, band in BANDS.items()} == official


def test_a_band_says_in_figures_what_its_label_says():
    for band in BANDS.values():
        if band.least:
            assert band.label.startswith(f"{band.least:,}".replace(",", " "))
            assert band.label.endswith(
                "salariés et plus" if band.most is None else f"{band.most:,} salariés".replace(",", " ")
            )


def test_bands_follow_one_another_without_a_gap():
    with_people = [band for band in BANDS.values() if band.code not in ("NN", "00")]
    assert all(
        lower.most is not None and lower.most + 1 == upper.least for lower, upper in pairwise(with_people)
    )
    assert with_people[0].least == 1
    assert with_people[-1].most is None
    assert [(BANDS[code].least, BANDS[code].most) for code in ("NN", "00")] == [(0, 0), (0, 0)]
