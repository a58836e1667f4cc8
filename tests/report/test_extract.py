"""Documents come out of notebooks in order, complete, and as plain data."""

from __future__ import annotations

import base64
import json

import nbformat.v4 as nbf
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import ReportError
from survey_kpi.report.blocks import (
    MIME,
    Blocks,
    Bullets,
    Column,
    Columns,
    FactAppendix,
    Figure,
    Heading,
    Meta,
    Note,
    Paragraph,
    Span,
    Table,
    Tile,
    Tiles,
)
from survey_kpi.report.extract import document, facts, frame_words, spans

FACT = Span("30.0", fact="2026Q3/A07.nps/company", hash="cedb76f9", glue=True)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n not really").decode()


def meta(**changes):
    blank = dict.fromkeys(("study", "edition", "period", "run_id", "data_hash", "rule_hash", "evidence"), "x")
    return Meta(**{"title": "T", "language": "zh", **blank, **changes})


def ours(*blocks, tags=(), source="show()"):
    output = nbf.new_output("display_data", data={MIME: {"blocks": Blocks(blocks).as_json()}})
    return nbf.new_code_cell(source, outputs=[output], metadata={"tags": list(tags)})


def code(*outputs, tags=(), source="1 + 1"):
    return nbf.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shown(data, **metadata):
    return nbf.new_output("display_data", data=data, metadata=metadata)


def doc(*cells, name="", **metadata):
    return document(nbf.new_notebook(cells=list(cells), metadata=metadata), name=name)


def types(found):
    return [block["type"] for block in found]


EVERY = [
    meta(),
    Heading("H"),
    Paragraph([Span("NPS "), FACT]),
    Bullets([[Span("a")]], notes=[[Span("b")]]),
    Note([Span("n")]),
    Tiles([Tile("NPS", FACT, "", [Span("1–2")], [Span("target 35")], [Span("same", tone="same")])]),
    Table([Column("a")], [[[Span("1")]]]),
    Figure("<svg/>", "alt", [Span("see")]),
    Columns([[Paragraph([Span("left")])], [Note([Span("right")])]]),
    FactAppendix([Span("all")]),
]


def test_a_report_comes_back_as_its_blocks_say():
    found = doc(*(ours(block) for block in EVERY))
    assert json.loads(json.dumps(found)) == json.loads(json.dumps([block.as_json() for block in EVERY]))


def test_meta_comes_first_wherever_it_stands():
    assert types(doc(ours(Heading("a")), ours(meta()), ours(Heading("b")))) == ["meta", "heading", "heading"]


def test_a_report_hides_code_parameters_and_warnings():
    warning = nbf.new_output("stream", name="stderr", text="FutureWarning")
    said = nbf.new_output("stream", name="stdout", text="42 rows")
    found = doc(
        code(said, tags=["parameters"]),
        code(said, tags=["injected-parameters"]),
        code(said, tags=["remove-cell"]),
        code(warning, said),
        ours(meta()),
    )
    assert types(found) == ["meta", "code"]
    assert (found[1]["text"], found[1]["kind"]) == ("42 rows", "output")


def test_a_foreign_notebook_shows_code_and_everything_printed():
    found = doc(
        code(nbf.new_output("stream", name="stderr", text="careful"), source="x = 1", tags=["parameters"]),
        code(nbf.new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m", "v"]), source=""),
        code(shown({"text/plain": "7"}), source="hidden", tags=["remove-input"]),
        code(shown({"text/plain": "8"}), source="seen", tags=["remove-output"]),
    )
    assert [(block["kind"], block["text"]) for block in found[1:]] == [
        ("source", "x = 1"),
        ("output", "careful"),
        ("error", "E\nv"),
        ("output", "7"),
        ("source", "seen"),
    ]


def test_streams_are_joined_and_progress_bars_keep_their_last_state():
    pieces = [
        nbf.new_output("stream", name="stdout", text=text) for text in ("10%\r", "50%\r10", "0%\nok\r\n")
    ]
    assert doc(code(*pieces, source=""))[1]["text"] == "100%\nok"


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"type": "heding"}, "did you mean 'heading'"),
        ({"type": "heading", "text": "x"}, "anchor, kicker, level"),
        ("text", "None"),
        ({"type": "columns", "columns": [[{"type": "note"}]]}, "content, kind, title"),
    ],
)
def test_a_malformed_block_names_its_cell(block, says):
    bad = shown({MIME: {"blocks": [block]}})
    with pytest.raises(ReportError, match="cell 2") as caught:
        doc(ours(meta()), code(bad))
    assert caught.value.code == "blocks_malformed"
    assert says in str(caught.value)


@pytest.mark.parametrize("bundle", [None, {}, {"blocks": 3}, []])
def test_an_output_without_blocks_is_refused(bundle):
    with pytest.raises(ReportError, match="blocks_malformed"):
        doc(code(shown({MIME: bundle})))


def test_two_metas_are_refused():
    with pytest.raises(ReportError, match="one meta block"):
        doc(ours(meta()), ours(meta()))


@pytest.mark.parametrize(
    ("cells", "metadata", "name", "title", "language"),
    [
        ([nbf.new_markdown_cell("text\n\n## Two *words*")], {}, "file", "Two words", "en"),
        ([nbf.new_markdown_cell("# 结论：NPS 上升")], {}, "file", "结论：NPS 上升", "zh"),
        ([nbf.new_markdown_cell("plain")], {"title": "Given", "lang": "zh"}, "file", "Given", "zh"),
        ([], {}, "file", "file", "en"),
        ([], {}, "", "Notebook", "en"),
    ],
)
def test_a_foreign_notebook_gets_a_neutral_meta(cells, metadata, name, title, language):
    found = doc(*cells, name=name, **metadata)[0]
    assert (found["title"], found["language"], found["run_id"]) == (title, language, "")


def test_markdown_becomes_blocks():
    source = """# One *two*

Text **bold** `code` $a_b$ [link](https://example.org) <b>tag</b><br>next ~~old~~ https://a.example
soft

> quote
>
> more

3. c
   - d

     e
- [x] done

| a | b |
|---|--:|
| x | 1 |

```python
x = 1
```

$$
x^2
$$

<div>raw <i>html</i></div>

<!-- gone -->
<table><tr><th>t</th></tr><tr><td>1</td></tr></table>
"""
    found = doc(nbf.new_markdown_cell(source))[1:]
    assert types(found) == [
        *["heading", "paragraph", "note", "bullets", "bullets", "table", "code", "code", "paragraph", "table"]
    ]
    heading, text, note, numbered, tasks, table, block, formula, raw, inner = found
    assert (heading["text"], heading["level"]) == ("One two", 1)
    said = [(span["text"], span["tone"]) for span in text["content"]]
    assert {("bold", "strong"), ("code", "code"), ("a_b", "code"), ("old", "muted"), ("tag", "")} <= set(said)
    assert "".join(span for span, _ in said).startswith(
        "Text bold code a_b link (https://example.org) tag\nnext old https://a.example soft"
    )
    assert "".join(span["text"] for span in note["content"]) == "quote\nmore"
    assert numbered["ordered"]
    assert ["".join(s["text"] for s in item) for item in numbered["items"]] == ["c\n– d\ne"]
    assert "".join(s["text"] for s in tasks["items"][0]) == "☑ done"
    assert [column["align"] for column in table["columns"]] == ["left", "right"]
    assert (block["text"], block["language"], formula["text"]) == ("x = 1", "python", "x^2")
    assert raw["content"][0]["text"] == "raw html"
    assert inner["rows"][0][0][0]["text"] == "1"


def test_a_data_frame_becomes_a_table_with_numbers_on_the_right():
    index = pd.MultiIndex.from_tuples([("A", "x"), ("A", "y"), ("B", "x")], names=["team", "item"])
    frame = pd.DataFrame(
        {"n": [1, 2, 3], "rate": [0.5, None, -1e-9], "who": ["<b>李</b>", "b", "c"]}, index=index
    )
    output = shown({"text/html": frame.to_html(), "text/plain": "no"})
    (table,) = [block for block in doc(code(output)) if block["type"] == "table"]
    assert [column["title"] for column in table["columns"]] == ["team", "item", "n", "rate", "who"]
    assert [column["align"] for column in table["columns"]] == ["left", "left", "right", "right", "left"]
    said = [[cell[0]["text"] for cell in row] for row in table["rows"]]
    assert [row[:3] for row in said] == [["A", "x", "1"], ["A", "y", "2"], ["B", "x", "3"]]
    assert said[0][4] == "<b>李</b>"


def test_a_hostile_span_does_not_fill_the_memory():
    html = (
        "<table><tr><th colspan='999999999' rowspan='-3'>a</th></tr><tr><td rowspan='x'>1</td></tr></table>"
    )
    (table,) = [block for block in doc(code(shown({"text/html": html}))) if block["type"] == "table"]
    assert len(table["columns"]) == 1000


def test_pictures_keep_their_data_and_prefer_vectors():
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    first, second, third, fourth = doc(
        code(shown({"image/png": PNG, "image/svg+xml": svg, "text/plain": "x"}), source=""),
        code(shown({"image/png": PNG[:8] + "\n" + PNG[8:]}, **{"image/png": {"width": 320}}), source=""),
        nbf.new_markdown_cell("![seen](attachment:a.png)", attachments={"a.png": {"image/png": PNG}}),
        nbf.new_markdown_cell("![far](https://a.example/x.png)"),
    )[1:]
    assert base64.b64decode(first["data"]).decode() == svg
    assert (second["mime"], second["data"], second["width"]) == ("image/png", PNG, 320)
    assert (third["type"], third["alt"], third["data"]) == ("image", "seen", PNG)
    assert "".join(span["text"] for span in fourth["content"]) == "far (https://a.example/x.png)"


def test_an_output_that_cannot_be_shown_says_so():
    broken = code(shown({"image/png": "not base64!", "application/x-widget": "a"}), source="")
    assert doc(broken)[1]["text"] == "[application/x-widget, image/png]"


def test_html_without_a_table_falls_back_to_text_and_never_to_markup():
    data = {"text/html": "<script>alert(1)</script>", "text/plain": "Widget()"}
    assert doc(code(shown(data), source=""))[1]["text"] == "Widget()"


def test_facts_are_listed_once_in_the_order_of_printing():
    other = Span("9", fact="k", hash="2")
    found = facts(
        doc(
            ours(meta(), Paragraph([other, FACT]), Columns([[Note([FACT, Span("9.0", fact="k", hash="3")])]]))
        )
    )
    assert [(span["text"], span["hash"]) for span in found] == [
        ("9", "2"),
        ("30.0", "cedb76f9"),
        ("9.0", "3"),
    ]


def test_own_labels_win_over_the_words_of_the_page():
    words = frame_words(meta(labels={"contents": "本期内容"}).as_json())
    assert (words["contents"], words["copy"]) == ("本期内容", "复制")


@given(st.text())
def test_any_markdown_is_only_text(source):
    found = doc(nbf.new_markdown_cell(source))
    assert all(isinstance(span["text"], str) for span in spans(found))


@given(st.text(alphabet=st.sampled_from("<>table/trdh &'\"=ac ")))
def test_any_html_is_read_without_an_error(source):
    assert doc(code(shown({"text/html": f"<table>{source}", "text/plain": "x"})))
