"""The shipped fonts: what they are called, what they draw, and what describes them."""

from __future__ import annotations

import runpy
import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from matplotlib.ft2font import FT2Font

from survey_kpi.report import glyphs

FONTS = Path(glyphs.__file__).parent / "fonts"
WEIGHTS = {"Regular": 400, "Bold": 700}


@pytest.fixture(scope="module")
def fonts() -> dict[str, TTFont]:
    return {weight: TTFont(FONTS / f"NotoSansSC-{weight}.otf") for weight in WEIGHTS}


def standard_characters() -> str:
    return (FONTS / "tgscc-2013.txt").read_text(encoding="utf-8").rstrip("\n")


def legacy(encoding: str, rows: range) -> set[str]:
    pairs = (
        bytes([row, cell]).decode(encoding, errors="ignore") for row in rows for cell in range(0x40, 0xFF)
    )
    return {text for text in pairs if len(text) == 1 and not text.isascii()}


@pytest.mark.parametrize("weight", WEIGHTS)
def test_names_and_weight_are_what_the_typesetters_ask_for(fonts: dict[str, TTFont], weight: str) -> None:
    font = fonts[weight]
    found = {number: font["name"].getDebugName(number) for number in (1, 2, 4, 6)}
    assert found == {
        1: "Noto Sans SC",
        2: weight,
        4: f"Noto Sans SC {weight}",
        6: f"NotoSansSC-{weight}",
    }
    assert font["OS/2"].usWeightClass == WEIGHTS[weight]
    assert font.sfntVersion == "OTTO" and "fvar" not in font  # static: no weight is made up by a program
    assert font["CFF "].cff.fontNames == [f"NotoSansSC-{weight}"]


@pytest.mark.parametrize("weight", WEIGHTS)
def test_matplotlib_reads_the_same_files(weight: str) -> None:
    font = FT2Font(str(FONTS / f"NotoSansSC-{weight}.otf"))
    assert (font.family_name, font.style_name) == ("Noto Sans SC", weight)
    assert font.get_char_index(ord("龢")) != 0


def test_the_list_is_the_table_of_general_standard_characters() -> None:
    # 通用规范汉字表 (State Council of China, 2013): 3,500 characters of level 1, 3,000 of level 2, 1,605 of
    # level 3. Each level runs from few strokes to many, so its ends are known; 196 lie beyond 16 bits.
    listed = standard_characters()
    assert len(listed) == len(set(listed)) == 3_500 + 3_000 + 1_605
    levels = listed[:3_500], listed[3_500:6_500], listed[6_500:]
    assert [level[0] + level[-1] for level in levels] == ["一矗", "乂齉", "亍蠼"]
    assert sum(ord(character) > 0xFFFF for character in listed) == 196


@pytest.mark.parametrize("weight", WEIGHTS)
def test_every_standard_character_is_drawn(fonts: dict[str, TTFont], weight: str) -> None:
    assert not set(map(ord, standard_characters())) - fonts[weight].getBestCmap().keys()


@pytest.mark.parametrize(
    "characters",
    [
        "".join(map(chr, range(0x20, 0x7F))),
        "".join(map(chr, range(0xA0, 0x180))),
        "ΑΒΓΔαβγδεμσχω",
        "ȘșȚțẢảỆệǎǐǒǔǚ",
        "–—‘’“”…·•‹›†‡‰′″",
        "，。、；：？！（）【】《》「」『』〈〉～￥％＋－＝",
        "−±×÷≤≥≠≈∞∑√∫∂∝∈⌊⌋⌈⌉",
        "←↑→↓↔↕↖↗↘↙⇒",
        "▲▼△▽●○■□◆◇★☆▶◀✓",
        "₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ",
        "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
        "\u00a0\u2009\u202f\u2011€£¥₩₽№℃™",
        "あいうアイウёжЯ",
    ],
)
def test_what_reports_are_written_with_is_drawn(characters: str) -> None:
    assert not set(characters) - glyphs.drawable()


def test_names_in_legacy_sets_are_drawn() -> None:
    ideographs = {
        c for c in legacy("gb2312", range(0xB0, 0xF8)) | legacy("big5", range(0xA4, 0xC7)) if c > "\u33ff"
    }
    assert len(ideographs) > 8_000
    assert not ideographs - glyphs.drawable()


@pytest.mark.parametrize("weight", WEIGHTS)
def test_figures_and_signs_share_one_width(fonts: dict[str, TTFont], weight: str) -> None:
    cmap, widths = fonts[weight].getBestCmap(), fonts[weight]["hmtx"]
    assert len({widths[cmap[ord(character)]][0] for character in "0123456789+−"}) == 1


@pytest.mark.parametrize("weight", WEIGHTS)
def test_half_width_letters_make_columns_of_code(fonts: dict[str, TTFont], weight: str) -> None:
    font = fonts[weight]
    table = font["GSUB"].table
    features = {
        record.FeatureTag: record.Feature.LookupListIndex for record in table.FeatureList.FeatureRecord
    }
    assert {"hwid", "pwid", "halt", "kern"} <= features.keys() | {
        record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord
    }
    swaps: dict[str, str] = {}
    for index in features["hwid"]:
        for subtable in table.LookupList.Lookup[index].SubTable:
            swaps |= getattr(subtable, "ExtSubTable", subtable).mapping
    cmap = font.getBestCmap()
    letters = [swaps[cmap[ord(letter)]] for letter in "abcWXYZ0189(){}[]|_"]
    assert {font["hmtx"][letter][0] for letter in letters} == {font["head"].unitsPerEm // 2}


def test_the_coverage_file_says_what_both_weights_draw(fonts: dict[str, TTFont]) -> None:
    drawn = set.intersection(*({chr(code) for code in font.getBestCmap()} for font in fonts.values()))
    assert glyphs.drawable() == drawn | glyphs.SPACING


def test_nothing_invisible_is_drawn() -> None:
    hidden = {
        c
        for c in glyphs.drawable() - glyphs.SPACING
        if unicodedata.category(c) in {"Cc", "Cf", "Mn", "Me", "Zl"}
    }
    assert hidden == {"\u00ad"}


def test_the_build_script_wants_nothing_that_is_missing_from_the_tables() -> None:
    root = Path(__file__).resolve().parents[2]
    script = runpy.run_path(str(root / "scripts" / "build_fonts.py"))
    wanted = {chr(code) for code in script["characters"]() if script["drawable"](chr(code))}
    missing = wanted - glyphs.drawable()
    assert not {c for c in missing if c.isalpha() and c < "\u0180"}
    assert not {c for c in missing if c >= "\u4e00"}


def test_files_stay_small_and_carry_their_licence(fonts: dict[str, TTFont]) -> None:
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert licence.startswith("Copyright 2014-2021 Adobe") and "Copyright 2015 Google" in licence
    assert "SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007" in licence
    for weight, font in fonts.items():
        assert (FONTS / f"NotoSansSC-{weight}.otf").stat().st_size < 3_500_000
        assert "SIL Open Font License, Version 1.1" in font["name"].getDebugName(13)
        assert "2014-2021 Adobe" in font["name"].getDebugName(0)
