"""Documents on paper: an nbconvert exporter, and the function behind it, that need no LaTeX and no browser.

`jupyter nbconvert --to survey_kpi_pdf any.ipynb` prints any notebook. The Typst compiler of the `typst` wheel
sets the pages in memory: with the shipped fonts alone, from templates that read all text as JSON data, so no
text can become markup. The file asks for PDF/A-2a and PDF/UA-1 (the compiler refuses what breaks them), and
the same document gives the same bytes at any time and in any directory.

The compiler keeps a pool of threads once it has run, and a forked process has none of them: fork first, print
then. Import this module before forking, it starts nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from json import dumps
from pathlib import Path
from typing import Any, Literal, cast

import typst
from nbconvert.exporters import Exporter

from survey_kpi.errors import Problem, ReportError, RunError
from survey_kpi.report import extract
from survey_kpi.report.sheet import Json, figures, sheet

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
"""Archiving with its full structure, and accessibility: Typst grants both in one file."""

_REPORT = Path(__file__).parent
_EPOCH = 946_684_800  # 2000-01-01, the fixed day of the template


class SurveyKpiPDFExporter(Exporter):
    """Print a notebook, ours or anybody's, as a tagged PDF."""

    export_from_notebook = "PDF (survey_kpi)"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]  # nbconvert declares a notebook, and takes bytes
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[bytes, Any]:
        """Return the PDF and nbconvert's resources.

        Raises
        ------
        ReportError
            See `render_pdf` and `survey_kpi.report.extract.document`.
        """
        shown, resources = super().from_notebook_node(nb, resources, **kw)
        name = str(resources.get("metadata", {}).get("name", ""))
        return render_pdf(extract.document(shown, name=name)), resources


def render_pdf(document: Sequence[Json]) -> bytes:
    """Return the document as PDF bytes.

    Parameters
    ----------
    document
        Blocks as JSON, the `meta` block first: what `survey_kpi.report.extract.document` returns. A character
        without a glyph shows as its code point, a picture that cannot be read as its alternative text.

    Raises
    ------
    ReportError
        `alt_text_missing`: a figure says nothing to those who cannot see it. `typesetting`: the compiler
        refused the document, or warned.
    RunError
        `forked`: the process was forked from one that had printed; the compiler would wait for ever.

    Examples
    --------
    >>> from survey_kpi.report.extract import document
    >>> cell = {"cell_type": "markdown", "source": "# Findings", "metadata": {}}
    >>> render_pdf(document({"cells": [cell], "metadata": {}}))[:8]
    b'%PDF-1.7'
    """
    _require_alternatives(document)
    return _typeset(sheet(document, readable=_readable))


def _require_alternatives(document: Sequence[Json]) -> None:
    problems = [
        Problem(
            code="alt_text_missing",
            where=f"pdf: {name}",
            what="the figure has no alternative text",
            hint="say in a sentence what the figure shows",
        )
        for name, alternative in figures(document)
        if not alternative.strip()
    ]
    if problems:
        raise ReportError.collect(problems)


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[_REPORT / "fonts"]
    )
    return typst.Compiler(
        _REPORT / "templates" / "report.typ", root=_REPORT, font_paths=fonts, ignore_system_fonts=True
    )


_printers: list[int] = []  # the process that printed first; a fork inherits the list, not the threads


def has_printed() -> bool:
    """Whether this process, or one that it was forked from, has printed: then it must not be forked."""
    return bool(_printers)


def _typeset(content: Json) -> bytes:
    if not _printers:
        _printers.append(os.getpid())
    if _printers[0] != os.getpid():
        raise RunError(
            "forked",
            where="pdf",
            what="this process was forked from one that had printed a document",
            hint="fork before the first document is printed, or start a new process",
        )
    try:
        made, warnings = _compiler().compile_with_warnings(
            format="pdf",
            sys_inputs={"document": dumps(content, ensure_ascii=False)},
            pdf_standards=[*STANDARDS],
            timestamp=_EPOCH,
        )
    except typst.TypstError as refused:
        raise _refusal([refused]) from None
    if warnings:
        raise _refusal(warnings)
    return cast(bytes, made)


def _refusal(found: Sequence[Any]) -> ReportError:
    return ReportError.collect(
        Problem(
            code="typesetting",
            where="pdf",
            what=f"the document cannot be set: {one.message}",
            hint="; ".join(one.hints),
        )
        for one in found
    )


def _readable(content: Json) -> bool:
    try:
        _typeset(content)
    except ReportError:
        return False
    return True
