"""The table of export formats, and how a file's format is told from its content."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from survey_kpi.errors import SchemaError, SpecError, nearest
from survey_kpi.readers import (
    google_forms,
    limesurvey,
    parquet,
    plain,
    qualtrics,
    spss,
    surveymonkey,
    tencent,
    wenjuanxing,
)
from survey_kpi.readers.table import Container, Export, Reader
from survey_kpi.study.models import Text

_TABULAR: frozenset[Container] = frozenset({"text", "xlsx"})


_ROWS = (
    Reader(
        name="wenjuanxing",
        label=Text(zh="问卷星", en="Wenjuanxing"),
        containers=_TABULAR,
        sniff=wenjuanxing.sniff,
        read=wenjuanxing.read,
    ),
    Reader(
        name="tencent",
        label=Text(zh="腾讯问卷", en="Tencent Survey"),
        containers=_TABULAR,
        sniff=tencent.sniff,
        read=tencent.read,
    ),
    Reader(
        name="google_forms",
        label=Text(zh="谷歌表单", en="Google Forms"),
        containers=_TABULAR,
        sniff=google_forms.sniff,
        read=google_forms.read,
    ),
    Reader(
        name="qualtrics",
        label=Text(zh="Qualtrics", en="Qualtrics"),
        containers=_TABULAR,
        sniff=qualtrics.sniff,
        read=qualtrics.read,
        header_rows=3,
    ),
    Reader(
        name="surveymonkey",
        label=Text(zh="SurveyMonkey", en="SurveyMonkey"),
        containers=_TABULAR,
        sniff=surveymonkey.sniff,
        read=surveymonkey.read,
        header_rows=2,
    ),
    Reader(
        name="limesurvey",
        label=Text(zh="LimeSurvey", en="LimeSurvey"),
        containers=_TABULAR,
        sniff=limesurvey.sniff,
        read=limesurvey.read,
    ),
    Reader(
        name="spss",
        label=Text(zh="SPSS 数据文件", en="SPSS file"),
        containers=frozenset({"sav"}),
        sniff=plain.sniff,
        read=spss.read,
    ),
    Reader(
        name="parquet",
        label=Text(zh="Parquet 文件", en="Parquet file"),
        containers=frozenset({"parquet"}),
        sniff=plain.sniff,
        read=parquet.read,
    ),
    Reader(
        name="csv",
        label=Text(zh="CSV 文本", en="CSV"),
        containers=frozenset({"text"}),
        sniff=plain.sniff,
        read=plain.read,
    ),
    Reader(
        name="xlsx",
        label=Text(zh="Excel 工作簿", en="Excel workbook"),
        containers=frozenset({"xlsx"}),
        sniff=plain.sniff,
        read=plain.read,
    ),
)
READERS: Mapping[str, Reader] = MappingProxyType({reader.name: reader for reader in _ROWS})
"""Every export format, by the name that a source gives under `format`."""


def choose(export: Export, declared: str) -> Reader:
    """Return the reader of a file: the declared one, or the one whose marks the file carries most of.

    Raises
    ------
    SpecError
        `unknown_format`.
    SchemaError
        `format_mismatch`: the declared format never comes in this kind of file. `header_rows`: it has one
        header row, and the file is of a platform that writes several.
    """
    likely = max(_candidates(export), key=lambda reader: _score(reader, export))
    if declared == "auto":
        return likely
    if declared not in READERS:
        raise SpecError(
            "unknown_format",
            where=export.where,
            what="there is no such format",
            got=repr(declared),
            hint=nearest(declared, ["auto", *READERS]),
        )
    reader = READERS[declared]
    if export.container not in reader.containers:
        raise SchemaError(
            "format_mismatch",
            where=export.where,
            what=f"the file is no {reader.label.en} export",
            got=f"a file of kind {export.container}",
            expected=" or ".join(sorted(reader.containers)),
            hint="correct `format` of this source, or set it to auto",
        )
    if reader.header_rows == 1 and likely.header_rows > 1:
        raise SchemaError(
            "header_rows",
            where=export.where,
            what=f"the file has the {likely.header_rows} header rows of {likely.label.en}",
            got=f"format '{declared}', which has one",
            hint=f"set `format: {likely.name}` or auto",
        )
    return reader


def _candidates(export: Export) -> list[Reader]:
    return [reader for reader in READERS.values() if export.container in reader.containers]


def _score(reader: Reader, export: Export) -> int:
    return reader.sniff(export.grid) if export.grid else 1
