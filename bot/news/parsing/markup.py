"""Titles and names as feeds write them, turned into plain text on one line."""

from __future__ import annotations

import html
import re

_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|acronym|applet|b|bdi|bdo|big|blockquote|br|center|cite|code|del|div|em|embed|font|frame|frameset|h[1-6]|i|"
    r"iframe|img|ins|kbd|li|link|mark|nobr|object|ol|p|param|pre|q|s|samp|small|span|strike|strong|sub|sup|tt|u|ul|var|wbr)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,500}>[^<]{0,5000}</\1>", re.IGNORECASE)
_SPACING_TAG = re.compile(r"<(?:br|/?p|/?div|/?li|/?h[1-6])\b", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")


def one_line(text: str) -> str:
    """Put a text on one line, white space collapsed, without control characters."""
    return " ".join((text if text.isprintable() else CONTROLS.sub("", text)).split())


def plain_title(text: str, *, tags: bool = True) -> str:
    """Resolve the entities, and the tags of common HTML, in a title; "<T>" in a title about Java stays.

    Args:
        text: the title after the XML or JSON around it has been undone.
        tags: whether tags are markup; ``False`` where the feed says that the title is plain text.
    """
    if tags and "<" in text:
        text = _SCRIPT.sub("", text)
        text = _INLINE_TAG.sub(lambda tag: " " if _SPACING_TAG.match(tag.group()) else "", text)
    if "&" in text:
        text = html.unescape(text)
    return one_line(text)
