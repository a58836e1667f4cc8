"""The command `survey-kpi repairs`: proposals for faulty cells out, chosen ones onto a working copy."""

# ruff: noqa: PLC0415  heavy imports wait until a command needs them
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from survey_kpi.cli_printing import one_line


def repairs(
    study: Annotated[str, typer.Argument(help="Folder of a study, or its name under studies/.")],
    table: Annotated[
        list[str] | None, typer.Option(help="Table to look at, such as customers; all by default.")
    ] = None,
    apply: Annotated[
        Path | None, typer.Option(help="Proposals to carry out on a working copy of the data folder.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Proposals to write, proposals.csv by default; with --apply, the folder to make."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the study's rows; else $SURVEY_KPI_DATA/<study>, else data/raw/<study>."
        ),
    ] = None,
) -> None:
    """Propose repairs of faulty cells in the tables, or carry chosen ones out on a copy; raw files stay."""
    from survey_kpi.evaluation import open_study
    from survey_kpi.report.repairing import apply_proposals, write_proposals

    if apply and table:
        raise typer.BadParameter("the proposals name their tables", param_hint="--table")
    if apply and output is None:
        raise typer.BadParameter("name the folder of the working copy", param_hint="--output")
    declared = open_study(study, data=data)
    if apply and output:
        lines = apply_proposals(declared, apply, output=output)
    else:
        lines = write_proposals(declared, tables=table or [], output=output or Path("proposals.csv"))
    for line in lines:
        typer.echo(one_line(line))
