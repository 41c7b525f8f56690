"""Which sentences belong to the report, and where each begins once its dateline is off."""

from __future__ import annotations

import re
from dataclasses import dataclass

from summarizer.boilerplate import BIOGRAPHY, DATELINE, TIMESTAMP, openings, phrases

_ENDS = frozenset(".!?…。！？｡؟۔।॥‼⁇⁈⁉;\u037e")
_AFTER_END = "\"'”’»›)]}“«』」】）〉》* \u00a0\u202f"
_WIDE_SCRIPTS = frozenset({"zh", "ja", "th"})

# Fewer words than these say nothing by themselves; Chinese and Japanese count characters.
_FEWEST_WORDS = 4
_FEWEST_WIDE_CHARS = 8

# A line without a full stop that is no longer than this is a heading or a caption.
_HEADING_WORDS = 14

# Datelines stand at the head, authors' biographies at the end of an article.
_HEAD_SENTENCES = 3
_TAIL_SENTENCES = 3
_DATELINE_CHARS = 120
_TIMESTAMP_CHARS = 60

_BROKEN = re.compile(r"[|•►▶→]\s|\s[|•►▶]\s|https?://|www\.|\s@\w|^\W*@")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence that may enter a summary.

    Args:
        start: where it begins, after any dateline.
        end: where it ends.
        place: its number among all sentences of the text, those left out included.
    """

    start: int
    end: int
    place: int


def clean(text: str, spans: list[tuple[int, int]], lang: str) -> list[Piece]:
    """Leave out what is not the report: bylines, captions, headings, links, legal lines, biographies.

    A text that would lose everything keeps everything.

    Args:
        text: the article.
        spans: the bounds of its sentences, in order.
        lang: ISO 639-1.
    """
    lowered = text.lower()
    present = tuple(phrase for phrase in phrases(lang) if phrase in lowered)
    opening = openings(lang)
    fits = _is_long_enough_wide if lang in _WIDE_SCRIPTS else _is_long_enough
    tail = len(spans) - _TAIL_SENTENCES
    kept: list[Piece] = []
    for place, (start, end) in enumerate(spans):
        sentence = text[start:end]
        if not kept and place < _HEAD_SENTENCES and (dateline := DATELINE.match(sentence[:_DATELINE_CHARS])):
            start += dateline.end()
            sentence = text[start:end]
        if not fits(sentence) or opening.match(sentence) or _is_out_of_place(sentence):
            continue
        if present and _holds(sentence, present):
            continue
        if place and place >= tail and BIOGRAPHY.match(sentence):
            continue
        kept.append(Piece(start, end, place))
    return kept or [Piece(start, end, place) for place, (start, end) in enumerate(spans)]


def _holds(sentence: str, present: tuple[str, ...]) -> bool:
    lowered = sentence.lower()
    return any(phrase in lowered for phrase in present)


def _is_long_enough(sentence: str) -> bool:
    words = sentence.count(" ") + 1
    if words < _FEWEST_WORDS:
        return False
    return words > _HEADING_WORDS or _is_ended(sentence)


def _is_long_enough_wide(sentence: str) -> bool:
    return len(sentence) >= _FEWEST_WIDE_CHARS and _is_ended(sentence)


def _is_ended(sentence: str) -> bool:
    return sentence[-1] in _ENDS or sentence.rstrip(_AFTER_END)[-1:] in _ENDS


def _is_out_of_place(sentence: str) -> bool:
    """Whether a sentence is shouted, a time stamp, or holds what only navigation holds."""
    if sentence.isupper():
        return True
    if len(sentence) < _TIMESTAMP_CHARS and TIMESTAMP.match(sentence):
        return True
    return bool(_BROKEN.search(sentence))
