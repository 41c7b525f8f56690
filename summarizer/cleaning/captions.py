"""Captions that are sentences, known by their labels, as in "High tide: The pier as it stood in the storm".

English tabloids put another label before each. What a caption says of its picture is found by phrases instead.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL = re.compile(r"[A-Z][\w'’-]*(?: [\w'’-]+){0,4}: (?=[A-Z'‘])")
_SAYING = re.compile(
    r"(?:said|says|say|told|tells|added|adds|wrote|writes|tweeted|read|reads|agreed|admitted|conclude[sd]|ask(?:s|ed)"
    r"|respond(?:s|ed)|replie[sd]|explain(?:s|ed)|noted?|warn(?:s|ed)|joked|insisted|claimed): "
)
_LABEL_CHARS = 48
_FEWEST = 2
# Where fewer of the labels differ than this, they are names of who speaks.
_DISTINCT = 0.75


def labelled(text: str, starts: Sequence[int], *, has_captions: bool) -> frozenset[int]:
    """Give the numbers of the sentences that a label marks as captions.

    Args:
        text: an English article.
        starts: where each of its sentences begins, in order.
        has_captions: whether others of them are captions, so that one label is enough.
    """
    labels: list[str] = []
    found: list[int] = []
    # One character is found faster than two.
    at = text.find(":")
    while at >= 0:
        if (
            text[at + 1 : at + 2] == " "
            and (number := bisect_right(starts, at) - 1) >= 0
            and at - starts[number] <= _LABEL_CHARS
            and (label := _LABEL.match(text, starts[number]))
            and label.end() == at + 2
            and not _SAYING.search(label[0])
        ):
            labels.append(label[0])
            found.append(number)
        at = text.find(":", at + 1)
    are_captions = len(found) >= (1 if has_captions else _FEWEST) and len(set(labels)) >= _DISTINCT * len(labels)
    return frozenset(found if are_captions else ())
