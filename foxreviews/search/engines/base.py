"""What every search engine does."""

from typing import ClassVar, Protocol

from foxreviews.core.keyset import Window
from foxreviews.search.types import Filters, Hits, Question


class SearchEngine(Protocol):
    """Finds companies. Where its index is, and in which process, is its own matter.

    A window of one ordering after another gives every company that is found, once. A natural person whose
    name is not public is found by SIREN and SIRET alone. Raises SearchTimeoutError.
    """

    name: ClassVar[str]

    def search(self, question: Question, filters: Filters, window: Window) -> Hits:
        """The companies that answer the question and pass the filters, as the window asks."""
