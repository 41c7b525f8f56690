"""The table of commands: it feeds routing, ``/help`` and the menu that Telegram shows."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.chat import welcome
from bot.chat.feeds import following, sources
from bot.chat.groups import places
from bot.chat.newsroom import editors, figures, overview
from bot.chat.push import desk, editing, listing
from bot.chat.settings import departure, exporting, pausing, screens, zones
from bot.chat.stories import keeping, latest, searching, summarizing
from bot.chat.turn.access import is_editor
from bot.chat.turn.invitation import say_how_to_begin
from bot.chat.turn.turns import Action, Say
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.speech import Speech
    from storage import Work


class Audience(StrEnum):
    """Who sees a command in the menu and in ``/help``."""

    ANYONE = "anyone"
    NEWSROOM = "newsroom"


class Place(StrEnum):
    """Where a menu or ``/help`` is shown."""

    PRIVATE = "private"
    NEWSROOM = "newsroom"
    GROUP = "group"
    GROUP_ADMINS = "group_admins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of the chat; ``help_line`` says in one line what it does, in the person's language.

    ``in_groups`` says whether it is of use there; ``usage`` is what may follow it.
    """

    name: str
    action: Action
    help_line: Callable[[Speech], str]
    audience: Audience = Audience.ANYONE
    usage: Callable[[Speech], str] | None = None
    in_groups: bool = True


def menu_of(place: Place) -> list[Command]:
    """List the commands that a menu shows: in groups those of use there, to members those that they may use."""
    match place:
        case Place.NEWSROOM:
            return list(COMMANDS)
        case Place.PRIVATE:
            return [each for each in COMMANDS if each.audience is Audience.ANYONE]
        case Place.GROUP_ADMINS | Place.GROUP:
            return [
                each
                for each in COMMANDS
                if each.audience is Audience.ANYONE
                and each.in_groups
                and (place is Place.GROUP_ADMINS or not each.action.manages)
            ]


async def help_(turn: Turn, work: Work) -> Sequence[Reply]:
    """List what the person can do, each with one line."""
    editor = await is_editor(turn, work)
    lines: list[str] = [say_how_to_begin(turn)]
    if turn.request.is_private:
        lines.append(turn.speech.say("Coming from another feed reader? Send me its list, an OPML file."))
    lines.append("")
    here = menu_of(Place.PRIVATE if turn.request.is_private else Place.GROUP)
    lines += [_line(command, turn.speech) for command in here]
    if editor and turn.request.is_private:
        lines += ["", f"<b>{turn.speech.say('Newsroom')}</b>"]
        lines += [_line(command, turn.speech) for command in COMMANDS if command.audience is Audience.NEWSROOM]
    return [Say(message=OutgoingMessage("\n".join(lines)))]


def _line(command: Command, speech: Speech) -> str:
    usage = f" <i>{command.usage(speech)}</i>" if command.usage else ""
    return f"/{command.name}{usage} · {command.help_line(speech)}"


COMMANDS: Final[Sequence[Command]] = (
    Command(
        name="start",
        action=Action(handler=welcome.start, for_all=True),
        help_line=lambda s: s.say("begin, or come back"),
        in_groups=False,
    ),
    Command(
        name="subscribe",
        action=sources.SUBSCRIBE,
        help_line=lambda s: s.say("follow a site, a feed or a subject"),
        usage=lambda s: s.label("command.usage", "URL|subject"),
    ),
    Command(
        name="subscriptions",
        action=Action(handler=following.list_subscriptions),
        help_line=lambda s: s.say("what you follow; pause or remove it there"),
    ),
    Command(
        name="unsubscribe",
        action=Action(handler=following.unsubscribe, manages=True),
        help_line=lambda s: s.say("stop following"),
    ),
    Command(
        name="latest",
        action=Action(handler=latest.list_latest),
        help_line=lambda s: s.say("the newest stories now"),
    ),
    Command(
        name="summarize",
        action=summarizing.SUMMARIZE,
        help_line=lambda s: s.say("a summary of a page, a text, or the message you reply to"),
        usage=lambda s: s.label("command.usage", "URL|text"),
    ),
    Command(
        name="search",
        action=searching.SEARCH,
        help_line=lambda s: s.say("stories by words"),
        usage=lambda s: s.label("command.usage", "words"),
    ),
    Command(
        name="alerts",
        action=searching.ALERTS,
        help_line=lambda s: s.say("words that you are told of at once"),
        usage=lambda s: s.label("command.usage", "word"),
    ),
    Command(
        name="saved",
        action=keeping.SAVED,
        help_line=lambda s: s.say("the stories that you saved"),
        in_groups=False,
    ),
    Command(
        name="filters",
        action=keeping.FILTERS,
        help_line=lambda s: s.say("words whose stories you don't want"),
        usage=lambda s: s.label("command.usage", "word"),
    ),
    Command(
        name="settings",
        action=screens.SETTINGS,
        help_line=lambda s: s.say("language, time zone, length, quiet hours, daily cap"),
    ),
    Command(
        name="pause",
        action=pausing.PAUSE,
        help_line=lambda s: s.say("no news for some days"),
        usage=lambda s: s.label("command.usage", "days"),
    ),
    Command(
        name="resume",
        action=pausing.RESUME,
        help_line=lambda s: s.say("news again"),
    ),
    Command(
        name="help",
        action=Action(handler=help_),
        help_line=lambda s: s.say("this list"),
    ),
    Command(
        name="id",
        action=Action(handler=welcome.tell_id, own_data=True),
        help_line=lambda s: s.say("your numeric id"),
    ),
    Command(
        name="privacy",
        action=Action(handler=departure.privacy, own_data=True),
        help_line=lambda s: s.say("what is stored about you"),
    ),
    Command(
        name="export",
        action=exporting.EXPORT,
        help_line=lambda s: s.say("all of it as files"),
        in_groups=False,
    ),
    Command(
        name="delete_me",
        action=Action(handler=departure.ask_deletion, manages=True, own_data=True),
        help_line=lambda s: s.say("delete all of it"),
        in_groups=False,
    ),
    Command(
        name="push",
        action=desk.PUSH,
        help_line=lambda s: s.say("send an article to every subscriber"),
        audience=Audience.NEWSROOM,
        usage=lambda s: s.label("command.usage", "URL|text"),
    ),
    Command(
        name="done",
        action=desk.DONE,
        help_line=lambda s: s.say("ends a text that comes in parts"),
        audience=Audience.NEWSROOM,
    ),
    Command(
        name="pushes",
        action=listing.PUSHES,
        help_line=lambda s: s.say("what was pushed, and how it went"),
        audience=Audience.NEWSROOM,
    ),
    Command(
        name="feeds",
        action=Action(handler=overview.list_feeds, newsroom=True, private_only=True),
        help_line=lambda s: s.say("the feeds and their health"),
        audience=Audience.NEWSROOM,
    ),
    Command(
        name="unknown",
        action=Action(handler=overview.list_unknown, newsroom=True, private_only=True),
        help_line=lambda s: s.say("messages that may or may not have arrived"),
        audience=Audience.NEWSROOM,
    ),
    Command(
        name="stats",
        action=figures.STATS,
        help_line=lambda s: s.say("chats, feeds and messages in figures"),
        audience=Audience.NEWSROOM,
    ),
    Command(
        name="editors",
        action=editors.EDITORS,
        help_line=lambda s: s.say("who belongs to the newsroom; invitations"),
        audience=Audience.NEWSROOM,
    ),
    Command(
        name="ban",
        action=editors.BAN,
        help_line=lambda s: s.say("shut a person or a chat out"),
        audience=Audience.NEWSROOM,
        usage=lambda s: s.label("command.usage", "id"),
    ),
    Command(
        name="unban",
        action=editors.UNBAN,
        help_line=lambda s: s.say("let it in again"),
        audience=Audience.NEWSROOM,
        usage=lambda s: s.label("command.usage", "id"),
    ),
    Command(
        name="audit",
        action=figures.AUDIT,
        help_line=lambda s: s.say("who did what"),
        audience=Audience.NEWSROOM,
    ),
)
_BY_NAME: Final[Mapping[str, Command]] = {command.name: command for command in COMMANDS}

ANSWERS: Final[Mapping[str, Action]] = {
    "alert": Action(handler=searching.hear_alert),
    "place_feed": places.PLACE_FEED,
    "push": desk.PUSH_ANSWER,
    "push_text": editing.PUSH_TEXT,
    "push_title": editing.PUSH_TITLE,
    "search": searching.SEARCH,
    "subscribe": sources.SUBSCRIBE,
    "summarize": summarizing.SUMMARIZE,
    "word": Action(handler=keeping.hear_word),
    "zone": Action(handler=zones.hear_zone),
}
"""What the next message of a person goes to, by what the bot asked for."""


def find(name: str) -> Command | None:
    """Find a command by its name without the slash."""
    return _BY_NAME.get(name)


async def hear_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Answer a command that does not exist with the one that was meant."""
    typed = f"/{turn.argument}"
    meant = difflib.get_close_matches(turn.argument, _BY_NAME, n=1)
    if meant:
        text = turn.speech.say("I don't know {typed}. Try {meant}.", typed=typed, meant=f"/{meant[0]}")
    else:
        text = turn.speech.say("I don't know {typed}. Try {meant}.", typed=typed, meant="/help")
    button = Button(turn.speech.label("menu.button", "Help"), data=Callback("me", "help", 0).encode())
    return [Say(message=OutgoingMessage(text, ((button,),)))]
