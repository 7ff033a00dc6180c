import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.core.errors import UsageError
from foxreviews.search.errors import EmptyQueryError, QueryTooLongError
from foxreviews.search.query.parse import MAX_CHARACTERS, MAX_WORDS, interpret
from foxreviews.search.query.types import Query


@pytest.mark.parametrize("typed", ["732829320", "732 829 320", " 732-829.320 ", "732\u00a0829\u202f320"])
def test_a_siren_alone_is_one_word_in_any_spacing(typed: str) -> None:
    assert interpret(typed) == Query("732829320", sirens=("732829320",))


def test_the_words_next_to_a_siren_are_kept_for_when_no_company_has_it() -> None:
    assert interpret("NOVERGIE 622012748") == Query("NOVERGIE 622012748", sirens=("622012748",))


def test_nine_digits_that_are_no_siren_are_a_word() -> None:
    assert interpret("732829321") == Query("732829321")


@pytest.mark.parametrize("typed", ["٧٣٢٨٢٩٣٢٠", "²²²²²²²²²", "73282932000٠74"])
def test_digits_of_other_scripts_are_words(typed: str) -> None:
    assert interpret(typed).sirens == ()


def test_a_letterhead_with_a_siren_is_not_too_long() -> None:
    words = " ".join(f"mot{number}" for number in range(MAX_WORDS + 1))
    query = interpret(f"{words} RCS Montauban 622 012 748")
    assert query.sirens == ("622012748",)
    assert len(query.typed) == MAX_WORDS


def test_a_postal_code_is_distinguished_from_words() -> None:
    assert interpret("boulangerie 69003 martin") == Query("boulangerie martin", code_postal="69003")
    assert interpret("75011") == Query(code_postal="75011")


@pytest.mark.parametrize(
    "box", ["BP", "bp", "B.P.", "CS", "TSA", "Cidex", "BP n°", "CS N", "boîte postale", "b p", "BP no"]
)
def test_five_digits_of_a_box_are_no_postal_code(box: str) -> None:
    assert interpret(f"fox {box} 40123").code_postal == ""
    assert "40123" in interpret(f"fox {box} 40123").typed
    assert interpret(f"fox {box} 40123 33000 bordeaux").code_postal == "33000"
    assert interpret(f"fox {box} 33000 33000 bordeaux").code_postal == "33000"


def test_five_digits_behind_a_town_or_a_name_are_a_postal_code() -> None:
    for typed in ("cs fox 33000", "bordeaux 33000", "bp france 33000", "n 33000"):
        assert interpret(typed).code_postal == "33000"


def test_words_keep_their_accents_and_signs() -> None:
    assert interpret("  L’Œuvre   S.N.C.F. 100% ").typed == ("L’Œuvre", "S.N.C.F.", "100%")


def test_an_accent_typed_as_a_character_of_its_own_joins_its_letter() -> None:
    assert interpret("cafe\u0301").typed == ("café",)


def test_lone_signs_are_left_out_beside_words() -> None:
    assert interpret("Dupont & Fils - Nantes").typed == ("Dupont", "Fils", "Nantes")


def test_signs_alone_are_looked_for() -> None:
    assert interpret("%").typed == ("%",)
    assert interpret("🍕").typed == ("🍕",)


def test_a_nul_separates_words() -> None:
    assert interpret("bou\x00langerie").typed == ("bou", "langerie")


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "\n\t\u00a0", "\ud800"])
def test_nothing_is_refused_with_what_to_type(typed: str) -> None:
    with pytest.raises(EmptyQueryError, match="type a name, a SIREN, a SIRET or a postal code"):
        interpret(typed)


def test_ten_kilobytes_are_refused_with_the_limit() -> None:
    with pytest.raises(QueryTooLongError, match="at most 256 characters, this one 10,240"):
        interpret("x" * 10_240)


def test_more_than_sixteen_words_are_refused_with_the_limit() -> None:
    words = [str(number) for number in range(MAX_WORDS + 1)]
    assert len(interpret(" ".join(words[:MAX_WORDS])).typed) == MAX_WORDS
    with pytest.raises(QueryTooLongError, match="at most 16 words, this one 17"):
        interpret(" ".join(words))


def test_a_word_typed_twice_is_asked_for_once() -> None:
    assert interpret("la la la maison").typed == ("la", "maison")


@given(st.text(max_size=MAX_CHARACTERS + 5))
def test_any_text_is_a_query_or_refused(typed: str) -> None:
    try:
        query = interpret(typed)
    except UsageError:
        return
    assert query.code_postal or query.naf_code or query.typed
    assert all(word and "\x00" not in word and word == word.strip() for word in query.typed)
