"""Stories by words, and words of which a reader is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.town import buttons_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Message, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def test_search_lists_pages_and_sends_what_it_finds(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Bittern nest on crane one")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.wait_for("Bittern nest on crane one")
    for number in range(2, 8):
        paper.publish(f"Bittern nest on crane {number}")
    await reader.wait_for("Bittern nest on crane 7", timeout_s=60)
    found = await reader.ask("/search bitterns", "7 stories about “bitterns”, 1–5")
    assert f"Bittern nest on crane 7 · {paper.name}, " in found["text"]
    assert labels(found) == ["1", "2", "3", "4", "5", "Next", "Alert me"]
    await reader.tap("Next")
    second = await reader.wait_for("7 stories about “bitterns”, 6–7")
    assert labels(second) == ["6", "7", "Back", "Alert me"]
    await reader.tap("7")
    await reader.wait_for("Bittern nest on crane one\n\n", after=second["id"])


async def test_search_without_a_result_says_what_to_try(town: Town) -> None:
    reader = await town.add_person()
    nothing = await reader.ask("/search fery", "Nothing about “fery” in 30 days. Try fewer words.")
    assert labels(nothing) == ["Alert me"]
    asked = await reader.ask("/search", "Send the words to look for.")
    await reader.ask("zzyzx", "Nothing about “zzyzx”")
    assert labels(asked) == []


async def test_private_feed_is_found_by_its_own_reader_alone(town: Town, new_paper: Callable[..., Paper]) -> None:
    owner, other = await town.add_person(), await town.add_person("Otto")
    paper = new_paper(feed_query="k=8c1f0e4b7d2a95c36e11")
    paper.publish("Quillwort garden opens")
    await owner.ask(paper.feed, f"{paper.name} added")
    await owner.wait_for("Quillwort garden opens")
    found = await owner.ask("/search quillwort", "1 story about “quillwort”")
    assert "1–1" not in found["text"]
    await other.ask("/search quillwort", "Nothing about")


async def test_alert_brings_a_story_of_a_feed_that_one_does_not_follow(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, alerted, paper = await town.add_person(), await town.add_person("Alma"), new_paper()
    paper.publish("Otters return to the mill")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.wait_for("Otters return to the mill")
    await alerted.ask("/search kingfisher", "Nothing about")
    assert await alerted.tap("Alert me") == "Alert set. /alerts lists it."
    await alerted.wait_for("Stories about “kingfisher” come at once.")
    paper.publish("Kingfishers breed at the weir")
    await alerted.wait_for("Kingfishers breed at the weir", paper.name)
    listed = await alerted.ask("/alerts", "kingfisher: 1 story in 30 days")
    assert labels(listed) == ["Drop kingfisher"]
    assert await alerted.tap("Drop kingfisher") == "Alert removed."
    await alerted.wait_for("No alerts yet.")


async def test_alerts_take_a_word_that_is_sent(town: Town) -> None:
    reader = await town.add_person()
    await reader.ask("/alerts", "No alerts yet. Send a word")
    await reader.ask("flood warning", "flood warning: 0 stories in 30 days")
