"""Why a list cannot be matched."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from foxreviews.core.errors import FoxreviewsError, UsageError


class NoIndexError(FoxreviewsError):
    """Candidates come from the search index, and there is none to read."""

    status = 503
    code = "no-search-index"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Lists are matched with the search index, which is not ready. What it lacks says manage.py "
                "search_status; manage.py search_rebuild builds it."
            )
        )


class Refusal(StrEnum):
    """Why a short list is not read."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    TOO_FULL = "too-full"  # to come back with what is found
    TOO_MANY_LINES = "too-many-lines"
    TOO_WIDE = "too-wide"
    WORKBOOK = "workbook"  # or another file that is no text
    ENCODING = "encoding"
    NO_NAMES = "no-names"
    OPEN_QUOTE = "open-quote"


class ListRefusedError(UsageError):
    """A short list that cannot be read as a whole; `figures` are of the sentence."""

    def __init__(self, refusal: Refusal, message: str, **figures: str | int) -> None:
        super().__init__(message)
        self.refusal, self.figures = refusal, figures
