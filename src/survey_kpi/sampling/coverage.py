"""Who was invited? An alarm for people whose invitations went to customers who were content before.

If invitations are blind to satisfaction, the number of previously satisfied customers among those invited
is hypergeometric, whatever share was invited. The alarm is one-sided and bounds false alarms over all
people together. A list that this program drew needs no test: see `deviations`.

Examples
--------
>>> blind, choosy = (200, 135, 105, 71), (200, 135, 105, 88)
>>> coverage_alarm(*zip(blind, choosy)).flagged.tolist()
[False, True]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.inference.multiplicity import adjust_p
from survey_kpi.numeric import BoolArray, FloatArray, IntArray, check_share

ALARM_LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alarm:
    """The test of each person; arrays of one shape, people along the last axis.

    Parameters
    ----------
    p_value
        One-sided; NaN where the margins leave nothing to choose (nobody or everybody invited or satisfied).
    adjusted
        Benjamini-Hochberg adjusted over the people.
    flagged
        Whether the invitations are unusual at the level asked for.
    """

    p_value: FloatArray
    adjusted: FloatArray
    flagged: BoolArray


def coverage_alarm(
    customers: npt.ArrayLike,
    satisfied: npt.ArrayLike,
    invited: npt.ArrayLike,
    invited_satisfied: npt.ArrayLike,
    *,
    level: float = ALARM_LEVEL,
) -> Alarm:
    """Test whether more previously satisfied customers were invited than blind invitations would bring.

    Parameters
    ----------
    customers
        Customers of each person whose satisfaction before is known.
    satisfied
        Those of them who were satisfied before.
    invited
        Those of them who were invited now.
    invited_satisfied
        Those who are both.
    level
        False discovery rate; when everybody invites blindly, this bounds the chance that anybody is flagged.

    Returns
    -------
    Alarm

    Raises
    ------
    MethodError
        `counts_invalid`: not whole, negative, or the four counts contradict each other.

    Notes
    -----
    Fisher's exact test, one-sided, with Benjamini-Hochberg; R: `p.adjust(phyper(x - 1, K, N - K, n,
    lower.tail = FALSE), "BH")`.
    """
    N, K, n, x = _counts(customers, satisfied, invited, invited_satisfied)
    choice = (n > 0) & (n < N) & (K > 0) & (K < N)
    p = np.where(choice, np.clip(stats.hypergeom.sf(x - 1, N, K, n), 0, 1), np.nan)
    adjusted = adjust_p(p) if p.size else p
    return Alarm(p_value=p, adjusted=adjusted, flagged=adjusted <= check_share("level", level))


def _counts(*counts: npt.ArrayLike) -> list[IntArray]:
    N, K, n, x = np.broadcast_arrays(*(np.atleast_1d(np.asarray(count, dtype=float)) for count in counts))
    whole = np.all([one == np.floor(one) for one in (N, K, n, x)], axis=0)
    possible = (x <= np.minimum(K, n)) & (x >= np.maximum(n + K - N, 0)) & (np.maximum(K, n) <= N)
    if not np.all(whole & possible):
        wrong = int(np.flatnonzero(~(whole & possible))[0])
        raise MethodError(
            "counts_invalid",
            where="invitation coverage",
            what="the four counts contradict each other",
            got=", ".join(f"{one.ravel()[wrong]:g}" for one in (N, K, n, x)),
            expected="whole numbers: customers, satisfied, invited, invited and satisfied",
        )
    return [one.astype(np.int64) for one in (N, K, n, x)]


# --- power --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A way of selecting that the alarm should find; shares of 1.

    Parameters
    ----------
    satisfaction
        True share of satisfied customers.
    invites_satisfied, invites_unsatisfied
        Share of the satisfied and of the others that is invited.
    agreement
        Probability that a customer's satisfaction before was what it is now.
    """

    satisfaction: float = 0.75
    invites_satisfied: float = 0.60
    invites_unsatisfied: float = 0.30
    agreement: float = 0.85

    @property
    def reported(self) -> float:
        """Satisfaction among those invited: what would be reported in place of the truth."""
        content = self.satisfaction * self.invites_satisfied
        return content / (content + (1 - self.satisfaction) * self.invites_unsatisfied)

    @property
    def odds_ratio(self) -> float:
        """How much higher the odds of an invitation are for those who were satisfied before."""
        now, before = self.satisfaction, self.agreement
        first = self._invited(now * before, (1 - now) * (1 - before))
        second = self._invited(now * (1 - before), (1 - now) * before)
        return first / (1 - first) / (second / (1 - second))

    def _invited(self, satisfied: float, unsatisfied: float) -> float:
        """Share invited of a group of so many satisfied and unsatisfied now."""
        invited = satisfied * self.invites_satisfied + unsatisfied * self.invites_unsatisfied
        return invited / (satisfied + unsatisfied)


CHERRY_PICKING: Final = Selection()
"""The selection for which reports print the power: a true 75 % is reported as 85.7 %."""


def single_power(
    customers: int,
    satisfied: int,
    invited: int,
    *,
    people: int,
    selection: Selection = CHERRY_PICKING,
    level: float = ALARM_LEVEL,
) -> float:
    """Probability that the alarm finds this person if nobody else selects.

    Parameters
    ----------
    customers, satisfied, invited
        Counts of one person, see `coverage_alarm`.
    people
        People tested together.
    selection
        How the person would select.
    level
        Level of the alarm.

    Returns
    -------
    float
        Share of 1. Exact for a person who must pass the strictest step, `level` ÷ `people`; a second small
        p value elsewhere would only help.

    Raises
    ------
    MethodError
        `counts_invalid`.

    Notes
    -----
    Given its margins the table follows Fisher's noncentral hypergeometric distribution; R:
    `BiasedUrn::pFNCHypergeo`.

    Examples
    --------
    >>> round(single_power(200, 135, 105, people=20), 2), round(single_power(40, 27, 21, people=20), 2)
    (0.3, 0.03)
    """
    fewest = max(invited + satisfied - customers, 0)
    N, K, n, _ = (int(one[0]) for one in _counts(customers, satisfied, invited, fewest))
    if people < 1:
        raise MethodError("counts_invalid", where="invitation coverage", what="nobody is tested", got=people)
    possible = np.arange(fewest, min(n, K) + 1)
    alarms = possible[stats.hypergeom.sf(possible - 1, N, K, n) <= check_share("level", level) / people]
    if not alarms.size:
        return 0.0
    return float(stats.nchypergeom_fisher.sf(alarms[0] - 1, N, K, n, selection.odds_ratio))
