"""Where sentences begin and end.

One pass over the text finds every mark that could end a sentence; each is judged by the token before it, the
closing marks after it and the word that follows, looking no further than a few dozen characters either way, so
that the time is linear in the text. Line breaks always end a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from summarizer.abbreviations import Abbreviations, abbreviations
from summarizer.stopwords import stop_words

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")

# French sets a space before the closing guillemet.
_CLOSERS = r"[\"'”’»›)\]}“«』」】）〉》*]*(?:[ \u00a0\u202f]»(?!\w))?"
_WIDE = "。！？｡؟۔।॥"
_END = re.compile(rf"(?P<mark>[.!?…‼⁇⁈⁉]+|[{_WIDE}]+)(?P<close>{_CLOSERS})")
_GREEK_END = re.compile(rf"(?P<mark>[.!?…;\u037e]+)(?P<close>{_CLOSERS})")

# A subheading glued to the next paragraph shows as a capital inside a word: "… also aimed atThe mayor …".
_GLUED_HEADING = re.compile(
    r"(?<=[a-zß-öø-ÿа-яёєіїґ]{3})(?=[A-ZÀ-ÖØ-ÞА-ЯЁЄІЇҐ](?:[a-zß-öø-ÿа-яёєіїґ]|['’][A-Za-zÀ-ÿ]| [a-zß-öø-ÿа-яёєіїґ]))"
)

_NEXT = re.compile(r"[\s\"“”„«»‹›‘’'(\[{¿¡—–\-•*]*(?P<word>\w+(?:[.'’\-]\w+)*)?")
_OPENERS = "\"“„«»‹‘'’([{¿¡—–-•*"
_QUOTES = frozenset("\"'”’»›“«』」")
_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$")
_ROMAN = re.compile(r"[IVXІХ]+$")
_LAST_PART = re.compile(r"[/()'’]")
_LOOK_BACK_CHARS = 40

_MARKS = frozenset(".!?…")
_OPENING_BRACKETS = frozenset("([")
_CLOSING_BRACKETS = frozenset(")]")

# A quotation up to this long stays whole where the sentence goes on after it. A longer one would make a sentence
# that fits into no message.
_WHOLE_QUOTE_CHARS = 160
_QUOTATIONS = (("«", "»"), ("“", "”"), ("„", "“"), ("„", "”"), ('"', '"'))
_AFTER_QUOTE = re.compile(r"[,\s—–-]*([^\W\d_])")

# How far back an opening quotation mark is looked for.
_QUOTE_CHARS = 1000

# In Japanese these go on after a quotation: 「…。」と述べた.
_QUOTATIVE = frozenset("とってはがをのにでもなやだ、，")

# What a glued full stop is often part of: "Amazon.Com", "Газета.Ru", "Node.Js".
_DOMAINS = frozenset("com net org ru ua uk de fr es it info tv me io js ai gov edu eu co az by kz рф укр".split())

_AFTER_CLOCK = frozenset(
    """et est edt ct cst cdt mt mst mdt pt pst pdt gmt bst utc cet cest msk eastern central pacific mountain monday
    tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december local""".split()
)

# "“Are you coming?” Smith asked." is one sentence; other languages put the verb first, in lower case.
_ENGLISH_ATTRIBUTION = re.compile(
    r"\s+(?:[A-Z][\w.'’-]*\s+){1,4}(?:said|says|asked|asks|added|adds|wrote|writes|told|replied|cried|shouted|tweeted"
    r"|recalled|wondered|joked|continued|explained|concluded|exclaimed)\b"
)


@dataclass(frozen=True, slots=True)
class _Rules:
    end: re.Pattern[str]
    known: Abbreviations
    openers: frozenset[str]
    attribution: re.Pattern[str] | None


@cache
def _rules(lang: str) -> _Rules:
    return _Rules(
        end=_GREEK_END if lang == "el" else _END,
        known=abbreviations(lang),
        openers=stop_words(lang),
        attribution=_ENGLISH_ATTRIBUTION if lang == "en" else None,
    )


def split_sentences(text: str, lang: str) -> list[tuple[int, int]]:
    """Give the bounds of each sentence, in order, without the white space around it.

    Args:
        text: any text; every character that is not white space falls into exactly one sentence.
        lang: ISO 639-1; a language without tables of its own is split by those that serve all.
    """
    rules = _rules(lang)
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        begin, stop = line.span()
        for match in rules.end.finditer(text, begin, stop):
            cut = _cut(text, begin, stop, match, rules)
            if cut is not None:
                _add(spans, text, begin, cut)
                begin = cut
        _add(spans, text, begin, stop)
    if _GLUED_HEADING.search(text):
        return [piece for span in spans for piece in _unglue(text, *span)]
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if stripped := piece.strip():
        start += len(piece) - len(piece.lstrip())
        spans.append((start, start + len(stripped)))


def _unglue(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a sentence where a subheading runs into it without a space."""
    pieces: list[tuple[int, int]] = []
    for match in _GLUED_HEADING.finditer(text, start, end):
        at = match.start()
        word = text[max(start, at - _LOOK_BACK_CHARS) : at].rsplit(maxsplit=1)[-1].lstrip(_OPENERS)
        # Only a word that is lower case throughout ends a heading; "iPhone" and "McDonald" do not.
        if word.isalpha() and word.islower():
            pieces.append((start, at))
            start = at
    pieces.append((start, end))
    return pieces


def _cut(text: str, begin: int, stop: int, match: re.Match[str], rules: _Rules) -> int | None:
    """Say where the sentence ends that ``match`` may end, or ``None`` where it goes on."""
    end = match.end()
    if end >= stop:
        return None
    mark, close = match["mark"], match["close"]
    if mark[0] in _WIDE:
        return None if close and text[end] in _QUOTATIVE else end
    if not text[end].isspace():
        return _cut_without_space(text, begin, stop, match)
    upcoming = _NEXT.match(text, end, stop)
    word = upcoming["word"] if upcoming else None
    if not upcoming or not word:
        # Nothing but marks follows: ". . ." goes on, a dash or a bullet does not.
        return None if text[end:stop].lstrip()[:1] in _MARKS else end
    if _inside_quotation(text, begin, match, stop):
        return None
    if word[0].islower() and not any(letter.isupper() for letter in word[1:3]):
        return None
    if mark != ".":
        elision = close[:1] in _CLOSING_BRACKETS and text[match.start() - 1 : match.start()] in _OPENING_BRACKETS
        if elision or (
            rules.attribution and not _QUOTES.isdisjoint(close) and rules.attribution.match(text, end, stop)
        ):
            return None
        return end
    token = _token_before(text, begin, match.start())
    if not token or (close and close != ")"):
        return end
    before = _token_before(text, begin, match.start() - len(token), over_space=True)
    follows = _Following(word=word, is_initial=len(word) == 1 and text[upcoming.end() : upcoming.end() + 1] == ".")
    at_start = not text[begin : begin + _LOOK_BACK_CHARS].partition(token)[0].strip(_OPENERS + " \t\u00a0")
    return None if _goes_on(token, before, follows, rules, at_start=at_start) else end


@dataclass(frozen=True, slots=True)
class _Following:
    word: str
    is_initial: bool

    def starts_sentence(self, rules: _Rules) -> bool:
        """Whether this capitalised word would be lower case inside a sentence."""
        return not self.is_initial and self.word.lower() in rules.openers


def _token_before(text: str, begin: int, at: int, *, over_space: bool = False) -> str:
    """Give what stands before ``at``, back to the last white space, opening mark, slash or apostrophe."""
    piece = text[max(begin, at - _LOOK_BACK_CHARS) : at]
    if not piece or (piece[-1].isspace() and not over_space):
        return ""
    words = piece.split()
    return _LAST_PART.split(words[-1])[-1].lstrip(_OPENERS) if words else ""


def _goes_on(token: str, before: str, follows: _Following, rules: _Rules, *, at_start: bool) -> bool:
    """Whether the full stop after ``token`` abbreviates, counts or belongs to an initial, and so ends nothing.

    Args:
        token: the word before the full stop.
        before: the word before that one, with its own full stop if it has one.
        follows: the word after, which starts with a capital, a digit or a letter of a script without case.
        rules: the language's.
        at_start: whether ``token`` is the first of its sentence.
    """
    known = rules.known
    if token.isdigit():
        ordinal = known.ordinals and len(token) <= 2
        return at_start or (ordinal and (follows.word[0].isdigit() or not follows.starts_sentence(rules)))
    # "z. B." and "т. д." are written with and without the space.
    spellings = {token, token.lower()}
    if len(before) == 2 and before[1] == ".":
        spellings |= {(before + token).lower()}
    if not spellings.isdisjoint(known.units):
        counted = (
            before[-1:].isdigit()
            or bool(_ROMAN.match(before))
            or (len(before) > 2 and before.rstrip(".") in known.units)
        )
        return follows.word[0].isdigit() or not counted
    if follows.word[0].isdigit() and not spellings.isdisjoint(known.numbered | known.seldom):
        return True
    if not spellings.isdisjoint(known.mostly):
        return follows.word.lower() in _AFTER_CLOCK
    if not spellings.isdisjoint(known.never):
        return True
    initial = len(token) == 1 and token.isupper()
    if initial or not spellings.isdisjoint(known.seldom) or _ACRONYM.match(token):
        return not follows.starts_sentence(rules)
    return known.ordinals and bool(_ROMAN.match(token)) and not follows.starts_sentence(rules)


def _cut_without_space(text: str, begin: int, stop: int, match: re.Match[str]) -> int | None:
    """Say where a sentence ends whose mark runs into the next one, as in "… was said.The mayor …"."""
    end, close = match.end(), match["close"]
    # A mark that can open as well as close opens here, for a letter follows it.
    if close and _opens(text, begin, end - 1):
        end, close = end - 1, close[:-1]
    upcoming = _NEXT.match(text, end, stop)
    word = upcoming["word"] if upcoming else None
    if not upcoming or not word or not word[0].isupper() or (text[end] not in _OPENERS and text[end] != word[0]):
        return None
    token = _token_before(text, begin, match.start())
    if "." in token or "@" in token or word.lower() in _DOMAINS or "." in word:
        return None
    if len(word) < 2 and text[upcoming.end() : upcoming.end() + 1] != " ":
        return None
    if len(word) > 1 and not word[1].islower() and word[1] not in "'’" and not close:
        return None
    full = len(token) >= 3 and token[-1].islower()
    return end if full or close or (token.isdigit() and match["mark"] != ".") or token[-1:] in "%€$)" else None


def _opens(text: str, begin: int, at: int) -> bool:
    """Whether the quotation mark at ``at`` opens; some are closing marks in one language and opening in another."""
    mark, begin = text[at], max(begin, at - _QUOTE_CHARS)
    if mark == '"':
        return text.count('"', begin, at) % 2 == 0
    other = {"“": "„", "«": "»"}.get(mark)
    return other is not None and text.rfind(other, begin, at) <= text.rfind(mark, begin, at)


def _inside_quotation(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    """Whether the mark stands within a short quotation after which the sentence goes on.

    «Who? What? When?» was on again; "I came. I saw," he said.
    """
    at = match.start()
    for opening, closing in _QUOTATIONS:
        opened = text.rfind(opening, max(begin, at - _WHOLE_QUOTE_CHARS), at)
        if opened < 0:
            continue
        if opening == closing:
            if text.count('"', max(begin, at - _QUOTE_CHARS), at) % 2 == 0:
                continue
        elif text.find(closing, opened + 1, match.end()) >= 0:
            continue
        closed = text.find(closing, match.end(), min(stop, opened + _WHOLE_QUOTE_CHARS))
        if closed >= 0 and (rest := _AFTER_QUOTE.match(text, closed + 1, stop)):
            return text[closed - 1] not in ".!?…" or rest.group(1).islower()
    return False
