"""Settings: one message that edits itself; every tap saves, every screen has a way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from babel import Locale

from bot.chat.settings import departure, zones
from bot.chat.settings.buttons import button, hour, option, rows_of, screen
from bot.chat.turn.access import is_editor, newsroom_menu
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.speech import SUPPORTED, speech
from bot.messages.zones import zone_name
from storage.model import SUMMARY_LENGTHS, QuietHours, Subscriber, SubscriberState
from storage.outbox.timing import quiet_until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech
    from storage import Work

_CAPS: Final = (10, 20, 50)
_EVENING: Final = tuple(hour * 60 for hour in (20, 21, 22, 23, 0, 1))
_MORNING: Final = tuple(hour * 60 for hour in (5, 6, 7, 8, 9, 10))
_USUAL_NIGHT: Final = QuietHours(start=22 * 60, end=7 * 60)

Screen: TypeAlias = "Callable[[Turn, Work, Subscriber], Awaitable[OutgoingMessage]]"


async def open_settings(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show the settings in a message of their own; a city behind the command sets the time zone."""
    if turn.argument.strip():
        return await zones.hear_zone(turn, work)
    return [Say(message=await _home(turn, work, turn.subscriber))]


async def show(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the message into the screen that the button names."""
    if turn.argument == "zone":
        return [Rewrite(message=await zones.ask_zone(turn, work, turn.subscriber))]
    draw = _SCREENS.get(turn.argument, _home)
    return [Rewrite(message=await draw(turn, work, turn.subscriber))]


async def close(turn: Turn, work: Work) -> Sequence[Reply]:
    """Leave the settings as they are, in one line without buttons."""
    await work.subscribers.end_dialogue(turn.subscriber.id, turn.request.user_id)
    return [Rewrite(message=OutgoingMessage(_summary(turn.speech, turn.subscriber)))]


async def set_language(turn: Turn, work: Work) -> Sequence[Reply]:
    """Speak another language; the toast and the screen speak it already."""
    if turn.argument not in SUPPORTED:
        return _stale(turn)
    chat = await work.subscribers.update(turn.subscriber.id, lang=turn.argument)
    saved = await _saved(turn, work, chat, _languages)
    if turn.request.is_private and await is_editor(turn, work):
        return [*saved, newsroom_menu(replace(turn, speech=speech(chat.lang, chat.tz)))]
    return saved


async def set_length(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose how long summaries are."""
    if turn.argument not in {str(length) for length in SUMMARY_LENGTHS}:
        return _stale(turn)
    chat = await work.subscribers.update(turn.subscriber.id, summary_chars=int(turn.argument))
    return await _saved(turn, work, chat, _lengths)


async def set_delivery(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose whether news makes a sound."""
    chat = await work.subscribers.update(turn.subscriber.id, silent=turn.argument == "muted")
    return await _saved(turn, work, chat, _delivery)


async def set_pictures(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose whether single articles show a small picture."""
    chat = await work.subscribers.update(turn.subscriber.id, pictures=turn.argument == "on")
    return await _saved(turn, work, chat, _home)


async def set_cap(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose how many stories come a day."""
    if turn.argument not in {"none", *(str(cap) for cap in _CAPS)}:
        return _stale(turn)
    cap = None if turn.argument == "none" else int(turn.argument)
    return await _saved(turn, work, await work.subscribers.set_daily_cap(turn.subscriber.id, cap), _cap)


async def set_quiet(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose the quiet hours: ``off``, or ``from-to-breaking`` in minutes after midnight and 0 or 1."""
    if turn.argument == "off":
        return await _saved(turn, work, await work.subscribers.set_quiet(turn.subscriber.id, None), _quiet)
    numbers = turn.argument.split("-")
    if len(numbers) != 3 or not all(number.isdecimal() for number in numbers):
        return _stale(turn)
    start, end, breaking = (int(number) for number in numbers)
    if start == end or max(start, end) >= 24 * 60:
        return _stale(turn)
    quiet = QuietHours(start=start, end=end, breaking_wakes=bool(breaking))
    return await _saved(turn, work, await work.subscribers.set_quiet(turn.subscriber.id, quiet), _quiet)


async def show_now(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let all that waits come now."""
    count = await work.subscribers.release_waiting(turn.subscriber.id)
    words = turn.speech.toast_n("{n} story follows.", "{n} stories follow.", count)
    return [Toast(text=words), Rewrite(message=await _quiet(turn, work, turn.subscriber))]


async def _saved(turn: Turn, work: Work, chat: Subscriber, draw: Screen) -> Sequence[Reply]:
    words = speech(chat.lang, chat.tz)
    return [Toast(text=words.toast("Saved.")), Rewrite(message=await draw(turn, work, chat))]


def _stale(turn: Turn) -> Sequence[Reply]:
    return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]


async def _home(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    lines = [_summary(words, chat)]
    if chat.state is SubscriberState.PAUSED:
        lines.append(say_paused(words, chat))
    pictures = (
        button(words.label("settings.button", "Pictures: on"), "pics", "off")
        if chat.pictures
        else button(words.label("settings.button", "Pictures: off"), "pics", "on")
    )
    keyboard: Keyboard = (
        (
            button(words.label("settings.button", "Language"), "show", "lang"),
            button(words.label("settings.button", "Time zone"), "show", "zone"),
        ),
        (
            button(words.label("settings.button", "Length"), "show", "len"),
            button(words.label("settings.button", "Delivery"), "show", "how"),
        ),
        (
            button(words.label("settings.button", "Quiet hours"), "show", "quiet"),
            button(words.label("settings.button", "Daily cap"), "show", "cap"),
        ),
        (pictures, button(words.label("settings.button", "My data"), "show", "data")),
        (button(words.label("settings.button", "Done"), "close"),),
    )
    return screen(turn, "\n".join(lines), keyboard)


def _summary(words: Speech, chat: Subscriber) -> str:
    """Say how the chat is set, in two sentences such as "English, Europe/Kyiv, short. At once, quiet 22:00–7:00."."""
    first = words.say(
        "{language}, {zone}, {length}.",
        language=language_name(chat.lang),
        zone=zone_name(chat.tz),
        length=length_name(words, chat.summary_chars).lower(),
    )
    how = [words.plain("Without sound") if chat.silent else words.plain("At once")]
    if chat.quiet is not None:
        how.append(words.plain("quiet {start}–{end}", start=hour(chat.quiet.start), end=hour(chat.quiet.end)))
    if chat.daily_cap is not None:
        how.append(words.plain("{n} a day at most", n=chat.daily_cap))
    return f"{first} {words.joined(how)}."


def say_paused(words: Speech, chat: Subscriber) -> str:
    """Say that the chat has asked for silence, and until when."""
    if chat.paused_until is None:
        return words.say("Paused until you send /resume.")
    return words.say("Paused until {day}.", day=words.day(words.local_date(chat.paused_until)))


async def _languages(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    options = [option(language_name(lang), "lang", lang, chosen=lang == chat.lang) for lang in SUPPORTED]
    text = words.say("Which language shall I speak? News keeps its own.")
    return screen(turn, text, rows_of(options, 2), back=words)


async def _lengths(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    options = [
        option(length_name(words, length), "len", str(length), chosen=length == chat.summary_chars)
        for length in SUMMARY_LENGTHS
    ]
    text = words.say("How long shall a story be? 200, 400 or 800 characters at most.")
    return screen(turn, text, rows_of(options, 3), back=words)


async def _delivery(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    options = [
        option(words.label("settings.button", "At once"), "how", "now", chosen=not chat.silent),
        option(words.label("settings.button", "Muted"), "how", "muted", chosen=chat.silent),
    ]
    text = words.say("How shall stories come? Muted ones come at once too, without a sound.")
    return screen(turn, text, rows_of(options, 2), back=words)


async def _cap(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    options = [option(words.number(cap), "cap", str(cap), chosen=cap == chat.daily_cap) for cap in _CAPS]
    options.append(option(words.label("settings.button", "No cap"), "cap", "none", chosen=chat.daily_cap is None))
    if chat.daily_cap is None:
        text = words.say("Any number of stories a day.")
    else:
        text = words.say("{n} stories a day; the rest waits for the next day.", n=chat.daily_cap)
    return screen(turn, text, rows_of(options, 2), back=words)


async def _quiet(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    quiet, waiting = chat.quiet, await work.subscribers.count_waiting(chat.id)
    lines: list[str] = []
    rows: list[tuple[Button, ...]] = []
    if quiet is None:
        lines.append(words.say("No quiet hours: news comes day and night."))
        usual = f"{hour(_USUAL_NIGHT.start)}–{hour(_USUAL_NIGHT.end)}"
        rows.append((button(usual, "quiet", _encode(_USUAL_NIGHT)),))
    else:
        between = f"{hour(quiet.start)}–{hour(quiet.end)}"
        lines.append(
            words.say("{hours}. Breaking news comes all the same.", hours=between)
            if quiet.breaking_wakes
            else words.say("{hours}. Breaking news waits.", hours=between)
        )
        turned = QuietHours(start=quiet.start, end=quiet.end, breaking_wakes=not quiet.breaking_wakes)
        label = (
            words.label("settings.button", "Breaking: comes")
            if quiet.breaking_wakes
            else words.label("settings.button", "Breaking: waits")
        )
        rows += [
            (
                button(words.label("settings.button", "From"), "show", "from"),
                button(words.label("settings.button", "To"), "show", "to"),
            ),
            (
                button(label, "quiet", _encode(turned)),
                button(words.label("settings.button", "Off"), "quiet", "off"),
            ),
        ]
    if waiting:
        lines.append(say_waiting(words, chat, waiting, now=turn.now))
        rows.append((show_now_button(words),))
    return screen(turn, "\n".join(lines), tuple(rows), back=words)


def quiet_now(chat: Subscriber, *, now: datetime) -> datetime | None:
    """Tell until when a chat's quiet hours last; ``None`` outside of them."""
    return quiet_until(chat.quiet, chat.tz, now) if chat.quiet is not None else None


def say_waiting(words: Speech, chat: Subscriber, waiting: int, *, now: datetime) -> str:
    """Say how many stories wait, and in quiet hours until when."""
    until = quiet_now(chat, now=now)
    if until is None:
        return words.say_n("{n} story waits.", "{n} stories wait.", waiting)
    return words.say_n(
        "Quiet until {time}; {n} story waits.",
        "Quiet until {time}; {n} stories wait.",
        waiting,
        time=words.clock(until),
    )


def show_now_button(words: Speech) -> Button:
    """Make the button that lets all that waits come now."""
    return button(words.label("settings.button", "Show now"), "now")


async def _quiet_from(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words, quiet = speech(chat.lang, chat.tz), chat.quiet or _USUAL_NIGHT
    wanted = [QuietHours(start=start, end=quiet.end, breaking_wakes=quiet.breaking_wakes) for start in _EVENING]
    options = [option(hour(it.start), "quiet", _encode(it), chosen=it.start == quiet.start) for it in wanted]
    return screen(turn, words.say("Quiet from when?"), rows_of(options, 3), back=words, back_to="quiet")


async def _quiet_to(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words, quiet = speech(chat.lang, chat.tz), chat.quiet or _USUAL_NIGHT
    wanted = [QuietHours(start=quiet.start, end=end, breaking_wakes=quiet.breaking_wakes) for end in _MORNING]
    options = [option(hour(it.end), "quiet", _encode(it), chosen=it.end == quiet.end) for it in wanted]
    return screen(turn, words.say("Quiet until when?"), rows_of(options, 3), back=words, back_to="quiet")


def _encode(quiet: QuietHours) -> str:
    return f"{quiet.start}-{quiet.end}-{int(quiet.breaking_wakes)}"


async def _data(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    text = await departure.say_stored(turn, work)
    rows: Keyboard = (
        (
            button(words.label("settings.button", "Export"), "export", area="me"),
            button(words.label("settings.button", "Privacy"), "show", "privacy", area="me"),
        ),
        (button(words.label("settings.button", "Delete me"), "ask", area="me"),),
    )
    return screen(turn, text, rows, back=words)


def language_name(lang: str) -> str:
    """Name a language in itself: ``English``, ``Українська``."""
    name = Locale.parse(lang).get_language_name(lang) or lang
    return name[:1].upper() + name[1:]


def length_name(words: Speech, chars: int) -> str:
    """Name a length of summaries."""
    if chars <= SUMMARY_LENGTHS[0]:
        return words.label("settings.button", "Short")
    return (
        words.label("settings.button", "Medium")
        if chars <= SUMMARY_LENGTHS[1]
        else words.label("settings.button", "Long")
    )


_SCREENS: Final[Mapping[str, Screen]] = {
    "home": _home,
    "lang": _languages,
    "len": _lengths,
    "how": _delivery,
    "cap": _cap,
    "quiet": _quiet,
    "from": _quiet_from,
    "to": _quiet_to,
    "data": _data,
}

SETTINGS: Final = Action(handler=open_settings, manages=True)
SETTINGS_TAPS: Final[Mapping[str, Action]] = {
    f"set.{verb}": Action(handler=handler, manages=True)
    for verb, handler in {
        "show": show,
        "close": close,
        "lang": set_language,
        "zone": zones.set_zone,
        "len": set_length,
        "how": set_delivery,
        "pics": set_pictures,
        "cap": set_cap,
        "quiet": set_quiet,
        "now": show_now,
    }.items()
}
