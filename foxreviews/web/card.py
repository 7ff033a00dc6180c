"""The picture of a company that a shared link shows (Open Graph): name, activity, town and number, as a PNG.

It is drawn when it is asked for, with the fonts that lie here: what a server has installed changes nothing. Of a
company that is hidden there is none: its link shows the picture of all other pages.
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.templatetags.static import static
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from foxreviews.api.errors import NotFoundError
from foxreviews.core.keyset import Row
from foxreviews.enterprise.by_siren import companies_by_siren
from foxreviews.enterprise.privacy import is_hidden
from foxreviews.reference.identifiers import format_siren
from foxreviews.reference.text import SPELLED
from foxreviews.web.page import page
from foxreviews.web.wording import place, trade

WIDTH, HEIGHT = 1200, 630  # what networks ask for
SIREN = re.compile("[0-9]{9}")
GENERAL = "web/card.png"
LEFT, RIGHT, BAR = 84, WIDTH - 84, 16
SIZES = ((84, 2), (64, 3), (52, 3))  # of a name: pixels, and how many lines of it there is room for
MAX_LETTERS = 250  # that are looked at
PAPER, INK, QUIET, FOX, SNOUT = "#fbf4ec", "#221c18", "#5f554e", "#b3440f", "#ffffff"
ACTIVE, CEASED = ("#1d5b3a", "#e3f1e8"), ("#7a2430", "#f8e4e5")
COLOURS = 64  # with all of them a card is some times as large
SMOOTH = 4  # shapes are drawn so many times larger: Pillow smooths no edges but those of letters
BOLD, PLAIN = "source-serif-4-latin-700-normal.woff", "source-sans-3-latin-400-normal.woff"
# The letters that both fonts have: of French and its neighbours
SIGNS = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)))) | {*"Œœ–—‘’“”…€"}
# The fox, as in favicon.svg
FUR = ((3, 3), (12, 8), (20, 8), (29, 3), (29, 16), (16, 30), (3, 16))
FACE = ((9, 16), (16, 26), (23, 16), (16, 19))
EYES = (
    ((10, 12), (13, 12), (13, 15), (10, 15)),
    ((19, 12), (22, 12), (22, 15), (19, 15)),
    ((14, 24), (18, 24), (16, 27)),
)
MARK = 32  # units of its drawing


@dataclass(frozen=True)
class Card:
    """What is written on it. Each text may be "" or of any length and script."""

    nom: str
    siren: str
    trade: str
    place: str
    is_active: bool


@page
def card(request: HttpRequest, siren: str) -> HttpResponse:
    """The picture of one company. It has one address: with parameters each cache would have it again and again."""
    if request.META.get("QUERY_STRING"):
        return HttpResponsePermanentRedirect(request.path)
    row = companies_by_siren([siren]).get(siren) if SIREN.fullmatch(siren) else None
    if row is None:
        raise NotFoundError("The directory has no company with this SIREN.")
    if is_hidden(row):
        return HttpResponseRedirect(static(GENERAL))
    return HttpResponse(drawn(_of(row)), content_type="image/png")


def _of(row: Row) -> Card:
    return Card(row["nom"], format_siren(row["siren"]), trade(row), place(row), row["is_active"])


def drawn(what: Card) -> bytes:
    """The PNG."""
    image = _paper().copy()
    draw = ImageDraw.Draw(image)
    number = f"SIREN {what.siren}"
    nom = drawable(what.nom)
    lines, size = _name(nom or number)
    y = 164
    for line in lines:
        draw.text((LEFT, y), line, INK, _font(BOLD, size))
        y += round(size * 1.16)
    y += 20
    for text, colour, most in ((what.trade, INK, 2), (what.place, QUIET, 1)):
        for line in _cut(_wrapped(drawable(text), _font(PLAIN, 36), most + 1), most, _font(PLAIN, 36)):
            draw.text((LEFT, y), line, colour, _font(PLAIN, 36))
            y += 46
    word, colours = (_("active"), ACTIVE) if what.is_active else (_("ceased"), CEASED)
    tag = _tag(word, colours)
    image.paste(tag, (LEFT, 542))
    if nom:
        draw.text((LEFT + tag.width + 24, 542), number, QUIET, _font(PLAIN, 32))
    written = BytesIO()
    few = image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(written, "PNG", compress_level=6)
    return written.getvalue()


def drawable(text: str) -> str:
    """The text in letters that the fonts have; "" where one of another script is missing: half a name is another name.

    Signs that are no letters or digits, such as emoji, marks and controls, are left out.
    """
    kept = []
    for sign in unicodedata.normalize("NFC", text[:MAX_LETTERS]):
        plain = sign if sign in SIGNS else _plain(sign)
        if not plain and sign.isalnum():
            return ""
        kept.append(plain)
    return " ".join("".join(kept).split())


def _plain(sign: str) -> str:
    """A letter without what the fonts do not have of it: "Ş" → "S"; a space of any width is one."""
    if sign.isspace():
        return " "
    spelled = SPELLED.get(sign) or "".join(
        each for each in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(each)
    )
    return spelled if SIGNS.issuperset(spelled) else ""


def _name(nom: str) -> tuple[list[str], int]:
    """Its lines, in the largest letters in which it fits; the end of one that fits in none is left out."""
    for size, most in SIZES:
        lines = _wrapped(nom, _font(BOLD, size), most + 1)
        if len(lines) <= most:
            return lines, size
    return _cut(lines, most, _font(BOLD, size)), size


def _wrapped(text: str, font: ImageFont.FreeTypeFont, most: int) -> list[str]:
    """The first lines of a text, `most` of them: between words, and within a word that is longer than a line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if _fits(longer, font):
            lines[-1] = longer
        else:
            lines += _pieces(word, font, most)
        if len(lines) > most:
            break
    return [line for line in lines if line][:most]


def _pieces(word: str, font: ImageFont.FreeTypeFont, most: int) -> list[str]:
    """The word, or as many of its letters as a line has, again and again."""
    found = list[str]()
    while word and len(found) < most:
        end = max(1, bisect_left(range(1, len(word) + 1), True, key=lambda n: not _fits(word[:n], font)))
        found.append(word[:end])
        word = word[end:]
    return found


def _fits(text: str, font: ImageFont.FreeTypeFont) -> bool:
    return font.getlength(text) <= RIGHT - LEFT


def _cut(lines: list[str], most: int, font: ImageFont.FreeTypeFont) -> list[str]:
    """The first lines, with a sign that they go on where they do."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while not _fits(f"{last}…", font):
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip()}…"]


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # Without Raqm, which a system may have or not: a name would look otherwise on another server.
    path = finders.find(f"web/fonts/{name}")
    return ImageFont.truetype(Path(str(path)), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _paper() -> Image.Image:
    """What all of them have: the mark, the name of the directory, a bar at the foot."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    image.paste(_mark(60), (LEFT, 62))
    draw = ImageDraw.Draw(image)
    draw.text((LEFT + 76, 66), "foxreviews", INK, _font(BOLD, 40))
    draw.rectangle((0, HEIGHT - BAR, WIDTH, HEIGHT), FOX)
    return image


def _mark(size: int) -> Image.Image:
    scale = SMOOTH * size / MARK
    large = Image.new("RGB", (SMOOTH * size, SMOOTH * size), PAPER)
    draw = ImageDraw.Draw(large)
    for points, colour in ((FUR, FOX), (FACE, SNOUT), *((eye, INK) for eye in EYES)):
        draw.polygon([(x * scale, y * scale) for x, y in points], colour)
    return large.resize((size, size), Image.Resampling.LANCZOS)


@cache
def _tag(word: str, colours: tuple[str, str]) -> Image.Image:
    """A word on a rounded ground, as on pages."""
    font, high = _font(PLAIN, 30), 44
    wide = round(font.getlength(word)) + 40
    large = Image.new("RGB", (SMOOTH * wide, SMOOTH * high), PAPER)
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1), SMOOTH * high // 2, colours[1]
    )
    image = large.resize((wide, high), Image.Resampling.LANCZOS)
    ImageDraw.Draw(image).text((20, 2), word, colours[0], font)
    return image
