"""Put two page images side by side, at half their size, as one small PNG.

python docs/images/side_by_side.py LEFT RIGHT TARGET
"""

from __future__ import annotations

import sys

from PIL import Image

GAP, LINE, COLOURS = 16, "#d5dbe1", 128


def main(left: str, right: str, target: str) -> None:
    """Join two pages and keep few colours, the rare ones too: a verdict may be the only green."""
    pages = [Image.open(path).convert("RGB").reduce(2) for path in (left, right)]
    width, height = pages[0].size
    sheet = Image.new("RGB", (2 * width + GAP, height), LINE)
    for place, page in enumerate(pages):
        sheet.paste(page, (place * (width + GAP), 0))
    small = sheet.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(target, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
