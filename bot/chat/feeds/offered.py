"""What is said of the feeds that a site offers: name, language, newest article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError

from bot.chat.turn.troubles import host_of
from bot.messages.html import Html, escape, one_line, without_summons
from bot.messages.shortening import cut

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.messages.speech import Speech
    from bot.news.finding.discovery import FeedLink

_LONGEST_NAME_CHARS: Final = 60
_LONGEST_TITLE_CHARS: Final = 90


def describe_feeds(words: Speech, links: Sequence[FeedLink], *, now: datetime) -> list[Html]:
    """Describe feeds, a line each: **name** · language · when and what it last told.

    Args:
        words: The reader's language and zone.
        links: The feeds.
        now: The present instant.
    """
    return [_describe(words, link, now=now) for link in links]


def _describe(words: Speech, link: FeedLink, *, now: datetime) -> Html:
    name = cut(without_summons(one_line(link.title)) or host_of(link.url), _LONGEST_NAME_CHARS)
    parts = [f"<b>{escape(name)}</b>", escape(_language(words, link.lang))]
    if link.newest:
        title = cut(without_summons(one_line(link.newest)), _LONGEST_TITLE_CHARS)
        if link.newest_at is not None and link.newest_at <= now:
            title = f"{words.moment(link.newest_at, now=now)}: {title}"
        parts.append(escape(title))
    return Html(" · ".join(part for part in parts if part))


def _language(words: Speech, lang: str) -> str:
    """Name a language in the reader's."""
    try:
        return Locale.parse(lang).get_language_name(words.lang) or "" if lang else ""
    except (UnknownLocaleError, ValueError):
        return ""
