"""An OpenAI-compatible endpoint, which words the facts in its own way: DESCRIPTION_URL, off by default.

It is somebody else's machine, so whatever it does is bounded: how long one answer takes from the first byte sent to the
last one read, how large it is, and where it may send us (nowhere: no redirection is followed).
"""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from foxreviews.core.errors import FoxreviewsError
from foxreviews.descriptions.facts import Facts
from foxreviews.descriptions.sentences import describe

TIMEOUT = 30.0  # seconds, for a whole answer
MAX_BYTES = 65_536  # of an answer; a description has 800
MAX_TOKENS = 300
ASK = (
    "Tu rédiges une courte description en français, de une à trois phrases, pour un annuaire. Reformule le texte donné "
    "à partir des seuls faits donnés. Recopie les noms, les nombres, les dates et les lieux exactement comme ils sont "
    "écrits. N'ajoute aucun fait, nom, nombre, lieu, adjectif élogieux ou conseil. La première phrase commence par le "
    "nom. Réponds par le texte seul, sans mise en forme."
)


class EndpointError(FoxreviewsError):
    """The endpoint has given no text. `reason` is unreachable, timeout, refused, too-large or unreadable."""

    status = 502
    code = "endpoint-error"

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(said)
        self.reason = reason


def ask(facts: Facts) -> str:
    """A text about the facts, whatever it says.

    Raises EndpointError, within TIMEOUT; ValueError where the facts may not leave.
    """
    if not facts.may_leave:
        raise ValueError(f"{facts.kind} {facts.key} may not be sent")
    given = {"faits": facts.values, "texte": describe(facts)}
    message = {
        "model": settings.DESCRIPTION_MODEL,
        "messages": [
            {"role": "system", "content": ASK},
            {"role": "user", "content": json.dumps(given, ensure_ascii=False)},
        ],
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
    }
    return _text_of(_post(json.dumps(message).encode()))


def _post(body: bytes) -> bytes:
    url = urlsplit(settings.DESCRIPTION_URL)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if settings.DESCRIPTION_KEY:
        headers["Authorization"] = f"Bearer {settings.DESCRIPTION_KEY}"
    kind: type[HTTPConnection] = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=TIMEOUT)
    with _bounded(connection) as is_over:
        try:
            connection.request("POST", f"{url.path.rstrip('/')}/chat/completions", body, headers)
            with connection.getresponse() as answer:
                text = answer.read(MAX_BYTES + 1)
        except (OSError, HTTPException) as error:
            if is_over.is_set() or isinstance(error, TimeoutError):
                raise EndpointError("timeout", _late()) from error
            raise EndpointError("unreachable", f"{_place()} does not answer: {error}.") from error
    if is_over.is_set():  # what came until then looked whole
        raise EndpointError("timeout", _late())
    if answer.status != 200:
        raise EndpointError("refused", f"{_place()} answers {answer.status} {answer.reason}.")
    if len(text) > MAX_BYTES:
        raise EndpointError("too-large", f"{_place()} answers with more than {MAX_BYTES:,} bytes.")
    return text


@contextmanager
def _bounded(connection: HTTPConnection) -> Iterator[Event]:
    """Close the connection at TIMEOUT, also where a byte comes now and then; the event says whether that happened."""
    is_over, sockets = Event(), list[socket.socket]()

    def connect() -> None:
        type(connection).connect(connection)
        sockets.append(connection.sock)  # http.client forgets it before an answer without a length is read

    def end() -> None:
        is_over.set()
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    connection.connect = connect  # type: ignore[method-assign]
    timer = Timer(TIMEOUT, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()
        connection.close()


def _text_of(body: bytes) -> str:
    try:
        answer: Any = json.loads(body)
        text = answer["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise EndpointError("unreadable", f"{_place()} does not answer as /chat/completions does.") from error
    if not isinstance(text, str) or re.search(r"[\ud800-\udfff]", text):
        raise EndpointError("unreadable", f"{_place()} answers with no text.")
    return text.strip()


def _late() -> str:
    return f"{_place()} has not answered within {TIMEOUT:.0f} s."


def _place() -> str:
    """The endpoint's host: the address may have a secret."""
    return f"DESCRIPTION_URL ({urlsplit(settings.DESCRIPTION_URL).hostname})"
