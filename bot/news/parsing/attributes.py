"""Elements with thousands of attributes, cut before they are parsed: libxml2 takes square time over each of them."""

from __future__ import annotations

import re
from typing import Final

_MOST: Final = 250
# As HTML's standard splits a tag. Possessive, and a tag's name holds no "<": the time is linear, whatever is nested.
_ATTRIBUTE: Final = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_CROWDED: Final = re.compile(rf"(<[A-Za-z][^\s/<>]*+(?=[\s/])(?:{_ATTRIBUTE}){{{_MOST}}})((?:{_ATTRIBUTE})++)")
_ENDING: Final = re.compile(r"</(?:script|style|textarea|title)\b|--$", re.IGNORECASE)


def thin_out(html: str) -> str:
    """Leave to each element its first 250 attributes.

    What looks like a tag inside a script or a comment is cut as well; their ends stay.

    Args:
        html: a page or a part of one.
    """
    return _CROWDED.sub(_thinned, html)


def _thinned(found: re.Match[str]) -> str:
    kept, dropped = found.groups()
    ending = _ENDING.search(dropped)
    return kept if ending is None else f"{kept} {ending.group()}"
