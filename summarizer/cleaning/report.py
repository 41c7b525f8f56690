"""Which sentences belong to the report, and where each begins once its dateline is off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from summarizer.cleaning.boilerplate import BIOGRAPHY, BYLINE, STAMP, SUBHEADING, openings, phrases_in
from summarizer.cleaning.datelines import after_dateline
from summarizer.cleaning.fragments import Fragments, fragments

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDS = frozenset(".!?…。！？｡؟۔।॥‼⁇⁈⁉;\u037e")
_AFTER_END = "\"'”’»›)]}“«』」】）〉》* \u00a0\u202f"
_WIDE_SCRIPTS = frozenset({"zh", "ja", "th"})

# Fewer words than these say nothing by themselves; Chinese and Japanese count characters.
_FEWEST_WORDS = 4
_FEWEST_WIDE_CHARS = 8

# A line without a full stop that is no longer than this is a heading or a caption.
_HEADING_WORDS = 20

_ADDED_STOP = " ."
_STOPPED_HEADING_WORDS = 8

# Datelines and bylines stand at the head, authors' biographies at the end of an article.
_HEAD_SENTENCES = 3
_TAIL_SENTENCES = 3
_BYLINE_CHARS = 100
_STAMP_CHARS = 60

# So many capitals in a row begin a subheading or a line that is shouted throughout.
_CAPITALS = 12
_DIGIT = re.compile(r"\d")
_DASHES = frozenset("-–—")

# A hyphen before a list's item; where it may open somebody's words it stays.
_STRAY_DASH = re.compile(r"[-–—](?=[^\W\d_])")
_BULLET = re.compile(r"- (?=\w)|[-–—](?=[^\W\d_])")
_BULLET_LANGUAGES = frozenset({"en", "de", "nl"})

# A question that is a line of its own, and no longer than this, is a subheading.
_QUESTION_WORDS = 14
_BREAKS = frozenset("\n\r\u2028\u2029")

# Signs of navigation, links and handles, by what tells that a text may have them.
_SIGNS = {
    "|": ("| ", " |"),
    "•": ("• ",),
    "►": ("► ",),
    "▶": ("▶",),
    "→": ("→ ",),
    "☞": ("☞",),
    "://": ("http://", "https://"),
    "www.": ("www.",),
    "@": ("@",),
}


class Piece(NamedTuple):
    """A sentence that may enter a summary.

    Args:
        start: where it begins, after any dateline.
        end: where it ends.
        place: its number among all sentences of the text, those left out included.
        stretch: places of the first and the last sentence of the quotation that it is part of; ``None``: of none that
            goes beyond it.
        is_broken: whether it opens or closes a quotation or a bracket whose other part is missing.
    """

    start: int
    end: int
    place: int
    stretch: tuple[int, int] | None = None
    is_broken: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it may stand alone."""
        return self.stretch is None and not self.is_broken


def clean(text: str, spans: list[tuple[int, int]], lang: str) -> list[Piece]:
    """Leave out what is not the report: bylines, captions, headings, links, legal lines, biographies, repeats.

    A text that would lose everything keeps everything.

    Args:
        text: the article.
        spans: the bounds of its sentences, in order.
        lang: ISO 639-1.
    """
    # The one capital that is longer in lower case would part places in the one from places in the other.
    lowered = text.replace("İ", "I").lower()
    telling = phrases_in(lowered, lang)
    signs = [form for sign, forms in _SIGNS.items() if sign in text for form in forms]
    opens = openings(lang)
    is_whole = _is_whole_wide if lang in _WIDE_SCRIPTS else _is_whole
    # Where few sentences part their stop by a space, these are headings and captions that a stop was put to.
    bullet = _BULLET if lang in _BULLET_LANGUAGES else _STRAY_DASH
    added_stops = 0 < text.count(_ADDED_STOP) * 2 < len(spans)
    parts = fragments(text, spans)
    tail = max(len(spans) - _TAIL_SENTENCES, 1)
    kept: list[Piece] = []
    seen: set[str] = set()
    for place, (start, end) in enumerate(spans):
        begin = start
        if place < _HEAD_SENTENCES and not kept:
            begin = after_dateline(text, start, end, lang, is_first=place == 0)
        # Also before the dateline, for "READ MORE:" looks like one.
        opening = opens[lowered[start]]
        is_boilerplate = (opening is not None and opening(lowered, start, end) is not None) or (
            begin > start and opens.are_at(lowered, begin, end)
        )
        # Of "The mayor …" the second letter tells that it is neither shouted nor behind a dash.
        shouted = False
        if not text[begin + 1 : begin + 2].islower():
            shouted = text[begin : begin + _CAPITALS].isupper()
            if (shouted or text[begin : begin + 1] in _DASHES) and (heading := SUBHEADING.match(text, begin, end)):
                begin = heading.end()
            elif lead := bullet.match(text, begin, end):
                begin = lead.end()
        sentence = text[begin:end]
        spaces = sentence.count(" ")
        if (
            is_boilerplate
            or sentence in seen
            # Most have several words and end with a stop.
            or not ((spaces >= _FEWEST_WORDS and sentence[-1] in _ENDS) or is_whole(sentence))
            or (added_stops and spaces <= _STOPPED_HEADING_WORDS and sentence.endswith(_ADDED_STOP))
            or (shouted and sentence.isupper())
            or (spaces < _QUESTION_WORDS and sentence[-1] == "?" and place and _is_line(text, start, end))
            or (len(sentence) <= _STAMP_CHARS and _is_stamp(sentence))
            or (telling and _holds(lowered[begin:end], telling))
            or (signs and _holds(sentence, signs))
            or (place < _HEAD_SENTENCES and len(sentence) <= _BYLINE_CHARS and BYLINE.match(sentence))
            or (place >= tail and BIOGRAPHY.match(sentence))
        ):
            continue
        kept.append(Piece(begin, end, place))
        seen.add(sentence)
    if not kept:
        return [Piece(start, end, place) for place, (start, end) in enumerate(spans)]
    return _mark(kept, parts) if parts.stretches or parts.broken else kept


def _mark(kept: list[Piece], parts: Fragments) -> list[Piece]:
    """Say of each piece what quotation it is part of, and which have lost a part."""
    number_of = {piece.place: number for number, piece in enumerate(kept)}
    for first, last in parts.stretches:
        places = range(first, last + 1)
        numbers = [number_of[place] for place in places if place in number_of]
        is_broken = len(numbers) < len(places)
        for number in numbers:
            start, end, place = kept[number][:3]
            kept[number] = Piece(start, end, place, (first, last), is_broken)
    for place in parts.broken & number_of.keys():
        kept[number_of[place]] = kept[number_of[place]]._replace(is_broken=True)
    return kept


def _holds(sentence: str, wanted: Iterable[str]) -> bool:
    for one in wanted:  # noqa: SIM110 - a generator costs more than what it goes through
        if one in sentence:
            return True
    return False


def _is_line(text: str, start: int, end: int) -> bool:
    return start > 0 and text[start - 1] in _BREAKS and text[end : end + 1] in _BREAKS


def _is_whole(sentence: str) -> bool:
    words = sentence.count(" ") + 1
    if words <= _FEWEST_WORDS and len(sentence.rstrip(" .").split()) < _FEWEST_WORDS:
        return False
    return words > _HEADING_WORDS or _is_ended(sentence)


def _is_whole_wide(sentence: str) -> bool:
    return len(sentence) >= _FEWEST_WIDE_CHARS and _is_ended(sentence)


def _is_ended(sentence: str) -> bool:
    return sentence[-1] in _ENDS or sentence.rstrip(_AFTER_END)[-1:] in _ENDS


def _is_stamp(sentence: str) -> bool:
    """Whether a sentence is a date, a time or a result more than words."""
    if not _DIGIT.search(sentence):
        return False
    digits = sum(map(str.isdigit, sentence))
    return bool(digits) and (digits >= sum(map(str.isalpha, sentence)) or bool(STAMP.match(sentence)))
