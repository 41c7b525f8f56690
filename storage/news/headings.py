"""Titles and names from outside: one line, no longer than anybody reads, with nothing in it that cannot be seen."""

from __future__ import annotations

import re
from typing import Final

MOST_TITLE_CHARS: Final = 300
"""Of an article."""
MOST_NAME_CHARS: Final = 200
"""Of a feed, an outlet or an author."""

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")  # the others separate words
_ELLIPSIS: Final = "…"


def heading(text: str, max_chars: int) -> str:
    """Put a title on one line and cut it after a whole word; empty where there is nothing to see in it.

    Args:
        text: As it came.
        max_chars: Most code points to keep, the ellipsis of a cut one included.
    """
    # What lies far behind the cut need not be looked at.
    line = " ".join(_CONTROLS.sub("", text[: 4 * max_chars]).split())
    if not any(char.isprintable() and not char.isspace() for char in line):
        return ""
    if len(line) <= max_chars and len(text) <= 4 * max_chars:
        return line
    kept = line[: max_chars - 1]
    head, space, _ = kept.rpartition(" ")
    if not space or len(head) < max_chars // 2:  # a script without spaces, or one endless word
        head = kept
    return head.rstrip(" ,;:–—-") + _ELLIPSIS
