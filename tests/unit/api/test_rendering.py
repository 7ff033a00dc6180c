from datetime import UTC, date, datetime

import pytest
from django.utils.translation import gettext_lazy

from foxreviews.api.rendering import OrjsonRenderer


def test_dates_are_iso_8601_in_utc_with_their_microseconds() -> None:
    rendered = OrjsonRenderer().render(
        {"at": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "on": date(2026, 1, 2)}
    )
    assert rendered == b'{"at":"2026-01-02T03:04:05.000006Z","on":"2026-01-02"}'


def test_accents_are_written_as_they_are() -> None:
    assert OrjsonRenderer().render({"nom": "Œuvre"}) == '{"nom":"Œuvre"}'.encode()


def test_a_sentence_that_waits_for_its_language_is_written() -> None:
    assert OrjsonRenderer().render({"detail": gettext_lazy("Not found.")}) == b'{"detail":"Not found."}'


def test_what_has_no_json_form_is_an_error() -> None:
    with pytest.raises(TypeError):
        OrjsonRenderer().render({"x": object()})


def test_no_data_is_no_bytes() -> None:
    assert OrjsonRenderer().render(None) == b""
