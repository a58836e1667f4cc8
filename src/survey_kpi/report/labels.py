"""Can the fonts print it? Our own wording and a study's labels are checked before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
from pydantic import BaseModel

from survey_kpi.report.glyphs import check_wording, visible
from survey_kpi.report.wording import LANGUAGES, load
from survey_kpi.study.models import Study, Text

FILES = {
    "study": "study.yaml",
    "codebook": "codebook.yaml",
    "indicators": "indicators.yaml",
    "rules": "rules.yaml",
    "goals": "goals.yaml",
}
AUDIT_COLUMNS = ("row_id", "source", "rule", "item", "value", "action", "detail")


def check_labels(study: Study) -> None:
    """Refuse characters that the shipped fonts cannot print in our wording or in a study's labels.

    Raises
    ------
    ReportError
        `missing_glyph`: every such character with its file and key.
    """
    ours = {
        f"wording/{language}.yaml: {key}": text
        for language in LANGUAGES
        for key, text in load(language).items()
    }
    theirs = {
        f"{file}: {key}": text
        for name, file in FILES.items()
        for key, text in _texts(getattr(study, name), "")
    }
    check_wording({**ours, **theirs})


def _texts(node: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Text):
        yield from ((f"{path}.{language}", getattr(node, language)) for language in LANGUAGES)
    elif isinstance(node, BaseModel):
        for name in type(node).model_fields:
            yield from _texts(getattr(node, name), f"{path}.{name}" if path else name)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts(value, f"{path}.{key}")
    elif isinstance(node, tuple | list):
        for place, value in enumerate(node):
            yield from _texts(value, f"{path}[{place}]")


def replaced_glyphs(names: Iterable[str], where: str) -> pd.DataFrame:
    """Return one audit row per name that the PDF shows with placeholders, such as [U+1F600].

    Parameters
    ----------
    names
        Names that come from data: of subjects, of files.
    where
        What the names are, for the column `item`.

    Examples
    --------
    >>> found = replaced_glyphs(["王芳", "Ann 😀"], "subject")
    >>> found[["rule", "item", "value", "detail"]].values.tolist()
    [['glyph_replaced', 'subject', 'Ann 😀', 'Ann [U+1F600]']]
    """
    rows = [
        {
            "row_id": "",
            "source": "",
            "rule": "glyph_replaced",
            "item": where,
            "value": name,
            "action": "kept",
            "detail": shown,
        }
        for name in dict.fromkeys(names)
        for shown, replaced in [visible(name)]
        if replaced
    ]
    return pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))
