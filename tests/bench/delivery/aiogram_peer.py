"""aiogram's part, run by an interpreter of its own: it wants another pydantic than we do.

``python aiogram_peer.py ROOT TOKEN CALLS IN_FLIGHT_JSON MESSAGE_JSON`` prints a JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

if TYPE_CHECKING:
    from collections.abc import Iterator


async def main(root: str, token: str, calls: int, in_flight: list[int], message: dict[str, Any]) -> None:
    message["link_preview_options"] = aiogram.types.LinkPreviewOptions(**message["link_preview_options"])
    session = AiohttpSession(api=TelegramAPIServer.from_base(root), limit=256)
    async with aiogram.Bot(token, session=session) as bot:
        costs = {}
        for number in in_flight:
            tried = []
            for _ in range(3):
                chats = iter(range(1, calls + 1))

                async def work(chats: Iterator[int] = chats) -> None:
                    for chat_id in chats:
                        await bot.send_message(chat_id, **message)

                start = time.process_time()
                await asyncio.gather(*(work() for _ in range(number)))
                tried.append((time.process_time() - start) / calls * 1000)
            costs[number] = min(tried)
    print(json.dumps({"version": aiogram.__version__, "ms": costs}))


if __name__ == "__main__":
    _, root, token, calls, in_flight, message = sys.argv
    asyncio.run(main(root, token, int(calls), json.loads(in_flight), json.loads(message)))
