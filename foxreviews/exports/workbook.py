"""A workbook of one sheet (Office Open XML), written while its rows are made.

The libraries that write workbooks keep the sheet in a file until its last row, so nothing arrives for a minute and
proxies give up, and they take 50 µs for each row in Python: here a block of rows becomes XML by columns. Texts
are texts (inline strings), so nothing in them is a formula.
"""

from collections.abc import Iterable
from typing import BinaryIO, cast
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

from foxreviews.api.exports.params import MAX_SHEET, TOO_MANY
from foxreviews.core.errors import UsageError

MAX_TEXT = 32_767  # characters of a cell
MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest of a zip: the same rows are the same bytes
LEVEL = 1
CONTROLS = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]"  # that XML has not

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
    '<sheet name="export" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
BEGIN, END = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>', "</sheetData></worksheet>"


class TooManyRowsError(UsageError):
    """A sheet has no more rows."""

    code = "too-many-rows"


def write_workbook(frames: Iterable[pl.DataFrame], columns: list[str], file: object) -> None:
    """One sheet with a header. The file is only written to. Raises TooManyRowsError."""
    count = 0
    with ZipFile(cast("BinaryIO", file), "w", ZIP_DEFLATED, compresslevel=LEVEL) as package:
        for name, content in PARTS.items():
            package.writestr(_part(name), HEAD + content)
        with package.open(_part("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            cells = "".join(f'<c t="inlineStr"><is><t>{escape(name)}</t></is></c>' for name in columns)
            sheet.write(f"{BEGIN}<row>{cells}</row>".encode())
            for frame in frames:
                count += frame.height
                if count > MAX_SHEET:
                    raise TooManyRowsError(TOO_MANY)
                sheet.write(_rows(frame).encode())
            sheet.write(END.encode())


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name, MOMENT)
    part.compress_type = ZIP_DEFLATED
    part._compresslevel = LEVEL  # type: ignore[attr-defined]  # it has no public name before Python 3.13
    return part


def _rows(frame: pl.DataFrame) -> str:
    cells = [_cell(name, kind) for name, kind in frame.schema.items()]
    rows = frame.select(pl.concat_str([pl.lit("<row>"), *cells, pl.lit("</row>")]).alias("row"))
    return "".join(rows["row"].to_list())


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    """A cell, empty where there is no value: it holds the place of its column."""
    column = pl.col(name)
    if kind == pl.Boolean:
        value, begin, end = column.cast(pl.Int8).cast(pl.String), '<c t="b"><v>', "</v></c>"
    elif kind.is_numeric():
        value, begin, end = column.cast(pl.String), "<c><v>", "</v></c>"
    else:
        text = column.cast(pl.String).replace("", None).str.slice(0, MAX_TEXT).str.replace_all(CONTROLS, "")
        for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.str.replace_all(sign, entity, literal=True)
        value, begin, end = text, '<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    made = pl.concat_str(pl.lit(begin), value, pl.lit(end))
    return pl.when(value.is_not_null()).then(made).otherwise(pl.lit("<c/>")).alias(name)
