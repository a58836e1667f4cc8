"""The command `survey-kpi`. It parses, calls and prints; nothing heavy is imported before it is needed."""

from __future__ import annotations

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from survey_kpi import __version__, cli_cards, cli_judgements, cli_repairs
from survey_kpi.cli_options import DataOption, Format, Language, StudyArgument
from survey_kpi.cli_printing import print_error, print_outcomes, printable, progress

EXIT_FAILED = 1  # 2 is wrong usage and 130 an interruption, both by typer

app = typer.Typer(
    name="survey-kpi",
    help="Evaluate surveys by quarter and render the reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_judgements.app, name="judgements")
app.command()(cli_repairs.repairs)
app.command()(cli_cards.cards)


class EditionName(StrEnum):
    """Editions that can be rendered."""

    leadership = "leadership"
    data_quality = "data-quality"
    weighting = "weighting"
    appraisal = "appraisal"
    all = "all"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"survey-kpi {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of the command itself."""


@app.command()
def report(
    study: StudyArgument,
    period: Annotated[str, typer.Argument(help="2026Q3, 2026-07 or 2026Q3-R4.")],
    edition: Annotated[EditionName, typer.Option(help="Which edition.")] = EditionName.leadership,
    language: Annotated[list[Language] | None, typer.Option(help="zh, en; both by default.")] = None,
    format: Annotated[list[Format] | None, typer.Option(help="html, pdf; both by default.")] = None,
    data: DataOption = None,
    output: Annotated[Path | None, typer.Option(help="Folder of the reports; reports/ by default.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Notebooks that run at one time.")] = 2,
) -> None:
    """Render the reports of one period: HTML and PDF, in Chinese and English."""
    from survey_kpi.report.children import pinned

    with pinned():  # before numpy is imported: its thread pools must not live when kernels are forked
        from survey_kpi.report.batch import report_jobs, run_jobs

        jobs = report_jobs(
            study,
            period,
            edition=str(edition),
            languages=[str(each) for each in dict.fromkeys(language or list(Language))],
            formats=[str(each) for each in dict.fromkeys(format or list(Format))],
            data=data,
            output=output,
        )
        with progress() as follow:
            outcomes = run_jobs(jobs, workers=workers, on_event=follow)
    if not print_outcomes(outcomes):
        raise typer.Exit(EXIT_FAILED)


@app.command()
def check(study: StudyArgument, data: DataOption = None) -> None:
    """Validate every file and source of a study without evaluating it."""
    from survey_kpi.evaluation import check_study

    found = check_study(study, data=data)
    for file in found.files:
        typer.echo(f"{file.file}: {file.rows:,} rows, {file.format}, {file.encoding}")
    for part in found.tables:
        aside = f", {part.set_aside:,} set aside" if part.set_aside else ""
        typer.echo(printable(f"table {part.table}, {part.file}: {part.rows:,} rows{aside}"))
    for link in found.matches:
        if link.unmatched:
            astray = f"; for example {', '.join(link.examples)}" if link.examples else ""
            typer.echo(
                printable(
                    f"{link.table}.{link.column} leads to {link.target} in {link.matched:,} of "
                    f"{link.rows:,} rows ({link.rate:.1f} %, {link.blank:,} blank{astray})"
                )
            )
    for note in found.notes:
        typer.echo(note)
    for one in found.findings:
        accepted = f"; accepted: {one.reason}" if one.reason else ""
        typer.echo(printable(f"question {one.item}: {one.message}{accepted} [{one.code}]"))
    for doubt in found.plan:
        typer.echo(printable(f"{doubt.kind}: {doubt}"))
    typer.echo(f"plan as it stands, for opened_with in study.yaml: {found.plan_hash}")
    typer.echo(f"{found.name}: {len(found.files)} files, {found.rows:,} rows, no mistake found.")


@app.command()
def trace(
    key: Annotated[
        str, typer.Argument(help="Key of a number, as shown in a report: 2026Q3/A07.nps/company.")
    ],
    study: Annotated[
        str | None, typer.Option(help="Study; by default that of the latest report of the key's period.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Show how one printed number came about: its value, formula, filter and the numbers behind it."""
    from survey_kpi.report.tracing import trace_fact

    for line in trace_fact(key, study=study, data=data):
        typer.echo(printable(line))


@app.command()
def diff(
    before: Annotated[
        str, typer.Argument(help="A facts.parquet, a folder that holds one, or STUDY:PERIOD, evaluated now.")
    ],
    after: Annotated[str, typer.Argument(help="The same, as it stands later.")],
    data: DataOption = None,
    output: Annotated[Path | None, typer.Option(help="CSV file to write the listing to.")] = None,
) -> None:
    """List the numbers that differ between two evaluations; the status is 0 whether or not any does."""
    from survey_kpi.report.revisions import compare

    for line in compare(before, after, data=data, output=output):
        typer.echo(printable(line))


@app.command()
def sample(
    frame: Annotated[Path, typer.Argument(help="CSV or XLSX with one row per unit.")],
    size: Annotated[int, typer.Option(min=1, help="Units to draw.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same units.")],
    by: Annotated[list[str] | None, typer.Option(help="Columns that make the strata.")] = None,
    unit: Annotated[str, typer.Option(help="Column that identifies a unit.")] = "customer_id",
    draw_id: Annotated[str, typer.Option(help="Name of the draw.")] = "draw",
    output: Annotated[Path, typer.Option(help="Drawn list to write.")] = Path("sample.csv"),
) -> None:
    """Draw a stratified random sample, allocated in proportion, with its design weights."""
    from survey_kpi.report.lists import draw_sample

    for line in draw_sample(
        frame, size=size, by=by or [], unit=unit, seed=seed, draw_id=draw_id, output=output
    ):
        typer.echo(printable(line))


@app.command("new-quarter")
def new_quarter(
    study: StudyArgument,
    period: Annotated[str, typer.Argument(help="The period to prepare: 2026Q4 or 2026-10.")],
    data: DataOption = None,
) -> None:
    """Prepare the next period: what is missing, what is called differently, what changed in the codebook."""
    from survey_kpi.next_period import prepare_period

    for line in prepare_period(study, period, data=data):
        typer.echo(printable(line))


@app.command()
def init(directory: Annotated[Path, typer.Argument(help="Folder to create.")]) -> None:
    """Create a small study that runs as it is, to start from."""
    from survey_kpi.sample.scaffold import scaffold

    for path in scaffold(directory):
        typer.echo(path)


@app.command("list")
def list_command(
    root: Annotated[
        Path, typer.Option(help="Project folder that holds studies/, or the folder of one study.")
    ] = Path(),
) -> None:
    """List the studies of a project, with the periods that hold answers."""
    from survey_kpi.errors import SurveyKpiError
    from survey_kpi.evaluation import periods_of
    from survey_kpi.study import list_studies

    alone = (root / "study.yaml").is_file()
    folders = [root] if alone else [root / "studies" / name for name in list_studies(root)]
    if not folders:
        typer.echo("no study found under studies/; start one with: survey-kpi init DIRECTORY", err=True)
        raise typer.Exit(EXIT_FAILED)
    for folder in folders:
        try:
            found = ", ".join(map(str, periods_of(folder))) or "no dated answers"
        except SurveyKpiError as error:
            found = f"cannot be read: {error.problems[0]}"
        typer.echo(f"{folder.resolve().name}: {found}")


def main() -> NoReturn:
    """Run the command; a user's mistake ends in a message and status 1, never in a traceback."""
    from survey_kpi.errors import SurveyKpiError

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill cleans up like Ctrl-C
    try:
        app(standalone_mode=True)
    except SurveyKpiError as error:
        print_error(error)
        sys.exit(EXIT_FAILED)
    sys.exit(0)
