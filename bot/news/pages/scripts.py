"""The article in a page's scripts, where the page is drawn by them and its markup holds none."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import lxml.html

_MOST_CHARS = 4_000_000
_STRING = re.compile(r'"((?:[^"\\]|\\.){400,})"', re.DOTALL)
_PARAGRAPH = re.compile(r"<p\b", re.IGNORECASE)
_FEWEST_PARAGRAPHS = 3
_DEEPEST = 3
"""Frameworks put JSON into strings of JSON; how often that is undone."""


def longest_html(root: lxml.html.HtmlElement) -> str:
    """Return the string in the page's scripts that is HTML of the most paragraphs; empty without one."""
    best, most, left = "", _FEWEST_PARAGRAPHS - 1, _MOST_CHARS
    for script in root.iter("script"):
        waiting = [((script.text or "")[:left], 0)]
        left -= len(waiting[0][0])
        while waiting:
            text, depth = waiting.pop()
            for found in _STRING.finditer(text):
                value = _value(found.group())
                count = len(_PARAGRAPH.findall(value))
                if '\\"' in value and "\\u003c" in value.lower() and depth < _DEEPEST:
                    waiting.append((value, depth + 1))
                elif count > most:
                    best, most = value, count
    return best


def _value(literal: str) -> str:
    try:
        value = json.loads(literal, strict=False)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
