"""The menu of commands that Telegram shows, in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
import telegram

from bot.chat.commands import COMMANDS, Audience
from bot.messages.speech import SUPPORTED, speech

if TYPE_CHECKING:
    from bot.delivery.telegram import BotApi

_log = structlog.get_logger(__name__)


async def announce_commands(bot: BotApi) -> None:
    """Register the commands of everyone, once for each language; a failure costs only the menu."""
    for lang in SUPPORTED:
        words = speech(lang)
        commands = [
            {"command": command.name, "description": command.help_line(words)}
            for command in COMMANDS
            if command.audience is Audience.ANYONE
        ]
        parameters = {"commands": commands} | ({} if lang == "en" else {"language_code": lang})
        try:
            await bot.call("setMyCommands", parameters)
        except telegram.error.TelegramError as error:
            _log.warning("menu_not_set", lang=lang, cause=type(error).__name__)
