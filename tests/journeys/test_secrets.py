"""What must be in no log: the token, the webhook's secret, the database's password, and what people write."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.support.paper import Paper, harbour_report
from tests.support.town import TOKEN, Town

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.forking import ForkServer
    from tests.support.web import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = "quincejelly"
"""Stands in everything that people write here, and nowhere else."""
KEY = "9d41c7e2b8f05a63"


def outputs(town: Town) -> str:
    """Give all that the bot has written to its log and its standard output."""
    return town.bot.printed + town.bot.log.read_text(encoding="utf-8")


async def test_no_log_shows_token_or_texts_however_telegram_and_the_web_fail(
    forks: ForkServer, site: Site, closed_port: int, tmp_path: Path
) -> None:
    paper = Paper(site=site, key="vault", name="Vault", feed_query=f"token={KEY}")
    paper.publish("Vault is opened")
    async with Town(forks, tmp_path, allow=[f"127.0.0.1:{site.port}"]) as town:
        reader, editor = await town.add_person(WORDS.title()), await town.add_editor()
        faults = (
            {"kind": "server_error", "status": 500},
            {"kind": "server_error_after", "status": 502},
            {"kind": "drop"},
            {"kind": "drop_before"},
            {"kind": "garbled"},
            {"kind": "too_many", "retry_after_s": 1},
        )
        for fault in faults:
            await town.post("/sandbox/faults", fault | {"chat_id": reader.id})
        await town.arm("drop", method="getUpdates")
        for said in (
            f"/start {WORDS}",
            f"{WORDS} and other chatter",
            f"/{WORDS}",
            f"http://nowhere.invalid/{WORDS}?token={KEY}",
            paper.feed,
            f"/summarize {WORDS} {harbour_report(WORDS, 1)}",
            f"/unsubscribe {WORDS}",
        ):
            await reader.say(said)
        await editor.say(f"/push {WORDS} title\nAnd {WORDS} text.")
        await asyncio.gather(editor.wait_for(", draft.", timeout_s=40), reader.wait_for("1 feed. Tap it", timeout_s=40))
        await editor.review_push(await editor.wait_for(", draft."))
        await editor.tap("Send to")
        await editor.wait_for("delivered in")

        await town.bot.stop(signal.SIGTERM)
        await town.bot.launch(api_url=f"http://127.0.0.1:{closed_port}")

        async def has_complained() -> bool:
            return "telegram_unreachable" in outputs(town)

        await town.wait_until(has_complained)
        await town.bot.stop(signal.SIGTERM)

        said = outputs(town)
        assert "delivery_sent" in said, "the log is at DEBUG"
        for secret in (TOKEN, TOKEN.partition(":")[2], WORDS, WORDS.title(), KEY):
            assert secret not in said


async def test_webhook_takes_an_update_with_its_secret_alone_and_no_log_shows_it(
    forks: ForkServer, tmp_path: Path
) -> None:
    secret = "webhook-canary-0123456789"
    settings = {"NEWSGIST_WEBHOOK_URL": "https://127.0.0.1:1", "NEWSGIST_WEBHOOK_SECRET": secret}
    async with Town(forks, tmp_path, settings=settings) as town, aiohttp.ClientSession() as session:
        reader = await town.add_person(started=True)
        person = {"id": reader.id, "is_bot": False, "first_name": "Nadia"}
        chat = {"id": reader.id, "type": "private", "first_name": "Nadia"}
        update = {
            "update_id": 1,
            "message": {"message_id": 1, "date": 1, "from": person, "chat": chat, "text": f"/start {WORDS}"},
        }

        async def deliver(headers: dict[str, str]) -> int:
            async with session.post(f"{town.bot.health_url}/telegram", json=update, headers=headers) as answer:
                return answer.status

        assert await deliver({}) == 403
        assert await deliver({"X-Telegram-Bot-Api-Secret-Token": f"{secret}x"}) == 403
        assert await deliver({"X-Telegram-Bot-Api-Secret-Token": secret}) == 200
        assert await deliver({"X-Telegram-Bot-Api-Secret-Token": secret}) == 200
        await reader.wait_for("Paste a news site")
        await town.bot.stop(signal.SIGTERM)
        assert len(await reader.read()) == 1
        said = outputs(town)
        assert all(hidden not in said for hidden in (secret, TOKEN, WORDS))
