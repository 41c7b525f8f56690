"""Which sentences belong to the report, and where each begins once its dateline is off."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from summarizer.cleaning.boilerplate import AUTHORS, BIOGRAPHY, BYLINE, HEAD_CHARS, STAMP, SUBHEADING, openings
from summarizer.cleaning.captions import labelled
from summarizer.cleaning.datelines import after_dateline
from summarizer.cleaning.fragments import Fragments, fragments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Spans = Sequence[tuple[int, int]]

_ENDS = frozenset(".!?…。！？｡؟۔।॥‼⁇⁈⁉;\u037e")
_QUESTION_MARKS = frozenset("?？؟")
_PLAIN_ENDS = _ENDS - _QUESTION_MARKS
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

# A headline of another article, as English papers write them: "The Evolution of Harbour Towns".
_SMALL_WORD = re.compile(r"(?<![\w'’])[a-zß-öø-ÿа-яёєіїґ]\w{3}")
_CAPITAL_WORD = re.compile(r"(?<!\w)[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ]\w{3}")
_HEADLINE_WORDS = 4

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
_BEGINNING = 24

# The first line of a Vietnamese article that is no longer than this is a caption, nine times of ten.
_FIRST_CAPTION_CHARS = 75

_BREAKS = frozenset("\n\r\u2028\u2029")

# A longer sentence that ends as sentences do is neither a stamp nor too few words; with dots, it leaves out the end of
# a list rather than of a heading.
_LONG_CHARS = 60
_DOTS = ("...", "…")


class Piece(NamedTuple):
    """A sentence that may enter a summary.

    Args:
        start: where it begins, after any dateline.
        end: where it ends.
        place: its number among all sentences of the text, those left out included.
        stretch: places of the first and the last sentence of the quotation that it is part of; ``None``: of none that
            goes beyond it.
        is_broken: whether it opens or closes a quotation or a bracket whose other part is missing.
        is_weak: whether it tells little, as questions, captions and headings that trail off do.
    """

    start: int
    end: int
    place: int
    stretch: tuple[int, int] | None = None
    is_broken: bool = False
    is_weak: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it may stand alone."""
        return self.stretch is None and not self.is_broken


def clean(text: str, spans: Spans, lang: str) -> list[Piece]:
    """Leave out what is not the report: bylines, captions, headings, links, legal lines, biographies, repeats.

    A text that would lose everything keeps everything.

    Args:
        text: the article.
        spans: the bounds of its sentences, in order.
        lang: ISO 639-1.
    """
    look = _Look(text, spans, lang)
    lowered, possible, telling = look.lowered, look.openings.possible, look.telling
    tail = look.tail
    kept: list[Piece] = []
    for place, (start, end) in enumerate(spans):
        last = text[end - 1]
        # Of most sentences a glance tells that they belong to the report.
        if (
            end - start > _LONG_CHARS
            and (place >= _HEAD_SENTENCES or (kept and end - start > _BYLINE_CHARS))
            and ((last in _PLAIN_ENDS and text[end - 2] != " ") or (last in _AFTER_END and text[end - 2] in _ENDS))
            and text[start] not in _DASHES
            and (text[start + 1].islower() or not text[start : start + _CAPITALS].isupper())
            and place not in telling
            and (place < tail or not BIOGRAPHY.match(text, start, end))
            and ((opening := possible(lowered[start : start + HEAD_CHARS])) is None or not opening(lowered, start, end))
        ):
            kept.append(Piece(start, end, place))
        elif (begin := look.begin(place, is_at_head=place < _HEAD_SENTENCES and not kept)) is not None:
            kept.append(Piece(begin, end, place, is_weak=look.tells_little(begin, end)))
    if not kept:
        return _without_repeats(text, [Piece(start, end, place) for place, (start, end) in enumerate(spans)])
    kept = _without_repeats(text, kept)
    parts = fragments(text, spans)
    if parts.stretches or parts.broken:
        _mark(kept, parts)
    captions = look.captions
    if lang == "en" and ":" in text:
        captions |= labelled(text, [start for start, _ in spans], has_captions=bool(captions))
    if lang == "vi" and _is_first_caption(text, kept[0]):
        captions |= {0}
    if captions:
        kept = [one._replace(is_weak=True) if one.place in captions else one for one in kept]
    return kept


class _Look:
    """A closer look at the sentences of an article.

    Attributes:
        lowered: the text in lower case, every character at its place.
        openings: those of the language.
        telling: the sentences that hold a phrase which marks them as boilerplate, by number.
        captions: those that hold one which marks them as captions.
        tail: the number of the first sentence of the article's end.
    """

    def __init__(self, text: str, spans: Spans, lang: str) -> None:
        self._text, self._spans, self._lang = text, spans, lang
        # The one capital that is longer in lower case would part places in the one from places in the other.
        self.lowered = text.replace("İ", "I").lower()
        self.openings = openings(lang)
        self._phrases, captions = _phrases_in(self.lowered, lang)
        self.telling = _holders(self.lowered, self._phrases, spans) if self._phrases else frozenset()
        self.captions = _holders(self.lowered, captions, spans) if captions else frozenset()
        # Where few sentences part their stop by a space, these are headings and captions that a stop was put to.
        self._has_added_stops = 0 < sum([text[end - 2 : end] == _ADDED_STOP for _, end in spans]) * 2 < len(spans)
        self.tail = max(len(spans) - _TAIL_SENTENCES, 1)
        self._is_whole = _is_whole_wide if lang in _WIDE_SCRIPTS else _is_whole
        self._bullet = _BULLET if lang in _BULLET_LANGUAGES else _STRAY_DASH

    def begin(self, place: int, *, is_at_head: bool) -> int | None:
        """Give where a sentence begins without dateline, subheading or bullet; ``None`` if it is not of the report.

        Args:
            place: its number.
            is_at_head: whether nothing before it belongs to the report, so that it may have a dateline.
        """
        text, lowered, (start, end) = self._text, self.lowered, self._spans[place]
        begin = after_dateline(text, start, end, self._lang, is_first=place == 0) if is_at_head else start
        # Also before the dateline, for "READ MORE:" looks like one.
        if self._opens_boilerplate(start, end) or (begin > start and self._opens_boilerplate(begin, end)):
            return None
        shouted = text[begin : begin + _CAPITALS].isupper()
        if (
            (shouted or text[begin : begin + 1] in _DASHES)
            and (heading := SUBHEADING.match(text, begin, end))
            # One word in capitals may open a paragraph: "INTERNATIONAL Harbours are full."
            and (" " in heading[0].rstrip() or heading[0][-1] != " ")
        ):
            begin = heading.end() - _opens_quotation(heading[0])
        elif text[begin : begin + 1] in _DASHES and (lead := self._bullet.match(text, begin, end)):
            begin = lead.end()
        sentence = text[begin:end]
        spaces = sentence.count(" ")
        if (
            # Most have several words and end with a stop.
            not ((spaces >= _FEWEST_WORDS and sentence[-1] in _ENDS) or self._is_whole(sentence))
            or (self._has_added_stops and spaces <= _STOPPED_HEADING_WORDS and sentence.endswith(_ADDED_STOP))
            or (shouted and sentence.isupper())
            or (spaces < _QUESTION_WORDS and sentence[-1] == "?" and place and _is_line(text, start, end))
            or (len(sentence) <= _STAMP_CHARS and _is_stamp(sentence))
            or (place in self.telling and _holds(lowered[begin:end], self._phrases))
            or (place < _HEAD_SENTENCES and len(sentence) <= _BYLINE_CHARS and _is_byline(sentence))
            or (place >= self.tail and BIOGRAPHY.match(sentence))
        ):
            return None
        return begin

    def tells_little(self, start: int, end: int) -> bool:
        """Whether a sentence asks, teases, goes on with what somebody says, or is a heading."""
        text = self._text
        return (
            text[end - 1] in _QUESTION_MARKS
            or text[start] in _DASHES
            or (end - start <= _LONG_CHARS and text.endswith(_DOTS, start, end))
            or self.openings.tease_at(self.lowered, start, end)
            or self._is_headline(start, end)
        )

    def _is_headline(self, start: int, end: int) -> bool:
        """Whether all longer words have capitals."""
        if _SMALL_WORD.search(self._text, start, end):
            return False
        return len(_CAPITAL_WORD.findall(self._text, start, end)) >= _HEADLINE_WORDS

    def _opens_boilerplate(self, begin: int, end: int) -> bool:
        return self.openings.are_at(self.lowered, begin, end) and not self.openings.tease_at(self.lowered, begin, end)


def _phrases_in(lowered: str, lang: str) -> tuple[list[str], list[str]]:
    """Give the phrases of boilerplate in a text, and those of captions."""
    # numpy takes a tenth of a second to import.
    from summarizer.cleaning.phrases import phrases  # noqa: PLC0415 - see above

    known = phrases(lang)
    found = known.found_in(lowered)
    return [one for one in found if one not in known.captions], [one for one in found if one in known.captions]


def _holders(lowered: str, phrases: Iterable[str], spans: Spans) -> frozenset[int]:
    """Give the numbers of the sentences in which phrases begin."""
    starts = [start for start, _ in spans]
    return frozenset(
        bisect_right(starts, found.start()) - 1
        for phrase in phrases
        for found in re.finditer(re.escape(phrase), lowered)
    )


def _is_first_caption(text: str, first: Piece) -> bool:
    """Whether an article begins with a caption, as Vietnamese papers put it: a short line of its own."""
    end = first.end
    return not first.place and end - first.start <= _FIRST_CAPTION_CHARS and text[end : end + 1] in _BREAKS


def _without_repeats(text: str, kept: list[Piece]) -> list[Piece]:
    # Most begin differently.
    if len({text[piece[0] : piece[0] + _BEGINNING] for piece in kept}) == len(kept):
        return kept
    first: dict[str, Piece] = {}
    for piece in kept:
        first.setdefault(text[piece.start : piece.end], piece)
    return list(first.values())


def _mark(kept: list[Piece], parts: Fragments) -> None:
    """Say of each piece what quotation it is part of, and which have lost a part."""
    number_of = {piece.place: number for number, piece in enumerate(kept)}
    for first, last in parts.stretches:
        places = range(first, last + 1)
        numbers = [number_of[place] for place in places if place in number_of]
        is_broken = len(numbers) < len(places)
        for number in numbers:
            start, end, place, _, _, is_weak = kept[number]
            kept[number] = Piece(start, end, place, (first, last), is_broken, is_weak)
    for place in parts.broken & number_of.keys():
        kept[number_of[place]] = kept[number_of[place]]._replace(is_broken=True)


def _holds(sentence: str, wanted: Iterable[str]) -> bool:
    for one in wanted:  # noqa: SIM110 - a generator costs more than what it goes through
        if one in sentence:
            return True
    return False


def _opens_quotation(heading: str) -> bool:
    """Whether what runs from a subheading into its paragraph is the mark that opens somebody's words."""
    last = heading[-1]
    return last in "«“" or (last == '"' and heading.count(last) % 2 == 1)


def _is_line(text: str, start: int, end: int) -> bool:
    return start > 0 and text[start - 1] in _BREAKS and text[end : end + 1] in _BREAKS


def _is_byline(sentence: str) -> bool:
    return bool(BYLINE.match(sentence) or AUTHORS.match(sentence))


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
    digits = len(_DIGIT.findall(sentence))
    return bool(digits) and (digits >= sum(map(str.isalpha, sentence)) or bool(STAMP.match(sentence)))
