"""Page 5: entropy in every variant, its intervals, and what a column of noise would earn."""

from __future__ import annotations

from survey_kpi.evaluation.weighting import Spread, Variant
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Figure, Note, Paragraph, Span
from survey_kpi.report.figures.paths import noise_path
from survey_kpi.report.figures.weighting import Weighting as Panel
from survey_kpi.report.figures.weighting import weights as weights_plot
from survey_kpi.report.pieces import section, table
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport


def entropy_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and what one column of noise would earn."""
    kicker = report.words["weighting.entropy.kicker"]
    if report.assessment.spread is None:
        return kicker, report.words["weighting.entropy.title_none"]
    earned, fair = (report.count(name, "1").text for name in ("noise_share", "noise_fair"))
    more = report.amount("noise_share", "1") > report.amount("noise_fair", "1")
    key = "title_more" if more else "title_less"
    return kicker, report.plain(f"weighting.entropy.{key}", earned=earned, fair=fair)


def entropy(report: WeightingReport) -> Blocks:
    """The fixed sentence, the variants, the noise."""
    words, found = report.words, report.assessment.spread
    fixed = Note(
        words.say("weighting.entropy.fixed"), title=words["weighting.entropy.fixed_title"], kind="warning"
    )
    if found is None:
        return Blocks([fixed, report.not_applicable("spread")])
    return Blocks(
        [
            Paragraph(_lead(report, found), style="lead"),
            fixed,
            *section(words["weighting.entropy.variants"], _figure(report, found), *_refused(report, found)),
            *section(
                words["weighting.entropy.noise"], Columns([[_noise(report, found)], [_noisy(report, found)]])
            ),
        ]
    )


def _lead(report: WeightingReport, found: Spread) -> list[Span]:
    """Say how far the noise moves the indicator that it moves furthest."""
    point = found.default.weights.values
    moved = max(point, key=lambda name: abs(found.noisy[name] - point[name]))
    return report.words.say(
        "weighting.entropy.lead",
        k=report.label(moved),
        a=report.count("entropy_sample_ends", moved),
        b=report.count("noisy", moved),
    )


def _applied(found: Spread) -> list[Variant]:
    return [variant for variant in found.variants if variant.intervals]


def _figure(report: WeightingReport, found: Spread) -> Figure:
    words, labels = report.words, list(found.default.weights.labels)
    panels = []
    for variant in _applied(found):
        name = f"entropy_{variant.name}"
        panels.append(
            Panel(
                label=words[f"weighting.variants.{variant.name}"],
                values=[report.amount(name, label) for label in labels],
                texts=[_with_ends(report, name, label) for label in labels],
                low=[report.amount(name, label, "low") for label in labels],
                high=[report.amount(name, label, "high") for label in labels],
                final=variant.name == "sample_ends",
            )
        )
    names = [report.label(label) for label in labels]
    values = "; ".join(
        f"{panel.label} " + report.listed(f"{n} {t}" for n, t in zip(names, panel.texts, strict=True))
        for panel in panels
    )
    draws = f"{found.default.draws:,}"
    return Figure(
        svg=to_svg(weights_plot(names, panels)),
        alt=report.plain("weighting.entropy.variants_alt", values=values),
        caption=words.say("weighting.entropy.variants_caption", n=report.count("subjects"), draws=draws),
    )


def _with_ends(report: WeightingReport, name: str, label: str) -> str:
    ends = "".join(span.text for span in report.ends(name, label, digits=2))
    return f"{report.count(name, label, digits=2).text} ({ends})"


def _refused(report: WeightingReport, found: Spread) -> list[Block]:
    """Name the variants that do not apply, with the reason."""
    entries = [
        report.plain(
            "weighting.entropy.refused",
            variant=report.words[f"weighting.variants.{variant.name}"],
            reason=report.refusal(variant.code),
        )
        for variant in found.variants
        if variant.intervals is None
    ]
    return [Paragraph([Span(" ".join(entries), tone="muted")], style="small")] if entries else []


def _noise(report: WeightingReport, found: Spread) -> Figure:
    words, counts = report.words, list(range(len(found.curve.share)))
    drawn = noise_path(
        counts,
        [report.amount("noise_share", str(count)) for count in counts],
        [report.amount("noise_share", str(count), "low") for count in counts],
        [report.amount("noise_share", str(count), "high") for count in counts],
        [report.amount("noise_fair", str(count)) for count in counts],
        earned_label=words["weighting.entropy.earned"],
        fair_label=words["weighting.entropy.fair"],
        x_label=words["weighting.entropy.columns"],
    )
    values = report.listed(
        report.plain(
            "weighting.entropy.noise_entry",
            n=str(count),
            earned=report.count("noise_share", str(count)).text,
            fair=report.count("noise_fair", str(count)).text,
        )
        for count in counts[1:]
    )
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain("weighting.entropy.noise_alt", values=values),
        caption=words.say("weighting.entropy.noise_caption"),
        width="half",
    )


def _noisy(report: WeightingReport, found: Spread) -> Block:
    words = report.words
    return table(
        [
            Column(words["weighting.audit.indicator"], width=2),
            Column(words["weighting.entropy.before"], align="right", width=1.1),
            Column(words["weighting.entropy.after"], align="right", width=2.1),
            Column(words["weighting.entropy.outweighed"], align="right", width=1.3),
        ],
        [
            [
                report.label(label),
                report.count("entropy_sample_ends", label, digits=2),
                report.beside("noisy", label, digits=2),
                report.count("outweighed", label),
            ]
            for label in found.noisy
        ],
        notes=words.say("weighting.entropy.noisy_note"),
    )
