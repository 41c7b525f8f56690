"""What went wrong, in the words of the command line: wrong usage, troubles of the web, documents that are no feeds."""
# ruff: noqa: PLC0415 - loaded only where something has gone wrong

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bot.news.errors import FeedError

_PLAIN_USAGE: Final = (
    (
        re.compile(r"Invalid value for '([^' ]+)[^:]*: Input should be a valid integer.*", re.DOTALL),
        r"\1 wants a number",
    ),
    (re.compile(r"Invalid value for '([^' ]+)[^:]*: Input should be greater than or equal to"), r"\1 wants at least"),
    (re.compile(r"Invalid value for '([^' ]+)[^:]*: "), r"\1: "),
    (re.compile(r"Missing argument '?([^' ]+)'?"), r"\1 is missing"),
    (re.compile(r"No such (\w+):? '?([^' ;]+)'?"), r"there is no \1 \2"),
    (re.compile(r" \((?:Possible options: |Did you mean )(.+?)\??\)$"), r"; did you mean \1"),
    (re.compile(r"Got unexpected extra argument\S* \((.*)\)"), r"too much: \1"),
)


def explain_usage(error: Any) -> list[str]:  # noqa: ANN401 - typer does not show the type of its usage errors
    """Say in two lines what was wrong with how a command was called."""
    command = error.ctx.info_name if error.ctx is not None and error.ctx.parent is not None else ""
    message = error.format_message().rstrip(".")
    for pattern, words in _PLAIN_USAGE:
        message = pattern.sub(words, message)
    words = message[:1].lower() + message[1:]
    return [words, f"Try: newsgist {command} --help" if command else "Try: newsgist --help"]


def explain(error: Exception) -> str:
    """Say what went wrong: troubles of the web in the words of the chat, the rest in their own."""
    from bot.news.errors import AddressRefused, FeedError, FetchError, RefusalReason

    if isinstance(error, FetchError):
        from html import unescape

        from bot.chat.turn.troubles import say_trouble
        from bot.messages.speech import speech

        words = unescape(say_trouble(speech("en"), error, url=error.url))
        is_private = isinstance(error, AddressRefused) and error.reason is RefusalReason.PRIVATE
        return f"{words} NEWSGIST_ALLOW_PRIVATE=host:port lets it through." if is_private else words
    return explain_feed(error, "") if isinstance(error, FeedError) else str(error)


def explain_feed(error: FeedError, url: str) -> str:
    """Say why a document was not read as a feed, and where to find one."""
    from bot.news.errors import FeedFault

    match error.reason:
        case FeedFault.EMPTY:
            return "that is an empty document, and no feed"
        case FeedFault.BROKEN:
            return "that feed is broken, and cannot be mended"
        case FeedFault.ENTITY_BOMB:
            return "that feed grows without end as it is read, so it was not"
        case FeedFault.TOO_LARGE:
            return "that feed is too large"
        case FeedFault.NOT_A_FEED:
            return f"that is no feed; the feeds of a page are listed by: newsgist discover {url or 'URL'}"
