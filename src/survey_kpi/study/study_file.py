"""What `study.yaml` declares: purpose, population, sources, calendar, policies."""

# ruff: noqa: RUF012 (pydantic copies a default for every instance)

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from survey_kpi.study.base import IndicatorId, Language, Model, Name, NonNegative, PeriodText, Text
from survey_kpi.study.calendar import ServiceLevel, Tier, WorkTime


class Source(Model):
    """One export, or several of one layout: `file` may be a glob inside the study's data directory."""

    id: Name
    file: str = Field(min_length=1)
    format: str = "auto"
    encoding: str = "auto"
    version: str = "v1"
    period: PeriodText | None = None
    language: Language | None = None
    dates: Literal["mdy", "dmy"] | None = None
    """Order of day and month in dates like 7/8/2026; told apart from the data by default."""
    headers: dict[str, str] = {}
    """Header of an item or field in this source, where it differs from the codebook's headers."""


class TableSource(Model):
    """Where a table beside the responses lies: a file of the data directory, or a query to a database.

    In `study.yaml` a file name alone is enough: `complaints: complaints.csv`.
    """

    file: str | None = None
    """CSV, XLSX or Parquet inside the data directory."""
    url: str | None = None
    """Database as SQLAlchemy writes it, such as `sqlite:///crm.db`; never with a password."""
    url_from: Name | None = None
    """Environment variable that holds the address of the database, where it needs a password."""
    query: str | None = None
    """SELECT that yields the table; the database's table of the same name by default."""
    columns: dict[Name, str] = {}
    """Header of a canonical column in this source, where it differs from the canonical name."""
    values: dict[Name, dict[str, str]] = {}
    """Words of a choice in this source and the canonical word of each: `tier: {VIP: high}`."""
    encoding: str = "auto"
    dates: Literal["mdy", "dmy"] | None = None
    """Order of day and month in dates like 7/8/2026; told apart from the data by default."""
    covers: tuple[dt.date | None, dt.date | None] | None = None
    """First day that the table speaks of, and the first day that it does not any more; an empty end is open.
    What lies outside is not measured. Told from the rows by default."""

    @model_validator(mode="before")
    @classmethod
    def _file_alone(cls, raw: Any) -> Any:
        return {"file": raw} if isinstance(raw, str) else raw

    @field_validator("covers", mode="before")
    @classmethod
    def _days(cls, raw: Any) -> Any:
        """Read days from text: behind a validator of the whole model, pydantic does not do so itself."""
        if not isinstance(raw, list):
            return raw
        return tuple(dt.date.fromisoformat(day) if isinstance(day, str) else day for day in raw)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.file, self.url, self.url_from)) != 1:
            raise ValueError("a table lies in one place: give file, url or url_from")
        return self

    @model_validator(mode="after")
    def _forward(self) -> Self:
        start, end = self.covers or (None, None)
        if start and end and end <= start:
            raise ValueError("'covers' ends before it begins: give the first day, then the first day after")
        return self


class Member(Model):
    """A group that subjects belong to, with its name in both languages."""

    id: str = Field(min_length=1)
    label: Text


class Level(Model):
    """A level of subjects below the company: teams, specialists, boarding areas.

    `column` is a column of the rows themselves (a response field, the channel of a complaint), or of the
    table `via`: of the person's spell at the time of the row, or of the row's customer.
    """

    id: Name
    label: Text
    column: Name
    via: Literal["specialists", "customers"] | None = None
    people: bool = False
    members: tuple[Member, ...] = ()


class Invitations(Model):
    """How the table of invitations is read, and what the coverage alarm rests on."""

    eligible_share: float | None = Field(default=None, ge=0, le=1)
    """Share of the invitations of unknown eligibility that is eligible (e); by default that of the known."""
    drawn: tuple[str, ...] = ()
    """Lists that `survey-kpi sample` drew, inside the data directory, each with its record beside it."""
    rest_days: int = Field(default=30, ge=0)
    """Days that a customer is left in peace after an invitation; sooner ones are counted."""
    alarm_level: float = Field(default=0.05, gt=0, lt=1)
    """False discovery rate of the coverage alarm."""
    explained: dict[str, Text] = {}
    """Explanations of unusual coverage by the person's code; they close the alarm for that person."""


class Primary(Model):
    """The one comparison that is declared before the data are opened."""

    indicator: IndicatorId
    measure: Name
    against: Literal["previous_quarter", "year_ago"] = "previous_quarter"


class RuleSetting(Model):
    """What the study does with one cleaning rule; `params` override the rule's defaults."""

    action: Literal["exclude", "set_missing", "flag", "off"] | None = None
    params: dict[str, Any] = {}


class Cleaning(Model):
    """Cleaning policy: rules only flag, this decides what is set aside."""

    rules: dict[str, RuleSetting] = {}
    careless_at_least: int = Field(default=2, ge=1)
    """Careless-response rules with action `exclude` set a row aside only when this many agree."""


class Design(Model):
    """Sampling design of the responses: names of response fields."""

    weight: Name | None = None
    stratum: Name | None = None
    cluster: Name | None = None

    @property
    def declared(self) -> bool:
        """Whether any part of a design is declared."""
        return any((self.weight, self.stratum, self.cluster))


PlanHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""sha256 of a plan, as `survey-kpi check` prints it."""


class PlannedComparison(Model):
    """A comparison beside the primary one, declared before the data are opened."""

    indicator: IndicatorId
    measure: Name | None = None
    """All its measures if left out."""
    level: Name | None = None
    """Level whose subjects are compared; the company if left out."""


UNDISCLOSED = Text(zh="未披露", en="undisclosed")
"""What a cover says where the study is silent; a report that says so is not published."""

DisclosureItem = Literal[
    "purpose",
    "strategy",
    "sponsor",
    "instruments",
    "population",
    "sampling",
    "modes",
    "dates",
    "precision",
    "weighting",
    "processing",
    "limitations",
]
"""The purpose, and the items of the AAPOR disclosure list in its order."""


class StudyFile(Model):
    """`study.yaml`: purpose, population, sources, calendar, policies."""

    schema_version: Literal[1]
    name: Name
    title: Text
    purpose: Text = UNDISCLOSED
    population: Text = UNDISCLOSED
    decision: Text = UNDISCLOSED
    sponsor: Text = UNDISCLOSED
    conducted_by: Text = UNDISCLOSED
    modes: tuple[Text, ...] = Field(min_length=1)
    languages: tuple[Language, ...] = ("zh", "en")
    sampling: Text = UNDISCLOSED
    collection: Text = UNDISCLOSED
    limitations: Text = UNDISCLOSED
    not_applicable: dict[DisclosureItem, Text] = {}
    """Disclosure items that do not apply to this study, each with the reason."""
    time_zone: str = "Asia/Shanghai"
    company: Text
    levels: tuple[Level, ...] = ()
    evaluate: Name | None = None
    """Level whose subjects are scored and graded."""
    sources: tuple[Source, ...] = Field(min_length=1)
    tables: dict[Name, TableSource] = {}
    """Tables beside the responses by their canonical names, each optional."""
    calendar: WorkTime = WorkTime()
    """Working days and hours, in which promises run."""
    service_levels: dict[Tier, ServiceLevel] = {}
    """What customers of a tier are promised; a tier left out is promised nothing."""
    invitations: Invitations = Invitations()
    design: Design = Design()
    cleaning: Cleaning = Cleaning()
    gates: dict[Name, NonNegative] = {}
    """Limits of gates of the data quality report, where they differ from the defaults."""
    primary: Primary
    plan: tuple[PlannedComparison, ...] = ()
    """Further comparisons declared in advance; all others are marked as exploratory."""
    opened_with: dict[PeriodText, PlanHash] = {}
    """Hash of the plan when the data of a period were opened; reports of a plan changed since then say so."""
    trend_quarters: int = Field(default=8, ge=2, le=40)
