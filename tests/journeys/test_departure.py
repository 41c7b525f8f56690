"""Who asks to be forgotten is forgotten, in every byte that is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.paper import Paper
    from tests.support.town import Town


pytestmark = pytest.mark.asyncio(loop_scope="session")


SECRET = "marmalade-on-thursdays"


def files_with(folder: Path, traces: list[bytes]) -> list[str]:
    """Name the files below a folder that hold one of the byte strings."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(trace in path.read_bytes() for trace in traces)]


async def test_nothing_of_a_chat_is_left_in_any_file_after_delete_me(
    own_town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await own_town.add_person("Lea"), new_paper()
    paper.publish("Buoys are counted")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.wait_for("Buoys are counted")
    await reader.ask(SECRET, "Paste a news site's address")
    # SQLite keeps a number in as few bytes as it needs, the highest first: as text it stands in the kept updates.
    traces = [str(reader.id).encode(), reader.id.to_bytes(4, "big"), SECRET.encode()]
    assert files_with(own_town.bot.data, traces), "before, there is something to find"

    await own_town.all_is_told(reader.id)  # what has come counts as sent once Telegram's answer is noted
    asked = await reader.ask("/delete_me", "Delete for good: 1 feed, 1 delivery, and all settings?")
    await reader.tap("Delete all")
    await reader.wait_for("Deleted. /start begins anew.", after=asked["id"] - 1)

    async def is_settled() -> bool:
        with closing(sqlite3.connect(f"file:{own_town.bot.data / 'newsgist.db'}?mode=ro", uri=True)) as database:
            (left,) = database.execute("SELECT count(*) FROM outbox WHERE chat_id IS NOT NULL").fetchone()
        return bool(left == 0)

    await own_town.wait_until(is_settled)
    await own_town.bot.stop()
    assert files_with(own_town.bot.data, traces) == []
    await own_town.bot.start()
    await reader.ask("/subscriptions", "You follow nothing yet.")
