"""What is stored about a chat, as its owner and as the operator get it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_export_sends_a_file_with_everything_of_this_chat_and_nothing_of_another(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, other, paper, secret = await town.add_person(), await town.add_person(), new_paper(), new_paper()
    await other.ask(secret.feed, f"{secret.name} added")
    await reader.ask(paper.feed, f"{paper.name} added")
    paper.publish("Market moves indoors")
    await reader.wait_for("Market moves indoors")
    await town.all_is_told(reader.id)  # what has come counts as sent once Telegram's answer is noted
    sent = await reader.ask("/export", "All that is stored about this chat.")
    assert sent["document"]["file_name"] == f"newsgist-{reader.id}.json"
    portrait = json.loads(await town.download(sent["document"]["address"]))
    assert portrait["chat"]["chat_id"] == reader.id
    assert [feed["url"] for feed in portrait["feeds"]] == [paper.feed]
    assert [story["title"] for story in portrait["stories"]] == ["Market moves indoors"]
    assert {row["kind"] for row in portrait["outbox"]} == {"reply", "story"}
    assert str(other.id) not in json.dumps(portrait)
    assert secret.feed not in json.dumps(portrait)


async def test_the_operator_exports_beside_the_running_bot(town: Town) -> None:
    reader = await town.add_person()
    await reader.ask("/start", "Paste a news site")
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "export", str(reader.id), "--data", str(town.bot.data)),
        env={**os.environ, "NEWSGIST_DATABASE_URL": f"sqlite:///{town.bot.data / 'newsgist.db'}"},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await asked.communicate()
    assert asked.returncode == 0
    assert json.loads(printed)["chat"]["chat_id"] == reader.id
    nobody = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "export", "-12345", "--data", str(town.bot.data)),
        env={**os.environ, "NEWSGIST_DATABASE_URL": f"sqlite:///{town.bot.data / 'newsgist.db'}"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await nobody.communicate()
    assert (nobody.returncode, said.decode().strip()) == (1, "newsgist: no chat -12345")
