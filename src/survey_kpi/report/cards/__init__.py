"""Cards of one page: a weekly talk, a month's health, a review meeting.

They carry no score, grade or rank. Each function returns blocks that both exporters render.
"""

from survey_kpi.report.cards.coaching import Action, coaching_card
from survey_kpi.report.cards.health import health_card
from survey_kpi.report.cards.meeting import Agenda, meeting_pack

__all__ = ["Action", "Agenda", "coaching_card", "health_card", "meeting_pack"]
