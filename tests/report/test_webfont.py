"""The page brings the glyphs that it uses, and no others."""

from __future__ import annotations

import base64
import io
import time

import pytest
from fontTools.ttLib import TTFont

from survey_kpi.errors import ReportError
from survey_kpi.report import webfont
from survey_kpi.report.webfont import data_uri

TEXT = "投诉及时率 84.1%（95% 区间 82.7–85.5）“好”"


def font(text, *options, **named):
    address = data_uri(text, *options, **named)
    kind, _, data = address.partition(",")
    assert kind == "data:font/woff;base64"
    return TTFont(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_it_holds_the_characters_of_the_text_and_no_others(weight):
    assert {chr(code) for code in font(TEXT, weight).getBestCmap()} == set(TEXT)


def test_a_character_without_a_glyph_is_left_to_the_reader():
    assert {chr(code) for code in font("a\U0001f600\x00\u202e").getBestCmap()} == {"a"}


def test_equal_characters_give_equal_bytes():
    webfont._subset.cache_clear()
    once = data_uri("客户声音 NPS")
    webfont._subset.cache_clear()
    assert data_uri("SPN 音声户客" * 3) == once


def test_outlines_are_those_of_the_shipped_font():
    shipped = TTFont(io.BytesIO(webfont._file("Bold")))
    small = font("率8", "Bold")
    for char in "率8":
        widths = [each["hmtx"][each.getBestCmap()[ord(char)]][0] for each in (small, shipped)]
        assert widths[0] == widths[1]


def test_digits_share_one_width_so_columns_stand_in_line():
    small = font("0123456789")
    assert len({small["hmtx"][name][0] for name in small.getBestCmap().values()}) == 1


def test_quotation_marks_are_narrow_in_english_alone():
    def width(chinese):
        found = font("“a”", chinese=chinese)
        return found["hmtx"][found.getBestCmap()[ord("“")]][0]

    assert width(chinese=True) == 1000
    assert width(chinese=False) < 600


def test_a_page_full_of_characters_costs_little():
    common = [chr(code) for code in range(0x4E00, 0x9FA5) if chr(code).encode("gb2312", "ignore")][:600]
    data_uri("warm")
    start = time.process_time()
    data_uri("".join(common))
    assert time.process_time() - start < 1.5  # measured .2 s; a whole decode of the font takes above 5 s


def test_a_package_without_fonts_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(webfont.resources, "files", lambda _: tmp_path)
    webfont._file.cache_clear()
    webfont._subset.cache_clear()
    try:
        with pytest.raises(ReportError, match="NotoSansSC-Bold is not there") as caught:
            data_uri("a", "Bold")
    finally:
        webfont._file.cache_clear()
    assert caught.value.code == "font_missing"
