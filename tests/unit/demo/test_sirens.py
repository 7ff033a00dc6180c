"""SIREN given out without remembering them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.demo.generator.sirens import MAX_COMPANIES, Sirens, with_key
from foxreviews.reference.identifiers import LA_POSTE, siren_with_key


@given(st.integers(min_value=10_000_000, max_value=99_999_999))
def test_the_key_is_that_of_the_reference(first8: int) -> None:
    assert str(with_key(np.array([first8]))[0]) == siren_with_key(first8)


@settings(max_examples=20)  # of 10,000 numbers by chance, every other time two would be the same
@given(st.integers(min_value=0, max_value=2**32))
def test_a_seed_gives_no_siren_twice(seed: int) -> None:
    sirens = Sirens(seed)
    given_out = np.concatenate([sirens.of(0, 5_000), sirens.of(MAX_COMPANIES - 5_000, 5_000)])
    assert len(np.unique(given_out)) == 10_000
    assert given_out.min() >= 100_000_000
    assert given_out.max() <= 999_999_999


@given(st.integers(min_value=0, max_value=2**32))
def test_the_company_that_would_be_la_poste_gets_the_siren_left_over(seed: int) -> None:
    sirens = Sirens(seed)
    high, low = divmod(int(LA_POSTE) // 10 - 10_000_000, 10_000)
    for shift_low, shift_high in reversed(sirens._rounds):  # the permutation, backwards
        high = (high - shift_high[low]) % 9_000
        low = (low - shift_low[high]) % 10_000
    number = int(high * 10_000 + low)
    siren = str(sirens.of(number, 1)[0])
    assert siren != LA_POSTE
    assert siren == siren_with_key(10_000_000 + int(sirens._spare[0])) or number == MAX_COMPANIES
