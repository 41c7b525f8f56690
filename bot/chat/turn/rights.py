"""Who administers a chat, and whether the bot may write there: asked of Telegram, remembered for a minute at most."""

from __future__ import annotations

import time
from collections import OrderedDict

import telegram

_REMEMBERED_S = 60.0
_REMEMBERED = 10_000
_ADMIN_STATUSES = frozenset({"creator", "administrator"})


class ChatRights:
    """Asks Telegram who administers a chat; remembers a yes or no for a minute."""

    def __init__(self, bot: telegram.Bot) -> None:
        self._bot = bot
        self._known: OrderedDict[tuple[int, int], tuple[bool, float]] = OrderedDict()

    async def is_admin(self, chat_id: int, user_id: int) -> bool:
        """Tell whether a person administers a group or channel; no when Telegram will not say."""
        key, now = (chat_id, user_id), time.monotonic()
        known = self._known.get(key)
        if known is not None and now < known[1]:
            return known[0]
        try:
            member = await self._bot.get_chat_member(chat_id, user_id)
        except telegram.error.TelegramError:
            return False
        self._known[key] = (member.status in _ADMIN_STATUSES, now + _REMEMBERED_S)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._known[key][0]

    async def may_post(self, chat_id: int) -> bool:
        """Tell whether the bot may write in a group or channel; no when Telegram will not say."""
        try:
            me = await self._bot.get_chat_member(chat_id, self._bot.id)
            chat = await self._bot.get_chat(chat_id)
        except telegram.error.TelegramError:
            return False
        if me.status in _ADMIN_STATUSES:
            return getattr(me, "can_post_messages", None) is not False or chat.type != "channel"
        if chat.type == "channel" or me.status not in {"member", "restricted"}:
            return False
        open_to_all = chat.permissions is None or chat.permissions.can_send_messages is not False
        return open_to_all and getattr(me, "can_send_messages", None) is not False
