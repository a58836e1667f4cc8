"""Cards of one page: a weekly talk, a month's health, a review meeting.

They carry no score, grade or rank. Each module has `begin`, which gathers what the card of one team shows,
and `card`, which returns its blocks; `jobs` lays out the files of all teams.
"""

from survey_kpi.report.cards.actions import Action
from survey_kpi.report.cards.coaching import coaching_card
from survey_kpi.report.cards.health import health_card
from survey_kpi.report.cards.meeting import Agenda, meeting_pack

__all__ = ["Action", "Agenda", "coaching_card", "health_card", "meeting_pack"]
