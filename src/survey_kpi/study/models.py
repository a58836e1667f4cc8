"""What an analyst declares, as frozen pydantic models: one class for each thing that stands in a study file.

Keys of the YAML files are the field names below. Every model refuses unknown keys; names that refer to
something elsewhere (an item, a scale, an indicator, a rule) are cross-checked by `survey_kpi.study.load`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from survey_kpi.study import base
from survey_kpi.study.calendar import ServiceLevel, Tier, WorkTime
from survey_kpi.study.goals import Goals
from survey_kpi.study.rewards import PayGuard, Rewards

SCHEMA_VERSION = 1

Name = base.Name
IndicatorId = base.IndicatorId
Text = base.Text
NonNegative = Annotated[float, Field(ge=0)]
PeriodText = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])|Q[1-4](-R4)?)$")]
Language = Literal["zh", "en"]
Unit = base.Unit


class Model(BaseModel):
    """Base: immutable, and strict about keys that nobody declared."""

    model_config = base.STRICT


# --- study.yaml ---------------------------------------------------------------------------------------


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

    @model_validator(mode="before")
    @classmethod
    def _file_alone(cls, raw: Any) -> Any:
        return {"file": raw} if isinstance(raw, str) else raw

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.file, self.url, self.url_from)) != 1:
            raise ValueError("a table lies in one place: give file, url or url_from")
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
    trend_quarters: int = Field(default=8, ge=2, le=40)


# --- codebook.yaml ------------------------------------------------------------------------------------


class Scale(Model):
    """An answer scale: its ends, its top box and its labels, best answer at `high`."""

    low: float
    high: float
    top_box: tuple[float, ...] = ()
    integer: bool = True
    labels: dict[int, Text] = {}


class Item(Model):
    """One question: its code, its words, its scale, and every code that is not an answer."""

    id: Name
    question: Text
    label: Text
    role: Literal["overall", "item", "ltr", "attention", "comment", "multi"] = "item"
    scale: Name | None = None
    headers: tuple[str, ...] = ()
    """Headers under which exports carry the item; its id and its words in both languages always count."""
    missing_codes: tuple[int | str, ...] = ()
    labels: dict[str, float] = {}
    """Further words that stand for a value (an old label, a spelling), beside the scale's labels."""
    reversed: bool = False
    shift: int = 0
    """Added to a numeric answer when it is read, for a scale coded 1-11 in place of 0-10: -1."""
    expected: float | None = None
    """The answer that an attention check asks for."""
    dimension: Name | None = None
    versions: tuple[str, ...] = ()
    """Questionnaire versions that ask it; empty means all."""
    wordings: dict[str, Text] = {}
    """Other words under which a questionnaire version asked it: trends break there, nothing is compared."""


class ResponseField(Model):
    """A column that is no question: who, when, how long, which design cell."""

    headers: tuple[str, ...] = ()
    missing_codes: tuple[int | str, ...] = ()


class AcceptedFinding(Model):
    """A sign of a faulty question that `survey-kpi check` finds and the author knows to be right."""

    finding: Name
    item: Name
    reason: str = Field(min_length=1)


class Codebook(Model):
    """`codebook.yaml`: scales, response fields, items."""

    schema_version: Literal[1]
    scales: dict[Name, Scale]
    fields: dict[Name, ResponseField] = {}
    items: tuple[Item, ...] = Field(min_length=1)
    accepted: tuple[AcceptedFinding, ...] = ()
    """Findings about the questionnaire that are accepted, each with the reason."""

    def item(self, item_id: str) -> Item:
        """Return the item with this code; KeyError when there is none."""
        return next(iter([item for item in self.items if item.id == item_id]))

    def scale_of(self, item: Item) -> Scale | None:
        """Return the item's scale, None for comments and choices."""
        return self.scales[item.scale] if item.scale else None

    @property
    def rated(self) -> tuple[Item, ...]:
        """Items with a numeric scale, in the order of the questionnaire."""
        return tuple(item for item in self.items if item.scale)


# --- indicators.yaml ----------------------------------------------------------------------------------


class Target(Model):
    """What is aimed at, with its unit: a target without unit is an error."""

    value: float
    unit: Unit
    measure: Name | None = None
    scale: tuple[float, float] | None = None
    """Ends of the scale that the target is stated on, where it is not the item's own."""


class IndicatorSheet(Model):
    """Definition sheet of one indicator of this study: a row of the library applied to an item."""

    id: IndicatorId
    kpi: Name
    """Code of the library row (A01, A07, …)."""
    item: Name | None = None
    label: Text
    definition: Text
    measure: Name | None = None
    """The headline measure; the library's headline by default."""
    direction: Literal["higher", "lower"] = "higher"
    target: Target | None = None
    anchor: float | None = None
    params: dict[str, Any] = {}
    """Parameters of the library row, such as a window in days; its defaults otherwise."""
    error_free: bool = False
    """Whether the value carries no sampling error (money, completed of planned)."""
    tag: Literal["result", "process", "ability"] = "result"
    financial: bool = False
    """Whether it counts as financial in the balance of the plan."""
    source: Literal["survey", "system", "self_report", "audit"] = "survey"
    owner: Text | None = None
    gaming: Text | None = None
    cost_hours: float | None = Field(default=None, ge=0)
    rescale: Literal["linear"] | None = None
    """How answers on another scale than the target's come onto it; refused unless it is said here."""
    weight_reason: Text | None = None
    """Why an indicator that a specialist does not control has a weight all the same."""
    defined_on: dt.date | None = None
    """Day on which the definition was last agreed."""
    tile: bool = False
    """Whether the answer page shows it as a tile."""


class Indicators(Model):
    """`indicators.yaml`."""

    schema_version: Literal[1]
    indicators: tuple[IndicatorSheet, ...] = Field(min_length=1)


# --- rules.yaml ---------------------------------------------------------------------------------------


class WeightPart(Model):
    """One ingredient of the indicator weights."""

    method: Name
    share: float = Field(default=1.0, ge=0, le=1)
    params: dict[str, Any] = {}


class IndicatorWeightRule(Model):
    """How indicator weights come about: declared numbers, or methods mixed linearly by their shares."""

    declared: dict[IndicatorId, NonNegative] = {}
    parts: tuple[WeightPart, ...] = ()
    judgements: str | None = None
    """Pairwise judgements inside the study folder: CSV with expert_id, row, column, value."""
    missing: Literal["refuse", "harker", "least_eigenvalue"] = "refuse"
    """What happens to experts who left pairs out: refused, or completed from their other judgements."""
    ratings: str | None = None
    """Importance scores inside the study folder: CSV with expert_id, indicator, score."""
    rating_scale: tuple[float, float] = (0.0, 10.0)
    """Lowest and highest importance score."""
    influence: dict[str, NonNegative] = {}
    """Weight of each expert's voice by expert_id, for all of them; empty means equal voices."""
    random_index: str = "alonso_lamata"
    consistency_limit: float | None = Field(default=0.10, gt=0)
    consistency_reason: str | None = None


class ScoreRule(Model):
    """Attainment and total score (base, floor, cap and over-achievement share k)."""

    formula: Literal["linear", "ratio_target_over_actual", "step", "identity", "none"]
    base: float = 100.0
    floor: float = 0.0
    cap: float = 120.0
    k: float = 0.5
    when_unmeasured: Literal["hold_harmless", "reweight_printed", "zero_with_reason"] = "hold_harmless"


class Band(Model):
    """A half-open band `[low, high)`; the last one is closed at the cap."""

    id: Name
    label: Text
    low: float
    high: float


class EvidenceRule(Model):
    """Smallest bases of the evidence grades; below `descriptive` a value is suppressed."""

    a: int = 200
    b: int = 100
    c: int = 30
    descriptive: int = 10


class Rules(Model):
    """`rules.yaml`: what is scored, how it is weighted, and which band follows."""

    schema_version: Literal[1]
    scored: tuple[IndicatorId, ...] = Field(min_length=1)
    indicator_weights: IndicatorWeightRule
    score: ScoreRule
    bands: tuple[Band, ...] = Field(min_length=1)
    evidence: EvidenceRule = EvidenceRule()
    minimum_group: int = Field(default=5, ge=2)
    pay: PayGuard = PayGuard()
    rewards: Rewards = Rewards()
    effective_from: dt.date | None = None


class Study(Model):
    """All that was declared, cross-checked; floors above see only this."""

    study: StudyFile
    codebook: Codebook
    indicators: Indicators
    rules: Rules
    goals: Goals = Goals(schema_version=1)
    root: str
    """Folder of the study files."""
    data_dir: str
    """Folder of its rows."""
    rule_hash: str
    """sha256 over the study files as loaded; part of the run id."""

    def indicator(self, indicator_id: str) -> IndicatorSheet:
        """Return the definition sheet with this id; KeyError when there is none."""
        for sheet in self.indicators.indicators:
            if sheet.id == indicator_id:
                return sheet
        raise KeyError(indicator_id)

    def level(self, level_id: str) -> Level:
        """Return the level with this id; KeyError when there is none."""
        for level in self.study.levels:
            if level.id == level_id:
                return level
        raise KeyError(level_id)
