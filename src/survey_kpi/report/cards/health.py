"""The monthly health card: five figures, each with its base and interval. No score, grade or rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_kpi.errors import SpecError
from survey_kpi.estimate import Estimate
from survey_kpi.evaluation import Evaluation
from survey_kpi.evaluation.month_health import MonthHealth, month_health
from survey_kpi.evaluation.teams import chosen_teams
from survey_kpi.indicators import COMPANY
from survey_kpi.period import Period
from survey_kpi.report.blocks import Blocks, Bullets, Column, Heading, Meta, Paragraph, Span
from survey_kpi.report.cards.parts import frame, team_name, value_cells
from survey_kpi.report.evaluating import evaluated
from survey_kpi.report.once import once_per_run
from survey_kpi.report.pieces import section, table
from survey_kpi.report.tables import number
from survey_kpi.report.wording import Words, load
from survey_kpi.scoring.health import SMALLEST


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCard:
    """What the card of one team and month shows."""

    evaluation: Evaluation
    health: MonthHealth
    subject: str
    words: Words


def begin(
    study: str, period: str, language: str, *, team: str = COMPANY, data: str | None = None
) -> HealthCard:
    """Evaluate a month and open the card of a team, or of the company, in one language.

    Raises
    ------
    SpecError
        `period_not_a_month`, `unknown_team`, and those of `evaluate`.
    """
    month = check_month(Period.parse(period))
    health = _health(str(study), str(month), data or "")
    evaluation = evaluated(str(study), str(month), data or "")
    (subject,) = chosen_teams([team], evaluation.study, health.subjects)
    return HealthCard(evaluation=evaluation, health=health, subject=subject, words=load(language))


@once_per_run
def _health(study: str, period: str, data: str) -> MonthHealth:
    evaluation = evaluated(study, period, data)
    return month_health(evaluation.study, evaluation.period, evaluation.goals)


def check_month(period: Period) -> Period:
    """Return a period that is a month.

    Raises
    ------
    SpecError
        `period_not_a_month`.
    """
    if period.months != 1:
        raise SpecError(
            "period_not_a_month",
            where=f"period {period}",
            what="a health card is that of a month",
            expected=f"a month such as {period.start:%Y-%m}",
            hint="quarters have the reports and the meeting card",
        )
    return period


def card(found: HealthCard) -> Blocks:
    """Return the page."""
    evaluation, words = found.evaluation, found.words
    first = evaluation.period.start
    month = words.say("frame.month", year=str(first.year), month=f"{first.month:02d}")
    title = "".join(
        span.text
        for span in words.say("cards.health.title", team=team_name(evaluation.study, found.subject, words))
    )
    meta = frame(
        words,
        "health",
        title=title,
        company=evaluation.study.study.company.in_language(words.language),
        period="".join(span.text for span in month),
        run_id=evaluation.run_id,
        data_hash=evaluation.data_hash,
        rule_hash=evaluation.study.rule_hash,
    )
    figures, later = found.health.figures[found.subject], found.health.later.get(found.subject, 0)
    return health_card(figures, meta=meta, words=words, later=later)


def health_card(figures: Mapping[str, Estimate], *, meta: Meta, words: Words, later: int = 0) -> Blocks:
    """Return the card of one team and month.

    Parameters
    ----------
    figures
        By name, in the order of `survey_kpi.scoring.health.FIGURES`.
    meta
        Frame and title of the page.
    later
        Profiles updated after the month; told where nothing can be said of freshness.
    """
    rows = [
        [[Span(words[f"cards.health.figures.{name}"])], *value_cells(words, found)]
        for name, found in figures.items()
    ]
    heads = [
        Column(words["cards.figure"], width=4),
        Column(words["cards.value"], align="right", width=2),
        Column(words["frame.interval"], align="right", width=2),
        Column(words["cards.base"], align="right", width=1.4),
    ]
    unknown = later and "freshness" in figures and not figures["freshness"].measured
    told = words.say("cards.health.later", n=number(later, "count")) if unknown else []
    counted = Bullets([words.say(f"cards.health.means.{name}") for name in figures])
    return Blocks(
        [
            meta,
            Heading(meta.title, level=1, kicker=words["cards.health.edition"]),
            table(heads, rows, notes=[*words.say("cards.health.note", smallest=str(SMALLEST)), *told]),
            *section(words["cards.health.counted"], counted),
            *section(words["cards.health.use"], Paragraph(words.say("cards.health.quarter"))),
        ]
    )
