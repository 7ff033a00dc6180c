"""A problem is said in the language that the client prefers, English where it does not say."""

import pytest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from foxreviews.api.errors import InvalidParametersError, of_server, problem
from foxreviews.api.language import preferred
from foxreviews.core.messages import join, say


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("de", "en"),
        ("fr", "fr"),
        ("FR", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("de, fr;q=0.2, en;q=0.5", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("fr;q=0", "en"),
        ("fr;q=nonsense", "en"),
        ("français, \x00", "en"),
        ("fr," * 10_000, "fr"),
    ],
)
def test_the_language_that_is_preferred_of_the_two_there_are(header: str, language: str) -> None:
    assert preferred(header) == language


def test_a_message_waits_with_its_words_and_its_numbers_for_its_language() -> None:
    waiting = say(_("It takes {most} values at most, and was given {count}."), most=1_000, count=12_345)
    assert str(waiting) == "It takes 1,000 values at most, and was given 12,345."
    with override("fr"):
        assert str(waiting) == (
            "Ce paramètre prend au plus 1\u202f000 valeurs\u202f; 12\u202f345 ont été données."
        )


def test_what_a_client_wrote_is_no_template() -> None:
    assert str(say("{value} is none.", value="{most} %(x)s {0}")) == "{most} %(x)s {0} is none."


def test_messages_are_joined_in_the_language_that_is_spoken_then() -> None:
    together = join(_("There is no such parameter."), "", _("This address takes none."))
    assert str(together) == "There is no such parameter. This address takes none."
    with override("fr"):
        assert str(together) == "Ce paramètre n’existe pas. Cette adresse n’en prend aucun."


def test_an_error_speaks_english_to_a_log_and_french_in_a_french_problem() -> None:
    error = InvalidParametersError({"q": [_("It has no letter or digit.")]})
    assert str(error) == "q: It has no letter or digit."
    answer = problem(400, error.code, error, errors=error.errors, language="fr")
    assert b'"q: La valeur n\xe2\x80\x99a ni lettre ni chiffre."' in answer.content
    assert (answer["Content-Language"], answer["Vary"]) == ("fr", "Accept-Language")
    assert str(error) == "q: It has no letter or digit."


@pytest.mark.parametrize("status", [400, 411, 413, 414, 417, 431, 500, 501, 499])
def test_what_the_web_server_refuses_has_both_languages(status: int) -> None:
    english, french = (of_server(status, language, most=20_000).content for language in ("en", "fr"))
    assert english != french
    assert b"{most}" not in english + french
