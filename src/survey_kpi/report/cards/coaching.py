"""The weekly coaching card of a team: topics, time, three comments, one action. No score, no rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey_kpi.comments.masking import Language
from survey_kpi.comments.topic_rules import TOPICS
from survey_kpi.estimate import Estimate, State
from survey_kpi.evaluation import open_study
from survey_kpi.evaluation.teams import chosen_teams
from survey_kpi.evaluation.week_talk import TeamWeek, Week, WeekTalk, week_talk
from survey_kpi.indicators import COMPANY
from survey_kpi.indicators.library.cases import UNCLASSIFIED
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Columns, Heading, Meta, Paragraph, Span
from survey_kpi.report.cards.actions import Action, action_of, shown
from survey_kpi.report.cards.parts import frame, interval, team_name
from survey_kpi.report.once import once_per_run
from survey_kpi.report.pieces import section, table
from survey_kpi.report.tables import number
from survey_kpi.report.wording import Words, load
from survey_kpi.scoring.coaching import Coaching, coaching, judging_words
from survey_kpi.study.models import Study

HOT = 3
"""Complaint categories that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingCard:
    """What the card of one team and week shows."""

    talk: WeekTalk
    subject: str
    words: Words


def begin(
    study: str, period: str, language: str, *, team: str = COMPANY, data: str | None = None
) -> CoachingCard:
    """Gather a week and open the card of a team, or of the company, in one language.

    Parameters
    ----------
    period
        A week `2026-W36`, or one of its days.

    Raises
    ------
    SpecError
        `week_format`, `unknown_team`, and those of `week_talk`.
    """
    talk = _talk(str(study), str(Week.parse(period)), data or "")
    (subject,) = chosen_teams([team], talk.study, talk.teams)
    return CoachingCard(talk=talk, subject=subject, words=load(language))


@once_per_run
def _talk(study: str, week: str, data: str) -> WeekTalk:
    return week_talk(open_study(study, data=data or None), Week.parse(week))


def card(found: CoachingCard) -> Blocks:
    """Return the page."""
    talk, words, study = found.talk, found.words, found.talk.study
    mine = talk.teams[found.subject]
    smallest = study.rules.evidence.descriptive
    language: Language = "zh" if words.language == "zh" else "en"
    quote = mine.answers >= smallest
    team = team_name(study, found.subject, words)
    meta = frame(
        words,
        "coaching",
        title="".join(span.text for span in words.say("cards.coaching.title", team=team)),
        company=study.study.company.in_language(words.language),
        period=_days(talk.week, words),
        rule_hash=study.rule_hash,
    )
    return coaching_card(
        coaching(mine.comments, language=language, names=talk.names, quote=quote),
        meta=meta,
        words=words,
        complaints=_categories(mine, study, words, talk.names),
        before=_enough(mine.before, smallest),
        now=_enough(mine.now, smallest),
        action=action_of(mine.actions[0], study, words, talk.names) if mine.actions else None,
        answers=mine.answers,
        commented=len(mine.comments),
        opened=mine.opened,
        smallest=smallest,
    )


def _days(week: Week, words: Words) -> str:
    last = week.end.fromordinal(week.end.toordinal() - 1)
    days = words.say("cards.coaching.days", week=str(week), first=f"{week.start:%m-%d}", last=f"{last:%m-%d}")
    return "".join(span.text for span in days)


def _enough(found: Estimate, smallest: int) -> Estimate:
    """Withhold a time of few complaints."""
    if found.measured and found.n < smallest:
        return Estimate.missing(State.SUPPRESSED, f"fewer than {smallest}", unit=found.unit, n=found.n)
    return found


def _categories(mine: TeamWeek, study: Study, words: Words, names: frozenset[str]) -> list[tuple[str, int]]:
    """Return the most frequent categories as the study translates them; none that speaks of scores."""
    sheet = next((one for one in study.indicators.indicators if one.kpi == "A13"), None)
    known = sheet.params.get("categories", {}) if sheet else {}
    own = {UNCLASSIFIED: words["service.unclassified"]}
    found = [
        (own.get(name) or str(known.get(name, {}).get(words.language) or shown(name, words, names)), n)
        for name, n in mine.categories
    ]
    return [pair for pair in found if not judging_words(pair[:1])][:HOT]


def coaching_card(
    found: Coaching,
    *,
    meta: Meta,
    words: Words,
    complaints: Sequence[tuple[str, int]],
    before: Estimate,
    now: Estimate,
    action: Action | None,
    answers: int,
    commented: int,
    opened: int | None,
    smallest: int,
) -> Blocks:
    """Return the card of one week.

    Parameters
    ----------
    found
        Topics and masked comments.
    meta
        Frame and title of the page.
    complaints
        Complaints opened in the week by category.
    before, now
        Hours by which half of the complaints were resolved, of the week before and of this one; withheld on
        small bases.
    action
        The one open action, None where there is none.
    answers, commented, smallest
        Answers of the week, those with a comment, and how many answers it takes to quote from them.
    opened
        Complaints opened in the week; None where nobody knows.
    """
    bases = words.say("cards.coaching.bases", answers=number(answers, "count"), comments=str(commented))
    if opened is not None:
        bases += words.say("cards.coaching.bases_complaints", n=number(opened, "count"))
    quoted = answers >= smallest
    few = words.say("cards.coaching.comments_few", smallest=str(smallest), n=str(answers))
    none = words.say("cards.coaching.comments_none")
    said: Block = Bullets([[Span(text)] for text in found.comments]) if found.comments else Paragraph(none)
    topics = [(_topic(topic.topic, words), topic.n) for topic in found.topics]
    return Blocks(
        [
            meta,
            Heading(meta.title, level=1, kicker=words["cards.coaching.edition"]),
            Paragraph(bases, style="lead"),
            Columns(
                [
                    section(
                        words["cards.coaching.complaints"],
                        _counts(complaints, words, head="category", empty="complaints_none"),
                    ),
                    section(
                        words["cards.coaching.topics"],
                        _counts(topics, words, head="topic", empty="topics_none"),
                    ),
                ]
            ),
            *section(words["cards.coaching.handling"], Paragraph(_handling(words, before, now))),
            *section(words["cards.coaching.comments"], said if quoted else Paragraph(few)),
            *section(words["cards.coaching.action"], Paragraph(_action(words, action))),
        ]
    )


def _topic(code: str, words: Words) -> str:
    labels = {topic.code: {"zh": topic.zh, "en": topic.en}[words.language] for topic in TOPICS}
    return labels.get(code, words["cards.coaching.other"])


def _counts(rows: Sequence[tuple[str, int]], words: Words, *, head: str, empty: str) -> Block:
    if not rows:
        return Paragraph(words.say(f"cards.coaching.{empty}"))
    heads = [
        Column(words[f"cards.coaching.{head}"], width=4),
        Column(words[f"cards.coaching.{head}_n"], align="right", width=1.4),
    ]
    return table(heads, [[name, number(n, "count")] for name, n in rows])


def _handling(words: Words, before: Estimate, now: Estimate) -> list[Span]:
    if State.NOT_REACHED in (before.state, now.state):
        return words.say("cards.coaching.handling_open")
    if not (before.measured and now.measured):
        return words.say("cards.coaching.handling_few")
    return words.say(
        "cards.coaching.handling_change",
        now=_hours(now),
        now_interval=_interval(now, words),
        n_now=str(now.n),
        before=_hours(before),
        before_interval=_interval(before, words),
        n_before=str(before.n),
    )


def _hours(found: Estimate) -> Span:
    return Span(number(found.value, "hours"), tone="strong", glue=True)


def _interval(found: Estimate, words: Words) -> list[Span]:
    ends = interval(found, words)
    return words.say("cards.coaching.handling_interval", interval=ends) if ends else []


def _action(words: Words, action: Action | None) -> list[Span]:
    if action is None:
        return words.say("cards.coaching.action_none")
    return words.say("cards.action_entry", text=action.text, owner=action.owner, due=action.due)
