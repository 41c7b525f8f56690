"""Why a sentence was chosen, in an alert's 200 characters."""

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


def render_why(sentences: Sequence[Sequence[Why]], *, lang: str) -> str:
    """Tell the reasons for a summary's sentences, a line for each, as in "1. Near the top; has the numbers".

    The lightest reasons are left out first where they do not fit, then the last sentences.

    Args:
        sentences: the reasons for each sentence in turn, heaviest first; sentences without any are passed over.
        lang: the chat's language.
    """
    words = speech(lang)
    told = [(number, list(reasons)) for number, reasons in enumerate(sentences, start=1) if reasons]
    if not told:
        return words.plain("These sentences were chosen by another method.")
    numbered = len(sentences) > 1
    while utf16_units(alert := _lay_out(told, words, numbered=numbered)) > MAX_ALERT_UNITS:
        longest = max(told, key=lambda one: len(one[1]))
        if len(longest[1]) > 1:
            lightest = min((one for one in told if len(one[1]) > 1), key=lambda one: one[1][-1].weight)
            lightest[1].pop()
        elif len(told) > 1:
            told.pop()
        else:
            return cut_at_word(alert, MAX_ALERT_UNITS - 1)
    return alert


def _lay_out(told: Sequence[tuple[int, Sequence[Why]]], words: Speech, *, numbered: bool) -> str:
    lines: list[str] = []
    for number, reasons in told:
        line = words.plain("; ").join(_say(one, words) for one in reasons)
        line = line[:1].upper() + line[1:] + "."
        lines.append(f"{words.number(number)}. {line}" if numbered else line)
    return "\n".join(lines)


def _say(why: Why, words: Speech) -> str:
    if why.reason is Reason.OUTLETS:
        return str(words.say_n("{n} outlet reports it", "{n} outlets report it", why.outlets))
    named = words.listing([cut(word, _MOST_WORD_CHARS) for word in why.words])
    return words.plain(_TEXTS[why.reason], words=named)
