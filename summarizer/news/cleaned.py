"""Articles on their way to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from summarizer.cleaning.report import Piece


class Cleaned(NamedTuple):
    """An article, and those of its sentences that may enter a summary.

    Args:
        text: the article.
        title: its headline, or an empty string.
        pieces: the sentences, in its order.
    """

    text: str
    title: str
    pieces: Sequence[Piece]
