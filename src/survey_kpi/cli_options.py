"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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
