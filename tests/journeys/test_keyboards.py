"""What stands under each kind of message and what a tap on it does: the table's rows, then the rules under it.

A digest's keyboard comes with digests. That removal can be undone, and deletion asks once, is in ``test_reader.py`` and
``test_settings.py``; that labels and data fit, in ``tests/messages``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.people import READER_ID
from tests.support.shown import buttons_of, find_button, labels

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.people import Person
    from tests.support.shown import Message
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


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


async def draft(editor: Person, what: str) -> tuple[Message, Message]:
    """Send /push and wait for the preview and what stands under it."""
    # The first text of a new town waits for its workers to start.
    panel = await editor.wait_for(", draft.", after=await editor.say(f"/push {what}"), timeout_s=60)
    shown = [message for message in await editor.read() if message["id"] < panel["id"]]
    return shown[-1], panel


async def test_story_more_opens_the_rest_in_place_and_shorter_closes_it(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
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


async def test_story_save_and_saved_are_listed_opened_and_let_go(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    empty = await reader.ask("/saved", "Nothing saved yet. Save stands under each story.")
    assert labels(empty) == ["Latest"]
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


async def test_not_for_me_tells_why_and_an_outlet_is_hidden_and_brought_back(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await town.add_person(), new_paper()
    story = await receive(reader, paper, "Bakers change flour")
    await reader.tap("Not for me")
    await until_labels(town, reader, story, [f"Hide {paper.name}", "Hide a word", "Why this", "Back"])
    alert = await reader.tap("Why this")
    assert alert.startswith(f"You follow {paper.name}.\n"), alert
    assert any(reason in alert for reason in ("top", "headline", "recurs", "numbers", "few words", "tells of")), alert
    assert len(alert) <= 200
    assert await reader.tap(f"Hide {paper.name}") == f"{paper.name} hidden."
    await until_labels(town, reader, story, ["Undo", "Back"])
    await reader.ask("/subscriptions", "1 feed")
    await town.wait_for_message(reader.id, lambda m: any(label.endswith("(paused)") for label in labels(m)))
    assert await reader.tap("Undo") == f"{paper.name} is back."
    paper.publish("Millers are content")
    await reader.wait_for("Millers are content")


async def test_not_for_me_a_word_is_hidden_from_the_titles_that_follow(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
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
    await reader.ask("/filters harbour, tram", "Hidden: harbour, swimmers and tram.")
    await reader.ask("/id", "Your id")
    await reader.ask("thanks", "I read links and commands.")


async def test_push_reader_opens_more_of_a_push_and_keeps_it(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, reader, paper = await town.add_editor(), await town.greet(), new_paper()
    report = paper.publish("Pilots bring the last ship in")
    _, panel = await draft(editor, report.url)
    await editor.tap("Shorter")
    question = await editor.review_push(panel)
    # It has come, and its button is tapped, before Telegram has said so.
    await town.arm("slow", method="sendMessage", chat_id=reader.id, delay_s=2)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    received = await reader.wait_for("Pilots bring the last ship in")
    assert labels(received) == ["More", "Save"]
    await reader.tap("More")
    longer = await town.wait_for_message(
        reader.id, lambda each: each["id"] == received["id"] and len(each["text"]) > len(received["text"])
    )
    assert any(entity["type"] == "expandable_blockquote" for entity in longer["entities"])
    assert await reader.tap("Save") == "Saved. /saved lists it."
    await reader.ask("/saved", "Pilots bring the last ship in")
    stranger = await town.add_person("Sten")
    own = await stranger.ask("/start", "Paste")
    data = find_button(received, "More") or ""
    assert await stranger.tap_data(own["id"], data, forged=True) == "This button has expired. Send /help."
    assert READER_ID not in {stranger.id, reader.id}


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


async def test_subscription_has_its_own_length_and_leads_to_filters(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Reeds are cut at the weir")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.ask("/subscriptions", "1 feed. Tap it to change it.")
    await reader.tap(paper.name[:10])
    screen = await reader.wait_for("Its stories come at once.")
    assert labels(screen) == ["Pause", "Length", "Filters", "Remove", "Back"]
    await reader.tap("Length")
    await town.became(reader.id, screen, f"How long shall stories of {paper.name} be?")
    assert await reader.tap("Short") == "Saved."
    await town.wait_for_message(reader.id, lambda each: "✓ Short" in labels(each))
    await reader.tap("Back")
    await town.became(reader.id, screen, "Its stories come at once.")
    await reader.tap("Filters")
    filters = await town.became(reader.id, screen, "No word is hidden.")
    assert labels(filters) == ["Back"]
    await reader.tap("Back")
    await town.became(reader.id, screen, "Its stories come at once.")
    await reader.ask("football", "I read links and commands.")  # it is waited for no longer
    await reader.tap("Filters")
    await town.became(reader.id, screen, "No word is hidden.")
    await reader.ask("football", "Hidden: football.")


async def test_in_groups_anyone_saves_in_private_and_admins_do_the_rest(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, member, paper = await town.add_person("Ada"), await town.add_person("Mel"), new_paper()
    paper.publish("Swans block the sluice")
    group = await town.add_group("Sluice Talk", {admin: "creator", member: "member"})
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    story = await town.hear(group, "Swans block the sluice")
    assert labels(story) == ["Save", "Not for me"]
    assert "Start me first, in private" in await member.tap("Save", chat=group)
    await member.ask("/start", "Paste a news site")
    assert await member.tap("Save", chat=group) == "Saved. /saved lists it."
    await member.ask("/saved", "1. Swans block the sluice")
    why = await member.tap("Not for me", chat=group)
    lead = f"Only admins change this.\nThis chat follows {paper.name}.\nSentence 1: "
    assert why.startswith(lead), "whose that is, and why this was sent"
    assert any(reason in why for reason in ("top", "headline", "recurs", "numbers", "few words", "tells of")), why
    assert labels(await town.hear(group, "Swans block the sluice")) == ["Save", "Not for me"], (
        "a member changes nothing"
    )
    await admin.tap("Not for me", chat=group)
    await town.wait_for_message(group, lambda each: f"Hide {paper.name}" in labels(each))


async def test_a_button_tapped_twice_changes_nothing_the_second_time(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await town.add_person(), new_paper()
    report = paper.publish("Sheds are empty at last")
    summary = await reader.ask(report.url, report.title)
    follow_button = find_button(summary, "+") or ""
    toasts = await asyncio.gather(*(reader.tap_data(summary["id"], follow_button) for _ in range(3)))
    assert sorted(toasts) == ["", "", f"{paper.name} added"]
    await reader.wait_for(f"{paper.name} is in your list.")
    added = [message for message in await reader.read() if "Its newest story follows" in message["text"]]
    assert len(added) == 1

    await reader.ask("/subscriptions", "1 feed.")
    await reader.tap(paper.name[:10])
    shown = await reader.wait_for("Its stories come at once.")
    pause = find_button(shown, "Pause") or ""
    await asyncio.gather(*(reader.tap_data(shown["id"], pause, forged=True) for _ in range(2)))
    await reader.wait_for("Paused: nothing is sent until you resume it.")


async def test_a_button_of_a_story_that_was_never_sent_here_expires(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, stranger, paper = await town.add_person(), await town.add_person(), new_paper()
    story = await receive(reader, paper, "Sluice keeper retires")
    data = next(button["callback_data"] for button in buttons_of(story) if button["text"] == "Save")
    home = await stranger.ask("/settings", "English")
    assert await stranger.tap_data(home["id"], data, forged=True) == "This button has expired. Send /help."
    await stranger.ask("/saved", "Nothing saved yet.")
