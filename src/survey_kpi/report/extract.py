"""From an executed notebook to the document that both exporters print.

A document is a flat list of blocks as JSON, in the order of the notebook. Its first element is the `meta`
block; a notebook without one gets a neutral meta, so the exporters serve anybody's notebook. The shape of an
element is the fields of its class in `survey_kpi.report.blocks` plus `type`.

A notebook with blocks of ours is a report: its code, its warnings and its parameter cells stay hidden. In
any other notebook code is shown. In both, the cell tags `remove-cell`, `remove-input` and `remove-output`
mean what they say.

Examples
--------
>>> cell = {"cell_type": "markdown", "source": "# Findings", "metadata": {}}
>>> found = document({"cells": [cell], "metadata": {}})
>>> [block["type"] for block in found], found[0]["title"], found[0]["language"]
(['meta', 'heading'], 'Findings', 'en')
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from survey_kpi.errors import ReportError, nearest
from survey_kpi.report import blocks as kinds
from survey_kpi.report.foreign import IMAGE_TYPES, image, markdown, tables

Json = dict[str, Any]

FRAME_WORDS: dict[str, dict[str, str]] = {
    "contents": {"zh": "目录", "en": "Contents"},
    "skip": {"zh": "跳到正文", "en": "Skip to the text"},
    "theme": {"zh": "切换明暗", "en": "Switch light and dark"},
    "page": {"zh": "页", "en": "Page"},
    "run": {"zh": "运行", "en": "Run"},
    "data": {"zh": "数据", "en": "Data"},
    "rules": {"zh": "规则", "en": "Rules"},
    "evidence": {"zh": "证据等级", "en": "Evidence grade"},
    "warning": {"zh": "注意", "en": "Caution"},
    "facts": {"zh": "本报告中的数字", "en": "Numbers in this report"},
    "fact": {"zh": "数字", "en": "Number"},
    "key": {"zh": "编号", "en": "Key"},
    "hash": {"zh": "校验", "en": "Hash"},
    "trace": {"zh": "查看算法与所用的行", "en": "Show its formula and rows"},
    "hint": {
        "zh": "点按任一数字，可查它的编号和算法。",
        "en": "Select any number to see its key and how to trace it.",
    },
    "copy": {"zh": "复制", "en": "Copy"},
    "copied": {"zh": "已复制", "en": "Copied"},
    "close": {"zh": "关闭", "en": "Close"},
    "table": {"zh": "表格", "en": "Table"},
    "figure": {"zh": "图", "en": "Figure"},
    "image": {"zh": "图片", "en": "Image"},
    "source": {"zh": "代码", "en": "Code"},
    "output": {"zh": "输出", "en": "Output"},
    "error": {"zh": "错误", "en": "Error"},
    "untitled": {"zh": "笔记本", "en": "Notebook"},
}
"""Words of the page itself; `Meta.labels` overrides them."""

HIDDEN_TAGS = frozenset({"parameters", "injected-parameters", "remove-cell"})
KINDS: dict[str, type[kinds.Block]] = {
    str(entry.default): cls
    for cls in vars(kinds).values()
    if isinstance(cls, type) and issubclass(cls, kinds.Block) and cls is not kinds.Block
    for entry in fields(cls)  # type: ignore[arg-type]  # every block is a dataclass
    if entry.name == "type"
}
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")  # what a progress bar wrote over
_CJK = re.compile(r"[\u3400-\u9fff]")


def document(nb: Mapping[str, Any], *, name: str = "") -> list[Json]:
    """Return the document of a notebook: meta first, then every block in order.

    Parameters
    ----------
    nb
        A notebook as nbformat 4 reads it, executed.
    name
        File name without its ending; the title of last resort.

    Raises
    ------
    ReportError
        `blocks_malformed`: an output claims to be ours but has an unknown type, lacks a field, or there is
        more than one meta block.
    """
    report = any(kinds.MIME in output.get("data", {}) for cell in nb["cells"] for output in _outputs(cell))
    body = [block for at, cell in enumerate(nb["cells"], 1) for block in _cell(cell, report, f"cell {at}")]
    metas = [block for block in body if block["type"] == "meta"]
    if len(metas) > 1:
        raise _malformed("notebook", "two blocks say what stands on every page", len(metas), "one meta block")
    rest = [block for block in body if block["type"] != "meta"]
    meta = metas[0] if metas else _neutral_meta(nb.get("metadata", {}), rest, name)
    return [meta, *rest]


def spans(node: Any) -> Iterator[Json]:
    """Yield every run of text of a document or block, in order; each is a `Span` as JSON."""
    if isinstance(node, Mapping):
        if "text" in node and "fact" in node:
            yield dict(node)
        for part in node.values():
            yield from spans(part)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for part in node:
            yield from spans(part)


def facts(document: Sequence[Json]) -> list[Json]:
    """Return the marked numbers of a document, each (key, hash) once, as first printed."""
    found: dict[tuple[str, str], Json] = {}
    for span in spans(document):
        if span["fact"]:
            found.setdefault((span["fact"], span["hash"]), span)
    return list(found.values())


def frame_words(meta: Mapping[str, Any]) -> dict[str, str]:
    """Return the words of the page in the document's language, its own labels first."""
    language = "zh" if str(meta["language"]).startswith("zh") else "en"
    return {key: words[language] for key, words in FRAME_WORDS.items()} | dict(meta["labels"])


def language(blocks: Sequence[Json]) -> str:
    """Return the language that the meta block says; without one "zh" if a tenth of the text is Chinese."""
    metas = [str(block["language"]) for block in blocks if block["type"] == "meta"]
    written = "".join(block["text"] for block in blocks if block["type"] == "heading")
    written += "".join(span["text"] for block in blocks if block["type"] != "code" for span in spans(block))
    return (metas or ["zh" if len(_CJK.findall(written)) * 10 > len(written) else "en"])[0]


def _cell(cell: Mapping[str, Any], report: bool, where: str) -> Iterator[Json]:
    tags = set(cell.get("metadata", {}).get("tags", ()))
    hidden = HIDDEN_TAGS if report else {"remove-cell"}
    if tags & hidden:
        return
    source = _text(cell.get("source", ""))
    if cell["cell_type"] == "markdown":
        yield from _as_json(markdown(source, cell.get("attachments")))
    elif cell["cell_type"] == "code":
        if not report and source.strip() and "remove-input" not in tags:
            yield kinds.Code(source).as_json()
        if "remove-output" not in tags:
            yield from _shown(cell, report, where)


def _shown(cell: Mapping[str, Any], report: bool, where: str) -> Iterator[Json]:
    printed = ""  # a stream arrives in pieces that depend on timing
    for output in _outputs(cell):
        if output["output_type"] == "stream":
            quiet = report and output.get("name") == "stderr"  # warnings are for the analyst
            printed += "" if quiet else _text(output["text"])
            continue
        yield from _console(printed)
        printed = ""
        if output["output_type"] == "error":
            yield from _console(_text(output.get("traceback", ()), "\n"), "error")
        else:
            yield from _bundle(output["data"], output.get("metadata", {}), where)
    yield from _console(printed)


def _bundle(data: Mapping[str, Any], metadata: Mapping[str, Any], where: str) -> Iterator[Json]:
    """Yield the richest form of an output that needs no trust."""
    if kinds.MIME in data:
        yield from _ours(data[kinds.MIME], where)
        return
    for mime in sorted(data.keys() & set(IMAGE_TYPES), reverse=True):  # vector first
        size = metadata.get(mime, {})
        found = image(mime, _text(data[mime]), alt=str(metadata.get("alt", "")), width=size.get("width", 0))
        if found:
            yield found.as_json()
            return
    parsed = tables(_text(data.get("text/html", "")))
    if parsed or "text/markdown" in data:
        yield from _as_json(parsed or markdown(_text(data["text/markdown"])))
    else:
        yield from _console(_text(data.get("text/plain", "")) or f"[{', '.join(sorted(data))}]")


def _ours(bundle: Any, where: str) -> Iterator[Json]:
    found = bundle.get("blocks") if isinstance(bundle, Mapping) else None
    if not isinstance(found, Sequence):
        raise _malformed(where, "the output holds no list of blocks", type(found).__name__, "a list")
    yield from (_checked(block, where) for block in found)


def _checked(block: Any, where: str) -> Json:
    """Return the block if it has the shape of its class, its inner blocks too."""
    kind = block.get("type") if isinstance(block, Mapping) else None
    if kind not in KINDS:
        raise _malformed(where, "this is not a block", repr(kind), "a block type", nearest(kind, KINDS))
    missing = sorted({entry.name for entry in fields(KINDS[kind])} - block.keys())  # type: ignore[arg-type]
    if missing:
        raise _malformed(
            where, f"a {kind} block lacks fields", ", ".join(missing), "every field of its class"
        )
    for column in block["columns"] if kind == "columns" else ():
        for inner in column:
            _checked(inner, where)
    return dict(block)


def _malformed(where: str, what: str, got: object, expected: object, hint: str = "") -> ReportError:
    return ReportError("blocks_malformed", where=where, what=what, got=got, expected=expected, hint=hint)


def _neutral_meta(metadata: Mapping[str, Any], body: Sequence[Json], name: str) -> Json:
    headings = [block["text"] for block in body if block["type"] == "heading"]
    spoken = str(metadata.get("lang") or language(body))
    words = frame_words({"language": spoken, "labels": {}})
    title = str(metadata.get("title") or (headings or [name or words["untitled"]])[0])
    blank = dict.fromkeys(("study", "edition", "period", "run_id", "data_hash", "rule_hash", "evidence"), "")
    return kinds.Meta(title=title, language=spoken, labels=words, **blank).as_json()


def _console(text: str, kind: Any = "output") -> Iterator[Json]:
    clean = _OVERWRITTEN.sub("", _ANSI.sub("", text).replace("\r\n", "\n")).strip("\n")
    if clean.strip():
        yield kinds.Code(clean, kind).as_json()


def _outputs(cell: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = cell.get("outputs", ())
    return found


def _text(value: str | Iterable[str], glue: str = "") -> str:
    """Return text that notebooks store whole or in lines."""
    return value if isinstance(value, str) else glue.join(value)


def _as_json(found: Iterable[kinds.Block]) -> Iterator[Json]:
    return (block.as_json() for block in found)
