"""A leadership report of invented numbers, to test the exporters with and to look at.

`python tests/report/sample_document.py FOLDER` writes it in both languages.
"""

# ruff: noqa: E501, RUF100  the two languages of a sentence stand side by side
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from survey_kpi.report.blocks import (
    Block,
    Bullets,
    Column,
    Columns,
    FactAppendix,
    Figure,
    Heading,
    Meta,
    Note,
    Paragraph,
    Span,
    Table,
    Tile,
    Tiles,
)

INK, MUTED, LINE, DATA, BAND, MARK = "#1b2733", "#5d6874", "#d5dbe1", "#1f5fa8", "#cfe0f2", "#7f8a96"
SVG = "http://www.w3.org/2000/svg"
MM = 72 / 25.4


def sample(language: str) -> list[dict[str, Any]]:
    """Return the document as the exporters get it."""
    return [block.as_json() for block in blocks(language == "zh")]


def fact(text: str, name: str, tone: Any = "") -> Span:
    return Span(
        text,
        tone=tone,
        fact=f"2026Q3/{name}",
        hash=f"{abs(sum(map(ord, name))) * 2654435761:08x}"[:8],
        glue=True,
    )


def line_chart(
    width: float, height: float, values: list[float], zh: bool, target: float | None = None
) -> str:
    """Return a line with its interval, its target and its last value, as figures of the package look."""
    w, h, low, high = width * MM, height * MM, min(values) - 9, max(values) + 9
    x = [24 + at * (w - 76) / (len(values) - 1) for at in range(len(values))]
    scale = lambda value: h - 16 - (value - low) / (high - low) * (h - 24)  # noqa: E731
    parts = []
    for step in range(5):
        value = low + (high - low) * step / 4
        parts.append(f'<path d="M24 {scale(value):.2f}H{w - 52:.2f}" stroke="{LINE}" stroke-width=".5"/>')
        parts.append(
            f'<text x="20" y="{scale(value) + 2.5:.2f}" font-size="7" fill="{MUTED}" text-anchor="end">{value:.0f}</text>'
        )
    upper = " ".join(f"{a:.2f},{scale(v + 6):.2f}" for a, v in zip(x, values, strict=True))
    lower = " ".join(f"{a:.2f},{scale(v - 6):.2f}" for a, v in reversed(list(zip(x, values, strict=True))))
    parts.append(f'<polygon points="{upper} {lower}" fill="{BAND}"/>')
    points = " ".join(f"{a:.2f},{scale(v):.2f}" for a, v in zip(x, values, strict=True))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{DATA}" stroke-width="1.3"/>')
    parts += [
        f'<circle cx="{a:.2f}" cy="{scale(v):.2f}" r="1.8" fill="{DATA}"/>'
        for a, v in zip(x, values, strict=True)
    ]
    quarters = ["24Q4", "25Q1", "Q2", "Q3", "Q4", "26Q1", "Q2", "Q3"]
    parts += [
        f'<text x="{a:.2f}" y="{h - 4:.2f}" font-size="7" fill="{MUTED}" text-anchor="middle">{q}</text>'
        for a, q in zip(x, quarters, strict=False)
    ]
    parts.append(
        f'<text x="{x[-1] + 5:.2f}" y="{scale(values[-1]) + 3:.2f}" font-size="8" font-weight="bold" fill="{DATA}">{values[-1]:.1f}</text>'
    )
    if target is not None:
        word = "目标" if zh else "target"
        parts.append(
            f'<path d="M24 {scale(target):.2f}H{w - 52:.2f}" stroke="{INK}" stroke-width=".6" stroke-dasharray="3 2"/>'
        )
        parts.append(
            f'<text x="{w - 49:.2f}" y="{scale(target) + 2.5:.2f}" font-size="7" fill="{INK}">{word} {target:.0f}</text>'
        )
    return f'<svg xmlns="{SVG}" width="{w:.2f}pt" height="{h:.2f}pt" viewBox="0 0 {w:.2f} {h:.2f}" font-family="Noto Sans SC">{"".join(parts)}</svg>'


def spark(values: list[float]) -> str:
    points = " ".join(
        f"{3 + at * 10.5:.2f},{16 - (v - min(values)) / (max(values) - min(values) + 4) * 12:.2f}"
        for at, v in enumerate(values)
    )
    last = points.split()[-1].split(",")
    return (
        f'<svg xmlns="{SVG}" width="80" height="20" viewBox="0 0 80 20"><path d="M3 6H77" stroke="{INK}" stroke-width=".5" stroke-dasharray="2 1.5"/>'
        f'<polyline points="{points}" fill="none" stroke="{DATA}" stroke-width="1.2"/><circle cx="{last[0]}" cy="{last[1]}" r="1.8" fill="{DATA}"/></svg>'
    )


def blocks(zh: bool) -> list[Block]:
    return [
        meta(zh),
        *answer(zh),
        *customers(zh),
        *complaints(zh),
        *team(zh),
        *actions(zh),
        *disclosure(zh),
        *limits(zh),
    ]


def meta(zh: bool) -> Meta:
    return Meta(
        title="云岭科技客户经理评估，2026 年第三季度"
        if zh
        else "Yunling Technology, account managers, third quarter 2026",
        language="zh" if zh else "en",
        study="云岭科技 · 客户经理评估" if zh else "Yunling Technology · Account managers",
        edition="管理层版" if zh else "Leadership edition",
        period="2026 年第三季度" if zh else "Third quarter 2026",
        run_id="5b1f02aa9e3c44d1c04e",
        data_hash="8f3c9b7711e0aa5421a9",
        rule_hash="41de0c7c3b2f88a990b2",
        evidence="证据等级 A ≥ 200，B 100–199，C 30–99，D 10–29 份答卷"
        if zh
        else "Evidence grade A ≥ 200, B 100–199, C 30–99, D 10–29 answers",
        description="季度评估报告" if zh else "Quarterly report",
    )


def answer(zh: bool) -> list[Block]:
    rows = [
        ("整体满意度", "Overall satisfaction", "84.1", "%", "82.7–85.5", "85", "A01.csat", False),
        ("净推荐值", "Net promoter score", "33.0", "", "25.2–40.8", "35", "A07.nps", False),
        ("一次性解决率", "First-contact resolution", "71.6", "%", "66.3–76.4", "75", "A09.fcr", False),
        ("投诉及时率", "Complaint timeliness", "91.8", "%", "88.6–94.2", "90", "A15.timely", True),
        ("客户保持率", "Customer retention", "94.9", "%", "93.0–96.3", "95", "A20.kept", False),
    ]
    tiles = [
        Tile(
            label=c if zh else e,
            value=fact(v, f"{k}/company"),
            unit=u,
            interval=[fact(i, f"{k}/company:interval")],
            target=[Span(f"目标 {t}" if zh else f"target {t}", glue=True)],
            verdict=[
                Span("▲ ", tone="better"),
                fact("4.1 个百分点" if zh else "4.1 points", f"{k}/company:change", "better"),
            ]
            if up
            else [Span("无可辨识变化" if zh else "no detectable change", tone="same")],
            grade="A",
            spark=spark([3, 4, 3.5, 5, 4, 3, 4, 6 if up else 4.4]),
            spark_alt=f"{c}，八个季度" if zh else f"{e}, eight quarters",
        )
        for c, e, v, u, i, t, k, up in rows
    ]
    changes = [
        ("投诉及时率", "Complaint timeliness", "+4.1", "1.2–7.0", "上升" if zh else "rose", "better"),
        ("整体满意度", "Overall satisfaction", "−0.3", "−2.2–1.6", "不可辨识" if zh else "no change", "same"),
        ("净推荐值", "Net promoter score", "+1.5", "−4.4–7.4", "不可辨识" if zh else "no change", "same"),
        (
            "一次性解决率",
            "First-contact resolution",
            "+0.9",
            "−3.8–5.6",
            "不可辨识" if zh else "no change",
            "same",
        ),
        ("客户保持率", "Customer retention", "−0.4", "−1.9–1.1", "不可辨识" if zh else "no change", "same"),
    ]
    table = Table(
        columns=[
            Column("指标" if zh else "Indicator"),
            Column("较上季" if zh else "Change", align="right", unit="百分点" if zh else "points"),
            Column("区间" if zh else "Interval", align="right"),
            Column("结论" if zh else "Verdict"),
        ],
        rows=[
            [
                [Span(c if zh else e)],
                [fact(d, f"change.{at}/company")],
                [fact(i, f"change.{at}/company:interval")],
                [Span(v, tone=t)],
            ]  # type: ignore[arg-type]
            for at, (c, e, d, i, v, t) in enumerate(changes)
        ],
        notes=[
            Span(
                "区间为 95%，已按 Benjamini–Hochberg 校正。"
                if zh
                else "95% intervals, adjusted by Benjamini–Hochberg."
            )
        ],
    )
    decisions = Bullets(
        items=[
            [
                Span(
                    "维持夜间投诉值班到年底；成本 "
                    if zh
                    else "Keep the night shift for complaints until the end of the year; it costs "
                ),
                fact("18 万元" if zh else "CNY 180,000", "G01.cost/company"),
                Span("，受影响收入 " if zh else " and touches revenue of "),
                fact("120–310 万元" if zh else "CNY 1.2–3.1 million", "G01.benefit/company"),
                Span("。" if zh else "."),
            ],
            [
                Span(
                    "“响应速度”与满意度关联最强（份额 "
                    if zh
                    else "“Speed of response” is most strongly associated with satisfaction (share "
                ),
                fact("41%", "A30.share/speed"),
                Span(
                    "），为金牌客户设两小时首响目标。"
                    if zh
                    else "): set a two-hour target for first replies to gold customers."
                ),
            ],
            [
                Span(
                    "9 人等级证据不足，按不受损规则处理，下季合并四季评估。"
                    if zh
                    else "Nine band decisions lack evidence and are held harmless; next quarter pools four quarters."
                )
            ],
        ],
        notes=[
            [Span("客户服务部 · 11 月 15 日" if zh else "Customer service · 15 November")],
            [Span("运营部 · 11 月 30 日" if zh else "Operations · 30 November")],
            [Span("人力资源部 · 11 月 20 日" if zh else "Human resources · 20 November")],
        ],
        ordered=True,
    )
    nps, csat = [29.5, 31.2, 30.4, 33.1, 32, 34.2, 31.5, 33], [83, 84.2, 83.1, 85, 84.4, 84, 84.4, 84.1]
    return [
        Heading(
            "投诉及时率上升，其余指标无可辨识变化"
            if zh
            else "Complaint timeliness rose; nothing else can be told apart",
            kicker="结论" if zh else "The answer",
        ),
        Paragraph(
            [
                Span("整体满意度"),
                fact("84.1%", "A01.csat/company"),
                Span("（95% 区间 "),
                fact("82.7–85.5", "A01.csat/company:interval"),
                Span("），与上季度相比无可辨识变化；投诉处理及时率升至"),
                fact("91.8%", "A15.timely/company"),
                Span("，上升"),
                fact("4.1 个百分点", "A15.timely/company:change"),
                Span("。净推荐值距目标"),
                fact("2.0 点", "A07.nps/company:gap"),
                Span("，小于可分辨的最小变化"),
                fact("5.9 点", "A07.nps/company:mdc"),
                Span("。"),
            ]
            if zh
            else [
                Span("Overall satisfaction was "),
                fact("84.1%", "A01.csat/company"),
                Span(" (95% interval "),
                fact("82.7–85.5", "A01.csat/company:interval"),
                Span(
                    "); compared with last quarter there is no detectable change. Timely handling of complaints rose by "
                ),
                fact("4.1 points", "A15.timely/company:change"),
                Span(" to "),
                fact("91.8%", "A15.timely/company"),
                Span(". The net promoter score is "),
                fact("2.0 points", "A07.nps/company:gap"),
                Span(" short of its target, less than the smallest change that can be told from chance, "),
                fact("5.9 points", "A07.nps/company:mdc"),
                Span("."),
            ],
            style="lead",
        ),
        Tiles(tiles),
        Columns(
            [
                [Heading("变化是真的吗" if zh else "Are the changes real?", level=2), table],
                [Heading("需要决定" if zh else "Decisions wanted", level=2), decisions],
            ]
        ),
        Figure(
            line_chart(81, 52, nps, zh, 35),
            "八个季度的净推荐值在 29.5 与 34.2 之间，低于目标 35。"
            if zh
            else "Net promoter score over eight quarters, between 29.5 and 34.2, below the target of 35.",
            [
                Span(
                    "每个季度的区间都包含上一季度的数值。"
                    if zh
                    else "Each interval holds the value of the quarter before."
                )
            ],
            title="净推荐值，八个季度" if zh else "Net promoter score, eight quarters",
            width="half",
        ),
        Figure(
            line_chart(81, 52, csat, zh, 85),
            "整体满意度稳定在 83 到 85 之间。" if zh else "Overall satisfaction is steady between 83 and 85.",
            [
                Span(
                    "整体满意度一年内没有离开过目标附近。"
                    if zh
                    else "Satisfaction has stayed near its target for a year."
                )
            ],
            title="整体满意度，八个季度" if zh else "Overall satisfaction, eight quarters",
            width="half",
        ),
    ]


def customers(zh: bool) -> list[Block]:
    items = (
        ["响应速度", "专业能力", "问题解决", "主动沟通", "服务态度", "账单清晰"]
        if zh
        else ["Speed of response", "Expertise", "Problem solving", "Initiative", "Courtesy", "Clear invoices"]
    )
    rows = [
        [
            [Span(item)],
            [fact(f"{4.4 - at * 0.13:.2f}", f"item.{at}/company")],
            [
                fact(
                    f"{4.4 - at * 0.13 - 0.08:.2f}–{4.4 - at * 0.13 + 0.08:.2f}",
                    f"item.{at}/company:interval",
                )
            ],
            [fact(f"{412 - 7 * at}", f"item.{at}/company:n")],
            [fact(f"{0.02 * (at - 2):+.2f}".replace("-", "−"), f"item.{at}/company:change")],
            [Span("不可辨识" if zh else "no change", tone="same")],
        ]
        for at, item in enumerate(items)
    ]
    return [
        Heading(
            "六个服务环节得分相近，响应速度最能说明满意度"
            if zh
            else "Six aspects score alike, and speed of response says most about satisfaction",
            kicker="客户声音" if zh else "Customers",
        ),
        Paragraph(
            [
                Span("净推荐值由" if zh else "The net promoter score moved from "),
                fact("31.5", "A07.nps/company:before"),
                Span("变为" if zh else " to "),
                fact("33.0", "A07.nps/company"),
                Span("；在本样本量下，小于" if zh else "; with this sample, changes under "),
                fact("5.9 点", "A07.nps/company:mdc") if zh else fact("5.9 points", "A07.nps/company:mdc"),
                Span("的变化无法分辨。" if zh else " cannot be told from chance."),
            ],
            style="lead",
        ),
        Figure(
            line_chart(170, 62, [29.5, 31.2, 30.4, 33.1, 32, 34.2, 31.5, 33], zh, 35),
            "净推荐值八个季度的折线与区间。"
            if zh
            else "Line and interval of the net promoter score over eight quarters.",
            [
                Span(
                    "八个季度的净推荐值（n = 412）。浅色带为 95% 区间，虚线为目标。"
                    if zh
                    else "Net promoter score over eight quarters (n = 412). The band is the 95% interval, the dashed line the target."
                )
            ],
            title="净推荐值" if zh else "Net promoter score",
        ),
        Heading("分项得分" if zh else "Scores by aspect", level=2),
        Table(
            columns=[
                Column("环节" if zh else "Aspect"),
                Column("得分" if zh else "Score", "right", "1–5"),
                Column("95% 区间" if zh else "95% interval", "right"),
                Column("n", "right"),
                Column("较上季" if zh else "Change", "right"),
                Column("结论" if zh else "Verdict"),
            ],
            rows=rows,
            notes=[
                Span(
                    "答卷数为有效回答；缺失值未计入。"
                    if zh
                    else "n counts valid answers; missing answers are left out."
                )
            ],
        ),
        Note(
            [
                Span(
                    "本季问卷第 6 题改写过措辞，该题不与以往比较。"
                    if zh
                    else "Question 6 was reworded this quarter and is not compared with earlier ones."
                )
            ],
            title="措辞变更" if zh else "A change of wording",
            kind="warning",
        ),
    ]


def complaints(zh: bool) -> list[Block]:
    heads = ("原因", "件数", "占比", "说明") if zh else ("Cause", "Cases", "Share", "Remark")
    remark = (
        "客户在工作日 18 时之后提交的投诉，多数在次日上午才有人接手；夜间值班开始后，这一比例下降。"
        if zh
        else "Complaints filed after six in the evening mostly waited until the next morning; since the night shift began, fewer do."
    )
    causes = (
        ["夜间无人接手", "账单争议", "转接次数过多", "产品故障", "其他"]
        if zh
        else ["Nobody on duty at night", "Disputed invoice", "Too many transfers", "Product fault", "Other"]
    )
    return [
        Heading(
            "投诉处理更及时，夜间仍是短板"
            if zh
            else "Complaints are handled sooner, and the night remains the weak spot",
            kicker="投诉与留存" if zh else "Complaints and retention",
        ),
        Paragraph(
            [
                Span(
                    "各月投诉量均在控制限内。"
                    if zh
                    else "Complaints stayed within the control limits in every month."
                )
            ],
            style="lead",
        ),
        Table(
            columns=[
                Column(heads[0], width=2),
                Column(heads[1], "right", width=0.8),
                Column(heads[2], "right", "%", width=0.9),
                Column(heads[3], width=5),
            ],
            rows=[
                [
                    [Span(cause)],
                    [fact(str(64 - at * 11), f"G07.topic{at}/company:n")],
                    [fact(f"{36.2 - at * 6.1:.1f}", f"G07.topic{at}/company")],
                    [Span(remark if at < 3 else "—")],
                ]
                for at, cause in enumerate(causes)
            ],
            caption=[
                Span("按原因划分的投诉，2026 年第三季度" if zh else "Complaints by cause, third quarter 2026")
            ],
        ),
        Heading("留存" if zh else "Retention", level=2),
        Paragraph(
            [
                Span(
                    (
                        "客户保持率为 94.9%，与上季相比无可辨识变化。流失客户的在途投诉比例高于留存客户，但两者的差异不能归因于投诉本身：流失客户的合同期也更短，规模更小，且集中在两个区域。"
                        if zh
                        else "Customer retention was 94.9%, with no detectable change. Customers who left had open complaints more often than those who stayed, yet the difference cannot be put down to the complaints: their contracts were also shorter, their accounts smaller and most of them came from two regions. "
                    )
                    * 2
                )
            ]
        ),
        Heading("哪些客户正在离开" if zh else "Who is leaving", level=3),
        Bullets(
            [
                [Span("合同期不足一年的客户" if zh else "Customers in their first year")],
                [
                    Span(
                        "只使用一种产品、且半年内没有联系过客户经理的客户；这一组的区间很宽，结论只供参考"
                        if zh
                        else "Customers with one product who have not spoken to their account manager for half a year; the interval of this group is wide, so read it with care"
                    )
                ],
                [Span("西南区" if zh else "The south-west")],
            ]
        ),
    ]


def team(zh: bool) -> list[Block]:
    rows = [
        [[Span(name)], [fact(str(n), f"tier.{at}/team")], [fact(p, f"tier.{at}/team:share")]]
        for at, (name, n, p) in enumerate(
            [
                ("高于团队水平" if zh else "above the team", 1, "4.2"),
                ("无法区分" if zh else "not distinguishable", 20, "83.3"),
                ("低于团队水平" if zh else "below the team", 1, "4.2"),
                ("答卷不足" if zh else "too few answers", 2, "8.3"),
            ]
        )
    ]
    return [
        Heading(
            "24 人中 22 人无法与团队水平区分" if zh else "Of 24 people, 22 cannot be told from the team",
            kicker="团队公平视图" if zh else "The team, fairly",
        ),
        Columns(
            [
                [
                    Figure(
                        line_chart(81, 60, [84, 83, 85, 84, 86, 85, 84, 84], zh),
                        "漏斗图：一人高于、一人低于控制限。"
                        if zh
                        else "Funnel plot: one person above and one below the limits.",
                        [
                            Span(
                                "每点一人；控制限为 95% 与 99.8%。"
                                if zh
                                else "One dot a person; limits at 95% and 99.8%."
                            )
                        ],
                        title="按答卷数调整后的满意度" if zh else "Adjusted satisfaction by answers",
                    )
                ],
                [
                    Heading("各档人数" if zh else "People by tier", level=2),
                    Table(
                        [
                            Column("档" if zh else "Tier"),
                            Column("人数" if zh else "People", "right"),
                            Column("占比" if zh else "Share", "right", "%"),
                        ],
                        rows,
                    ),
                    Paragraph(
                        [
                            Span(
                                "名次没有印出：多数名次区间互相重叠。"
                                if zh
                                else "No ranks are printed: most rank intervals overlap.",
                                tone="muted",
                            )
                        ],
                        style="small",
                    ),
                ],
            ]
        ),
    ]


def actions(zh: bool) -> list[Block]:
    done = [
        (
            "夜间投诉值班" if zh else "Night shift for complaints",
            "可辨识" if zh else "detectable",
            "better",
            "+3.2",
            "0.8–5.6",
        ),
        (
            "首响短信提醒" if zh else "Text reminder of the first reply",
            "无法判断" if zh else "cannot be judged",
            "same",
            "+0.6",
            "−1.9–3.1",
        ),
        (
            "账单样式改版" if zh else "New layout of invoices",
            "未到期" if zh else "not mature",
            "muted",
            "—",
            "—",
        ),
    ]
    return [
        Heading(
            "一项措施见效，一项无法判断" if zh else "One action worked, one cannot be judged",
            kicker="行动" if zh else "Actions",
        ),
        Table(
            [
                Column("措施" if zh else "Action"),
                Column("效果" if zh else "Effect"),
                Column("净变化" if zh else "Net change", "right", "百分点" if zh else "points"),
                Column("区间" if zh else "Interval", "right"),
            ],
            [
                [
                    [Span(a)],
                    [Span(v, tone=t)],
                    [fact(d, f"G10.{at}/company")],
                    [fact(i, f"G10.{at}/company:interval")],
                ]
                for at, (a, v, t, d, i) in enumerate(done)
            ],
            caption=[
                Span(
                    "上季措施，扣除自然回归之后"
                    if zh
                    else "Actions of last quarter, net of regression to the mean"
                )
            ],
        ),
    ]


def disclosure(zh: bool) -> list[Block]:
    labels = (
        [
            "数据收集方式",
            "委托方与执行方",
            "测量工具",
            "调查总体",
            "抽样与招募方法",
            "收集方法与渠道",
            "收集日期",
            "样本量与精度",
            "加权方法",
            "数据处理与质量保证",
            "局限说明",
        ]
        if zh
        else [
            "Data collection strategy",
            "Sponsor and conductor",
            "Instruments",
            "Population",
            "Sampling and recruitment",
            "Modes and languages",
            "Dates",
            "Sample sizes and precision",
            "Weighting",
            "Processing and quality",
            "Limitations",
        ]
    )
    text = (
        "客户经理名下的全部签约客户，共 2,310 家；每家每季最多邀请一次，邀请名单由系统抽取，种子为 20260701。"
        if zh
        else "All customers under contract with an account manager, 2,310 in total; each is invited at most once a quarter, from a list drawn with seed 20260701."
    )
    return [
        Heading(
            "各类陈述的误报上限分别为 5%"
            if zh
            else "False claims are bounded at 5%, for each kind of statement",
            kicker="方法与披露" if zh else "Methods and disclosure",
        ),
        Table(
            [Column("项目" if zh else "Item", width=1), Column("内容" if zh else "Content", width=3)],
            [[[Span(f"{at}. {label}")], [Span(text)]] for at, label in enumerate(labels, 1)],
        ),
    ]


def limits(zh: bool) -> list[Block]:
    return [
        Heading(
            "本报告不能说明什么" if zh else "What this report cannot say",
            kicker="局限与可复现" if zh else "Limits and reproduction",
        ),
        Bullets(
            [
                [Span("关联不等于因果。" if zh else "Association is not cause.")],
                [
                    Span(
                        "没有被邀请的客户不在其中。"
                        if zh
                        else "Customers who were not invited are not in it."
                    )
                ],
            ]
        ),
        Heading("本报告中的数字" if zh else "Numbers in this report", level=2),
        FactAppendix(
            [
                Span(
                    "核对任一数字：survey-kpi trace 编号。"
                    if zh
                    else "To verify any number: survey-kpi trace KEY."
                )
            ]
        ),
    ]


if __name__ == "__main__":
    from survey_kpi.report.pdf import render_pdf

    for code in ("zh", "en"):
        Path(sys.argv[1], f"sample.{code}.pdf").write_bytes(render_pdf(sample(code)))
