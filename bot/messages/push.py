"""What the newsroom sends: the push itself, its progress and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.messages.composition import (
    BODY,
    choose_fitting,
    lay_out,
    line_mark,
    quote,
    sentence_html,
    sentence_joint,
    title_line,
)
from bot.messages.html import escape, fragment_url, is_blank
from bot.messages.outgoing import OutgoingMessage
from bot.messages.outlets import outlet_link, outlet_name
from bot.messages.speech import speech

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech
    from storage.model import Tally

_BAR_CELLS: Final = 10
_FULL: Final = "█"
_EMPTY: Final = "░"
_DOT: Final = " · "


def render_push(
    *,
    title: str,
    sentences: Sequence[str],
    url: str | None,
    source: str,
    lang: str,
    clock: str = "",
    more: Sequence[str] = (),
    silent: bool = False,
    picture: bool = False,
    keyboard: Keyboard = (),
) -> OutgoingMessage:
    """Write the message that an editor sends to everybody.

    Args:
        title: Its title; may be empty.
        sentences: Each word for word from its text.
        url: The article's address; ``None`` for a text of the editor's own.
        source: The outlet, or whose text it is; may be empty.
        lang: The language of our own words in it.
        clock: The time of day that it tells; empty for a text that gets it later, by :func:`with_clock`.
        more: What else there is of it, for an expandable quotation.
        silent: Whether it arrives without a sound.
        picture: Whether the small picture of its page is shown.
        keyboard: What stands under it.
    """
    words = speech(lang)
    head = title_line(title)
    seen = [sentence for sentence in sentences if not is_blank(sentence)]
    # An editor's text says by its own letters which way it runs; nobody is asked for its language.
    mark = line_mark(lang=None, text=title if head else " ".join(seen))

    def foot(shown: Sequence[str]) -> str:
        parts = (words.say("From the newsroom"), _source(source, url, shown, words, right_to_left=bool(mark)))
        return _DOT.join(part for part in parts if part)

    pieces = [sentence_html(sentence) for sentence in seen]
    joint = sentence_joint(None)
    chosen = choose_fitting(pieces, beside=lay_out([head, BODY, foot(seen)], mark=mark), between=joint)
    body = joint.join(pieces[place] for place in chosen)
    quotation = quote([head, body], more, foot(seen), joint=joint, mark=mark)
    text = lay_out([head, body, quotation, foot([seen[place] for place in chosen])], mark=mark)
    return OutgoingMessage(
        with_clock(text, clock) if clock else text, keyboard, silent=silent, preview=picture and url is not None
    )


def with_clock(text: str, clock: str) -> str:
    """End a push's last line, which says whose it is, with a time of day."""
    return f"{text}{_DOT}{clock}"


def progress_bar(fraction: float) -> str:
    """Draw how much of something is done, in ten cells; the last fills only when all of it is."""
    cells = int(min(1.0, max(0.0, fraction)) * _BAR_CELLS)
    return _FULL * cells + _EMPTY * (_BAR_CELLS - cells)


def render_progress(
    speech: Speech, tally: Tally, *, push_id: int, started_at: datetime, now: datetime, resting: int = 0
) -> str:
    """Say how far a push has come, how fast it goes and how long it still takes.

    Args:
        speech: The editor's language.
        tally: Its deliveries.
        push_id: The number by which it can be named later.
        started_at: When it was confirmed.
        now: The present instant.
        resting: How many deliveries wait for the end of their chat's quiet hours.
    """
    settled = tally.planned - tally.unsettled
    fraction = settled / tally.planned if tally.planned else 0.0
    if tally.unsettled:
        fraction = min(fraction, 0.99)  # not "100 %" while somebody still waits
    elapsed_s = (now - started_at).total_seconds()
    per_second = settled / elapsed_s if elapsed_s >= 1 else 0.0
    figures = {
        "percent": speech.percent(fraction),
        "done": speech.number(settled),
        "total": speech.number(tally.planned),
    }
    parts = [speech.say("{percent}: {done} of {total}", **figures)]
    if per_second >= 1:
        parts.append(speech.say("{rate}/s", rate=speech.number(round(per_second))))
    going = tally.unsettled - resting
    if per_second and going > 0:
        parts.append(speech.say("{duration} left", duration=speech.duration(going / per_second)))
    if resting > 0:
        parts.append(
            speech.say_n("{n} waits for its quiet hours to end", "{n} wait for their quiet hours to end", resting)
        )
    return f"{_DOT.join(parts)} <code>{progress_bar(fraction)}</code>\n{_number(speech, push_id)}"


def render_report(speech: Speech, tally: Tally, *, push_id: int, seconds: float) -> str:
    """Say how a push ended, and what became of those who did not get it.

    Args:
        speech: The editor's language.
        tally: Its deliveries.
        push_id: The number by which it can be named later.
        seconds: How long it took.
    """
    delivered = speech.say(
        "{sent} of {total} delivered in {duration}.",
        sent=speech.number(tally.sent),
        total=speech.number(tally.planned),
        duration=speech.duration(seconds),
    )
    blocked = sum(count for reason, count in tally.reasons.items() if _is_block(reason))
    failed = tally.dead - blocked
    losses = [
        speech.say_n("{n} blocked the bot", "{n} blocked the bot", blocked) if blocked > 0 else "",
        speech.say_n("{n} failed", "{n} failed", failed) if failed > 0 else "",
        speech.say_n("{n} unknown", "{n} unknown", tally.unknown) if tally.unknown else "",
        speech.say_n("{n} not sent", "{n} not sent", tally.cancelled) if tally.cancelled else "",
    ]
    named = speech.joined(loss for loss in losses if loss)
    return f"{delivered} {named}.\n{_number(speech, push_id)}" if named else f"{delivered}\n{_number(speech, push_id)}"


def _source(source: str, url: str | None, shown: Sequence[str], words: Speech, *, right_to_left: bool) -> str:
    if url:
        return outlet_link(source, url, fragment_url(url, *shown), right_to_left=right_to_left)
    name = outlet_name(source, None)
    return words.say("Text: {name}", name=escape(name)) if name else ""


def _number(speech: Speech, push_id: int) -> str:
    return speech.say("Push {number}", number=push_id)


def _is_block(reason: str) -> bool:
    return any(word in reason.lower() for word in ("blocked", "kicked"))
