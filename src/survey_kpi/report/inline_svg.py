"""SVG that may stand inside a page: only drawing, nothing that runs, loads or styles.

What is not on the lists below does not pass. Style declarations become presentation attributes, because the
page forbids inline styles; ids get a prefix of their own, because one page holds many drawings.

Examples
--------
>>> inline('<svg viewBox="0 0 1 1"><script>x</script><path onclick="x" style="fill: #1F5FA8"/></svg>')
'<svg aria-hidden="true" focusable="false" viewBox="0 0 1 1"><path fill="#1f5fa8"></path></svg>'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]

from survey_kpi.errors import ReportError
from survey_kpi.report.escaping import escape

ELEMENTS = frozenset(
    "svg g defs clipPath use path line rect circle ellipse polyline polygon text tspan".split()  # noqa: SIM905
)
ATTRIBUTES = frozenset(
    """id href clip-path transform d points x y x1 y1 x2 y2 dx dy cx cy r rx ry width height viewBox
    preserveAspectRatio clipPathUnits fill fill-opacity fill-rule clip-rule opacity stroke stroke-width
    stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    text-anchor dominant-baseline font-size font-weight textLength lengthAdjust""".split()  # noqa: SIM905  a list of forty names reads worse
)
_TEXT = frozenset({"text", "tspan"})
_VALUE = re.compile(r"[\w\s.,%#()+\-]*", re.ASCII)  # without colon and slash no address can be written
_REFERENCE = re.compile(r"(url\()?#([\w.\-]+)(?(1)\))", re.ASCII)
_FONT = re.compile(r"(?:(?P<weight>bold|[1-9]00)\s+)?(?P<size>[\d.]+)px\b.*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,6}\b")
_PREFIX_DIGITS = 6


def inline(source: str) -> str:
    """Return the drawing as markup for a page, hidden from screen readers, which get its text alternative.

    Raises
    ------
    ReportError
        `svg_malformed`: this is not XML, declares entities, or its root is not an `svg` element.
    """
    try:
        root = fromstring(source, forbid_dtd=False)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _malformed(str(error) or type(error).__name__) from error
    if _name(root.tag) != "svg":
        raise _malformed(f"a root element {_name(root.tag)!r}")
    prefix = f"v{hashlib.sha256(source.encode('utf-8', 'replace')).hexdigest()[:_PREFIX_DIGITS]}-"
    for size in ("width", "height") if "viewBox" in root.attrib else ():
        root.attrib.pop(size, None)  # the style sheet sizes it
    return "".join(_element(root, prefix, ' aria-hidden="true" focusable="false"'))


def _element(element: Any, prefix: str, extra: str = "") -> Iterator[str]:
    name = _name(element.tag)
    if name not in ELEMENTS:
        return
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in _attributes(element, prefix).items())
    yield f"<{name}{extra}{attributes}>"
    yield escape(element.text or "") if name in _TEXT else ""
    for child in element:
        yield from _element(child, prefix)
        yield escape(child.tail or "") if name in _TEXT else ""
    yield f"</{name}>"


def _attributes(element: Any, prefix: str) -> dict[str, str]:
    found = {_name(key): value for key, value in element.attrib.items()}
    found |= dict(_declarations(found.pop("style", "")))
    clean = {key: _clean(key, value.strip(), prefix) for key, value in found.items() if key in ATTRIBUTES}
    return {key: value for key, value in clean.items() if value}


def _clean(key: str, value: str, prefix: str) -> str:
    """Return the value in its safe form, or nothing."""
    if key == "id":
        return prefix + value if re.fullmatch(r"[\w.\-]+", value, re.ASCII) else ""
    if reference := _REFERENCE.fullmatch(value):
        if key == "href" or reference[1]:
            return f"{reference[1] or ''}#{prefix}{reference[2]}{')' if reference[1] else ''}"
    elif key in ("href", "clip-path") or "url" in value.lower():
        return ""
    return _COLOUR.sub(lambda colour: colour[0].lower(), value) if _VALUE.fullmatch(value) else ""


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    for declaration in style.split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        font = _FONT.fullmatch(value) if key == "font" else None
        if font:
            yield from ((f"font-{part}", found) for part, found in font.groupdict().items() if found)
        else:
            yield key, value.removesuffix("px")


def _name(tag: Any) -> str:
    """Return a name without its namespace; comments and instructions have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _malformed(got: str) -> ReportError:
    return ReportError(
        "svg_malformed", where="figure", what="the drawing cannot be read", got=got, expected="SVG"
    )
