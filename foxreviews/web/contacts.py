"""How to reach a company, as links where that is what it should be: lists have all kinds of text there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

CONTACTS: Mapping[str, re.Pattern[str]] = {
    "telephone": re.compile(r"\+?[0-9][0-9 .()/-]{5,28}", re.ASCII),
    "email": re.compile(r"[a-z0-9_.+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII | re.IGNORECASE),
    "site_web": re.compile(
        r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?(/[!-~]*)?", re.ASCII | re.IGNORECASE
    ),
}


@dataclass(frozen=True)
class Contact:
    """A text of the row, and the link that calls, writes or leads there; "" where it is not known how."""

    text: str
    url: str


def contact(name: str, text: str) -> Contact:
    """One of CONTACTS."""
    if not CONTACTS[name].fullmatch(text):
        return Contact(text, "")
    if name == "telephone":
        dialled = re.sub(r"\(0\)|[^+0-9]", "", text)  # of "+33 (0)1" the zero is not
        return Contact(text, f"tel:{dialled}")
    return Contact(text, f"mailto:{text}" if name == "email" else text)
