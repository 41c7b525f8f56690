"""Where sentences begin and end.

One pass over the text finds every mark that could end a sentence; each is judged by the token before it, the
closing marks after it and the word that follows, looking no further than a few dozen characters either way, so
that the time is linear in the text. Line breaks end a sentence, except in texts that are broken at a width.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from summarizer.text import quotations
from summarizer.text.abbreviations import Abbreviations, abbreviations
from summarizer.text.full_stops import OPENERS, ROMAN, Following, FullStops
from summarizer.text.glue import cut_glued
from summarizer.text.stopwords import stop_words, word_set
from summarizer.text.tables import LANGUAGES_KEPT, read_words
from summarizer.text.wrapping import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

# Marks that only say which way a text runs, and others that nobody sees.
_UNSEEN = "\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
# French sets a space before the closing guillemet.
_CLOSERS = rf"[\"'”’»›)\]}}“«』」】）〉》*{_UNSEEN}]*(?:[ \u00a0\u202f]»(?!\w))?"
_NOT_SEEN = re.compile(f"[{_UNSEEN}]+")
_WIDE = "。！？｡؟۔।॥"
_NARROW = ".!?…‼⁇⁈⁉"


_MARKS_BUT_STOPS = _NARROW[1:] + _WIDE
_GREEK_MARKS_BUT_STOPS = _NARROW[1:] + ";\u037e"

# All marks are looked for as full stops, for one sign is found at a third of the cost of several. Most stand, with a
# closing mark or without, before a space and a capital.
_CAPITALS = "".join(filter(str.isupper, map(chr, (*range(0x590), *range(0x1E00, 0x1F00)))))
_END = re.compile(rf"\.(?:([\"”]?)(?= [\"“]?[{_CAPITALS}])|\.*({_CLOSERS}))")
_PLAIN = 1

_FEWEST_LETTERS = 3

# Scripts with capitals stand before Hebrew.
_LATIN_TO_HEBREW = "\u0590"

# "… by 5%.The bank …", "… of the "old pier".The mayor …"
_BEFORE_GLUE = frozenset('%€$)"”»')

# The first abbreviates: "… in 940 avant J.-C..Les …".
_TWO_STOPS = ".."

_NAME_OPENERS = frozenset('"“„«‹')

# Letters, and the vowels and marks that Arabic and Indic scripts write around them.
_WRITTEN = r"[\w\u064b-\u0655\u0900-\u0963\u0966-\u0d7f]{1,60}"
_NEXT = re.compile(rf"[\s{_UNSEEN}§№$€£¥₴₽\"“”„«»‹›‘’'(\[{{¿¡—–\-•*]*(?P<word>{_WRITTEN}(?:[.'’\-]{_WRITTEN}){{0,3}})?")
_CLOSING = frozenset('"”')
_PLAIN_OPENERS = frozenset('"“')
_LAST_PART = re.compile(r"[/()'’]")
_LOOK_BACK_CHARS = 40
_KNOWN_WORDS = 1 << 14
_ELISIONS = frozenset({("(", ")"), ("[", "]")})

# "Yahoo! Inc."
_COMPANIES = frozenset({"Inc", "Corp", "Ltd", "LLC"})

# In Japanese these go on after a quotation: 「…。」と述べた.
_QUOTATIVE = frozenset("とってはがをのにでもなやだ、，")

# What a glued full stop is often part of: "Amazon.Com", "Газета.Ru", "Node.Js".
_DOMAINS = word_set("com net org ru ua uk de fr es it info tv me io js ai gov edu eu co az by kz рф укр")

# What English has no word of.
_LETTERS = frozenset("bcdefghjklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class _Rules:
    marks_but_stops: str
    known: Abbreviations
    openers: frozenset[str]
    full_stops: FullStops
    attribution: re.Pattern[str] | None
    # Whether a word before a full stop needs a closer look; words come again and again.
    may_abbreviate: Callable[[str], bool]


@lru_cache(LANGUAGES_KEPT)
def _rules(lang: str) -> _Rules:
    known = abbreviations(lang)

    @lru_cache(_KNOWN_WORDS)
    def may_abbreviate(token: str) -> bool:
        if not token:
            return bool(known.unfinished)
        return len(token) < 2 or not token.isalpha() or known.may_be(token) or (known.ordinals and token.isupper())

    openers = stop_words(lang) | _numerals(lang)
    if lang == "en":
        # The list has the whole alphabet.
        openers -= _LETTERS
    return _Rules(
        marks_but_stops=_GREEK_MARKS_BUT_STOPS if lang == "el" else _MARKS_BUT_STOPS,
        known=known,
        openers=openers,
        full_stops=FullStops(known, openers),
        attribution=quotations.attribution(lang),
        may_abbreviate=may_abbreviate,
    )


def _numerals(lang: str) -> frozenset[str]:
    """Give the words for numbers: "… in Phoenix, Ariz. Ten people …"."""
    return frozenset(word for word in read_words("numerals", lang) if word.isalpha())


class _Mark(NamedTuple):
    """What may end a sentence: one mark or more, and closing marks.

    Args:
        at: where it begins.
        end: where it ends.
        close: the closing marks.
    """

    at: int
    end: int
    close: str


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    rules: _Rules
    pairs: quotations.Pairs


def split_sentences(text: str, lang: str) -> list[tuple[int, int]]:
    """Give the bounds of each sentence, in order, without the white space around it.

    Args:
        text: any text; every character that is not white space falls into exactly one sentence.
        lang: ISO 639-1; a language without tables of its own is split by those that serve all.
    """
    text = unwrap(text)
    reading = _Reading(text, _rules(lang), quotations.pairs_in(text))
    rules, may_abbreviate = reading.rules, reading.rules.may_abbreviate
    goes_on = quotations.goes_on_after_quotation
    spans: list[tuple[int, int]] = []
    # Nothing is quoted before the first opening mark of the sentence.
    next_opening = quotations.next_opening(text, reading.pairs)
    marked = text
    for mark in rules.marks_but_stops:
        marked = marked.replace(mark, ".")
    stop = 0
    # Line breaks are what str.splitlines says.
    for line in text.splitlines(keepends=True):
        start, stop = stop, stop + len(line)
        if line.isspace():
            continue
        bounds = quotations.Bounds(start, stop, counted_to=start)
        begin, opening = start, next_opening(start)
        for match in _END.finditer(marked, start, stop):
            at, cut = match.span()
            # Most marks are a full stop after a common word, before a space and a capital: these end a sentence.
            if (
                match.lastindex != _PLAIN
                or text[at] != "."
                or (cut - at == 1 and may_abbreviate(text[text.rfind(" ", begin, at) + 1 : at]))
                or (opening < at and goes_on(text, at, cut, bounds, reading.pairs, attribution=rules.attribution))
            ):
                found = _cut(reading, bounds, _Mark(at, cut, match[match.lastindex or 0]))
                if found is None:
                    continue
                cut = found
            if text[begin] == " ":
                begin += 1
            if text[begin].isspace() or text[cut - 1].isspace():
                _add(spans, text, begin, cut)
            else:
                spans.append((begin, cut))
            bounds.begin = begin = cut
            if opening < cut:
                opening = next_opening(cut)
        _add(spans, text, begin, stop)
    return cut_glued(text, spans, lang)


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    if start < end and text[start] == " ":
        start += 1
    if start < end and not (text[start].isspace() or text[end - 1].isspace()):
        spans.append((start, end))
        return
    piece = text[start:end]
    if stripped := piece.strip():
        start += len(piece) - len(piece.lstrip())
        spans.append((start, start + len(stripped)))


def _cut(reading: _Reading, bounds: quotations.Bounds, mark: _Mark) -> int | None:
    """Say where the sentence ends that ``mark`` may end, or ``None`` where it goes on."""
    at, end, close = mark
    if end >= bounds.stop:
        return None
    text = reading.text
    after = text[end]
    if after < _LATIN_TO_HEBREW and after.isalnum() and not (close or after.isupper() or text[at] in _WIDE):
        # "3.5", "example.com"
        return None
    if text[at] in _WIDE:
        closed = quotations.closed(text, bounds, mark) if close else end
        goes_on = closed == end and bool(close) and after in _QUOTATIVE
        return None if goes_on or _is_quoted_on(reading, bounds, at, closed) else closed
    # French parts its guillemets from what they hold.
    if after.isspace() and not (close and close[-1] == "«" and quotations.GUILLEMETS in reading.pairs):
        return end if _ends_before_space(reading, bounds, mark) else None
    return _cut_without_space(reading, bounds, mark)


def _is_attributed(reading: _Reading, close: str, end: int, stop: int) -> bool:
    """Whether who said it follows a quotation that ``close`` ends."""
    attribution = reading.rules.attribution
    return bool(attribution and not quotations.MARKS.isdisjoint(close) and attribution.match(reading.text, end, stop))


def _is_quoted_on(reading: _Reading, bounds: quotations.Bounds, at: int, end: int) -> bool:
    """Whether the sentence goes on after the quotation that the mark stands in or ends."""
    if _is_attributed(reading, reading.text[at:end], end, bounds.stop):
        return True
    return bool(reading.pairs) and _is_within_quotation(reading, bounds, at, end)


def _is_within_quotation(reading: _Reading, bounds: quotations.Bounds, at: int, end: int) -> bool:
    return quotations.goes_on_after_quotation(
        reading.text, at, end, bounds, reading.pairs, attribution=reading.rules.attribution
    )


def _ends_before_space(reading: _Reading, bounds: quotations.Bounds, mark: _Mark) -> bool:
    """Whether a mark with white space after it ends its sentence."""
    text, (at, end, close) = reading.text, mark
    upcoming = _NEXT.match(text, end, bounds.stop)
    word = upcoming["word"] if upcoming else None
    if not upcoming or not word:
        # Nothing but marks follows: ". . ." goes on; a dash, a bullet or "[...]" does not.
        return (
            not upcoming
            or text[upcoming.end() : upcoming.end() + 1] not in _NARROW
            or text[upcoming.end() - 1] in OPENERS
        )
    # "iPhone" may begin a sentence; "d'Irlande" does not.
    if word[0].islower() and (not any(letter.isupper() for letter in word[1:3]) or word[1] in "'’"):
        return False
    if reading.pairs and _is_within_quotation(reading, bounds, at, end):
        return False
    if text[at] == "." and end - at == 1 + len(close):
        return _full_stop_ends(reading, bounds.begin, mark, upcoming)
    elision = bool(close) and at > bounds.begin and (text[at - 1], close[0]) in _ELISIONS
    named = not close and word in _COMPANIES
    return not (elision or named or _is_attributed(reading, close, end, bounds.stop))


def _full_stop_ends(reading: _Reading, begin: int, mark: _Mark, upcoming: re.Match[str]) -> bool:
    """Whether a full stop before a word that could start a sentence ends the one before it."""
    text, rules, word, close = reading.text, reading.rules, upcoming["word"], _NOT_SEEN.sub("", mark.close)
    token = _token_before(text, begin, mark.at)
    if not token:
        return _token_before(text, begin, mark.at, over_space=True) not in rules.known.unfinished
    if close and close != ")":
        return True
    if len(token) > 1 and token.isalpha() and not rules.known.may_be(token):
        # The commonest case by far: a plain word. Roman numerals alone need a second look.
        return not (rules.known.ordinals and ROMAN.match(token)) or word.lower() in rules.openers
    number_at = mark.at - len(token)
    return not rules.full_stops.go_on(
        token,
        _token_before(text, begin, number_at, over_space=True),
        Following(word, len(word) == 1 and text[upcoming.end() : upcoming.end() + 1] == "."),
        opening=text[begin:number_at] if number_at - begin < _LOOK_BACK_CHARS else None,
    )


def _token_before(text: str, begin: int, at: int, *, over_space: bool = False) -> str:
    """Give what stands before ``at``, back to the last white space, opening mark, slash or apostrophe."""
    piece = text[max(begin, at - _LOOK_BACK_CHARS) : at]
    if not piece or (piece[-1].isspace() and not over_space):
        return ""
    found = piece.rsplit(maxsplit=1)
    if not found:
        return ""
    return found[-1] if found[-1].isalpha() else _LAST_PART.split(found[-1])[-1].lstrip(OPENERS)


def _cut_without_space(reading: _Reading, bounds: quotations.Bounds, mark: _Mark) -> int | None:
    """Say where a sentence ends whose mark runs into the next one, as in "… was said.The mayor …"."""
    text, (at, end, close) = reading.text, mark
    marks = text[at : end - len(close)]
    # A mark that can open as well as close opens here, for a letter follows it.
    if close and quotations.opens(text, end - 1, bounds):
        end, close = end - 1, close[:-1]
    upcoming = _NEXT.match(text, end, bounds.stop)
    word = upcoming["word"] if upcoming else None
    if not upcoming or not word or text[end] not in (OPENERS + word[0]):
        return None
    token = _token_before(text, bounds.begin, at)
    follows = text[upcoming.end() : upcoming.end() + 1]
    # "Yahoo!-Aktie"
    joined = text[end] == "-" and upcoming.start("word") == end + 1
    named = joined or follows == "@" or _is_named(text, at - len(token), upcoming.end())
    if named or _is_attributed(reading, close, end, bounds.stop):
        return None
    # "… in 2009.J. Harlow said …", but not "a.C. em Roma".
    alone = follows == " " or (len(token) > 1 and text[upcoming.end() : upcoming.end() + 2] == ". ")
    if "…" not in marks and _is_glued(token, word):
        return end
    if not _looks_like_start(word, alone=alone, closed=bool(close)) or "@" in token:
        return None
    two = marks == _TWO_STOPS
    if not two and ("." in token or _is_domain(token, word, reading.rules)):
        return None
    plain = token[-1:].islower() and (len(token) >= _FEWEST_LETTERS or token in reading.rules.openers)
    # "… en 2015.Le maire …", "… du Covid-19.Pour …"; a version such as "3.Beta" is one digit, then a word.
    counted = token[-1:].isdigit() and (len(token) > 1 or marks != ".")
    marked = text[at - 1] in _BEFORE_GLUE and not text[at - 2].isspace()
    return end if two or plain or close or counted or marked else None


def _is_domain(token: str, word: str, rules: _Rules) -> bool:
    """Whether the word after a stop is what addresses end in, and no function word after another word."""
    return word.lower() in _DOMAINS and not (token.islower() and word.lower() in rules.openers)


def _is_named(text: str, start: int, end: int) -> bool:
    """Whether a name with a stop in it stands between quotation marks: «Volga.Maps»."""
    return text[start - 1 : start] in _NAME_OPENERS and text[end : end + 1] in quotations.MARKS


def _is_glued(token: str, word: str) -> bool:
    """Whether a full stop stands between two words of a script without capitals."""
    first, last = word[0], token[-1:]
    return (
        len(token) >= _FEWEST_LETTERS
        and "." not in token
        and first > _LATIN_TO_HEBREW
        and last > _LATIN_TO_HEBREW
        and not (first.isupper() or first.islower() or last.isdigit() or first.isdigit())
    )


def _looks_like_start(word: str, *, alone: bool, closed: bool) -> bool:
    """Whether a word right after a mark starts a sentence rather than a domain ("Amazon.Com") or an acronym."""
    if not word[0].isupper() or "." in word:
        return False
    if len(word) == 1:
        return alone
    return closed or word[1].islower() or word[1] in "'’"
