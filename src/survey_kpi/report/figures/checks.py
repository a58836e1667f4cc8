"""One voice for data that a figure cannot draw."""

from __future__ import annotations

from collections.abc import Sized

from survey_kpi.errors import ReportError


def same_length(figure: str, **columns: Sized) -> None:
    """Refuse columns of unlike lengths, or without anything in them.

    Raises
    ------
    ReportError
        `figure_data`.

    Examples
    --------
    >>> same_length("trend", values=[1, 2], low=[0, 1])
    >>> same_length("trend", values=[1, 2], low=[0])
    Traceback (most recent call last):
    survey_kpi.errors.ReportError: figure 'trend': the columns must be equally long ...
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        raise ReportError(
            "figure_data",
            where=f"figure '{figure}'",
            what="the columns must be equally long and not empty",
            got=", ".join(f"{name}: {length}" for name, length in lengths.items()),
        )
