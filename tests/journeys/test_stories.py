"""What stands under a story, and what each button does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.paper import harbour_report
from tests.support.town import buttons_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Message, Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def receive(reader: Person, paper: Paper, title: str) -> Message:
    """Follow a paper and wait for a story of it."""
    await reader.ask(paper.feed, f"{paper.name} added")
    paper.publish(title)
    return await reader.wait_for(title)


async def until_labels(town: Town, reader: Person, story: Message, wanted: list[str]) -> Message:
    """Wait until a message has these buttons."""
    return await town.wait_for_message(
        reader.id, lambda message: message["id"] == story["id"] and labels(message) == wanted
    )


async def test_more_opens_the_rest_in_place_and_shorter_closes_it(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await reader.ask("/settings", "English")
    await reader.tap("Length")
    await reader.tap("Short")
    story = await receive(reader, paper, "Crane is back on the quay")
    assert labels(story) == ["More", "Save", "Not for me"]
    await reader.tap_data(story["id"], next(b["callback_data"] for b in buttons_of(story)))
    longer = await until_labels(town, reader, story, ["Shorter", "Save", "Not for me"])
    assert len(longer["text"]) > len(story["text"])
    assert any(entity["type"] == "expandable_blockquote" for entity in longer["entities"])
    await reader.tap_data(story["id"], next(b["callback_data"] for b in buttons_of(longer)))
    shorter = await until_labels(town, reader, story, ["More", "Save", "Not for me"])
    assert shorter["text"] == story["text"]


async def test_saved_stories_are_listed_opened_and_let_go(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await reader.ask("/saved", "Nothing saved yet. Save stands under each story.")
    story = await receive(reader, paper, "Regatta draws forty boats")
    assert await reader.tap("Save") == "Saved. /saved lists it."
    await town.wait_for_message(reader.id, lambda m: m["id"] == story["id"] and "Saved" in labels(m))
    await reader.ask("/saved", "Saved stories", "1. Regatta draws forty boats")
    await reader.tap("1")
    again = await town.wait_for_message(reader.id, lambda m: m["id"] > story["id"] and "Saved" in labels(m))
    assert again["text"].startswith("Regatta draws forty boats")
    assert await reader.tap_data(
        again["id"], next(b["callback_data"] for b in buttons_of(again) if b["text"] == "Saved")
    )
    await reader.ask("/saved", "Nothing saved yet.")


async def test_an_outlet_is_hidden_and_brought_back(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    story = await receive(reader, paper, "Bakers change flour")
    await reader.tap("Not for me")
    await until_labels(town, reader, story, [f"Hide {paper.name}", "Hide a word", "Why this", "Back"])
    assert await reader.tap(f"Hide {paper.name}") == f"{paper.name} hidden."
    await until_labels(town, reader, story, ["Undo", "Back"])
    await reader.ask("/subscriptions", "1 feed")
    await town.wait_for_message(reader.id, lambda m: any(label.endswith("(paused)") for label in labels(m)))
    assert await reader.tap("Undo") == f"{paper.name} is back."
    paper.publish("Millers are content")
    await reader.wait_for("Millers are content")


async def test_a_word_is_hidden_from_the_titles_that_follow(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    story = await receive(reader, paper, "Football pitch is flooded")
    await reader.tap("Not for me")
    await reader.tap("Hide a word")
    await town.wait_for_message(reader.id, lambda m: m["id"] == story["id"] and "Football" in labels(m))
    assert await reader.tap("Football") == "“Football” hidden. /filters lists it."
    paper.publish("Football club sells shirts")
    paper.publish("Swimmers win twice")
    await reader.wait_for("Swimmers win twice")
    assert not any("sells shirts" in message["text"] for message in await reader.read())
    await reader.ask("/filters", "Hidden: Football.")
    assert await reader.tap("Show Football") == "No longer hidden."
    await reader.wait_for("No word is hidden.")
    await reader.ask("swimmers", "Hidden: swimmers.")
    await reader.ask("/filters two words", "Send one word")
    await reader.ask("/id", "Your id")
    await reader.ask("thanks", "I read links and commands.")


async def test_why_this_tells_true_reasons(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await receive(reader, paper, "Tram line reaches the harbour")
    await reader.tap("Not for me")
    alert = await reader.tap("Why this")
    assert any(reason in alert for reason in ("top", "headline", "recurs", "numbers", "few words", "tells of")), alert
    assert len(alert) <= 200


async def test_a_button_of_a_story_that_was_never_sent_here_expires(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, stranger, paper = await town.add_person(), await town.add_person(), new_paper()
    story = await receive(reader, paper, "Sluice keeper retires")
    data = next(button["callback_data"] for button in buttons_of(story) if button["text"] == "Save")
    home = await stranger.ask("/settings", "English")
    assert await stranger.tap_data(home["id"], data, forged=True) == "This button has expired. Send /help."
    await stranger.ask("/saved", "Nothing saved yet.")


async def test_article_edited_by_its_publisher_is_shown_as_a_correction(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Toll house stays")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.wait_for("Toll house stays")
    was = "Most of the cargo was timber from the upper valley, which has waited 5 weeks for the river to fall."
    report = paper.publish("Timber comes down the river", harbour_report(paper.name, 3), teaser=was)
    told = await reader.wait_for("Timber comes down the river", was)
    paper.correct(report, "waited 5 weeks", "waited 15 weeks")
    corrected = await town.wait_for_message(
        reader.id, lambda each: each["id"] == told["id"] and each["text"].startswith("Corrected ")
    )
    first, _, rest = corrected["text"].partition("\n\n")
    assert first.endswith(" · Timber comes down the river")
    assert rest.startswith(f"Now: {was.replace('5', '15')} ({paper.name})\nWas: {was}\n\n")
    assert f"\n\nSources: {paper.name} · " in rest
    struck = [each for each in corrected["entities"] if each["type"] == "strikethrough"]
    assert len(struck) == 1
