"""Stories by words, and words of which a reader is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.shown import labels

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Town


pytestmark = pytest.mark.asyncio(loop_scope="session")


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
