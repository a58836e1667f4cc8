"""The canonical tables beside the responses: `TABLES`, one row for each table a company may hand in.

A study declares where a table lies and how its columns are called there; everything above works with the
names that stand here. Each table is optional: an indicator without its table is "not measured".

Examples
--------
>>> TABLES["complaints"].time, TABLES["complaints"].key
('opened_at', 'case_id')
>>> [column.name for column in TABLES["ownership"].columns if column.required]
['customer_id', 'specialist_id', 'valid_from']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from survey_kpi.study.models import Text

ColumnKind = Literal["text", "integer", "number", "money", "date", "datetime", "flag", "choice"]
"""money: a decimal amount in the currency of its row; flag: true, false or empty; choice: one of `values`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a canonical table.

    Parameters
    ----------
    kind
        How a cell is read; times without a zone take the study's.
    required
        Whether the table is unusable without the column, and a row without the cell.
    values
        The words of a choice.
    """

    name: str
    kind: ColumnKind
    required: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """One canonical table.

    Parameters
    ----------
    key
        Column that identifies a row; empty where no single column does.
    time
        Column that says when a row happened: it decides the period, the owner and the team; empty for tables
        of things that last.
    lasts
        Columns of the first day and of the first day after it, for tables of things that last; a blank end
        goes on. Ratings and registers (benchmarks, actions, labels) have neither: they are not counted by
        time.
    """

    name: str
    label: Text
    columns: tuple[TableColumn, ...]
    key: str = ""
    time: str = ""
    lasts: tuple[str, str] | None = None

    def column(self, name: str) -> TableColumn:
        """Return the column of this name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _table(
    name: str,
    zh: str,
    en: str,
    columns: str,
    *,
    key: str = "",
    time: str = "",
    lasts: tuple[str, str] | None = None,
) -> TableSpec:
    """Compose a table from lines `name kind`, required ones with `*` first, choices as `name a|b|c`."""
    parsed = []
    for line in columns.split():
        text, kind = line.split(":")
        choices = tuple(kind.split("|")) if "|" in kind else ()
        parsed.append(
            TableColumn(
                name=text.removeprefix("*"),
                kind=cast("ColumnKind", "choice" if choices else kind),
                required=text.startswith("*"),
                values=choices,
            )
        )
    label = Text(zh=zh, en=en)
    return TableSpec(name=name, label=label, columns=tuple(parsed), key=key, time=time, lasts=lasts)


_SPECS = (
    _table(
        "specialists", "专员任职表", "specialists",
        "*specialist_id:text *name:text *valid_from:date valid_to:date team:text role:text manager_id:text "
        "fte:number location:text hired_on:date left_on:date leave:text last_band:text target_bonus:money "
        "currency:text",
        lasts=("valid_from", "valid_to"),
    ),
    _table(
        "customers", "客户表", "customers",
        "*customer_id:text tier:high|mid|low tier_as_of:date *start_at:date end_at:date loss_reason:text "
        "segment:text phone:text email:text address:text preference:text industry:text "
        "last_updated_at:datetime own_revenue:money own_revenue_before:money marked_lost_at:date",
        key="customer_id", lasts=("start_at", "end_at"),
    ),
    _table(
        "ownership", "客户归属表", "ownership",
        "*customer_id:text *specialist_id:text *valid_from:date valid_to:date",
        lasts=("valid_from", "valid_to"),
    ),
    _table(
        "invites", "邀请表", "invitations",
        "*invite_id:text *customer_id:text specialist_id:text sent_at:datetime "
        "*disposition:I|P|R|NC|O|UH|UO|NE stratum:text inclusion_probability:number design_weight:number "
        "drawn_by:program|manual draw_id:text",
        key="invite_id", time="sent_at",
    ),
    _table(
        "complaints", "投诉表", "complaints",
        "*case_id:text *customer_id:text specialist_id:text *opened_at:datetime confirmed_at:datetime "
        "first_response_at:datetime due_at:datetime resolved_at:datetime feedback_at:datetime "
        "reopened_at:datetime contacts:integer category:text channel:text product_fault:flag",
        key="case_id", time="opened_at",
    ),
    _table(
        "interactions", "互动表", "interactions",
        "*interaction_id:text *customer_id:text specialist_id:text *at:datetime recorded_at:datetime "
        "channel:text direction:in|out planned:flag plan_id:text outcome:solved|positive|neutral|negative "
        "purpose:visit|callback|marketing|service case_id:text response_id:text after_call_work_s:number "
        "abandoned_after_s:number summary:text next_step:text",
        key="interaction_id", time="at",
    ),
    _table(
        "service_plans", "服务计划表", "service plans",
        "*plan_id:text *customer_id:text specialist_id:text *kind:visit|callback|dedicated_plan "
        "due_at:datetime done_interaction_id:text",
        key="plan_id", time="due_at",
    ),
    _table(
        "orders", "订单表", "orders",
        "*order_id:text *customer_id:text *ordered_at:datetime *amount:money *currency:text units:integer "
        "product:text kind:new|renewal|cross_sell|upsell campaign_id:text lead_id:text",
        key="order_id", time="ordered_at",
    ),
    _table(
        "leads", "线索表", "leads",
        "*lead_id:text customer_id:text specialist_id:text *created_at:datetime source_channel:text "
        "campaign_id:text kind:new_customer|cross_sell|upsell passed_at:datetime won_at:datetime "
        "contract_id:text lost_at:datetime",
        key="lead_id", time="created_at",
    ),
    _table(
        "usage", "系统使用表", "system usage",
        "*specialist_id:text *date:date logins:integer active_minutes:number entries:integer "
        "entries_on_time:integer working_day:flag",
        time="date",
    ),
    _table(
        "ratings360", "360度评价表", "360-degree ratings",
        "*rater_id:text *ratee_id:text *rater_group:superior|peer|customer|self|subordinate *item:text "
        "*score:number period:text evidence_id:text",
    ),
    _table(
        "incidents", "关键事件表", "critical incidents",
        "*incident_id:text *specialist_id:text *occurred_at:datetime plan_made_at:datetime "
        "engineering_coordinated:flag checklist:text evidence_id:text",
        key="incident_id", time="occurred_at",
    ),
    _table(
        "collaboration_requests", "协作需求表", "collaboration requests",
        "*request_id:text *requested_by:text *specialist_id:text *opened_at:datetime *due_at:datetime "
        "resolved_at:datetime requester_rating:number",
        key="request_id", time="opened_at",
    ),
    _table(
        "campaigns", "营销活动表", "campaigns",
        "*campaign_id:text channel:text start_at:date end_at:date cost:money attributed_revenue:money "
        "attribution_rule:text reached:integer",
        key="campaign_id", time="start_at",
    ),
    _table(
        "insights", "需求洞察表", "insights",
        "*insight_id:text *specialist_id:text *logged_at:datetime customer_id:text rater_id:text "
        "quality:number rated_blind:flag",
        time="logged_at",
    ),
    _table(
        "training", "培训表", "training",
        "*person_id:text *course_id:text *completed_at:datetime hours:number passed:flag evidence_id:text",
        time="completed_at",
    ),
    _table(
        "contributions", "贡献表", "contributions",
        "*contribution_id:text *specialist_id:text *kind:sharing|knowledge_base|project|suggestion "
        "*at:datetime accepted:flag lead_rating:number evidence_id:text",
        key="contribution_id", time="at",
    ),
    _table(
        "audits", "档案核查表", "profile audits",
        "*customer_id:text *field:text crm_value:text true_value:text *audited_at:datetime auditor:text",
        time="audited_at",
    ),
    _table(
        "benchmarks", "外部基准表", "benchmarks",
        "*indicator:text *value:number source:text date:date n:integer wording:text scale:text",
    ),
    _table(
        "labels", "人工标注表", "human labels",
        "*response_id:text *coder:text topic:text sentiment:text",
    ),
    _table(
        "actions", "改进措施表", "actions",
        "*action_id:text decided_on:date owner:text due:date indicator:text scope:text started_at:date "
        "cost:money benefit_low:money benefit_high:money currency:text status:open|done|dropped",
        key="action_id",
    ),
)  # fmt: skip

TABLES: Mapping[str, TableSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})
