"""The weekly coaching card: topics, time, three comments, one action. No score, no rank."""

from __future__ import annotations

from dataclasses import dataclass

from survey_kpi.comments.topic_rules import OTHER, TOPICS
from survey_kpi.estimate import Estimate
from survey_kpi.report.blocks import Block, Blocks, Column, Heading, Paragraph, Span, Table
from survey_kpi.report.cards.parts import bullets, frame, section
from survey_kpi.report.tables import number
from survey_kpi.report.wording import Words
from survey_kpi.scoring.coaching import Coaching


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody does until a day."""

    text: str
    owner: str
    due: str


def coaching_card(
    found: Coaching,
    *,
    words: Words,
    company: str,
    week: str,
    before: Estimate,
    now: Estimate,
    action: Action | None,
) -> Blocks:
    """Return the card of one week.

    Parameters
    ----------
    before, now
        Median time to resolve in hours, of the week before and of this one; withheld on small bases.
    action
        The one open action, None where there is none.
    """
    title = words["cards.coaching.title"]
    return Blocks(
        [
            frame(words, "coaching", title=title, company=company, period=week),
            Heading(title, level=1, kicker=words["cards.coaching.edition"]),
            *section(words["cards.coaching.topics"], _topics(found, words)),
            *section(words["cards.coaching.handling"], Paragraph(_handling(words, before, now))),
            *section(
                words["cards.coaching.comments"],
                bullets(
                    words, [[Span(text)] for text in found.comments], empty="cards.coaching.comments_none"
                ),
            ),
            *section(words["cards.coaching.action"], Paragraph(_action(words, action))),
        ]
    )


def _topics(found: Coaching, words: Words) -> Block:
    labels = {topic.code: {"zh": topic.zh, "en": topic.en}[words.language] for topic in TOPICS}
    rows = [
        [[Span(labels.get(topic.topic, words["cards.coaching.other"]))], [Span(number(topic.n, "count"))]]
        for topic in found.topics
        if topic.topic in labels or topic.topic == OTHER
    ]
    if not rows:
        return Paragraph(words.say("cards.coaching.topics_none"))
    heads = [
        Column(words["cards.coaching.topic"], width=4),
        Column(words["cards.coaching.mentions"], align="right", width=1),
    ]
    return Table(columns=heads, rows=rows)


def _handling(words: Words, before: Estimate, now: Estimate) -> list[Span]:
    if not (before.measured and now.measured):
        return words.say("cards.coaching.handling_few")
    slots = {"now": number(now.value, now.unit), "before": number(before.value, before.unit)}
    bases = {"n_now": number(now.n, "count"), "n_before": number(before.n, "count")}
    return words.say("cards.coaching.handling_change", **slots, **bases)


def _action(words: Words, action: Action | None) -> list[Span]:
    if action is None:
        return words.say("cards.coaching.action_none")
    return words.say("cards.action_entry", text=action.text, owner=action.owner, due=action.due)
