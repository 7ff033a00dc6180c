"""The picture of a company: of one size, small, with any name."""

import struct
import zlib

import pytest
from django.contrib.staticfiles import finders
from PIL import ImageFont

from foxreviews.web import card
from foxreviews.web.card import BOLD, LEFT, PLAIN, RIGHT, SIGNS, SIZES, Card, drawable, drawn
from tests.hostile import HOSTILE

MAX_BYTES = 60_000


def header(png: bytes) -> tuple[int, int]:
    """Width and height of a whole PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, data = 8, b""
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        body = png[place + 8 : place + 8 + length]
        assert (
            zlib.crc32(kind + body) == struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0]
        )
        data += body if kind == b"IDAT" else b""
        place += 12 + length
    assert zlib.decompress(data)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_any_name_has_its_picture(number: int) -> None:
    text = HOSTILE[number]
    png = drawn(Card(text, "732 829 320", text, text, is_active=number % 2 == 0))
    assert header(png) == (1200, 630)
    assert len(png) <= MAX_BYTES
    lines, size = card._name(drawable(text) or "SIREN")
    assert len(lines) <= dict(SIZES)[size]
    assert all(card._font(BOLD, size).getlength(line) <= RIGHT - LEFT for line in lines)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("L'HAŸ & FILS", "L'HAY & FILS"),
        ("Ets 🥐 & Fils 🇫🇷", "Ets & Fils"), ("e\u0301te\u0301", "été"), ("ŁÓDŹ Şişli", "LÓDZ Sisli"),
        ("A\u200bB\x01C\u202eD", "ABCD"), ("A\tB\nC", "A B C"), ("ＦＯＸ", "FOX"), ("ŒUVRE", "ŒUVRE"),
        ("РАУРАL", ""), ("🦊", ""), ("مخبز", ""), ("한글 SARL", ""), ("\u0301\u0301", ""),
    ],
)  # fmt: skip
def test_a_name_is_drawn_whole_or_not_at_all(name: str, written: str) -> None:
    assert drawable(name) == written


@pytest.mark.parametrize("name", [BOLD, PLAIN])
def test_the_fonts_have_each_sign_that_is_drawn_and_bring_their_licence(name: str) -> None:
    path = finders.find(f"web/fonts/{name}")
    font = ImageFont.truetype(str(path), 40, layout_engine=ImageFont.Layout.BASIC)
    missing = bytes(font.getmask("\uffff"))
    assert [
        sign for sign in sorted(SIGNS) if not sign.isspace() and bytes(font.getmask(sign)) == missing
    ] == []
    assert finders.find(f"web/fonts/{name.partition('-latin')[0]}.LICENSE.txt")


def test_a_company_without_a_name_that_can_be_drawn_has_its_number_and_none_has_text_of_others() -> None:
    one = Card("🦊", "732 829 320", "", "", is_active=True)
    other = Card("한글", "732 829 320", "", "", is_active=True)
    assert drawn(one) == drawn(other)
    assert drawn(one) != drawn(Card("FOX", "732 829 320", "", "", is_active=True))
