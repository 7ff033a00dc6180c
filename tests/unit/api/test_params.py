from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from foxreviews.api.entreprises.params import EntrepriseParams
from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.params import MAX_VALUES, Params, Several, text
from foxreviews.api.suggestions import SuggestionParams
from foxreviews.api.villes.params import VilleParams
from foxreviews.reference.naf import Beginnings


class TownParams(Params):
    nom = text(10, "Its name.")
    cp = Several("Its postal codes.")
    big = serializers.BooleanField(required=False)


def read(query: str, kind: type[Params] = TownParams, **options: Any) -> dict[str, Any]:
    return kind.read(Request(APIRequestFactory().get(f"/?{query}")), **options)


def refusal(query: str, kind: type[Params] = TownParams) -> dict[str, list[str]]:
    with pytest.raises(InvalidParametersError) as refused:
        read(query, kind)
    return dict(refused.value.errors)


def test_what_is_not_given_is_absent() -> None:
    assert read("") == {}
    assert read("big=false") == {"big": False}


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    assert refusal("colour=red") == {"colour": ["There is no such parameter. Known ones: big, cp, nom."]}


def test_a_misspelt_parameter_is_refused_with_the_likely_one() -> None:
    assert "Did you mean nom?" in refusal("noms=x")["noms"][0]


def test_a_parameter_that_someone_else_reads_is_known() -> None:
    assert read("cursor=x", also=("cursor",)) == {}


def test_a_parameter_given_twice_is_refused() -> None:
    assert refusal("nom=a&nom=b") == {"nom": ["It is given more than once."]}


def test_all_mistakes_are_reported_at_once() -> None:
    assert set(refusal("nom=&cp=&big=maybe&colour=red")) == {"nom", "cp", "big", "colour"}


@pytest.mark.parametrize(
    "query", ["nom=a%00b", "nom=12345678901", "nom=", "nom=%20", "cp=1234%00", "cp=", "cp=%20,,"]
)
def test_nul_blanks_and_overlong_values_are_refused(query: str) -> None:
    assert list(refusal(query)) == [query.partition("=")[0]]


def test_several_values_have_commas_or_are_given_again_and_each_counts_once() -> None:
    assert read("cp=1,2&cp=3, 1,") == {"cp": ["1", "2", "3"]}


def test_more_values_than_a_filter_takes_are_refused() -> None:
    assert (
        f"at most, and was given {MAX_VALUES + 1}"
        in refusal(f"cp={','.join(map(str, range(MAX_VALUES + 1)))}")["cp"][0]
    )


def test_places_and_trades_take_several_values() -> None:
    asked = read("departement=75,2a&code_postal=75001,75002&naf=47.11A,4711B&naf=62", EntrepriseParams)
    assert asked["departement"] == ("75", "2A")
    assert asked["code_postal"] == ("75001", "75002")
    assert asked["naf"] == Beginnings(rev2=("47.11A", "47.11B", "62"), naf25=("62",))
    assert read("departement=75&departement=92", VilleParams) == {"departement": ("75", "92")}


@pytest.mark.parametrize(
    ("typed", "proposed"), [("33", "33"), ("2a", "2A"), ("974", "974"), ("75001,33", "33")]
)
def test_a_postal_code_that_is_a_departement_is_refused_with_the_parameter_to_use(
    typed: str, proposed: str
) -> None:
    (sentence,) = refusal(f"code_postal={typed}", EntrepriseParams)["code_postal"]
    assert sentence == f"A postal code has five digits. Did you mean departement={proposed}?"


def test_a_postal_code_of_another_shape_is_refused() -> None:
    for typed in ("7500", "750011", "٧٥٠١٥", "ABCDE", "75001,x"):
        assert refusal(f"code_postal={typed}", EntrepriseParams) == {
            "code_postal": ["A postal code has five digits."]
        }


def test_a_very_long_unknown_name_is_not_sent_back_whole() -> None:
    assert [len(name) for name in refusal("x" * 5_000 + "=1")] == [100]


@pytest.mark.parametrize(
    ("typed", "beginnings"),
    [
        ("62.01Z", Beginnings(rev2=("62.01Z",))),
        ("6201z", Beginnings(rev2=("62.01Z",))),
        ("62.10y", Beginnings(naf25=("62.10Y",))),
        ("62", Beginnings(rev2=("62",), naf25=("62",))),
        ("62.", Beginnings(rev2=("62",), naf25=("62",))),
        ("620", Beginnings(rev2=("62.0",))),
        ("62.0", Beginnings(rev2=("62.0",))),
        ("6201", Beginnings(rev2=("62.01",))),
        ("62.1", Beginnings(naf25=("62.1",))),
        ("j", Beginnings(rev2=("58", "59", "60", "61", "62", "63"))),
        ("O", Beginnings(rev2=("84",))),
    ],
)
def test_a_trade_is_asked_for_by_code_beginning_or_section(typed: str, beginnings: Beginnings) -> None:
    assert read(f"naf={typed}", EntrepriseParams) == {"naf": beginnings}


def test_a_section_is_asked_for_by_its_nomenclature() -> None:
    assert read("naf_section=j&naf25_section=k", EntrepriseParams) == {
        "naf_section": Beginnings(rev2=("58", "59", "60", "61", "62", "63")),
        "naf25_section": Beginnings(naf25=("61", "62", "63")),
    }
    assert "A, B, C" in refusal("naf_section=V", EntrepriseParams)["naf_section"][0]
    assert "U, V are" in refusal("naf25_section=W", EntrepriseParams)["naf25_section"][0]


@pytest.mark.parametrize("typed", ["6", "Z", "62.01Z9", "6201ZZ", "abc", "62,01Z", "٦٢", "62%25"])
def test_what_is_no_trade_is_refused_with_examples(typed: str) -> None:
    assert "62.01Z, 6201Z, 62.0, 62, J" in refusal(f"naf={typed}", EntrepriseParams)["naf"][0]


def test_a_departement_is_known_by_its_code() -> None:
    assert read("departement=2a", EntrepriseParams) == {"departement": ("2A",)}
    assert "01, 2A, 75, 974" in refusal("departement=1", EntrepriseParams)["departement"][0]
    assert "departement" in refusal("departement=99", EntrepriseParams)


@pytest.mark.parametrize(
    ("kind", "name", "most"),
    [
        (EntrepriseParams, "ville_nom", 100),
        (VilleParams, "q", 100),
        (TownParams, "nom", 10),
    ],
)
def test_a_text_may_be_as_long_as_its_bound_and_no_longer(kind: type[Params], name: str, most: int) -> None:
    assert read(f"{name}={'x' * most}", kind) == {name: "x" * most}
    assert refusal(f"{name}={'x' * (most + 1)}", kind) == {name: [f"It is longer than {most} characters."]}


def test_a_town_has_the_longest_slug() -> None:
    assert read(f"ville={'x' * 120}", EntrepriseParams) == {"ville": ["x" * 120]}
    assert "ville" in refusal(f"ville={'x' * 121}", EntrepriseParams)


@pytest.mark.parametrize("kind", [EntrepriseParams, VilleParams])
def test_every_list_reads_a_place_alike(kind: type[Params]) -> None:
    found = read("departement=2b&code_postal=20200", kind)
    assert found == {"departement": ("2B",), "code_postal": ("20200",)}
    assert refusal("code_postal=2020", kind) == {"code_postal": ["A postal code has five digits."]}


def test_a_region_is_known_by_its_code() -> None:
    assert read("region=84,11", VilleParams) == {"region": ("84", "11")}
    assert "11, 24" in refusal("region=69", VilleParams)["region"][0]


@pytest.mark.parametrize("q", ["!!", "%25", "…"])
def test_a_town_is_not_looked_for_without_a_letter_or_digit(q: str) -> None:
    assert refusal(f"q={q}", VilleParams) == {"q": ["It has no letter or digit."]}


def test_facets_are_taken_once_each_in_their_order_and_an_unknown_one_is_refused() -> None:
    assert read("facets=ville,is_active,ville", EntrepriseParams) == {"facets": ("ville", "is_active")}
    assert "colour is not a facet" in refusal("facets=ville,colour", EntrepriseParams)["facets"][0]


@pytest.mark.parametrize(("limit", "allowed"), [(0, False), (1, True), (20, True), (21, False)])
def test_suggestions_are_one_to_twenty(limit: int, allowed: bool) -> None:
    if allowed:
        assert read(f"q=bou&limit={limit}", SuggestionParams)["limit"] == limit
    else:
        assert refusal(f"q=bou&limit={limit}", SuggestionParams) == {
            "limit": ["It is a whole number from 1 to 20."]
        }
