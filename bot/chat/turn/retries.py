"""What to try where an address led nowhere: again, its site's front page, or a summary of the page itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.chat.turn import questions
from bot.chat.turn.turns import Rewrite, Say
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage
from bot.news.errors import (
    BadStatus,
    FeedError,
    FetchTimeout,
    HostUnreachable,
    TooManyRedirects,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.errors import BotError
    from bot.messages.outgoing import Keyboard
    from storage import Work

_EXPECTS = "address"


async def remember(turn: Turn, work: Work, url: str) -> None:
    """Keep an address for half an hour, for the buttons under what is said of it."""
    await questions.expect(turn, work, _EXPECTS, {"url": url})


async def find_remembered(turn: Turn, work: Work) -> str:
    """Find the address that the tapped button is about; empty where another has taken its place since."""
    dialogue = await work.subscribers.find_dialogue(turn.subscriber.id, turn.request.user_id, turn.now)
    url = str(dialogue.data.get("url", "")) if dialogue is not None and dialogue.expects == _EXPECTS else ""
    return url if url and turn.argument == _digest(url) else ""


def front_page_of(url: str) -> str:
    """Name the front page of an address's site; empty where the address is it, or has none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if not host or parts.scheme not in {"http", "https"} or (parts.path.strip("/") == "" and not parts.query):
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def after_trouble(turn: Turn, error: BotError, *, url: str, verb: str) -> Keyboard:
    """Make the buttons for what might help after an error.

    Args:
        turn: Who asked.
        error: What went wrong.
        url: With which address.
        verb: What trying again does: ``again`` or ``sum``.
    """
    match error:
        case HostUnreachable() | FetchTimeout():
            return ((again_button(turn, url, verb=verb),),)
        case BadStatus(status=404 | 410) | TooManyRedirects() | FeedError():
            return ((front_button(turn, url),),) if front_page_of(url) else ()
        case BadStatus():
            return ((again_button(turn, url, verb=verb),),)
        case _:
            return ()


def in_place(replies: Sequence[Reply]) -> list[Reply]:
    """Let an answer stand in the message whose button was tapped, rather than below it."""
    return [
        Rewrite(message=each.message) if isinstance(each, Say) and isinstance(each.message, OutgoingMessage) else each
        for each in replies
    ]


def again_button(turn: Turn, url: str, *, verb: str) -> Button:
    """Make the button that tries an address again."""
    return Button(turn.speech.label("address.button", "Try again"), data=_data(verb, url))


def front_button(turn: Turn, url: str) -> Button:
    """Make the button that looks at an address's front page instead."""
    return Button(turn.speech.label("address.button", "Front page"), data=_data("front", url))


def summarise_button(turn: Turn, url: str) -> Button:
    """Make the button that summarises a page that offers no feed."""
    return Button(turn.speech.label("address.button", "Summarise"), data=_data("sum", url))


def _data(verb: str, url: str) -> str:
    return Callback("ad", verb, 0, _digest(url)).encode()


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:12]
