"""Write the reference pages from the tables and models that they describe, so that they cannot drift.

python scripts/write_reference.py            # writes the pages under docs/
python scripts/write_reference.py --check    # names the pages that are out of date, status 1

What the code does not say (a second language, an example) stands in docs/reference/words.yaml.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import yaml
from annotated_types import Ge, Gt, Le, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from survey_kpi.cleaning import RULES
from survey_kpi.cleaning.rule import Param, Rule
from survey_kpi.evaluation.vocabulary import vocabulary
from survey_kpi.glossary import COLUMNS
from survey_kpi.indicators import INDICATORS, Indicator
from survey_kpi.indicators.estimation import FAMILIES
from survey_kpi.indicators.record_estimates import RECORD_FAMILIES
from survey_kpi.study.load import FILES
from survey_kpi.study.models import IndicatorId, Name, PeriodText, Text
from survey_kpi.study.study_file import PlanHash
from survey_kpi.study.tables import TABLES, TableSpec

DOCS = Path(__file__).resolve().parents[1] / "docs"
WORDS: Mapping[str, Any] = yaml.safe_load((DOCS / "reference/words.yaml").read_text(encoding="utf-8"))
LANGUAGES = ("en", "zh")
MARK = "<!-- Written by scripts/write_reference.py; change the code or docs/reference/words.yaml instead. -->"
Rows = Sequence[Sequence[str]]
INTERVALS = {name: words for name, (words, _) in {**FAMILIES, **RECORD_FAMILIES}.items()}

KINDS: Sequence[tuple[Any, str]] = (
    (Name, "name"),
    (IndicatorId, "indicator"),
    (PeriodText, "period"),
    (PlanHash, "text"),
    (Text, "both"),
    (str, "text"),
    (bool, "switch"),
    (int, "whole"),
    (float, "number"),
    (Decimal, "number"),
    (dt.date, "date"),
    (Any, "any"),
)
BOUNDS: Mapping[type, tuple[str, str]] = {
    Ge: ("low", "ge"),
    Le: ("high", "le"),
    Gt: ("above", "gt"),
    MinLen: ("least", "min_length"),
}


# --- Markdown -----------------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Rows) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: object) -> str:
    return f"`{text}`"


def listed(names: Any) -> str:
    return ", ".join(code(name) for name in names)


def flow(value: Any) -> str:
    """One line of YAML, whole numbers without a point."""
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return code(text.removesuffix("\n").removesuffix("\n..."))


def say(group: str, name: str, language: str, **slots: str) -> str:
    return str(WORDS[group][name][language]).format(**slots)


def both(group: str, name: str) -> str:
    return " · ".join(say(group, name, language) for language in LANGUAGES)


def page(name: str, languages: Sequence[str], parts: Sequence[str]) -> str:
    title = " · ".join(WORDS["pages"][name]["title"][language] for language in languages)
    intros = [WORDS["pages"][name]["intro"][language].rstrip() for language in languages]
    return "\n\n".join([MARK, f"# {title}", *intros, *parts]) + "\n"


# --- study files --------------------------------------------------------------------------------------


def slug(title: str) -> str:
    """Anchor of a heading, as GitHub makes it."""
    kept = "".join(char for char in title.lower() if char.isalnum() or char in " -_")
    return kept.replace(" ", "-")


def fields_of(model: type[BaseModel]) -> dict[str, tuple[FieldInfo, Any]]:
    hints = typing.get_type_hints(model, include_extras=True)
    return {name: (info, hints[name]) for name, info in model.model_fields.items()}


def model_in(kind: Any) -> type[BaseModel] | None:
    """The model that a type is made of, words in two languages aside."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return None if kind is Text else kind
    found = [model_in(part) for part in typing.get_args(kind)]
    return next((model for model in found if model), None)


def place_in(path: str, name: str, kind: Any) -> str:
    """Key path of a model's section: `sources[]`, `cleaning.rules.{name}`."""
    ending = {tuple: "[]", dict: ".{name}"}.get(typing.get_origin(kind), "")
    return f"{path}.{name}{ending}".lstrip(".")


def sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every model below a file's, in the order of its keys."""
    for name, (_, kind) in fields_of(model).items():
        if inner := model_in(kind):
            place = place_in(path, name, kind)
            yield place, inner
            yield from sections(inner, place)


def kind_text(kind: Any, language: str, place: str) -> str:
    for known, word in KINDS:
        if kind is known or kind == known:
            return say("types", word, language)
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return say("types", "either", language).join(map(code, parts))
    if origin is typing.Annotated:
        return bounded(
            kind_text(parts[0], language, place),
            [m for f in parts[1:] for m in getattr(f, "metadata", ())],
            language,
        )
    if origin in (typing.Union, types.UnionType):
        texts = [kind_text(part, language, place) for part in parts if part is not type(None)]
        return say("types", "either", language).join(texts)
    if origin is tuple:
        return say("types", "list", language, inner=kind_text(parts[0], language, place))
    if origin is dict:
        key, inner = (kind_text(part, language, place) for part in parts)
        return say("types", "mapping", language, key=key, inner=inner)
    return f"[{place}](#{slug(place)})"


def bounded(text: str, metadata: Sequence[Any], language: str) -> str:
    for bound in metadata:
        if type(bound) in BOUNDS:
            word, attribute = BOUNDS[type(bound)]
            if word != "least" or not text.startswith(say("types", "text", language)):
                text = say("types", word, language, inner=text, bound=f"{getattr(bound, attribute):g}")
    return text


def default_text(info: FieldInfo, language: str) -> str:
    if info.is_required():
        return say("heads", "required", language)
    default = info.get_default(call_default_factory=True)
    if default is None:
        return say("heads", "none", language)
    if default in ((), {}) or isinstance(default, BaseModel):
        return say("heads", "empty", language)
    return flow(list(default) if isinstance(default, tuple) else default)


def meaning(model: type[BaseModel], name: str, info: FieldInfo, language: str) -> str:
    said = info.description if language == "en" else None
    text = said or WORDS["models"][model.__name__]["keys"][name][language]
    return " ".join(str(text).split()).removesuffix(".")


def about(model: type[BaseModel], language: str) -> str:
    """What a section is about; the docstring of a file's model begins with the file's name."""
    if language != "en":
        return str(WORDS["models"][model.__name__]["about"])
    said = re.sub(r"^`\w+\.yaml`\W*", "", inspect.cleandoc(model.__doc__ or ""))
    return said[:1].upper() + said[1:]


def keys_table(model: type[BaseModel], path: str, language: str) -> str:
    heads = [say("heads", name, language) for name in ("key", "type", "default", "meaning", "example")]
    rows = [
        [
            code(name),
            bounded(kind_text(kind, language, place_in(path, name, kind)), info.metadata, language),
            default_text(info, language),
            meaning(model, name, info, language),
            flow(WORDS["models"][model.__name__]["keys"][name]["example"]),
        ]
        for name, (info, kind) in fields_of(model).items()
    ]
    return table(heads, rows)


def study_files(language: str) -> str:
    parts = []
    for file, top in FILES.items():
        parts += [f"## {file}.yaml", about(top, language), keys_table(top, "", language)]
        for place, model in sections(top):
            parts += [f"### {place}", about(model, language), keys_table(model, place, language)]
    return page("study-files", [language], [*filter(None, parts), names(language)])


def names(language: str) -> str:
    """What study files may refer to and the package defines."""
    known = vocabulary()
    methods = [
        code(name)
        + (f" ({', '.join(map(code, params))})" if params else "")
        + (f" – {say('words', 'judgements', language)}" if name in known.judgement_methods else "")
        + (f" – {say('words', 'ratings', language)}" if name in known.rating_methods else "")
        for name, params in known.weight_methods.items()
    ]
    tables = [f"{code(spec.name)} ({columns_of(spec)})" for spec in TABLES.values()]
    lines = [
        f"{say('words', word, language)}: {text}"
        for word, text in (
            ("formats", listed(known.formats)),
            ("weight_methods", ", ".join(methods)),
            ("random_indices", listed(known.random_indices)),
            ("fields", listed(known.fields)),
            ("tables", ", ".join(tables)),
        )
    ]
    lines += [say("words", word, language) for word in ("rules", "kpis")]
    return f"## {WORDS['pages']['names']['title'][language]}\n\n" + "\n".join(f"- {line}" for line in lines)


def columns_of(spec: TableSpec) -> str:
    return ", ".join(code(column.name) + ("★" if column.required else "") for column in spec.columns)


# --- tables of the package ----------------------------------------------------------------------------


def indicator_part(indicator: Indicator) -> str:
    anchor = both("words", "declare") if indicator.default_anchor is None else f"{indicator.default_anchor:g}"
    facts = [
        (both("words", "roles"), listed(indicator.roles)),
        (both("words", "headline"), code(indicator.headline)),
        (both("words", "direction"), code(indicator.direction)),
        (both("words", "anchor"), anchor),
        (both("words", "source"), indicator.source),
    ]
    if indicator.view:
        facts.append((both("words", "needs"), listed(indicator.view.tables)))
    if indicator.params:
        params = ", ".join(f"{code(name)}: {flow(value)}" for name, value in indicator.params.items())
        facts.append((both("words", "params"), params))
    if indicator.home:
        facts.append((both("words", "home"), code(indicator.home)))
    facts = [(name, text) for name, text in facts if text]
    measures = [
        [
            code(measure.name),
            f"{measure.label.en} · {measure.label.zh}",
            code(measure.unit),
            measure.formula,
            INTERVALS[measure.family],
        ]
        for measure in indicator.measures
    ]
    heads = [both("words", name) for name in ("measure", "label", "unit", "formula", "interval")]
    return "\n\n".join(
        [
            f"## {indicator.code} {indicator.label.en} · {indicator.label.zh}",
            indicator.definition.en,
            indicator.definition.zh,
            *([table(heads, measures)] if measures else []),
            "\n".join(f"- {name}: {text}" for name, text in facts),
        ]
    )


def param_text(name: str, param: Param) -> str:
    default = list(param.default) if isinstance(param.default, tuple) else param.default
    return f"{code(name)}: {flow(default)} {param.meaning.en} · {param.meaning.zh}"


def rule_row(rule: Rule) -> list[str]:
    actions = [f"**{code(name)}**" if name == rule.action else code(name) for name in rule.actions]
    return [
        code(rule.code),
        f"{rule.label.en}<br>{rule.label.zh}",
        f"{rule.reason.en}<br>{rule.reason.zh}",
        code(rule.level),
        ", ".join(actions),
        rule.sign and code(rule.sign),
        "<br>".join(param_text(name, param) for name, param in rule.params.items()),
    ]


def rules_table() -> str:
    heads = ["", *(both("words", name) for name in ("rule", "reason", "level", "actions", "sign", "params"))]
    return table(heads, [rule_row(rule) for rule in RULES.values()])


def glossary_table() -> str:
    rows = [[code(name), word.unit and code(word.unit), word.en, word.zh] for name, word in COLUMNS.items()]
    return table([both("words", "column"), both("words", "unit"), "English", "中文"], rows)


# --- all of it ----------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Text of every generated page by its place under docs/."""
    return {
        "study-files.md": study_files("en"),
        "study-files.zh.md": study_files("zh"),
        "reference/indicators.md": page(
            "indicators", LANGUAGES, [indicator_part(i) for i in INDICATORS.values()]
        ),
        "reference/rules.md": page("rules", LANGUAGES, [rules_table()]),
        "reference/glossary.md": page("glossary", LANGUAGES, [glossary_table()]),
    }


def outdated() -> list[str]:
    """Pages whose file differs from what would be written."""
    files = {name: DOCS / name for name in pages()}
    return [
        name
        for name, text in pages().items()
        if not files[name].is_file() or files[name].read_text(encoding="utf-8") != text
    ]


def main() -> int:
    found = outdated()
    if "--check" not in sys.argv:
        for name, text in pages().items():
            (DOCS / name).write_text(text, encoding="utf-8")
        found = []
    print("\n".join(f"docs/{name} is out of date" for name in found) or "the reference pages are up to date")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
