"""Around the sample: planning, drawing, invitations, outcome rates, coverage, keys, the questionnaire."""

from survey_kpi.sampling.allocation import allocate
from survey_kpi.sampling.contacts import contacted_recently
from survey_kpi.sampling.coverage import (
    CHERRY_PICKING,
    Alarm,
    Selection,
    coverage_alarm,
    single_power,
)
from survey_kpi.sampling.deviations import Deviation, deviations
from survey_kpi.sampling.difference import Change, difference
from survey_kpi.sampling.dispositions import (
    OUTCOME_RATES,
    Dispositions,
    OutcomeRate,
    count_dispositions,
    outcome_rates,
    proportional_share,
)
from survey_kpi.sampling.draw import Drawn, Excluded, Stratum, draw
from survey_kpi.sampling.duplicates import Duplicate, find_duplicates
from survey_kpi.sampling.frame import (
    UNATTRIBUTED,
    Link,
    Match,
    Unmatched,
    attribute,
    match_keys,
    reconcile,
)
from survey_kpi.sampling.invites import check_invites
from survey_kpi.sampling.lint import Finding, lint
from survey_kpi.sampling.planning import (
    NPS_WORST,
    SHARE_WORST,
    SampleSize,
    invitations_needed,
    nps_variance,
    sample_size,
    share_variance,
    units_of_share,
)
from survey_kpi.sampling.specialists import SpecialistCoverage, coverage_by_specialist, exact_coverage

__all__ = [
    "CHERRY_PICKING",
    "NPS_WORST",
    "OUTCOME_RATES",
    "SHARE_WORST",
    "UNATTRIBUTED",
    "Alarm",
    "Change",
    "Deviation",
    "Dispositions",
    "Drawn",
    "Duplicate",
    "Excluded",
    "Finding",
    "Link",
    "Match",
    "OutcomeRate",
    "SampleSize",
    "Selection",
    "SpecialistCoverage",
    "Stratum",
    "Unmatched",
    "allocate",
    "attribute",
    "check_invites",
    "contacted_recently",
    "count_dispositions",
    "coverage_alarm",
    "coverage_by_specialist",
    "deviations",
    "difference",
    "draw",
    "exact_coverage",
    "find_duplicates",
    "invitations_needed",
    "lint",
    "match_keys",
    "nps_variance",
    "outcome_rates",
    "proportional_share",
    "reconcile",
    "sample_size",
    "share_variance",
    "single_power",
    "units_of_share",
]
