"""Why a story came and why its sentences were chosen, in an alert's 200 characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.messages.html import utf16_units
from bot.messages.shortening import cut, cut_at_word
from bot.messages.speech import Speech, msgid, speech
from summarizer import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from summarizer import Why

MAX_ALERT_UNITS: Final = 200
"""Telegram's limit for the answer to a tap, in UTF-16 units."""

_MOST_WORD_CHARS: Final = 24
_MOST_LEAD_UNITS: Final = 80
"""So much of an outlet's long name is enough; the reasons need the rest."""

_TEXTS: Final = {
    Reason.NEAR_TOP: msgid("near the top"),
    Reason.HEADLINE: msgid("says what the headline says"),
    Reason.NEWEST: msgid("from the newest report"),
    Reason.RECURRING: msgid("names what recurs: {words}"),
    Reason.NUMBERS: msgid("has the numbers"),
    Reason.COMPACT: msgid("says much in few words"),
    Reason.FOLLOWS: msgid("follows from the sentence before"),
    Reason.TELLING: msgid("tells of {words}"),
}


def render_why(sentences: Sequence[Sequence[Why]], *, lang: str, lead: str = "") -> str:
    """Tell the reasons for a summary's sentences, a line for each: "Sentence 1: near the top; has the numbers".

    Where they do not fit, the lines become shorter; then the lightest reasons are left out, then the last sentences.

    Args:
        sentences: the reasons for each sentence in turn, heaviest first; sentences without any are passed over.
        lang: the chat's language.
        lead: a line to stand before them.
    """
    words = speech(lang)
    lead = cut_at_word(lead, _MOST_LEAD_UNITS)
    told = [(number, list(reasons)) for number, reasons in enumerate(sentences, start=1) if reasons]
    if not told:
        return join_lines(lead, words.plain("These sentences were chosen by another method."))
    numbered = len(sentences) > 1
    if numbered:
        whole = join_lines(lead, *(_tell_in_full(number, reasons, words) for number, reasons in told))
        if utf16_units(whole) <= MAX_ALERT_UNITS:
            return whole
    while utf16_units(alert := join_lines(lead, _lay_out(told, words, numbered=numbered))) > MAX_ALERT_UNITS:
        longest = max(told, key=lambda one: len(one[1]))
        if len(longest[1]) > 1:
            lightest = min((one for one in told if len(one[1]) > 1), key=lambda one: one[1][-1].weight)
            lightest[1].pop()
        elif len(told) > 1:
            told.pop()
        else:
            return cut_at_word(alert, MAX_ALERT_UNITS - 1)
    return alert


def tell_reasons(reasons: Sequence[Why], *, lang: str) -> str:
    """Tell the reasons for one sentence: "Near the top; has the numbers."; nothing where there are none."""
    return _in_one_line(reasons, speech(lang)) if reasons else ""


def join_lines(*lines: str) -> str:
    """Put lines that are not empty one below the other."""
    return "\n".join(line for line in lines if line)


def _tell_in_full(number: int, reasons: Sequence[Why], words: Speech) -> str:
    told = words.plain("; ").join(_say(one, words) for one in reasons)
    return words.plain("Sentence {n}: {reasons}.", n=words.number(number), reasons=told)


def _lay_out(told: Sequence[tuple[int, Sequence[Why]]], words: Speech, *, numbered: bool) -> str:
    lines: list[str] = []
    for number, reasons in told:
        line = _in_one_line(reasons, words)
        lines.append(f"{words.number(number)}. {line}" if numbered else line)
    return "\n".join(lines)


def _in_one_line(reasons: Sequence[Why], words: Speech) -> str:
    line = words.plain("; ").join(_say(one, words) for one in reasons)
    return line[:1].upper() + line[1:] + "."


def _say(why: Why, words: Speech) -> str:
    if why.reason is Reason.OUTLETS:
        return str(words.say_n("{n} outlet reports it", "{n} outlets report it", why.outlets))
    named = words.listing([cut(word, _MOST_WORD_CHARS) for word in why.words])
    return words.plain(_TEXTS[why.reason], words=named)
