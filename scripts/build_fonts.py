"""Build the two fonts that reports are set in, and the files that describe them.

Run from the root of the project, on Debian or Ubuntu with `fonts-noto-cjk` and `fonts-noto-core`::

    python scripts/build_fonts.py

It writes, next to their licence in `src/survey_kpi/report/fonts/`:

- `NotoSansSC-Regular.otf` and `NotoSansSC-Bold.otf`: static OpenType fonts of family "Noto Sans SC" that
  Typst, matplotlib and browsers read alike;
- `coverage.txt`: every character that both weights draw, so that a glyph check costs one small file instead
  of parsing two fonts.

What is in them:

- the 8,105 characters of the Table of General Standard Chinese Characters (通用规范汉字表, 2013), all of
  them, from `fonts/tgscc-2013.txt`. That list is the `kTGH` property of the Unihan database 15.0, in the
  order of the table;
- the characters of GB 2312 and the 5,401 of the first level of Big5, for names written in traditional
  characters. Not in: the rest of GBK, which would double the files;
- Latin (Basic, Latin-1, Extended-A, the accented letters of Pinyin, Romanian and Vietnamese), Greek, kana,
  Cyrillic as in GB 2312, punctuation, currency, arrows, operators, shapes, circled numbers, full-width forms.

The Simplified Chinese face of Noto Sans CJK is the source. It lacks most of Latin Extended-A, nearly all
raised and lowered digits, thin spaces and floor brackets; these come from Noto Sans and Noto Sans Math, which
have the same units and nearly the same heights. From there come also ± × ÷ and the hyphen U+2010, which the
source draws an ideograph wide: they stand between digits. Combining marks and invisible format characters
(joiners, directional overrides) are left out on purpose: without a glyph they become visible in a report.

The features `pwid` (proportional quotation marks, for English), `hwid` (half-width letters: columns of code
in the same family) and `halt` stay. Same sources and same fontTools give the same bytes.
"""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from fontTools import subset
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTCollection, TTFont

FONTS = Path(__file__).resolve().parents[1] / "src/survey_kpi/report/fonts"
DEBIAN = Path("/usr/share/fonts")
FAMILY = "Noto Sans SC"
SOURCE_FACE = "NotoSansCJKsc-{weight}"
LICENSE = "https://openfontlicense.org"
FEATURES = ("ccmp", "halt", "hwid", "kern", "pwid")
BUILT = 3_700_000_000  # seconds since 1904: a fixed date, so that bytes do not depend on the day
DROPPED_TABLES = ("BASE", "VORG", "vhea", "vmtx")  # vertical setting


class Span(NamedTuple):
    """A block of Unicode, both ends included."""

    first: int
    last: int
    name: str


BLOCKS = (
    Span(0x0020, 0x007E, "Basic Latin"),
    Span(0x00A0, 0x00FF, "Latin-1"),
    Span(0x0100, 0x017F, "Latin Extended-A"),
    Span(0x01CD, 0x01DC, "letters of Pinyin"),
    Span(0x0218, 0x021B, "letters of Romanian"),
    Span(0x0391, 0x03C9, "Greek"),
    Span(0x1EA0, 0x1EF9, "letters of Vietnamese"),
    Span(0x2000, 0x206F, "general punctuation"),
    Span(0x2070, 0x209C, "raised and lowered"),
    Span(0x20A0, 0x20BF, "currency"),
    Span(0x2100, 0x214F, "letterlike"),
    Span(0x2150, 0x218F, "number forms"),
    Span(0x2190, 0x21FF, "arrows"),
    Span(0x2200, 0x22FF, "operators"),
    Span(0x2308, 0x230B, "ceiling and floor"),
    Span(0x2460, 0x24FF, "enclosed"),
    Span(0x2500, 0x25FF, "boxes and shapes"),
    Span(0x2600, 0x27BF, "symbols"),
    Span(0x3000, 0x303F, "ideographic punctuation"),
    Span(0x3041, 0x30FF, "kana"),
    Span(0x3220, 0x33FF, "enclosed ideographs and units"),
    Span(0xFE30, 0xFE6F, "compatibility forms"),
    Span(0xFF01, 0xFFE6, "full-width forms"),
)
NARROW = frozenset(map(ord, "±×÷\u2010"))
"""Taken from Noto Sans although Noto Sans CJK has them, an ideograph wide."""


def main() -> None:
    """Build both weights and the coverage file."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--source", type=Path, default=DEBIAN, help="folder with Debian's Noto fonts")
    arguments.add_argument("--output", type=Path, default=FONTS, help="folder to write to")
    options = arguments.parse_args()
    fonts = [build(weight, options.source) for weight in ("Regular", "Bold")]
    for font in fonts:
        font.save(options.output / f"{font['name'].getDebugName(6)}.otf")
    drawn = set.intersection(*(set(font.getBestCmap()) for font in fonts))
    coverage = "".join(map(chr, sorted(drawn)))
    (options.output / "coverage.txt").write_text(coverage, encoding="utf-8", newline="")
    print(f"{len(drawn)} characters in both weights")


def build(weight: str, folder: Path) -> TTFont:
    """Return one weight: the subset of the Chinese face with what other Noto fonts add."""
    wanted = {code for code in characters() if drawable(chr(code))}
    font = face(next(folder.rglob(f"NotoSansCJK-{weight}.ttc")), SOURCE_FACE.format(weight=weight))
    reduce(font, wanted - NARROW)
    for donor in (f"NotoSans-{weight}.ttf", "NotoSansMath-Regular.ttf"):
        add_from(TTFont(next(folder.rglob(donor))), font, wanted)
    name(font, weight)
    return font


def characters() -> Iterator[int]:
    """Yield the code points that a report may need."""
    for block in BLOCKS:
        yield from range(block.first, block.last + 1)
    yield from map(ord, (FONTS / "tgscc-2013.txt").read_text(encoding="utf-8").split("\n", 1)[0])
    yield from legacy("gb2312", range(0xA1, 0xF8))
    yield from legacy("big5", range(0xA4, 0xC7))


def legacy(encoding: str, rows: Iterable[int]) -> Iterator[int]:
    """Yield the code points of the two-byte characters of a national standard."""
    for row in rows:
        for cell in range(0x40, 0xFF):
            text = bytes([row, cell]).decode(encoding, errors="ignore")
            yield from map(ord, text if len(text) == 1 else "")


def drawable(character: str) -> bool:
    """Whether a glyph of its own is wanted: no marks, no controls, nothing that works unseen.

    The soft hyphen is an exception; the figure space is left out because Noto Sans has wider figures.
    """
    unwanted = {"Cc", "Cf", "Cn", "Co", "Mn", "Me", "Zl", "Zp"}
    return character == "\u00ad" or (
        character != "\u2007" and unicodedata.category(character) not in unwanted
    )


def face(path: Path, postscript_name: str) -> TTFont:
    """Return one face of a collection by its PostScript name."""
    for font in TTCollection(path, lazy=True).fonts:
        if font["name"].getDebugName(6) == postscript_name:
            return font
    raise SystemExit(f"{path} has no face {postscript_name}")


def reduce(font: TTFont, wanted: set[int]) -> None:
    """Drop every glyph, feature and table that reports do not use."""
    options = subset.Options()
    options.layout_features = list(FEATURES)
    options.drop_tables += DROPPED_TABLES
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)


def add_from(donor: TTFont, font: TTFont, wanted: set[int]) -> None:
    """Draw the wanted characters that `font` lacks with the glyphs of `donor`."""
    have, offered = font.getBestCmap(), donor.getBestCmap()
    if donor["head"].unitsPerEm != font["head"].unitsPerEm:
        raise SystemExit(f"{donor['name'].getDebugName(6)} is drawn in other units than {FAMILY}")
    for code in sorted(wanted & offered.keys() - have.keys()):
        add_glyph(font, donor, code, offered[code])


def add_glyph(font: TTFont, donor: TTFont, code: int, glyph: str) -> None:
    """Append one outline to the CID-keyed CFF table and to the tables that count glyphs."""
    glyphs = donor.getGlyphSet()
    width = round(glyphs[glyph].width)
    top = font["CFF "].cff.topDictIndex[0]
    part = top.FDSelect[
        font.getGlyphID(font.getBestCmap()[ord("0")])
    ]  # as the digits: same hints, same private
    private = top.FDArray[part].Private
    pen = T2CharStringPen(width - private.nominalWidthX, glyphs)
    glyphs[glyph].draw(pen)
    drawn = pen.getCharString(private=private, globalSubrs=top.GlobalSubrs)
    taken = set(top.charset)
    new = next(cid for cid in map("cid{:05d}".format, range(1, 65_535)) if cid not in taken)
    top.CharStrings.charStrings[new] = len(top.CharStrings.charStringsIndex)
    top.CharStrings.charStringsIndex.append(drawn)
    top.charset.append(new)
    top.FDSelect.gidArray.append(part)
    font.setGlyphOrder(top.charset)
    bounds = drawn.calcBounds(None)
    font["hmtx"][new] = (width, round(bounds[0]) if bounds else 0)
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            table.cmap[code] = new


def name(font: TTFont, weight: str) -> None:
    """Give family, weight and licence their names; drop every other language and platform."""
    records = {
        0: f"{font['name'].getDebugName(0)} Further glyphs: Copyright 2015 Google LLC.",
        1: FAMILY,
        2: weight,
        3: f"2.004;{FAMILY} {weight};report subset",
        4: f"{FAMILY} {weight}",
        5: "Version 2.004; report subset",
        6: f"{FAMILY.replace(' ', '')}-{weight}",
        7: "Noto is a trademark of Google Inc.",
        13: font["name"].getDebugName(13),
        14: LICENSE,
    }
    font["name"].names = []
    for number, text in records.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [records[6]]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName, top.Weight = records[4], FAMILY, weight
    for part in top.FDArray:
        part.FontName = records[6] + "-" + part.FontName.rsplit("-", 1)[-1]
    font["head"].modified = font["head"].created = BUILT
    font.recalcTimestamp = False


if __name__ == "__main__":
    main()
