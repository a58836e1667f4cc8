"""The command `survey-kpi`. It parses, calls and prints; nothing heavy is imported before it is needed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from survey_kpi import __version__, cli_cards, cli_judgements, cli_repairs

if TYPE_CHECKING:
    from survey_kpi.errors import SurveyKpiError
    from survey_kpi.report.runs import Event, Outcome

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


class Language(StrEnum):
    """Languages of the reports."""

    zh = "zh"
    en = "en"


class Format(StrEnum):
    """Formats of the reports."""

    html = "html"
    pdf = "pdf"


StudyArgument = Annotated[str, typer.Argument(help="Folder of a study, or its name under studies/.")]
DataOption = Annotated[
    Path | None,
    typer.Option(help="Folder of the study's rows; else $SURVEY_KPI_DATA/<study>, else data/raw/<study>."),
]


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
        typer.echo(_printable(f"table {part.table}, {part.file}: {part.rows:,} rows{aside}"))
    for link in found.matches:
        if link.unmatched:
            astray = f"; for example {', '.join(link.examples)}" if link.examples else ""
            typer.echo(
                _printable(
                    f"{link.table}.{link.column} leads to {link.target} in {link.matched:,} of "
                    f"{link.rows:,} rows ({link.rate:.1f} %, {link.blank:,} blank{astray})"
                )
            )
    for note in found.notes:
        typer.echo(note)
    for one in found.findings:
        accepted = f"; accepted: {one.reason}" if one.reason else ""
        typer.echo(_printable(f"question {one.item}: {one.message}{accepted} [{one.code}]"))
    for doubt in found.plan:
        typer.echo(_printable(f"{doubt.kind}: {doubt}"))
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
        typer.echo(_printable(line))


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
        typer.echo(_printable(line))


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
        typer.echo(_printable(line))


@app.command("new-quarter")
def new_quarter(
    study: StudyArgument,
    period: Annotated[str, typer.Argument(help="The period to prepare: 2026Q4 or 2026-10.")],
    data: DataOption = None,
) -> None:
    """Prepare the next period: what is missing, what is called differently, what changed in the codebook."""
    from survey_kpi.next_period import prepare_period

    for line in prepare_period(study, period, data=data):
        typer.echo(_printable(line))


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


# --- printing -----------------------------------------------------------------------------------------


class progress:  # noqa: N801  used as a context manager
    """Progress bars on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._bars: dict[str, Any] = {}
        self._screen: Any = None

    def __enter__(self) -> Callable[[Event], None]:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            # no refresh thread: a process with threads cannot fork its kernels, and would pay imports twice
            self._screen = Progress(
                *columns, console=Console(stderr=True), transient=True, auto_refresh=False
            )
            self._screen.start()
        return self._follow

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._screen:
            self._screen.stop()
        if kind is KeyboardInterrupt:
            typer.echo("interrupted: finished reports stand, nothing half-written is left", err=True)

    def _follow(self, event: Event) -> None:
        if not self._screen:
            if event.stage in {"started", "written", "failed"}:
                typer.echo(f"{event.job.name}: {event.stage}", err=True)
            return
        name = event.job.name
        if name not in self._bars:
            self._bars[name] = self._screen.add_task(name, total=event.steps + 2)
        done = {"html": event.steps, "pdf": event.steps + 1, "written": event.steps + 2}
        self._screen.update(
            self._bars[name],
            completed=done.get(event.stage, event.step),
            description=f"{name}: {event.stage}",
        )
        self._screen.refresh()


def print_outcomes(outcomes: list[Outcome]) -> bool:
    """Print what was written and what failed; return whether everything was written."""
    failures: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.error:
            failures.setdefault(str(outcome.error), []).append(outcome)
    for same in failures.values():  # a mistake in the data fails every language: say it once
        names = ", ".join(outcome.job.name for outcome in same)
        typer.echo(f"{names}: not written{f' (cell {same[0].cell})' if same[0].cell else ''}", err=True)
        if same[0].error:
            _print_error(same[0].error)
        if same[0].traceback and os.environ.get("SURVEY_KPI_DEBUG"):
            typer.echo(same[0].traceback, err=True)
    for outcome in outcomes:
        for path in outcome.outputs:
            if path.suffix in {".html", ".pdf"}:
                typer.echo(_relative(path))
    return not failures


def _relative(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _print_error(error: SurveyKpiError) -> None:
    count = len(error.problems)
    if count > 1:
        typer.echo(f"{count} mistakes:", err=True)
    for problem in error.problems:
        typer.echo(f"{'- ' if count > 1 else ''}{_printable(str(problem))}", err=True)


def _printable(text: str) -> str:
    """Names and cells may carry terminal escapes: show them, do not send them."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


def main() -> NoReturn:
    """Run the command; a user's mistake ends in a message and status 1, never in a traceback."""
    from survey_kpi.errors import SurveyKpiError

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill cleans up like Ctrl-C
    try:
        app(standalone_mode=True)
    except SurveyKpiError as error:
        _print_error(error)
        sys.exit(EXIT_FAILED)
    sys.exit(0)
