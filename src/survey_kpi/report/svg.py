"""A matplotlib figure as an SVG string that may stand inside a page with a strict security policy.

The page forbids inline styles, swaps colours by attribute for its dark look, and holds many figures at once.
So every style declaration becomes a presentation attribute, nothing is drawn behind the figure, text stays
text, and ids carry a hash of the drawing. The same figure gives the same bytes on every run.

Examples
--------
>>> clean_svg('<svg xmlns="http://www.w3.org/2000/svg"><path style="fill: #1F5FA8" d="M 0.123456 1 "/></svg>')
'<svg xmlns="http://www.w3.org/2000/svg"><path fill="#1f5fa8" d="M0.12 1" /></svg>'
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from survey_kpi.report.style import figure_style

_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_NAMESPACE = "http://www.w3.org/2000/svg"
_DROPPED = {"metadata", "style"}
_ROOT_STYLE = {"stroke-linejoin": "round", "stroke-linecap": "butt"}  # matplotlib says it in a style sheet
_FRACTION = re.compile(r"-?\d+\.\d+")
_COMMAND = re.compile(r"\s*([A-Za-z])\s*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b")
_NO_TURN = re.compile(r"rotate\(-?0[ )]")
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+|(?<=^#).+")
_ID_DIGITS = 8


def to_svg(figure: Figure) -> str:
    """Return the figure as one SVG element, ready to be inlined in HTML or handed to Typst.

    Parameters
    ----------
    figure
        A figure drawn inside `figure_style`; those of `survey_kpi.report.figures` are.
    """
    buffer = io.StringIO()
    with figure_style():
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return clean_svg(buffer.getvalue())


def clean_svg(source: str) -> str:
    """Return SVG as matplotlib writes it without styles, metadata, comments, declarations and idle groups."""
    root = ET.fromstring(source)  # noqa: S314  matplotlib wrote it; no entity can be declared by a label
    _strip_namespaces(root)
    for element in root.iter():
        element.attrib = dict(_attributes(element))
        if element.tag not in {"text", "tspan", "title", "desc"}:
            element.text = None
        element.tail = None
    root.attrib = {"xmlns": _NAMESPACE, **root.attrib}
    if root.find(".//style") is not None:
        root.attrib |= _ROOT_STYLE
    _prune(root)
    _hoist_family(root)
    _rename_ids(root)
    return ET.tostring(root, encoding="unicode")


def _strip_namespaces(root: ET.Element) -> None:
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}


def _attributes(element: ET.Element) -> Iterator[tuple[str, str]]:
    """Yield the attributes with styles resolved and numbers rounded, in matplotlib's order."""
    for key, value in element.attrib.items():
        if key == "style":
            yield from _declarations(value)
        elif key == "d":
            yield key, _COMMAND.sub(r"\1", _round(" ".join(value.split())))
        elif not (key == "transform" and _NO_TURN.match(value)) and key != "version":
            yield key, _round(value)


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    for declaration in filter(str.strip, style.split(";")):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        value = _COLOUR.sub(lambda colour: colour[0].lower(), value)
        yield key, _round(value.removesuffix("px").replace("'", ""))


def _round(text: str) -> str:
    return _FRACTION.sub(lambda number: _short(float(number[0])), text)


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _prune(parent: ET.Element) -> None:
    """Drop what does not show; put the children of idle groups in their group's place."""
    kept: list[ET.Element] = []
    for child in parent:
        _prune(child)
        idle = child.tag == "g" and not set(child.attrib) - {"id"}
        kept += list(child) if idle else [] if _invisible(child) else [child]
    parent[:] = kept


def _invisible(element: ET.Element) -> bool:
    unpainted = element.get("fill") == "none" and element.get("stroke", "none") == "none"
    empty = element.tag in {"g", "defs"} and not len(element)
    return element.tag in _DROPPED or empty or (element.tag == "path" and unpainted)


def _hoist_family(root: ET.Element) -> None:
    """Name a font that all text shares once, on the root."""
    texts = [element for element in root.iter() if "font-family" in element.attrib]
    families = {element.attrib["font-family"] for element in texts}
    if len(families) == 1:
        root.set("font-family", families.pop())
        for element in texts:
            del element.attrib["font-family"]


def _rename_ids(root: ET.Element) -> None:
    """Keep the ids that something refers to, under names that no other drawing has."""
    used = dict.fromkeys(found for value in _references(root) for found in _REFERENCE.findall(value))
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
    _map_ids(root, {old: f"k{index}" for index, old in enumerate(used)}.__getitem__)
    digest = hashlib.sha256(ET.tostring(root)).hexdigest()[:_ID_DIGITS]
    _map_ids(root, lambda old: f"s{digest}{old}")


def _references(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        yield from (value for key, value in element.attrib.items() if key in {"href", "clip-path"})


def _map_ids(root: ET.Element, rename: Callable[[str], str]) -> None:
    for element in root.iter():
        for key in element.attrib.keys() & {"href", "clip-path"}:
            element.set(key, _REFERENCE.sub(lambda old: rename(old[0]), element.attrib[key]))
        if "id" in element.attrib:
            element.set("id", rename(element.attrib["id"]))


__all__ = ["clean_svg", "to_svg"]
