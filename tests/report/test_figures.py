"""Figures: what is measured is drawn, what is not leaves a gap, and words stand clear of each other."""

from __future__ import annotations

import io
import itertools
import math
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from survey_kpi.errors import ReportError
from survey_kpi.report import inline_svg
from survey_kpi.report.figures import (
    FULL,
    HALF,
    Bars,
    Break,
    Column,
    Factor,
    Group,
    Leaf,
    Limits,
    Line,
    Part,
    Quartiles,
    Reference,
    Row,
    Spot,
    Step,
    Weighting,
    alpha_path,
    band_counts,
    dumbbell,
    flow,
    funnel,
    interval_dots,
    noise_path,
    nps_bar,
    quartiles,
    rank_map,
    score_histogram,
    sparkline,
    tier_counts,
    tree,
    trend,
    triangle,
    variance_bars,
    weights,
)
from survey_kpi.report.figures.text import fitting_ticks, span, spread, tick_labels, ticks, wrap
from survey_kpi.report.style import LIGHT, TOKENS, figure_style, mm, text_width
from survey_kpi.report.svg import to_svg

NAN = math.nan
LANGUAGES = ("zh", "en")
WORDS = {
    "zh": (
        "响应速度",
        "重大客户与合作伙伴支持团队（西南大区）",
        "总体满意度",
        "不显示：不足 10 份答卷",
        "目标 85",
        "全公司 84.1",
    ),
    "en": (
        "Speed of response",
        "Key accounts and partner support, south-western region",
        "Overall satisfaction",
        "Not shown: fewer than 10 answers",
        "Target 85",
        "Company 84.1",
    ),
}
Draw = Callable[..., Figure]


def rows_of(words: Sequence[str]) -> list[Row]:
    return [
        Row(label=words[0], value=84.2, low=80, high=88.1, before=83, n="210", text="84.2", tone="same"),
        Row(label=words[1], value=90, low=87, high=93, before=84, n="340", text="▲ 90.0", tone="better"),
        Row(label=words[2], value=72, low=61, high=80.5, before=NAN, n="64", text="▼ 72.0", tone="worse"),
        Row(label=words[0], value=NAN, n="7", text=words[3], tone="muted"),
        Row(label=words[2], value=83, low=NAN, high=NAN, before=82, n="1", text="83.0"),
    ]


def funnel_of(words: Sequence[str], width: float) -> Figure:
    grid = np.arange(10.0, 180)
    inner, outer = (
        Limits(grid, 84 - z * 366 / np.sqrt(grid) / 10, 84 + z * 366 / np.sqrt(grid) / 10, word)
        for z, word in ((1.96, "95%"), (3.09, "99.8%"))
    )
    return funnel(
        [20, 60, 110, 118, 160],
        [90, 80, 97.5, 70.5, 84],
        ["same", "same", "better", "worse", "same"],
        centre=Reference(84, words[5]),
        inner=inner,
        outer=outer,
        unit="%",
        caption=words[2],
        bounds=(0, 100),
        width=width,
    )


def catalogue(language: str, width: float) -> dict[str, Draw]:
    """One of each figure, with the words of a language, at a width in mm."""
    words = WORDS[language]
    values = [84.0, NAN, 83.1, 84.0, 81.2, NAN, 85.2, 86.0]
    low, high = [v - 3 for v in values], [v + 3 for v in values]
    parts = [Part(size, word, f"{size:.1f}%") for size, word in zip((2.4, 3.2, 94.4), words, strict=False)]
    tiers = [Part(size, word, str(size)) for size, word in zip((1, 22, 0, 3), words, strict=False)]
    methods = [
        Weighting(word, (0.2, 0.3, 0.5), ("20.0%", "30.0%", "50.0%"), (0.1, 0.2, 0.4), (0.3, 0.4, 0.6), final)
        for word, final in ((words[0], False), (words[2], True))
    ]
    steps = [
        Step(1320, words[2], "1,320", "total"),
        Step(82, words[1], "−82", "aside"),
        Step(3, words[3], "−3", "aside"),
        Step(1235, words[0], "1,235", "kept"),
    ]
    return {
        "sparkline": partial(sparkline, values, low, high, target=85),
        "trend": partial(
            trend,
            [f"2{i // 4}Q{i % 4 + 1}" for i in range(20, 28)],
            values,
            low,
            high,
            last="86.0",
            target=Reference(85, words[4]),
            unit="%",
            interval_label="95%",
            breaks=[Break(4, words[1])],
            bounds=(0, 100),
            width=width,
        ),
        "interval_dots": partial(
            interval_dots,
            rows_of(words),
            n_head="n",
            text_head="%",
            reference=Reference(84.1, words[5]),
            target=Reference(85, words[4]),
            unit="%",
            bounds=(0, 100),
            width=width,
        ),
        "dumbbell": partial(
            dumbbell,
            rows_of(words),
            before_label="2026 Q2",
            now_label="2026 Q3",
            n_head="n",
            target=Reference(85, words[4]),
            unit="%",
            width=width,
        ),
        "nps_bar": partial(nps_bar, *parts, width=width),
        "score_histogram": partial(
            score_histogram,
            [31, 4, 6, 9, 12, 40, 58, 120, 231, 402, 380],
            [Part(0, word, "9.9%") for word in words[:3]],
            texts=[str(n) for n in (31, 4, 6, 9, 12, 40, 58, 120, 231, 402, 380)],
            caption=words[2],
            width=width,
        ),
        "funnel": partial(funnel_of, words, width),
        "tier_counts": partial(tier_counts, *tiers, width=width),
        "weights": partial(weights, words[:3], methods, width=width),
        "flow": partial(flow, steps, width=width),
        "band_counts": partial(band_counts, tiers, width=width),
        **weighing(words, width),
    }


def weighing(words: Sequence[str], width: float) -> dict[str, Draw]:
    """Figures of the weighting edition."""
    leaves = [
        Leaf(label=word, value=value, text=f"{value}") for word, value in zip(words, (0.5, 0.3), strict=False)
    ]
    spread_of = {"least": 0.1, "lower": 0.2, "median": 0.24, "upper": 0.3, "most": 0.5, "mark": 0.25}
    steps = [(i / 6, j / 6, (6 - i - j) / 6) for i in range(7) for j in range(7 - i)]
    ranks = [1.0, 2.5, 2.5, 4.0]
    thirds = {"upper": [50, 30, 20, 0], "middle": [30, 40, 40, 10], "lower": [20, 30, 40, 90]}
    return {
        "tree": partial(
            tree,
            words[2],
            [
                Group(label=words[0], text="0.800", leaves=leaves),
                Group(label=words[1], text="0.2", leaves=leaves[:1]),
            ],
            width=width,
        ),
        "noise_path": partial(
            noise_path,
            [0, 1, 2],
            [0, 0.34, 0.5],
            [0, 0.2, 0.4],
            [0, 0.45, 0.6],
            [0, 0.2, 0.33],
            earned_label=words[2],
            fair_label=words[0],
            x_label=words[4],
            width=width,
        ),
        "alpha_path": partial(
            alpha_path,
            [Line(label=word, start=0.2 + place / 10, end=0.3) for place, word in enumerate(words[:3])],
            [0, 0.5, 1],
            [3.2, 0, 2.4],
            stays=(0.45, 0.6),
            declared=Reference(0.5, words[4]),
            heads=(words[2], words[0]),
            ends=("0: AHP", "1: CRITIC"),
            stays_label=words[0],
            width=width,
        ),
        "triangle": partial(
            triangle,
            (words[0], words[2], words[1]),
            steps,
            [shares[0] > 0.2 for shares in steps],
            [Spot(shares=(0.6, 0.4, 0.0), label=words[4])],
            stays_label=words[0],
            turns_label=words[2],
            width=width,
        ),
        "rank_map": partial(
            rank_map,
            ["P01", "P02", "P03", "P04"],
            [Column(head=head, values=ranks, texts=["1", "2.5", "2.5", "4"], base=head == "AHP")
             for head in ("AHP", "CRITIC", "TOPSIS")],
            [Bars(head=head, **thirds) for head in ("a", "b", "c")],
            key=("1/3", "2/3", "3/3"),
            width=width,
        ),
        "quartiles": partial(
            quartiles,
            [Quartiles(label=word, **spread_of) for word in words[:3]],
            spread_label=words[2],
            mark_label=words[0],
            width=width,
        ),
        "variance_bars": partial(
            variance_bars,
            [Factor(label=word, alone=20, total=45, text="20.0%") for word in words[:3]],
            alone_label=words[0],
            total_label=words[2],
            width=width,
        ),
    }  # fmt: skip


NAMES = tuple(catalogue("en", FULL))


@pytest.fixture(scope="module", params=itertools.product(LANGUAGES, (HALF, FULL)), ids=str)
def figures(request: pytest.FixtureRequest) -> dict[str, Figure]:
    return {name: draw() for name, draw in catalogue(*request.param).items()}


@pytest.fixture(scope="module")
def drawings(figures: dict[str, Figure]) -> dict[str, str]:
    return {name: to_svg(figure) for name, figure in figures.items()}


# --- boxes ----------------------------------------------------------------------------------------------


def boxes(figure: Figure) -> list[tuple[str, float, float, float, float]]:
    """Return the words with left, right, top, bottom in mm; widths are those of the SVG renderer."""
    width, height = figure.get_size_inches()
    found = []
    with figure_style():
        figure.set_dpi(72)
        renderer = RendererSVG(width * 72, height * 72, io.StringIO(), image_dpi=72)
        for text in figure.texts:
            if text.get_text():
                box = text.get_window_extent(renderer)
                base = height * 25.4 * (1 - text.get_position()[1])
                size = mm(text.get_fontsize())
                found.append((text.get_text(), mm(box.x0), mm(box.x1), base - 0.86 * size, base + 0.1 * size))
    return found


def assert_clear(figure: Figure) -> None:
    """Every word is on the sheet, and none touches another."""
    width, height = figure.get_size_inches() * 25.4
    placed = boxes(figure)
    for word, left, right, top, bottom in placed:
        assert left > -0.1, word
        assert right < width + 0.1, word
        assert top > 0, word
        assert bottom < height, word
    for one, other in itertools.combinations(placed, 2):
        across = min(one[2], other[2]) - max(one[1], other[1])
        along = min(one[4], other[4]) - max(one[3], other[3])
        assert across < 0.1 or along < 0.1, (one[0], other[0])


def lines_of(figure: Figure, color: str) -> list[Line2D]:
    return [
        line
        for line in figure.findobj(Line2D)
        if line.get_color() == color and line.get_linestyle() != "None"
    ]


def marks_of(figure: Figure, color: str, marker: str = "o") -> list[tuple[float, float]]:
    """Return the places of marks of one look, in the data of their panel."""
    found = [
        line
        for line in figure.findobj(Line2D)
        if line.get_linestyle() == "None"
        and line.get_marker() == marker
        and line.get_markerfacecolor() == color
    ]
    return [(float(x), float(y)) for line in found for x, y in zip(*line.get_data(), strict=True)]


def words_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts if text.get_text()]


# --- what holds for each figure -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_words_stand_clear_and_inside(figures: dict[str, Figure], name: str) -> None:
    assert_clear(figures[name])


@pytest.mark.parametrize("name", NAMES)
def test_colours_come_from_the_tokens_alone(drawings: dict[str, str], name: str) -> None:
    used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawings[name]))
    assert used <= {"none", *TOKENS["light"].values()}


@pytest.mark.parametrize("name", NAMES)
def test_drawings_are_safe_and_plain(drawings: dict[str, str], name: str) -> None:
    svg = drawings[name]
    assert not re.search(r"style=|<style|<script|opacity|xlink|<rect|clip-path", svg)
    families = set(re.findall(r'font-family="([^"]+)"', svg))
    assert families == ({"Noto Sans SC"} if "<text" in svg else set())
    sizes = {float(size) for size in re.findall(r'font-size="([^"]+)"', svg)}
    assert sizes <= {7.0, 7.5, 8.0}
    ET.fromstring(inline_svg.inline(svg))


def test_drawings_share_no_id(drawings: dict[str, str]) -> None:
    ids = [name for svg in drawings.values() for name in re.findall(r'\bid="([^"]+)"', svg)]
    assert ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_give_the_same_bytes(name: str) -> None:
    first, second = (to_svg(catalogue("zh", HALF)[name]()) for _ in range(2))
    assert first == second


def test_figures_are_as_wide_as_asked(figures: dict[str, Figure]) -> None:
    widths = {
        round(figure.get_size_inches()[0] * 25.4, 6)
        for name, figure in figures.items()
        if name != "sparkline"
    }
    assert widths in ({HALF}, {FULL})


@pytest.mark.parametrize("draw", [sparkline, trend])
def test_columns_of_unlike_length_are_refused(draw: Draw) -> None:
    periods = (["Q1", "Q2"],) if draw is trend else ()
    with pytest.raises(ReportError, match="equally long") as caught:
        draw(*periods, [1, 2], [0], [3, 4])
    assert caught.value.code == "figure_data"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: sparkline([], [], []),
        lambda: interval_dots([]),
        lambda: dumbbell([], before_label="a", now_label="b"),
        lambda: flow([]),
        lambda: band_counts([]),
        lambda: weights([], []),
        lambda: weights(["a"], [Weighting("m", (0.5, 0.5), ("1", "2"))]),
        lambda: weights(["a"], [Weighting("m", (1.0,), ("1",), low=(0.0, 0.1), high=(1.0,))]),
        lambda: tree("goal", []),
        lambda: quartiles([], spread_label="a", mark_label="b"),
        lambda: variance_bars([], alone_label="a", total_label="b"),
        lambda: rank_map(
            ["P01"], [Column(head="a", values=[1, 2], texts=["1", "2"])], [], key=("a", "b", "c")
        ),
        lambda: triangle(("a", "b", "c"), [], [], [], stays_label="a", turns_label="b"),
        lambda: noise_path([], [], [], [], [], earned_label="a", fair_label="b", x_label="c"),
        lambda: score_histogram([1] * 10, [Part(0, "", "")] * 3),
        lambda: score_histogram([1] * 11, [Part(0, "", "")] * 2),
        lambda: score_histogram([1] * 11, [Part(0, "", "")] * 3, texts=["1"]),
    ],
)
def test_nothing_to_draw_is_refused(draw: Draw) -> None:
    with pytest.raises(ReportError) as caught:
        draw()
    assert caught.value.code == "figure_data"


# --- time -----------------------------------------------------------------------------------------------


def test_a_gap_stays_a_gap() -> None:
    values = [1, 2, NAN, 4, 5, 6, NAN, 8]
    figure = sparkline(values, [v - 1 for v in values], [v + 1 for v in values])
    strokes = [list(line.get_xdata()) for line in lines_of(figure, LIGHT.data)]
    assert strokes == [[0, 1], [3, 4, 5]]
    assert marks_of(figure, LIGHT.data) == [
        (7, 8),
        (7, 8),
    ]  # a reading alone keeps its dot; the last has one too
    bands = [sorted({x for x, _ in patch.get_xy()}) for axes in figure.axes for patch in axes.patches]
    assert bands == [[0, 1], [3, 4, 5]]
    lone = [line for line in lines_of(figure, LIGHT.interval) if 7 in line.get_xdata()]
    assert len(lone) == 1


def test_no_dot_at_the_end_when_the_last_period_was_not_measured() -> None:
    figure = sparkline([1, 2, NAN], [0, 1, NAN], [2, 3, NAN])
    assert marks_of(figure, LIGHT.data) == []


def test_a_reading_without_interval_is_drawn_without_band() -> None:
    figure = sparkline([1, 2, 3], [0, NAN, 2], [2, NAN, 4])
    assert [list(line.get_xdata()) for line in lines_of(figure, LIGHT.data)] == [[0, 1, 2]]
    assert not [patch for axes in figure.axes for patch in axes.patches]


def test_the_line_does_not_cross_a_break() -> None:
    figure = trend(list("abcd"), [1, 2, 3, 4], [0, 1, 2, 3], [2, 3, 4, 5], breaks=[Break(2, "wording")])
    assert [list(line.get_xdata()) for line in lines_of(figure, LIGHT.data)] == [[0, 1], [2, 3]]
    [upright] = lines_of(figure, LIGHT.neutral_mark)
    assert list(upright.get_xdata()) == [1.5, 1.5]
    assert "wording" in words_of(figure)


def test_the_target_is_dashed_and_has_its_word() -> None:
    figure = trend(list("ab"), [1, 2], [0, 1], [2, 3], target=Reference(9, "Target 9"))
    dashed = [line for line in figure.findobj(Line2D) if line.get_linestyle() == "--"]
    assert [set(line.get_ydata()) for line in dashed] == [{9}]
    assert "Target 9" in words_of(figure)
    assert figure.axes[0].get_ylim()[1] >= 9


def test_without_any_reading_no_scale_is_invented() -> None:
    assert words_of(trend(["Q1", "Q2"], [NAN] * 2, [NAN] * 2, [NAN] * 2, unit="%", last="1")) == [
        "%",
        "Q2",
        "Q1",
    ]


def test_the_axis_does_not_leave_what_is_possible() -> None:
    figure = trend(list("ab"), [99, 100], [97, 98], [100, 100], bounds=(0, 100))
    assert figure.axes[0].get_ylim()[1] == 100


def test_periods_thin_out_from_the_right() -> None:
    labels = [f"{2015 + i // 4} Q{i % 4 + 1}" for i in range(40)]
    figure = trend(labels, [1.0] * 40, [0.0] * 40, [2.0] * 40)
    shown = [word for word in words_of(figure) if "Q" in word]
    assert shown[0] == labels[-1]
    assert 2 <= len(shown) < 20
    assert_clear(figure)


# --- rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_keep_their_order_and_their_look(language: str) -> None:
    figure = catalogue(language, FULL)["interval_dots"]()
    [(same, first)] = marks_of(figure, LIGHT.neutral_mark)
    [(better, second)] = marks_of(figure, LIGHT.better, "^")
    [(worse, third)] = marks_of(figure, LIGHT.worse, "v")
    [(plain, last)] = marks_of(figure, LIGHT.data)
    assert (same, better, worse, plain) == (84.2, 90, 72, 83)
    assert first < second < third < last  # downwards: the y axis of rows points down
    assert figure.axes[0].get_ylim()[0] > figure.axes[0].get_ylim()[1]


def test_a_suppressed_row_says_why_and_nothing_is_ruled_through_it() -> None:
    rows = [Row(label="a", value=1, low=0, high=2), Row(label="b", text="too few answers", tone="muted")]
    figure = interval_dots(rows, reference=Reference(1, "all"))
    assert "too few answers" in words_of(figure)
    [colour] = {t.get_color() for t in figure.texts if t.get_text() == "too few answers"}
    assert colour == LIGHT.neutral_text
    uprights = lines_of(figure, LIGHT.muted) + lines_of(figure, LIGHT.line)
    middle = figure.axes[0].get_ylim()[0] / 2
    assert uprights
    assert max(np.nanmax(line.get_ydata()) for line in uprights) == pytest.approx(middle)


def test_endless_intervals_end_at_the_panel() -> None:
    figure = interval_dots([Row(label="a", value=1, low=-math.inf, high=math.inf), Row(label="b", value=3)])
    [line] = lines_of(figure, LIGHT.data)
    assert set(line.get_xdata()[:2]) == set(figure.axes[0].get_xlim())


def test_a_dumbbell_has_a_ring_before_and_a_dot_now() -> None:
    rows = [
        Row(label="a", value=5, low=4, high=6, before=3),
        Row(label="b", value=7, low=6, high=8, before=NAN),
    ]
    figure = dumbbell(rows, before_label="Q2", now_label="Q3")
    panel = figure.axes[0]
    rings = [
        x
        for line in panel.lines
        if line.get_markerfacecolor() == LIGHT.paper and line.get_marker() == "o"
        for x in line.get_xdata()
        if math.isfinite(x)
    ]
    assert rings == [3]
    assert {"Q2", "Q3"} <= set(words_of(figure))


def test_a_label_from_outside_cannot_fill_the_page() -> None:
    figure = interval_dots(
        [Row(label="汉" * 5000, value=1, low=0, high=2), Row(label="😀$x^2$\x00", value=2)]
    )
    assert figure.get_size_inches()[1] * 25.4 < 40
    assert any(word.endswith("…") for word in words_of(figure))
    assert "[U+1F600]$x^2$[U+0000]" in words_of(figure)
    assert_clear(figure)


# --- parts ----------------------------------------------------------------------------------------------


def test_parts_are_as_long_as_their_sizes() -> None:
    figure = nps_bar(Part(20, "d", "20%"), Part(30, "p", "30%"), Part(50, "q", "50%"), width=FULL)
    ends = [np.ptp(patch.get_xy()[:, 0]) for axes in figure.axes for patch in axes.patches]
    assert ends == pytest.approx([0.2 * FULL, 0.3 * FULL, 0.5 * FULL], abs=1)


def test_a_count_of_zero_keeps_its_word_in_its_place() -> None:
    figure = tier_counts(
        Part(1, "above", "1"), Part(22, "same", "22"), Part(0, "below", "0"), Part(3, "few", "3"), width=HALF
    )
    left = {text.get_text(): text.get_position()[0] for text in figure.texts}
    assert left["above"] < left["same"] < left["below"] < left["few"]
    assert len([patch for axes in figure.axes for patch in axes.patches]) == 3


def test_columns_of_the_histogram_stand_in_three_zones() -> None:
    counts = [5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    figure = score_histogram(counts, [Part(0, "d", ""), Part(0, "p", ""), Part(0, "q", "")])
    bars = sorted((round(p.get_x() + p.get_width() / 2), p.get_height()) for p in figure.axes[0].patches)
    assert bars == list(enumerate(counts))
    drawn = to_svg(figure)
    assert drawn.count(f'fill="{LIGHT.data}"') == 2


def test_every_row_of_the_flow_is_accounted_for() -> None:
    steps = [Step(100, "in", "100", "total"), Step(7, "a", "", "aside"), Step(3, "b", "", "aside"),
             Step(90, "kept", "90", "kept")]  # fmt: skip
    figure = flow(steps)
    ends = [sorted(set(patch.get_xy()[:, 0])) for patch in figure.axes[0].patches]
    assert ends == [[0, 100], [93, 100], [90, 93], [0, 90]]


# --- funnel and weights ---------------------------------------------------------------------------------


def test_the_funnel_tells_findings_by_shape_and_colour_and_names_nobody() -> None:
    figure = funnel_of(WORDS["en"], HALF)
    assert marks_of(figure, LIGHT.better, "^") == [(110, 97.5)]
    assert marks_of(figure, LIGHT.worse, "v") == [(118, 70.5)]
    assert len(marks_of(figure, LIGHT.neutral_mark)) == 3
    assert {"95%", "99.8%", "Company 84.1"} <= set(words_of(figure))


@pytest.mark.parametrize(("value", "verdict"), [(1.0, "best"), (NAN, "same")])
def test_nobody_drops_out_of_the_funnel_in_silence(value: float, verdict: str) -> None:
    limits = Limits([1, 9], [0, 0], [1, 1], "")
    with pytest.raises(ReportError, match="verdict") as caught:
        funnel([5], [value], [verdict], centre=Reference(1, ""), inner=limits, outer=limits)  # type: ignore[list-item]
    assert caught.value.code == "figure_data"


def test_the_weights_in_use_stand_out() -> None:
    figure = catalogue("en", FULL)["weights"]()
    assert [x for x, _ in marks_of(figure, LIGHT.data)] == [0.2, 0.3, 0.5]
    assert [x for x, _ in marks_of(figure, LIGHT.neutral_mark)] == [0.2, 0.3, 0.5]
    assert len({axes.get_xlim() for axes in figure.axes}) == 1  # one scale for all methods


def test_too_many_methods_for_the_width_are_refused() -> None:
    methods = [Weighting(f"m{i}", (1.0,), ("100.0%",)) for i in range(9)]
    with pytest.raises(ReportError) as caught:
        weights(["indicator"], methods, width=HALF)
    assert caught.value.code == "figure_too_narrow"


# --- words and numbers ----------------------------------------------------------------------------------


@given(
    places=st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 8)), max_size=12),
)
def test_spread_labels_do_not_overlap_and_stay_on_the_line(places: list[tuple[float, float]]) -> None:
    wanted, sizes = [place for place, _ in places], [size for _, size in places]
    centres = spread(wanted, sizes, low=0, high=100)
    ordered = sorted(zip(centres, sizes, strict=True))
    for (one, first), (other, second) in itertools.pairwise(ordered):
        assert other - one >= (first + second) / 2 - 1e-6
    assert all(size / 2 - 1e-6 <= c <= 100 - size / 2 + 1e-6 for c, size in ordered)


def test_labels_that_do_not_meet_stay_where_they_are() -> None:
    assert spread([30, 10, 20], [5, 5, 5], low=0, high=40) == pytest.approx([30, 10, 20])


@given(st.text(st.sampled_from("ab 客户，。（）WiM9%"), max_size=60), st.floats(8, 60))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: float) -> None:
    lines = wrap(text, width, 7.5)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(text_width(line, 7.5) <= width + 1e-9 for line in lines)


def test_closing_punctuation_does_not_open_a_line() -> None:
    lines = wrap("响应速度，服务态度（电话）与问题解决，专业知识。", 14, 7.5)
    assert len(lines) > 2
    assert not [line for line in lines if line[0] in "，。）"]
    assert not [line for line in lines if line[-1] in "（"]


def test_a_no_break_space_keeps_a_number_and_its_unit_together() -> None:
    assert wrap("about 12\u00a0points", 16, 7.5) == ["about", "12\u00a0points"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(-1e7, 1e7), st.floats(1e-4, 1e7))
def test_axis_numbers_are_plain_and_inside(low: float, width: float) -> None:
    high = low + width
    if high - low < abs(low) * 1e-9:
        return
    values = ticks(low, high)
    labels = tick_labels(values)
    assert all(low - 1e-6 * width <= value <= high + 1e-6 * width for value in values)
    assert not [label for label in labels if re.search(r"[e-]", label)]
    assert len(set(labels)) == len(labels)
    for value, label in zip(values, labels, strict=True):
        assert float(label.replace("−", "-").replace(",", "")) == pytest.approx(value, abs=1e-6 * width)


def test_narrow_axes_have_fewer_numbers() -> None:
    assert len(fitting_ticks(0, 1, 20)) < len(fitting_ticks(0, 1, 120))


def test_limits_of_one_value_still_have_room() -> None:
    low, high = span([5.0, 5.0])
    assert low < 5 < high
    assert span([0.0]) != (0.0, 0.0)
    assert span([NAN, math.inf]) == (pytest.approx(-0.06), pytest.approx(1.06))


# --- over sizes -----------------------------------------------------------------------------------------

LABELS = st.sampled_from([*WORDS["zh"], *WORDS["en"], "A", "深圳"])
SIZES = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SIZES
@given(
    values=st.lists(st.one_of(st.floats(0, 100), st.just(NAN)), min_size=2, max_size=12),
    half_width=st.floats(0.1, 30),
    width=st.sampled_from([60.0, HALF, FULL]),
    word=LABELS,
    scale=st.sampled_from([0.01, 1.0, 1000.0]),
    at=st.integers(1, 11),
)
def test_trends_of_any_size_are_readable(
    values: list[float], half_width: float, width: float, word: str, scale: float, at: int
) -> None:
    values = [value * scale for value in values]
    figure = trend(
        [f"2026Q{i}" for i in range(len(values))],
        values,
        [value - half_width * scale for value in values],
        [value + half_width * scale for value in values],
        last="84.1",
        target=Reference(50 * scale, word),
        unit="%",
        interval_label="95%",
        breaks=[Break(at, word)] if at < len(values) else [],
        width=width,
    )
    assert_clear(figure)
    measured = sum(map(math.isfinite, values))
    assert len({x for x, _ in marks_of(figure, LIGHT.data)}) == measured


@SIZES
@given(
    rows=st.lists(
        st.tuples(LABELS, st.floats(-100, 100), st.floats(0.1, 40), st.booleans()), min_size=1, max_size=60
    ),
    width=st.sampled_from([HALF, FULL]),
    draw=st.sampled_from([interval_dots, dumbbell]),
    words=st.tuples(LABELS, LABELS),
)
def test_rows_of_any_number_are_readable(
    rows: list[tuple[str, float, float, bool]], width: float, draw: Draw, words: tuple[str, str]
) -> None:
    drawn = [
        Row(
            label=label,
            value=value,
            low=value - half,
            high=value + half,
            before=value + 1,
            n="1,204",
            text="−84.1",
        )
        if shown
        else Row(label=label, n="3", text=WORDS["en"][3], tone="muted")
        for label, value, half, shown in rows
    ]
    key = {"before_label": "2026 Q2", "now_label": "2026 Q3"} if draw is dumbbell else {}
    figure = draw(
        drawn, n_head="n", text_head="%", target=Reference(85, words[0]), unit="%", width=width, **key
    )
    assert_clear(figure)


@SIZES
@given(
    sizes=st.lists(st.integers(0, 400), min_size=4, max_size=4),
    words=st.lists(LABELS, min_size=4, max_size=4),
    width=st.sampled_from([HALF, FULL]),
)
def test_parts_of_any_size_are_readable(sizes: list[int], words: list[str], width: float) -> None:
    parts = [Part(size, word, f"{size}") for size, word in zip(sizes, words, strict=True)]
    assert_clear(tier_counts(*parts, width=width))
    assert_clear(nps_bar(*parts[:3], width=width))
    assert_clear(band_counts(parts, width=width))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_figures_are_quick(name: str) -> None:
    draw = catalogue("zh", FULL)[name]
    spent = []
    for _ in range(4):
        start = time.process_time()
        to_svg(draw())
        spent.append(time.process_time() - start)
    assert min(spent) < (0.04 if name == "sparkline" else 0.12)
