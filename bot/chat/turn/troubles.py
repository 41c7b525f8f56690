"""What the web did wrong, in words that say what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.chat.turn.limits import LONGEST_TEXT_CHARS
from bot.errors import BotError
from bot.messages.html import escape
from bot.news.errors import (
    AddressRefused,
    BadStatus,
    FeedError,
    FetchTimeout,
    HostUnreachable,
    RefusalReason,
    TooLarge,
    TooManyRedirects,
    WorkerError,
)
from bot.news.pages.obstacles import Obstacle

if TYPE_CHECKING:
    from bot.messages.speech import Speech

_LONGEST_HOST_CHARS = 80
_MEGABYTE = 1024 * 1024


class TextTooLong(BotError):
    """A text is longer than we take.

    Attributes:
        chars: Its length in characters.
    """

    def __init__(self, chars: int) -> None:
        super().__init__(f"{chars} characters")
        self.chars = chars


def host_of(url: str) -> str:
    """Name the host of an address as a person would, without ``www.``."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return (host or url)[:_LONGEST_HOST_CHARS].removeprefix("www.")


def say_trouble(speech: Speech, error: BotError, *, url: str) -> str:
    """Say in one sentence what went wrong with an address or a text, and what to try."""
    host = host_of(url)
    match error:
        case TextTooLong(chars=chars):
            words = speech.say(
                "{n} characters; I take {most}.", n=speech.rounded(chars), most=speech.number(LONGEST_TEXT_CHARS)
            )
        case AddressRefused(reason=RefusalReason.PRIVATE):
            words = speech.say("That address is private; I read the public web.")
        case AddressRefused():
            words = speech.say("I can't open that address. Try the site's front page.")
        case HostUnreachable() | FetchTimeout():
            words = speech.say("{host} does not answer.", host=host)
        case BadStatus(status=404 | 410 as status):
            words = speech.say("{host} has no such page ({status}). Try its front page.", host=host, status=str(status))
        case BadStatus(status=status):
            words = speech.say("{host} won't show it to me ({status}). Try again later.", host=host, status=str(status))
        case TooLarge(limit_bytes=limit):
            size = speech.number(limit // _MEGABYTE)
            words = speech.say(
                "{host} sends more than {size} MB; I take {size}. Try another page.", host=host, size=size
            )
        case TooManyRedirects():
            words = speech.say("{host} sends me round in circles. Try its front page.", host=host)
        case FeedError():
            words = speech.say("{host} offers a feed there that I can't read. Try its front page.", host=host)
        case WorkerError() if not host:
            words = speech.say("That took me too long just now. Send it again.")
        case _ if not host:
            words = escape(speech.plain("That went wrong on my side and is noted. Try something else, or send /help."))
        case _:
            words = speech.say("I can't read what {host} sends. Try its front page.", host=host)
    return words


def say_no_article(speech: Speech, obstacle: Obstacle | None, *, url: str) -> str:
    """Say why a page that answered gives nothing to quote, and what to try."""
    host = host_of(url)
    match obstacle:
        case Obstacle.PAYWALL:
            return speech.say("{host} shows that article to subscribers only. Try another page.", host=host)
        case Obstacle.CONSENT:
            return speech.say(
                "{host} asks about cookies before it shows anything. Open it and send me the text.", host=host
            )
        case Obstacle.VIDEO:
            return speech.say("{host} has a video there, and no text. Try another page.", host=host)
        case Obstacle.MISSING:
            return speech.say("{host} has no such page. Try its front page.", host=host)
        case Obstacle.FRONT:
            return speech.say("That is a front page. Send an article's address.")
        case None:
            return speech.say("{host} has no article there that I can read. Try another page.", host=host)
