"""The menu of commands that Telegram shows: in each language, to everyone, in groups, to their admins, to editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
import telegram

from bot.chat.commands import Place, menu_of
from bot.messages.speech import SUPPORTED, speech

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.chat.turn.turns import Menu
    from bot.delivery.telegram import BotApi
    from bot.messages.speech import Speech

_log = structlog.get_logger(__name__)

_SCOPES: Final[Mapping[Place, str]] = {
    Place.PRIVATE: "default",
    Place.GROUP: "all_group_chats",
    Place.GROUP_ADMINS: "all_chat_administrators",
}


async def announce_commands(bot: BotApi, newsroom: Iterable[tuple[int, str]] = ()) -> None:
    """Register the menus; a failure costs only a menu.

    Args:
        bot: Telegram.
        newsroom: Chat id and language of each owner and editor who has spoken with the bot: they see theirs too.
    """
    for lang in SUPPORTED:
        language = {} if lang == "en" else {"language_code": lang}
        for place, scope in _SCOPES.items():
            await _set(bot, place, speech(lang), {"type": scope}, **language)
    for chat_id, lang in newsroom:
        # Telegram prefers a chat's own menu to all others: one language is enough there, the person's.
        await _set(bot, Place.NEWSROOM, speech(lang), {"type": "chat", "chat_id": chat_id})


async def change_menu(bot: telegram.Bot, wanted: Menu) -> None:
    """Let the menu of one person's chat be what they may do now; a failure costs only a menu."""
    scope, words = telegram.BotCommandScopeChat(wanted.user_id), speech(wanted.lang)
    try:
        if wanted.newsroom:
            commands = [(each.name, each.help_line(words)) for each in menu_of(Place.NEWSROOM)]
            await bot.set_my_commands(commands, scope=scope)
        else:
            await bot.delete_my_commands(scope=scope)
    except telegram.error.TelegramError as error:
        _log.warning("menu_not_changed", cause=type(error).__name__)


async def _set(bot: BotApi, place: Place, words: Speech, scope: Mapping[str, Any], **language: str) -> None:
    commands = [{"command": each.name, "description": each.help_line(words)} for each in menu_of(place)]
    try:
        await bot.call("setMyCommands", {"commands": commands, "scope": dict(scope), **language})
    except telegram.error.TelegramError as error:
        _log.warning("menu_not_set", lang=words.lang, place=place, cause=type(error).__name__)
