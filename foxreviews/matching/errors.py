"""Why a list cannot be matched."""

from django.utils.translation import gettext_lazy as _

from foxreviews.core.errors import FoxreviewsError


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
