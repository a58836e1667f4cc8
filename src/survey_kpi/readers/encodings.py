"""Bytes to text: byte-order mark, then strict UTF-8, then GB18030; UTF-16 only by its mark.

GB18030 accepts almost any bytes, so what it yields is looked at before it is believed: the letters must be
mostly those of everyday Chinese, and no line may be good UTF-8.
"""

from __future__ import annotations

import codecs
import re

from survey_kpi.errors import SchemaError, SpecError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ASCII = re.compile(r"[\x00-\x7f]+")
_EVERYDAY, _PLAIN = 0.3, 0.6
"""Shares of letters in GB2312: traditional Chinese has half, simplified nearly all, other codes few."""
_TWO_LETTERS = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")
_CERTAIN = 4
_HINT = "name the right one under `encoding` of this source, or export the file again as UTF-8"


def decode(data: bytes, declared: str, where: str) -> tuple[str, str]:
    """Return the text and the encoding that was used; a byte-order mark is gone from the text.

    Parameters
    ----------
    data
        Bytes of a text file.
    declared
        Encoding that the study names, or "auto".
    where
        Name of the file for messages.

    Raises
    ------
    SchemaError
        `encoding`: bytes that fit none, or only by yielding garbage; names line and byte offset.
    SpecError
        `encoding_unknown`: the study names an encoding that does not exist.

    Examples
    --------
    >>> decode("满意".encode("gb18030"), "auto", "a.csv")
    ('满意', 'gb18030')
    >>> decode("满意".encode("utf-8-sig"), "auto", "a.csv")
    ('满意', 'utf-8-sig')
    """
    if declared != "auto":
        return _strict(data, _known(declared, where), where)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name, where)
    if data.count(b"\0", 0, 1 << 16) * 10 > len(data[: 1 << 16]):
        raise _refused(
            data, data.index(b"\0"), where, "the file is full of zero bytes: UTF-16 without a mark?"
        )
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        _refuse_mixture(data, where)
        text, name = _strict(data, "gb18030", where, first_doubt=error.start)
    _refuse_garbage(data, text, where)
    return text, name


def _known(declared: str, where: str) -> str:
    try:
        name = codecs.lookup(declared).name
        "".encode(name)  # codecs such as hex are no text encodings
    except LookupError:
        raise SpecError(
            "encoding_unknown",
            where=where,
            what="the declared encoding does not exist",
            got=repr(declared),
            expected="auto, utf-8, gb18030, utf-16 or another name that Python knows",
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


def _strict(data: bytes, name: str, where: str, *, first_doubt: int | None = None) -> tuple[str, str]:
    try:
        text = data.decode(name)
    except UnicodeError as error:
        start = int(getattr(error, "start", 0))
        what = f"the bytes are not {name}"
        if first_doubt is not None:
            what = f"the bytes are neither UTF-8 (byte {first_doubt + 1}) nor GB18030"
        raise _refused(data, start, where, what) from None
    if name == "utf-8-sig" and not data.startswith(codecs.BOM_UTF8):
        return text, "utf-8"
    return text.removeprefix("\ufeff"), name


def _refused(data: bytes, offset: int, where: str, what: str) -> SchemaError:
    line = data.count(b"\n", 0, offset) + 1
    got = data[offset : offset + 8].hex(" ")
    place = f"{where}, line {line}, byte {offset + 1}"
    return SchemaError("encoding", where=place, what=what, got=f"bytes {got}", hint=_HINT)


def _refuse_mixture(data: bytes, where: str) -> None:
    """Refuse a file of which some lines are good UTF-8 Chinese although the file as a whole is not UTF-8.

    Two letters of GB18030 may look like one of UTF-8 by chance; four on lines without any doubt may not.
    """
    offset, letters = 0, 0
    for line in data.splitlines(keepends=True):
        if _TWO_LETTERS.search(line):
            letters += _utf8_letters(line)
            if letters >= _CERTAIN:
                raise _refused(data, offset, where, "this line is UTF-8 and others are not")
        offset += len(line)


def _utf8_letters(line: bytes) -> int:
    """Count the letters beyond ASCII of a line that is UTF-8 Chinese from end to end; 0 if it is not."""
    try:
        letters = [letter for letter in line.decode("utf-8") if not letter.isascii()]
    except UnicodeDecodeError:
        return 0
    return len(letters) * all("\u3000" <= letter <= "\u9fff" or letter > "\ufeff" for letter in letters)


def is_everyday_chinese(text: str, least: float = _EVERYDAY) -> bool:
    """Whether the letters of a text beyond ASCII are mostly those of everyday Chinese."""
    letters = _ASCII.sub("", text)
    return len(letters.encode("gb2312", "ignore")) / 2 >= least * len(letters)


def _refuse_garbage(data: bytes, text: str, where: str) -> None:
    """Refuse text of few everyday letters; Big5 yields more of them, but GB18030 is never Big5 as well."""
    if is_everyday_chinese(text) and (is_everyday_chinese(text, _PLAIN) or not _is_big5(data)):
        return
    first = next(index for index, byte in enumerate(data) if byte > 127)
    raise _refused(data, first, where, "read as GB18030 the text is garbled, and it is no UTF-8 either")


def _is_big5(data: bytes) -> bool:
    try:
        data.decode("big5")
    except UnicodeDecodeError:
        return False
    return True
