"""The commands `survey-kpi judgements`: questionnaires for experts out, filled files back in."""

# ruff: noqa: PLC0415  heavy imports wait until a command needs them
from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_kpi.cli_options import StudyArgument
from survey_kpi.cli_printing import one_line

if TYPE_CHECKING:
    from survey_kpi.judging import Finding
    from survey_kpi.study.models import Study

EXIT_FAILED = 1

app = typer.Typer(help="Ask experts how much the indicators matter, and collect what they say.")


class KindName(StrEnum):
    """What experts are asked."""

    pairwise = "pairwise"
    scores = "scores"


class TemplateLanguage(StrEnum):
    """Languages of a questionnaire."""

    zh = "zh"
    en = "en"
    both = "both"


class CodingName(StrEnum):
    """What a bare number in a column of a pair says."""

    ratio = "ratio"
    negative_left = "negative-left"
    negative_right = "negative-right"
    positions_17 = "positions-17"
    positions_9 = "positions-9"


@app.command()
def template(
    study: StudyArgument,
    expert: Annotated[
        list[str] | None, typer.Option(help="Id of an expert; one questionnaire for each.")
    ] = None,
    kind: Annotated[
        KindName, typer.Option(help="Pairs on Saaty's scale, or one score per indicator.")
    ] = KindName.pairwise,
    language: Annotated[TemplateLanguage, typer.Option(help="zh, en or both.")] = TemplateLanguage.both,
    output: Annotated[
        Path | None, typer.Option(help="Workbook to write; <study>-<kind>.xlsx by default.")
    ] = None,
) -> None:
    """Write an Excel questionnaire for experts; nothing is overwritten."""
    from survey_kpi.evaluation import open_study
    from survey_kpi.judging import questionnaire, questions_of
    from survey_kpi.report.files import publish

    questions = questions_of(open_study(study, judged=False))
    place = (output or Path(f"{questions.study}-{kind}.xlsx")).absolute()
    names = list(dict.fromkeys(expert or [""]))
    targets = {name: place if len(names) == 1 else _beside(place, name) for name in names}
    _refuse_existing(list(targets.values()))
    made = {
        targets[name]: questionnaire(questions, kind=kind.value, language=language.value, expert=name)
        for name in names
    }
    publish(made, root=place.parent)
    for target in made:
        typer.echo(_shown(target))


@app.command()
def collect(
    study: StudyArgument,
    files: Annotated[list[Path], typer.Argument(help="Filled questionnaires, CSV files, platform exports.")],
    coding: Annotated[
        CodingName | None, typer.Option(help="What bare numbers in a column such as cult_fam say.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="CSV to write; by default the one that rules.yaml names.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an existing file.")] = False,
) -> None:
    """Read experts' answers into the file that a study weighs with, and tell what is wrong with each."""
    from survey_kpi.evaluation import open_study
    from survey_kpi.judging import collect as collect_files
    from survey_kpi.judging import findings, lines, questions_of
    from survey_kpi.report.files import publish

    declared = open_study(study, judged=False)
    questions = questions_of(declared)
    collected = collect_files(files, questions, coding=coding.value if coding else None)
    target = (output or _declared_file(declared, collected.kind)).absolute()
    if not replace:
        _refuse_existing([target])
    found = findings(collected, questions)
    publish({target: collected.to_csv().encode("utf-8")}, root=target.parent)
    for line in lines(collected, found, questions):
        typer.echo(one_line(line))
    typer.echo(f"{_shown(target)}: {_summary(found, len(collected.frame()))}")
    if any(finding.refusal for finding in found):
        raise typer.Exit(EXIT_FAILED)


def _declared_file(study: Study, kind: str) -> Path:
    rule = study.rules.indicator_weights
    usual = {"pairwise": rule.judgements or "judgements/ahp.csv", "scores": rule.ratings}
    return Path(study.root) / (usual[kind] or "judgements/scores.csv")


def _beside(place: Path, expert: str) -> Path:
    from survey_kpi.judging import expert_id

    return place.with_name(f"{place.stem}-{expert_id(expert, '--expert')}{place.suffix}")


def _refuse_existing(targets: list[Path]) -> None:
    from survey_kpi.errors import Problem, SpecError

    what, hint = "a file stands there already", "name another --output, move it, or say --replace to collect"
    problems = [
        Problem(code="target_exists", where=_shown(target), what=what, hint=hint)
        for target in targets
        if target.exists()
    ]
    if problems:
        raise SpecError.collect(problems)


def _summary(found: tuple[Finding, ...], rows: int) -> str:
    unusable = sum(bool(finding.refusal) for finding in found)
    told = f", {unusable} of them cannot be used as they stand" if unusable else ""
    return f"{len(found)} experts{told}, {rows:,} answers"


def _shown(path: Path) -> str:
    inside = path.is_relative_to(Path.cwd())
    return one_line(str(path.relative_to(Path.cwd()) if inside else path))
