"""What `meetings/<period>.yaml` holds: what a review meeting is to talk about, and what it decided."""

# ruff: noqa: RUF012 (pydantic copies a default for every instance)

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from survey_kpi.study.base import Model, Text


class Item(Model):
    """Something to decide or to discuss, by one team, or by every team where none is named."""

    text: Text
    team: str | None = None


class Decision(Model):
    """What was decided; complete only with an owner and a date, which `survey-kpi check` asks for."""

    decision: str = ""
    owner: str = ""
    date: str = ""
    team: str | None = None


class Meeting(Model):
    """`meetings/<period>.yaml`; every key may be left out."""

    schema_version: Literal[1]
    wanted: tuple[Item, ...] = ()
    """Decisions that are asked for."""
    questions: tuple[Item, ...] = ()
    """Questions for discussion; two standing ones where none are asked."""
    appeals: dict[str, Annotated[int, Field(ge=0)]] = {}
    """Appeals pending by team: only how many. A team left out has none recorded, which is not none."""
    decisions: tuple[Decision, ...] = ()
    """Minutes."""
