"""The model: shares among candidates, calibrated; what no probability is enough for."""

import json
from dataclasses import replace
from typing import Any

import pytest

from foxreviews.matching.evidence import FEATURES, Company, Evidence, Near, Site, Street, Trade
from foxreviews.matching.model import FILE, Decision, Model, may_accept, read, shipped
from foxreviews.matching.names import Comparison, Likeness

COMPANY = Company(
    "622012748",
    "62201274800977",
    "NOVERGIE",
    "",
    "",
    "786 AVENUE DE GASSERAS",
    "82000",
    "Montauban",
    "82121",
    "82",
    "38.21Z",
    "",
    "5710",
    True,
    "O",
    None,
)
SITE = Site(Near.TOWN, Street.UNKNOWN, Trade.UNKNOWN, "62201274800977", is_active=True, is_head_office=True)
SAME = Comparison(Likeness.SAME, 1.0, 0.0, 0.0, 1.0)


def evidence(**values: Any) -> Evidence:
    known: dict[str, Any] = {
        "company": COMPANY,
        "name": SAME,
        "kind": "nom",
        "known_as": "NOVERGIE",
        "site": SITE,
        "number": "",
        "form": "",
        "is_property": False,
        "namesakes": 1,
    }
    return Evidence(**known | values)


def test_the_file_has_a_weight_for_each_feature_and_says_where_they_come_from() -> None:
    content = json.loads(FILE.read_text())
    assert list(content["weights"]) == list(FEATURES)
    assert "benchmarks.matching train" in content["made by"]["command"]
    assert content["measured"]["precision"] >= 0.99
    assert content["measured"]["recall"] >= 0.90
    assert len(evidence().features) == len(FEATURES)


def test_what_speaks_for_a_company_weighs_for_it() -> None:
    weights = dict(zip(FEATURES, shipped().weights, strict=True))
    for name in ("name_same", "told", "town", "street_same", "trade_same", "number_same"):
        assert weights[name] > 0, name
    for name in (
        "lacking",
        "added",
        "far",
        "street_other",
        "trade_other",
        "number_other",
        "form_other",
        "namesakes",
    ):
        assert weights[name] < 0, name


def test_two_that_are_as_good_share_the_confidence() -> None:
    model = Model(0.0, (), 1.0, 0.0, 0.9, 0.1)
    (alone,) = model.confidences([8.0])
    twins = model.confidences([8.0, 8.0])
    assert alone > 0.99
    assert twins[0] == twins[1] < 0.51


def test_a_better_place_never_makes_a_company_less_likely() -> None:
    model = shipped()
    nearer = [Near.FAR, Near.DEPARTEMENT, Near.POSTAL_CODE, Near.TOWN]
    scores = [model.score(evidence(site=replace(SITE, near=near)).features) for near in nearer]
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("values", "is_free"),
    [
        ({}, True),
        ({"number": "other"}, False),
        ({"number": "same", "name": Comparison(Likeness.OTHER)}, False),
        ({"number": "same", "name": Comparison(Likeness.WORDS, 0.3, 0.6, 0.6, 0.3)}, True),
        ({"site": replace(SITE, near=Near.FAR)}, False),
        ({"is_other_body": True}, False),
        ({"site": replace(SITE, near=Near.UNKNOWN)}, True),
        ({"site": replace(SITE, near=Near.UNKNOWN), "namesakes": 2}, False),
        ({"site": replace(SITE, near=Near.UNKNOWN), "known_as": "SMA"}, False),
        ({"name": Comparison(Likeness.WORDS, 0.5, 0.6, 0.3, 0.5)}, False),
        (
            {
                "name": Comparison(Likeness.WORDS, 0.5, 0.5, 0.3, 0.5),
                "site": replace(SITE, street=Street.SAME),
            },
            True,
        ),
        (
            {
                "name": Comparison(Likeness.WORDS, 0.8, 0.0, 0.3, 1.5),
                "site": replace(SITE, near=Near.DEPARTEMENT),
            },
            False,
        ),
    ],
)
def test_what_a_person_would_ask_for_is_asked_for(values: dict[str, Any], is_free: bool) -> None:
    assert may_accept(evidence(**values)) is is_free


def test_nothing_is_accepted_below_the_threshold() -> None:
    model = read()
    assert model.accept >= 0.85
    assert model.decide(model.accept, evidence()) is Decision.ACCEPT
    assert model.decide(model.accept - 0.01, evidence()) is Decision.REVIEW
    assert model.decide(0.01, evidence()) is Decision.NONE


def test_the_evidence_is_said_in_words() -> None:
    said = "; ".join(evidence(site=replace(SITE, street=Street.SAME)).sentences())
    assert said == "the same name but for form, order or spaces; in the same town; at the same address"
