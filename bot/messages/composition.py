"""Fitting a message into Telegram's limits by leaving out whole pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.messages.direction import RIGHT_TO_LEFT_MARK, is_right_to_left, runs_right_to_left
from bot.messages.html import (
    count_entities,
    escape,
    is_blank,
    one_line,
    visible_units,
    without_controls,
    without_summons,
)
from bot.messages.shortening import cut_at_word

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_TITLE_UNITS: Final = 300
_UNSPACED: Final = frozenset({"ja", "zh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What Telegram counts of a message: visible UTF-16 units, entities, bytes of HTML."""

    units: int
    entities: int
    size: int

    def __add__(self, other: Size) -> Size:
        return Size(
            units=self.units + other.units, entities=self.entities + other.entities, size=self.size + other.size
        )

    def fits(self, room: Size) -> bool:
        """Tell whether nothing of it is more than there is room for."""
        return self.units <= room.units and self.entities <= room.entities and self.size <= room.size


BODY: Final = "…"
"""Stands for the chosen pieces where what stands beside them is measured: they bring a line's mark and its breaks."""
ROOM: Final = Size(units=3900, entities=90, size=30_000)
"""What a message of ours may take: Telegram's 4,096, 100 and 32,768 with a margin for later edits."""


def measure(html: str) -> Size:
    """Measure a piece of our HTML."""
    return Size(units=visible_units(html), entities=count_entities(html), size=len(html.encode()))


def choose_fitting(pieces: Sequence[str], *, beside: str, between: str, room: Size = ROOM) -> list[int]:
    """Choose the pieces that fit beside the rest of a message, the earlier first; give their places in order.

    Args:
        pieces: HTML, each with its tags closed.
        beside: All the HTML that stands in the message anyway.
        between: What joins the pieces.
        room: What all of it may take together.
    """
    taken, joint = measure(beside), measure(between)
    chosen: list[int] = []
    for place, piece in enumerate(pieces):
        with_piece = taken + measure(piece) + joint
        if with_piece.fits(room):
            chosen.append(place)
            taken = with_piece
    return chosen


def title_line(title: str) -> str:
    """Set a title in bold, cut after a word where it is huge; empty where nothing of it can be seen."""
    line = one_line(title)
    return "" if is_blank(line) else f"<b>{escape(cut_at_word(without_summons(line), _MAX_TITLE_UNITS))}</b>"


def sentence_html(sentence: str) -> str:
    """Show a sentence word for word on one line."""
    return escape(" ".join(line.strip(" \t") for line in without_controls(sentence).splitlines()).strip())


def sentence_joint(lang: str | None) -> str:
    """Give what stands between two sentences of a language."""
    return "" if (lang or "")[:2] in _UNSPACED else " "


def line_mark(*, lang: str | None, text: str) -> str:
    """Give the mark that begins each line of a right-to-left article; where its language is unknown, its text tells."""
    right_to_left = is_right_to_left(lang) if lang else runs_right_to_left(text)
    return RIGHT_TO_LEFT_MARK if right_to_left else ""


def lay_out(paragraphs: Sequence[str], *, mark: str) -> str:
    """Join the paragraphs that are not empty with blank lines; every line begins with the mark."""
    lines = "\n\n".join(paragraph for paragraph in paragraphs if paragraph).split("\n")
    return "\n".join(mark + line if line else line for line in lines)


def quote(above: Sequence[str], more: Sequence[str], foot: str, *, joint: str, mark: str) -> str:
    """Set what more there is in a quotation that opens at a tap, as far as it fits; empty where nothing does."""
    pieces = [sentence_html(sentence) for sentence in more if not is_blank(sentence)]
    beside = lay_out([*above, _quoted(BODY), foot], mark=mark)
    quotation = joint.join(pieces[place] for place in choose_fitting(pieces, beside=beside, between=joint))
    return _quoted(quotation) if quotation else ""


def _quoted(html: str) -> str:
    return f"<blockquote expandable>{html}</blockquote>"
