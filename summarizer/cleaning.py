"""Which sentences belong to the report, and where each begins once its dateline is off."""

from __future__ import annotations

from typing import NamedTuple

from summarizer.boilerplate import BIOGRAPHY, DATELINE, OPENING_CHARS, openings, phrases

_ENDS = frozenset(".!?…。！？｡؟۔।॥‼⁇⁈⁉;\u037e")
_AFTER_END = "\"'”’»›)]}“«』」】）〉》* \u00a0\u202f"
_WIDE_SCRIPTS = frozenset({"zh", "ja", "th"})

# Fewer words than these say nothing by themselves; Chinese and Japanese count characters.
_FEWEST_WORDS = 4
_FEWEST_WIDE_CHARS = 8

# A line without a full stop that is no longer than this is a heading or a caption.
_HEADING_WORDS = 20

# Datelines stand at the head, authors' biographies at the end of an article.
_HEAD_SENTENCES = 3
_TAIL_SENTENCES = 3
_DATELINE_CHARS = 120
_STAMP_CHARS = 60

# Signs of navigation, links and handles; looked for sentence by sentence only where the text has any.
_SIGNS = ("| ", " |", "• ", "► ", "▶ ", "→ ", "http://", "https://", "www.", " @", "@")


class Piece(NamedTuple):
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
    """Leave out what is not the report: bylines, captions, headings, links, legal lines, biographies, repeats.

    A text that would lose everything keeps everything.

    Args:
        text: the article.
        spans: the bounds of its sentences, in order.
        lang: ISO 639-1.
    """
    lowered = text.lower()
    telling = tuple(phrase for phrase in phrases(lang) if phrase in lowered)
    signs = tuple(sign for sign in _SIGNS if sign in text)
    opening = openings(lang)
    is_whole = _is_whole_wide if lang in _WIDE_SCRIPTS else _is_whole
    tail = max(len(spans) - _TAIL_SENTENCES, 1)
    kept: list[Piece] = []
    seen: set[str] = set()
    for place, (start, end) in enumerate(spans):
        begin = start if kept or place >= _HEAD_SENTENCES else _after_dateline(text, start, end)
        sentence = text[begin:end]
        if (
            sentence not in seen
            and is_whole(sentence)
            and not opening.match(sentence[:OPENING_CHARS].lower())
            and not _is_out_of_place(sentence)
            and not (telling and _holds(sentence.lower(), telling))
            and not (signs and _holds(sentence, signs))
            and not (place >= tail and BIOGRAPHY.match(sentence))
        ):
            kept.append(Piece(begin, end, place))
            seen.add(sentence)
    return kept or [Piece(start, end, place) for place, (start, end) in enumerate(spans)]


def _after_dateline(text: str, start: int, end: int) -> int:
    dateline = DATELINE.match(text[start : min(end, start + _DATELINE_CHARS)])
    return start + dateline.end() if dateline else start


def _holds(sentence: str, wanted: tuple[str, ...]) -> bool:
    return any(one in sentence for one in wanted)


def _is_whole(sentence: str) -> bool:
    words = sentence.count(" ") + 1
    if words < _FEWEST_WORDS:
        return False
    return words > _HEADING_WORDS or _is_ended(sentence)


def _is_whole_wide(sentence: str) -> bool:
    return len(sentence) >= _FEWEST_WIDE_CHARS and _is_ended(sentence)


def _is_ended(sentence: str) -> bool:
    return sentence[-1] in _ENDS or sentence.rstrip(_AFTER_END)[-1:] in _ENDS


def _is_out_of_place(sentence: str) -> bool:
    """Whether a sentence is shouted throughout, or a date, a time or a result more than words."""
    if sentence.isupper():
        return True
    if len(sentence) > _STAMP_CHARS:
        return False
    return sum(map(str.isdigit, sentence)) >= sum(map(str.isalpha, sentence))
