"""Texts whose lines are broken at a width, as in e-mails and plain files: there a break is only a space."""

from __future__ import annotations

import re

_WIDEST = 100
_NARROWEST = 40
_FEWEST_BREAKS = 3
_MOSTLY = 0.8
_FEWEST_RUN_ON = 0.4
"""Of the lines after a break, how many must begin in lower case, for a list of headlines to be none of these."""
_ITEM = re.compile(r"\s*(?:[-–—*•·>]|\d{1,3}[.)])\s")


def unwrap(text: str) -> str:
    """Put a space where a line was broken only for want of room; offsets stay as they are.

    A line was broken for want of room where the next line's first word would not have fitted into the widest line.
    Texts with longer lines than are ever wrapped, with one paragraph to a line, or of which most breaks mean
    something, come back as they are.
    """
    # To look for the first break costs a tenth of counting them all.
    if "\n" not in text or text.count("\n") < _FEWEST_BREAKS:
        return text
    lines = text.split("\n")
    widths = [len(line.strip()) for line in lines]
    if not _NARROWEST <= (widest := max(widths)) <= _WIDEST:
        return text
    breaks = soft = run_on = 0
    pieces = [lines[0]]
    for number in range(1, len(lines)):
        line = lines[number]
        first, width = line.split(maxsplit=1)[:1], widths[number - 1]
        is_soft = False
        if first and width and not _ITEM.match(line):
            breaks += 1
            if is_soft := width + 1 + len(first[0]) > widest:
                soft += 1
                run_on += first[0][0].islower()
        if is_soft and pieces[-1].endswith("\r"):
            pieces[-1] = f"{pieces[-1][:-1]} "
        pieces += (" " if is_soft else "\n", line)
    if breaks < _FEWEST_BREAKS or soft < _MOSTLY * breaks or run_on < _FEWEST_RUN_ON * soft:
        return text
    return "".join(pieces)
