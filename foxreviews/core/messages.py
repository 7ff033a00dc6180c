"""Sentences for clients, which wait with their words until it is known who reads them.

say(_("It takes {most} values at most."), most=50), where `_` is gettext_lazy: a command and a log say it in English,
the API's problem+json in the client's language (api.errors). The French is in foxreviews/locale.
"""

from typing import TypeAlias

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language

Message: TypeAlias = str | Promise

NO_BREAK = "\u202f"  # between the thousands of a French number


def _worded(text: Message, /, **values: object) -> str:
    return str(text).format(**{name: _shown(value) for name, value in values.items()})


def _joined(*messages: Message) -> str:
    return " ".join(filter(None, map(str, messages)))


def _shown(value: object) -> object:
    """10,000 in English, 10 000 in French. What is no number is shown as it is."""
    if type(value) is not int:
        return value
    shown = f"{value:,}"
    return shown.replace(",", NO_BREAK) if (get_language() or "").startswith("fr") else shown


say = lazy(_worded, str)
join = lazy(_joined, str)
