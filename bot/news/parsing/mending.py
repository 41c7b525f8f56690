"""Ill-formed XML, made well-formed where its meaning is plain: what feeds get wrong most often, in linear time."""

from __future__ import annotations

import codecs
import html
import re
from html.entities import html5
from typing import TYPE_CHECKING

from bot.news.parsing.encodings import web_codec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:rss|feed|RDF|rdf|channel)(?=[\s>/])", re.IGNORECASE)

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BARE = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._:-]{1,40})["']""", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOSE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,9}));?|([A-Za-z][A-Za-z0-9]{0,31})(;?))?|<(?![A-Za-z_/!?])"
)
_VERBATIM = re.compile(r"<!\[CDATA\[|<!--")
_BARE_ONES = {"&": "&amp;", "<": "&lt;"}
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_MARKUP_FIELDS = ("description", "content:encoded", "summary", "content", "title")


def declared_encoding(body: bytes) -> str | None:
    """Read the encoding that an XML declaration names; ``None`` without one."""
    found = _DECLARED.search(body[:1024])
    return found.group(1).decode("ascii") if found else None


def decode(body: bytes, charset: str | None = None) -> str:
    """Decode by what fits without a fault: byte-order mark, UTF-8, the server's word, the document's own.

    Args:
        body: a text document.
        charset: from the ``Content-Type``; ``None`` where it names none.
    """
    for start, encoding in _BOMS + _BARE:
        if body.startswith(start):
            return body.decode(encoding, errors="replace").lstrip("\ufeff")
    stated = tuple(web_codec(label) if label else None for label in (charset, declared_encoding(body)))
    # Bytes above ASCII that are valid UTF-8 are UTF-8, whatever a label says: a wrong one fits any bytes.
    for name in (*stated, "utf-8") if body.isascii() else ("utf-8", *stated):
        if name is not None:
            try:
                return body.decode(name)
            except (UnicodeDecodeError, ValueError):
                continue
    fallback = next((name for name in stated if name not in {None, "utf-8"}), None)
    return body.decode(fallback or _likelier(body), errors="replace")


def _likelier(body: bytes) -> str:
    """Choose between UTF-8 with a few broken places and a single-byte encoding."""
    broken = body.decode("utf-8", errors="replace").count("\ufffd")
    high = sum(byte > 0x7F for byte in body[:100_000])
    return "utf-8" if broken * 4 < high else "cp1252"


def mend(text: str, entities: Mapping[str, str]) -> str:
    """Drop what stands before the root and characters that XML forbids; settle loose ampersands and entities.

    Args:
        text: the document, decoded.
        entities: names that the document itself declares, with their values.
    """
    root = ROOT.search(text)
    text = _ILLEGAL.sub("", text[root.start() :] if root else text)

    def settle(found: re.Match[str]) -> str:
        if (loose := _BARE_ONES.get(found.group())) is not None:
            return loose
        hexadecimal, decimal, name, _ = found.groups()
        if name is not None:
            if name in _XML_NAMES:
                return f"&{name};"
            value = entities.get(name) or html5.get(f"{name};")
            return (
                html.escape(value) if value is not None and found.group().endswith(";") else f"&amp;{found.group()[1:]}"
            )
        number = int(hexadecimal, 16) if hexadecimal else int(decimal)
        return f"&#{number};" if _is_legal(number) else ""

    return "".join(part if verbatim else _LOOSE.sub(settle, part) for part, verbatim in _parts(text))


def wrap_markup(text: str) -> str:
    """Put the unescaped, and so often unbalanced, HTML inside text elements into CDATA sections."""
    for name in _MARKUP_FIELDS:
        text = "".join(_wrapped(text, name))
    return text


def _wrapped(text: str, name: str) -> Iterator[str]:
    opening = re.compile(rf"<{name}(?:\s[^<>]{{0,300}})?(?<!/)>")
    closing, at = f"</{name}>", 0
    while (start := opening.search(text, at)) is not None:
        end = text.find(closing, start.end())
        if end < 0:
            break
        inner = text[start.end() : end]
        yield text[at : start.end()]
        if "<" in inner and "<![CDATA[" not in inner and "]]>" not in inner and 'type="xhtml"' not in start.group():
            # The markup is now text one level deeper, and so are its entities.
            yield f"<![CDATA[{inner}]]>"
        else:
            yield inner
        at = end
    yield text[at:]


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Split into markup and text, to be mended, and CDATA sections and comments, to be left."""
    at = 0
    while (start := _VERBATIM.search(text, at)) is not None:
        end = text.find("-->" if start.group() == "<!--" else "]]>", start.end())
        if end < 0:
            break
        yield text[at : start.start()], False
        yield text[start.start() : end + 3], True
        at = end + 3
    yield text[at:], False


def _is_legal(number: int) -> bool:
    return (
        number in {9, 10, 13} or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number < 0x110000
    )
