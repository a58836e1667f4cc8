"""Sharing a sample among strata.

Examples
--------
>>> allocate({"s01": 523, "s02": 277, "s03": 131, "s04": 69}, 100)
{'s01': 52, 's02': 28, 's03': 13, 's04': 7}
"""

from __future__ import annotations

from collections.abc import Mapping

from survey_kpi.errors import MethodError


def allocate(sizes: Mapping[str, int], n: int, *, at_least: int = 1) -> dict[str, int]:
    """Share a sample among strata in proportion to their size, by largest remainder.

    Equal remainders go to the larger stratum, then by name. A stratum that would get fewer than `at_least`
    gets that many (or all it has) and the others share the rest, so every unit has a chance to be drawn
    and the design weights sum to the population.

    Parameters
    ----------
    sizes
        Units per stratum (N_h).
    n
        Units to draw in all.
    at_least
        Smallest sample of a stratum; 0 is plain proportional allocation, which may leave small strata out.

    Returns
    -------
    dict
        Sample per stratum (n_h), in the order of `sizes`; sums to `n`, never more than N_h.

    Raises
    ------
    MethodError
        `sample_size`: `n` is not between the sum of the smallest samples (at least 1) and the population;
        `counts_invalid`: a negative size or smallest sample.

    Notes
    -----
    Largest remainder (Hamilton) with whole numbers throughout: no remainder is lost to rounding.

    Examples
    --------
    >>> allocate({"a": 50, "b": 50, "c": 1}, 11)
    {'a': 5, 'b': 5, 'c': 1}
    >>> allocate({"a": 50, "b": 50, "c": 1}, 11, at_least=0)
    {'a': 6, 'b': 5, 'c': 0}
    """
    floors = {name: min(at_least, size) for name, size in sizes.items()}
    _check_sizes(sizes, n, floors)
    fixed: dict[str, int] = {}
    while True:
        free = {name: size for name, size in sizes.items() if name not in fixed}
        seats, total = n - sum(fixed.values()), sum(free.values())
        short = {name: floors[name] for name, size in free.items() if seats * size < floors[name] * total}
        if not short:
            break
        fixed |= short
    found = fixed | _largest_remainder(free, seats)
    return {name: found[name] for name in sizes}


def _largest_remainder(sizes: Mapping[str, int], seats: int) -> dict[str, int]:
    total = max(sum(sizes.values()), 1)
    found = {name: seats * size // total for name, size in sizes.items()}
    order = sorted(sizes, key=lambda name: (-(seats * sizes[name] % total), -sizes[name], name))
    for name in order[: seats - sum(found.values())]:
        found[name] += 1
    return found


def _check_sizes(sizes: Mapping[str, int], n: int, floors: Mapping[str, int]) -> None:
    if any(size < 0 for size in (*sizes.values(), *floors.values())):
        raise MethodError(
            "counts_invalid",
            where="allocate",
            what="a size is negative",
            got=dict(sizes),
            expected="0 or more",
        )
    smallest, population = max(sum(floors.values()), 1), sum(sizes.values())
    if not smallest <= n <= population:
        raise MethodError(
            "sample_size",
            where="allocate",
            what=f"the sample does not fit {len(sizes)} strata with {population} units in all",
            got=n,
            expected=f"{smallest} to {population}",
            hint="merge small strata, draw more, or accept strata without anybody with at_least=0",
        )
