"""The sample study: an invented company whose answers are generated, with every truth known."""

from survey_kpi.sample.generate import generate
from survey_kpi.sample.scaffold import scaffold
from survey_kpi.sample.world import STARTER, YUNLING, World

__all__ = ["STARTER", "YUNLING", "World", "generate", "scaffold"]
