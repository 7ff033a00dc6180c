"""The newest companies of a list as a feed (Atom, RFC 4287), by their entry into the directory.

An entry keeps its id as long as the company has its SIREN, whatever its name becomes: readers show each once. Companies
that are hidden are in no feed, because it would be kept elsewhere.
"""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foxreviews.api.entreprises.companies import companies
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.api.errors import InvalidParametersError
from foxreviews.core.keyset import Row, Window
from foxreviews.enterprise.privacy import is_hidden, masked
from foxreviews.reference.identifiers import format_siren
from foxreviews.web import choices, slugs
from foxreviews.web.asked import Asked
from foxreviews.web.language import address
from foxreviews.web.page import page
from foxreviews.web.wording import place, trade

MAX_ENTRIES = 50
NEWEST = EnterpriseCursorPagination.orderings["-created_at"]
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@page
def feed(request: HttpRequest) -> HttpResponse:
    """The companies that the same parameters list as results; those that are active, unless they say otherwise.

    Raises InvalidParametersError, TooManyToSortError.
    """
    asked = Asked.read(request)
    if asked.is_in_index_order:
        raise InvalidParametersError({"ordering": ["No index knows the newest ones of such a list."]})
    state = {} if asked.with_ceased else {"is_active": True}
    found = companies({**asked.params, **state}, Window(NEWEST, MAX_ENTRIES))
    root = request.build_absolute_uri("/").rstrip("/")
    # Without its parameters in any other order, or other ones: two readers of one list have one feed.
    made = Atom1Feed(
        title=_written(_title(asked)),
        link=root + asked.url(),
        description=_("The companies that came into the directory last."),
        language=get_language(),
        author_name="foxreviews",
        feed_url=root + asked.feed_url,
        feed_guid=root + asked.feed_url,
    )
    for row in found.page.rows:
        if not is_hidden(row):
            made.add_item(**_entry(masked(row), root))
    response = HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response


def _title(asked: Asked) -> str:
    words = [asked.values.get("q", ""), *(str(each.label) for each in choices.filters(asked))]
    named = ", ".join(filter(None, words))
    return _("New companies: %(q)s") % {"q": named} if named else _("New companies")


def _entry(row: Row, root: str) -> dict[str, Any]:
    siren = _("SIREN %(siren)s") % {"siren": format_siren(row["siren"])}
    state = "" if row["is_active"] else _("ceased")
    about = filter(None, (trade(row), place(row), siren, state))
    return {
        "title": _written(row["nom"]) or siren,
        "link": root + slugs.entreprise(row),
        "description": _written(", ".join(about)),
        "unique_id": root + address("entreprise", row["siren"], language="fr"),
        "pubdate": row["created_at"],
        "updateddate": row["updated_at"],
        "categories": [row["naf_code"]] if row["naf_code"] else [],
    }


def _written(text: str) -> str:
    """Without the characters that no XML may have."""
    return NOT_XML.sub("", text)
