"""Writing cells: text that stays text, a few styles, and a workbook that has the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.writer.excel import ExcelWriter

FONT = "Microsoft YaHei"
INK, MUTED, LINE, TILE, DATA, PALE = "1B2733", "5D6874", "D5DBE1", "F4F6F8", "1F5FA8", "CFE0F2"
EMPTY = "FFF7E0"
LIGHTS = {"green": ("E3F1EA", "1F5C40"), "amber": ("FBEFD5", "7A4A00"), "red": ("FBE3DD", "8F2B12")}
"""Fill and ink of the three verdicts; each comes with its word."""

EPOCH = (1980, 1, 1, 0, 0, 0)
_RULE = Side(style="thin", color=LINE)
_KEPT = frozenset("\t\n")


def put(
    cell: Any,
    text: object,
    *,
    size: float = 10.5,
    bold: bool = False,
    color: str = INK,
    fill: str = "",
    align: str = "left",
    boxed: bool = False,
    unlocked: bool = False,
) -> None:
    """Write a value that no spreadsheet takes for a formula, and dress the cell.

    Text is stored as text whatever it begins with, and marked so that it stays text when somebody edits it.
    """
    if isinstance(text, str):
        cell.value = "".join(char for char in text if char.isprintable() or char in _KEPT)
        cell.data_type = "s"
        cell.quotePrefix = text.lstrip().startswith(("=", "+", "-", "@"))
    else:
        cell.value = text
    dress(cell, size=size, bold=bold, color=color, fill=fill, align=align, boxed=boxed, unlocked=unlocked)


def formula(cell: Any, text: str, **style: Any) -> None:
    """Write a formula of our own; no word of a study stands in one."""
    cell.value = f"={text}"
    dress(cell, **style)


def dress(
    cell: Any,
    *,
    size: float = 10.5,
    bold: bool = False,
    color: str = INK,
    fill: str = "",
    align: str = "left",
    boxed: bool = False,
    unlocked: bool = False,
) -> None:
    """Set font, fill, alignment, frame and lock of a cell."""
    cell.font = Font(name=FONT, size=size, bold=bold, color=color)
    cell.alignment = Alignment(
        horizontal=align, vertical="center", wrap_text=True, indent=int(align == "left")
    )
    if fill:
        cell.fill = PatternFill("solid", start_color=fill)
    if boxed:
        cell.border = Border(bottom=_RULE, top=_RULE, left=_RULE, right=_RULE)
    cell.protection = Protection(locked=not unlocked)


def height(*cells: tuple[str, float]) -> float:
    """Return the height in points of a row that shows every (text, width in letters) whole.

    Examples
    --------
    >>> height(("short", 20)), height(("一二三四五六七八九十", 10)), height(("a\\nb", 20))
    (22.0, 37.0, 37.0)
    """
    return 7.0 + 15.0 * max(_lines(text, width) for text, width in cells)


def _lines(text: str, width: float) -> int:
    """Lines of a text; a Chinese letter is as wide as two others."""
    return sum(
        max(1, -(-sum(2 if ord(char) > 0x2E7F else 1 for char in line) // max(1, int(width))))
        for line in text.split("\n")
    )


def protect(sheet: Any) -> None:
    """Lock all but the answers against slips of the hand; there is no password."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


def to_bytes(book: Workbook) -> bytes:
    """Return a workbook whose bytes depend on its content alone: no clock enters."""
    book.properties.created = book.properties.modified = dt.datetime(*EPOCH)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        ExcelWriter(book, archive).write_data()
    steady = io.BytesIO()
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(steady, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, old.read(name))
    return steady.getvalue()
