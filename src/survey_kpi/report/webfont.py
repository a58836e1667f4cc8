"""The glyphs that a page uses, as a font inside the page.

The same characters give the same bytes: no time stamp, no optional compressor. (WOFF2 would save a sixth, but
a report's bytes must not depend on whether an unrelated package is installed.)

Examples
--------
>>> data_uri("投诉及时率 84.1%").startswith("data:font/woff;base64,")
True
"""

from __future__ import annotations

import base64
import io
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from fontTools import subset
from fontTools.ttLib import TTFont

from survey_kpi.errors import ReportError

Weight = Literal["Regular", "Bold"]

_FEATURES = ["halt", "kern"]  # Chinese punctuation in pairs, Latin pairs
_UNUSED = ["BASE", "GDEF", "GSUB", "VORG", "vhea", "vmtx"]
_QUOTES = "‘’“”…"


def data_uri(text: str, weight: Weight = "Regular", *, chinese: bool = True) -> str:
    """Return a `data:` address of a WOFF font with the glyphs of `text`.

    Characters that the shipped font lacks are left to the reader's own fonts. Chinese and Latin text share
    the code points of quotation marks; they are an ideograph wide unless `chinese` is false.

    Raises
    ------
    ReportError
        `font_missing`: the package was installed without its fonts.
    """
    return _subset(frozenset(filter(str.isprintable, text)), weight, chinese)


@lru_cache(maxsize=8)
def _subset(characters: frozenset[str], weight: Weight, chinese: bool) -> str:
    # Reading lazily matters: only the outlines that stay are ever decoded.
    font = TTFont(io.BytesIO(_file(weight)), lazy=True, recalcTimestamp=False, recalcBBoxes=False)
    if not chinese:
        _narrow_quotes(font)
    options = subset.Options(layout_features=_FEATURES, name_IDs=[], notdef_outline=True, glyph_names=False)
    options.drop_tables += _UNUSED
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(map(ord, characters)))
    subsetter.subset(font)
    font.flavor = "woff"
    buffer = io.BytesIO()
    font.save(buffer, reorderTables=False)
    return f"data:font/woff;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _narrow_quotes(font: TTFont) -> None:
    """Give quotation marks the shapes of the font's own feature for proportional widths."""
    if "GSUB" not in font:
        return
    table = font["GSUB"].table
    records = table.FeatureList.FeatureRecord
    lookups = {
        at for record in records if record.FeatureTag == "pwid" for at in record.Feature.LookupListIndex
    }
    narrow = {
        wide: shape
        for at in sorted(lookups)
        for rule in table.LookupList.Lookup[at].SubTable
        for wide, shape in getattr(rule, "mapping", {}).items()
    }
    for characters in font["cmap"].tables:
        codes = [code for code in map(ord, _QUOTES) if code in getattr(characters, "cmap", {})]
        characters.cmap.update(
            {code: narrow.get(characters.cmap[code], characters.cmap[code]) for code in codes}
        )


@cache
def _file(weight: Weight) -> bytes:
    folder = resources.files("survey_kpi.report") / "fonts"
    for ending in ("otf", "ttf"):
        path = folder / f"NotoSansSC-{weight}.{ending}"
        if path.is_file():
            return path.read_bytes()
    raise ReportError(
        "font_missing",
        where="report/fonts",
        what=f"NotoSansSC-{weight} is not there",
        hint="install the package again; a source checkout carries the font files",
    )
