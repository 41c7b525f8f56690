"""Somebody who writes and taps."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from tests.support.shown import find_button
from tests.support.telegram import ANSWER_S

if TYPE_CHECKING:
    from tests.support.shown import Message
    from tests.support.town import Town

READER_ID = 700100001
EDITOR_ID = 700100002
ANONYMOUS_ADMIN_ID = 1087968824


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes and taps, in the private chat with the bot unless another chat is named."""

    id: int
    town: Town

    async def say(
        self, text: str, *, chat: int | None = None, reply_to: int | None = None, topic: int | None = None
    ) -> int:
        """Send a text; give its message id."""
        body = {"text": text, "person": self.id, "reply_to": reply_to, "thread_id": topic}
        sent = await self.town.post(f"/sandbox/chats/{chat or self.id}/messages", body)
        return int(sent["id"])

    async def send_file(self, name: str, data: bytes, *, caption: str = "") -> int:
        """Send a file; give its message id."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("person", str(self.id))
        form.add_field("caption", caption)
        form.add_field("file", io.BytesIO(data), filename=name, content_type="application/octet-stream")
        sent = await self.town.upload(f"/sandbox/chats/{self.id}/documents", form)
        return int(sent["id"])

    async def edit(self, message_id: int, text: str) -> None:
        """Change a text that was sent."""
        await self.town.patch(f"/sandbox/chats/{self.id}/messages/{message_id}", {"text": text})

    async def ask(self, text: str, *words: str, reply_to: int | None = None, timeout_s: float = ANSWER_S) -> Message:
        """Send a text and wait for an answer that holds all the words."""
        sent = await self.say(text, reply_to=reply_to)
        return await self.wait_for(*words, after=sent, timeout_s=timeout_s)

    async def tap(self, label: str, *, chat: int | None = None, timeout_s: float = ANSWER_S) -> str:
        """Tap the newest button whose label begins with ``label``; give the toast."""
        found = await self.town.wait_for_message(
            chat or self.id, lambda message: find_button(message, label) is not None, timeout_s=timeout_s
        )
        return await self.tap_data(found["id"], find_button(found, label) or "", chat=chat)

    async def tap_data(self, message_id: int, data: str, *, chat: int | None = None, forged: bool = False) -> str:
        """Tap a button by its data; give the toast.

        Args:
            message_id: the message that it stands under.
            data: the button's.
            chat: where; ``None`` is the private chat.
            forged: whether the button need not stand there, as with a stale or hostile client.
        """
        body = {"data": data, "person": self.id, "timeout_s": 30, "forged": forged}
        answer = await self.town.post(f"/sandbox/chats/{chat or self.id}/messages/{message_id}/taps", body)
        assert answer["answered"], f"the tap on {data} was never answered\n{self.town.bot.tail()}"
        return str(answer["text"])

    async def review_push(self, panel: Message) -> Message:
        """Tap from what stands under a preview to the one question before it leaves; give that."""
        await self.tap_data(panel["id"], find_button(panel, "Audience") or "")
        who = await self.town.wait_for_message(self.id, lambda each: find_button(each, "Review") is not None)
        await self.tap_data(who["id"], find_button(who, "Review") or "")
        return await self.wait_for("Send push", after=panel["id"] - 1)

    async def read(self) -> list[Message]:
        """Read what the bot has written, oldest first."""
        return await self.town.from_bot(self.id)

    async def wait_for(self, *words: str, after: int = 0, timeout_s: float = ANSWER_S) -> Message:
        """Wait for the bot's newest message that holds all the words and is younger than message ``after``."""
        return await self.town.wait_for_message(
            self.id,
            lambda message: message["id"] > after and all(word in message["text"] for word in words),
            timeout_s=timeout_s,
        )

    async def block(self) -> None:
        """Block the bot."""
        await self.town.post(f"/sandbox/people/{self.id}/block", {})

    async def unblock(self) -> None:
        """Unblock the bot."""
        await self.town.post(f"/sandbox/people/{self.id}/unblock", {})
