"""The bot's voice in one language and time zone.

The texts in the code are English msgids; ``python -m bot.messages.catalogue`` collects them by the names of the methods
here (``say``, ``say_n``, ``plain``, ``toast``, ``toast_n``, ``label``) and of ``msgid``: their arguments are literals.
"""

from __future__ import annotations

import functools
from datetime import UTC
from typing import TYPE_CHECKING, Final, NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from bot.messages.direction import is_right_to_left, isolate_in
from bot.messages.html import Html, escape, is_blank, without_controls, without_summons
from bot.messages.shortening import ELLIPSIS, cut
from bot.messages.translations import SOURCE_LANGUAGE, SUPPORTED, load_translations

if TYPE_CHECKING:
    import gettext
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime, tzinfo

__all__ = ["MAX_LABEL_CHARS", "SUPPORTED", "Brief", "Speech", "choose_language", "msgid", "speech"]

MAX_LABEL_CHARS: Final = 18

Brief = NewType("Brief", str)
"""A text that is read in passing, as a toast shows it: never longer than 120 characters, whatever is inserted."""

_MILLION: Final = 1_000_000
NAMES: Final = frozenset({"name", "chat", "outlet"})
"""The fields that hold what strangers have named: feeds, chats, threads, outlets, files."""

MAX_NAME_CHARS: Final = 40
"""As much of a name as a toast has room for."""

# English as the house writes it: 4 May, 1,204, "A, B and C".
_LOCALES: Final = {"en": "en_GB"}


def msgid(text: str) -> str:
    """Mark a text for translation where it stands in a table; it is said later, by ``say`` or ``plain``."""
    return text


def choose_language(code: str | None) -> str:
    """Choose the interface's language by Telegram's ``language_code``, such as ``uk`` or ``en-GB``."""
    lang = (code or "").replace("_", "-").partition("-")[0].lower()
    return lang if lang in SUPPORTED else SOURCE_LANGUAGE


@functools.lru_cache(maxsize=1024)
def speech(lang: str, tz: str = "UTC") -> Speech:
    """Give the voice of a language (anything that we do not speak is English) and an IANA time zone (else UTC)."""
    return Speech(choose_language(lang), tz)


class Speech:
    """Says the bot's texts, times and numbers; made by ``speech``."""

    __slots__ = ("_locale", "_translations", "_zone", "lang", "tz")

    def __init__(self, lang: str, tz: str) -> None:
        self.lang: Final = lang
        self.tz: Final = tz
        self._locale = Locale.parse(_LOCALES.get(lang, lang))
        self._translations = _translations(lang)
        self._zone = _zone(tz)

    def say(self, msgid: str, /, **fields: str | int) -> Html:
        """Translate a text that may have markup; fields are escaped unless they are ``Html``."""
        return Html(_fill(self._translations.gettext(msgid), fields, self._marked_up))

    def say_n(self, singular: str, plural: str, n: int, /, **fields: str | int) -> Html:
        """Translate a counted phrase; ``{n}`` is the number as the language writes it."""
        template = self._translations.ngettext(singular, plural, n)
        return Html(_fill(template, {**fields, "n": self.number(n)}, self._marked_up))

    def plain(self, msgid: str, /, **fields: str | int) -> str:
        """Translate a text for an alert, or another place that shows markup as it is typed."""
        return _fill(self._translations.gettext(msgid), fields, self._isolated)

    def toast(self, msgid: str, /, **fields: str | int) -> Brief:
        """Translate a text for a toast; an inserted name that would make it too long to read is cut."""
        return self._brief(self._translations.gettext(msgid), fields)

    def toast_n(self, singular: str, plural: str, n: int, /, **fields: str | int) -> Brief:
        """Translate a counted phrase for a toast; ``{n}`` is the number as the language writes it."""
        return self._brief(self._translations.ngettext(singular, plural, n), {**fields, "n": self.number(n)})

    def _brief(self, template: str, fields: Mapping[str, str | int]) -> Brief:
        short = {key: cut(value, MAX_NAME_CHARS) if isinstance(value, str) else value for key, value in fields.items()}
        return Brief(_fill(template, short, self._isolated))

    def label(self, context: str, msgid: str, /, **fields: str | int) -> str:
        """Translate a button's label and cut the inserted names, the longest first, until it fits 18 characters."""
        template = self._translations.pgettext(context, msgid)
        names = {name: " ".join(without_controls(str(value)).split()) for name, value in fields.items()}
        excess = len(template.format_map(names)) - MAX_LABEL_CHARS
        while excess > 0 and (longest := max(names, key=lambda name: len(names[name]), default="")):
            shorter = cut(names[longest], max(1, len(names[longest]) - excess))
            if shorter == names[longest]:
                break
            names[longest] = shorter
            excess = len(template.format_map(names)) - MAX_LABEL_CHARS
        shown = cut(template.format_map(names), MAX_LABEL_CHARS)
        return ELLIPSIS if is_blank(shown) else shown  # Telegram refuses a message for one empty button

    def clock(self, instant: datetime) -> str:
        """Tell the time of day in the chat's zone: ``14:05``."""
        return format_time(instant.astimezone(self._zone), "HH:mm", tzinfo=self._zone, locale=self._locale)

    def local_date(self, instant: datetime) -> date:
        """Tell which day it is in the chat's zone."""
        return instant.astimezone(self._zone).date()

    def day(self, date: date, *, today: date | None = None) -> str:
        """Name a day: ``4 May``, with its year when that is not today's."""
        if today is not None and date.year != today.year:
            return format_date(date, "long", locale=self._locale)
        return format_skeleton("MMMMd", date, locale=self._locale)

    def moment(self, instant: datetime, *, now: datetime) -> str:
        """Tell when something was: the time of day, and the day too when it is not today."""
        date, today = self.local_date(instant), self.local_date(now)
        if date == today:
            return self.clock(instant)
        return self.plain("{day}, {time}", day=self.day(date, today=today), time=self.clock(instant))

    def number(self, n: float) -> str:
        """Write a number with the language's separators: ``1,204``."""
        return format_decimal(n, locale=self._locale)

    def rounded(self, n: int) -> str:
        """Write a great number as people say it: ``1.2 million``; one below a million in full."""
        if n < _MILLION:
            return self.number(n)
        return format_compact_decimal(n, format_type="long", fraction_digits=1, locale=self._locale)

    def percent(self, fraction: float) -> str:
        """Write a fraction of one in whole percent: ``61 %``."""
        return format_percent(fraction, format="#,##0 %", locale=self._locale)

    def listing(self, names: Sequence[str]) -> str:
        """Join names as a sentence does: ``A, B and C``."""
        return format_list(list(names), locale=self._locale) if names else ""

    def joined(self, parts: Iterable[str]) -> str:
        """Put the parts of a line side by side, without an "and": ``12 chats, 1 paused``."""
        return self.plain(", ").join(parts)

    def duration(self, seconds: float) -> str:
        """Tell how long something takes, in its two greatest units: ``43 s``, ``2 min 5 s``, ``1 h 20 min``."""
        whole = max(0, round(seconds))
        minutes, seconds_left = divmod(whole, 60)
        hours, minutes_left = divmod(minutes, 60)
        if not minutes:
            return self.plain("{seconds} s", seconds=whole)
        if not hours:
            if not seconds_left:
                return self.plain("{minutes} min", minutes=minutes)
            return self.plain("{minutes} min {seconds} s", minutes=minutes, seconds=seconds_left)
        if not minutes_left:
            return self.plain("{hours} h", hours=self.number(hours))
        return self.plain("{hours} h {minutes} min", hours=self.number(hours), minutes=minutes_left)

    def _isolated(self, value: str) -> str:
        return isolate_in(without_controls(value), right_to_left=is_right_to_left(self.lang))

    def _marked_up(self, value: str) -> str:
        # The marks go around what is clean already: cleaning would take them away again.
        return isolate_in(escape(value), right_to_left=is_right_to_left(self.lang))


def _fill(template: str, fields: Mapping[str, str | int], prepare: Callable[[str], str]) -> str:
    # Not str(value) for texts: that would turn Html into a plain string, which is escaped.
    return template.format_map(
        {
            field: prepare(_named(field, value)) if isinstance(value, str) else str(value)
            for field, value in fields.items()
        }
    )


def _named(field: str, value: str) -> str:
    """Let a name that a stranger chose summon nobody."""
    return without_summons(value) if field in NAMES and not isinstance(value, Html) else value


@functools.cache
def _translations(lang: str) -> gettext.NullTranslations:
    return load_translations(lang)


@functools.lru_cache(maxsize=1024)
def _zone(tz: str) -> tzinfo:
    # A zone that the time zone database has dropped must not keep a chat's news back.
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
