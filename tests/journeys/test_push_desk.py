"""What an editor can do with a push: change it, choose whom it goes to, stop it, and look at how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.paper import harbour_report
from tests.support.town import READER_ID, buttons_of, find_button

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Message, Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")

PANEL = [
    ["Shorter", "Longer"],
    ["Sentences", "Title"],
    ["Edit text", "Picture: off"],
    ["Sound: on", "Test"],
    ["Discard", "Audience"],
]


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def greet(town: Town, name: str = "Nadia", *, lang: str = "en") -> Person:
    reader = await town.add_person(name, lang=lang)
    await reader.say("/start")
    await town.wait_for_message(reader.id, lambda message: bool(message["text"]))
    return reader


async def draft(editor: Person, what: str) -> tuple[Message, Message]:
    """Send /push and wait for the preview and what stands under it."""
    # The first text of a new town waits for its workers to start.
    panel = await editor.wait_for(", draft.", after=await editor.say(f"/push {what}"), timeout_s=60)
    shown = [message for message in await editor.read() if message["id"] < panel["id"]]
    return shown[-1], panel


async def became(town: Town, chat: int, shown: Message, *words: str, without: str = "\0") -> Message:
    """Wait until a message that stands holds the words."""
    return await town.wait_for_message(
        chat,
        lambda each: (
            each["id"] == shown["id"] and all(word in each["text"] for word in words) and without not in each["text"]
        ),
    )


async def confirm(editor: Person, panel: Message) -> Message:
    """Send what was previewed; give the message that shows how it goes."""
    question = await editor.review_push(panel)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    return question


async def report_on(editor: Person, question: Message) -> Message:
    return await became(editor.town, editor.id, question, " delivered")


async def test_length_changes_at_a_tap_and_the_preview_with_it(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, paper = await town.add_editor(), new_paper()
    report = paper.publish("Cranes work through the night")
    preview, panel = await draft(editor, report.url)
    assert [[button["text"] for button in row] for row in panel["keyboard"]] == PANEL
    assert panel["text"].startswith("Push ")
    assert ", draft. English, " in panel["text"]
    assert panel["text"].endswith(" characters.")
    was = len(preview["text"])
    await editor.tap("Shorter")
    shorter = await town.wait_for_message(
        editor.id, lambda each: each["id"] == preview["id"] and len(each["text"]) < was
    )
    assert await editor.tap("Shorter") == "That is the shortest."
    await editor.tap("Longer")
    await town.wait_for_message(
        editor.id, lambda each: each["id"] == preview["id"] and len(each["text"]) > len(shorter["text"])
    )


async def test_sentences_are_chosen_one_by_one(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor = await town.add_editor()
    preview, panel = await draft(editor, "Harbour\nThe mole is mended. The crane is new. The fee stays.")
    await editor.tap("Sentences")
    screen = await became(town, editor.id, panel, "3 of 3 chosen.", "1 The mole is mended.", "3 The fee stays.")
    assert labels(screen) == ["✓ 1", "✓ 2", "✓ 3", "Done"]
    await editor.tap("✓ 2")
    screen = await became(town, editor.id, panel, "2 of 3 chosen.")
    assert labels(screen) == ["✓ 1", "2", "✓ 3", "Done"]
    await became(town, editor.id, preview, "The mole is mended. The fee stays.", without="crane")
    await editor.tap("Done")
    await became(town, editor.id, panel, ", draft.")


async def test_title_and_text_are_replaced_by_what_the_editor_sends(town: Town) -> None:
    editor = await town.add_editor()
    await draft(editor, "Wrong title\nA text that stays.")
    await editor.tap("Title")
    await editor.wait_for("Send the title.")
    await editor.ask("Right title", "Right title\n\nA text that stays.")
    await editor.tap("Edit text")
    await editor.wait_for("Send the new text")
    await editor.ask("Last title\nAnother text.", "Last title\n\nAnother text.")


async def test_sound_picture_and_test(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, reader, paper = await town.add_editor(), await greet(town), new_paper()
    report = paper.publish("Quiet news from the quay")
    preview, panel = await draft(editor, report.url)
    await editor.tap("Picture: off")
    await town.wait_for_message(editor.id, lambda each: "Picture: on" in labels(each))
    await editor.tap("Sound: on")
    await town.wait_for_message(editor.id, lambda each: "Sound: off" in labels(each))
    assert await editor.tap("Test") == "Sent to you alone."
    copy = await editor.wait_for("Quiet news from the quay", after=panel["id"])
    assert copy["silent"]
    assert not any("Quiet news" in each["text"] for each in await reader.read())
    await confirm(editor, panel)
    received = await reader.wait_for("Quiet news from the quay")
    assert received["silent"]
    assert received["text"] == preview["text"]


async def test_own_text_has_no_picture(town: Town) -> None:
    editor = await town.add_editor()
    await draft(editor, "No page\nBehind this one.")
    assert await editor.tap("Picture: off") == "A text has no picture. A link brings one."


async def test_long_text_is_collected_until_done(town: Town) -> None:
    editor = await town.add_editor()
    report = "\n".join(harbour_report(f"Port {number}", number) for number in range(8))
    parts = ["Eight ports\n" + report[:3500], report[3500:]]
    await editor.ask("/push", "/done ends long texts.")
    await editor.ask(parts[0], "3,512 characters so far. Send the next part, or /done.")
    await editor.ask(parts[1], "characters so far.")
    panel = await editor.ask("/done", ", draft.")
    shown = [message for message in await editor.read() if message["id"] < panel["id"]]
    assert shown[-1]["text"].startswith("Eight ports\n\n")
    assert "Shortened: " in panel["text"]
    await editor.ask("/done", "There is no text to end. /push begins one.")


async def test_file_and_forward_are_pushed_and_another_kind_is_refused(town: Town) -> None:
    editor = await town.add_editor()
    await editor.ask("/push", "Send a link, text, file or forward.")
    await editor.send_file("news.txt", b"From a file\nThe bridge is open.")
    await editor.wait_for("From a file\n\nThe bridge is open.")
    await editor.ask("/push", "Send a link, text, file or forward.")
    await editor.send_file("bridge.png", b"\x89PNG\r\n\x1a\n\xff\xff")
    await editor.wait_for("I can't read that file.")


async def test_audience_by_feed_and_by_language(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, paper = await town.add_editor(), new_paper("Audience Gazette")
    paper.publish("Gazette of one reader")
    follower, other = await town.add_person("Fay"), await greet(town, "Olena", lang="uk")
    await follower.ask(paper.feed, "Audience Gazette added")
    _, panel = await draft(editor, "Only for readers of the Gazette\nAnd nobody else.")
    await editor.tap("Audience")
    await became(town, editor.id, panel, " chats")
    await editor.tap("Feed")
    await became(town, editor.id, panel, "To the readers of which feed?")
    await editor.tap("Audience Gazette")
    screen = await became(town, editor.id, panel, "1 chat.")
    assert labels(screen) == [
        "Everyone",
        "✓ Audience Gazette",
        "Topic",
        "Language",
        "Active 30 days",
        "Test group",
        "Back",
        "Review",
    ]
    await editor.tap("Active 30 days")
    await town.wait_for_message(editor.id, lambda each: "✓ Active 30 days" in labels(each))
    await editor.tap("Feed")
    await became(town, editor.id, panel, "To the readers of which feed?")
    await editor.tap("Audience Gazette")
    await town.wait_for_message(editor.id, lambda each: "✓ Audience Gazette" in labels(each))
    await editor.tap("Review")
    question = await became(town, editor.id, panel, "to 1 chat now?")
    assert labels(question) == ["Send to 1", "Back"]
    await editor.tap("Send to 1")
    await follower.wait_for("Only for readers of the Gazette")
    assert not any("Gazette" in each["text"] for each in await other.read())

    _, panel = await draft(editor, "Лише українською\nДля своїх.")
    await editor.tap("Audience")
    await became(town, editor.id, panel, " chats")
    await editor.tap("Language")
    await became(town, editor.id, panel, "To the chats of which language?")
    await editor.tap("Українська")
    await became(town, editor.id, panel, "chat", without="which")
    await editor.tap("Review")
    await editor.tap("Send to")
    await other.wait_for("Лише українською")
    assert not any("Лише українською" in each["text"] for each in await follower.read())


async def held_up(town: Town, editor: Person, title: str) -> tuple[Person, Message]:
    """Start a push of which one reader's message must wait; give them and the message that shows how it goes."""
    reader = await greet(town)
    _, panel = await draft(editor, f"{title}\nFor everybody.")
    question = await editor.review_push(panel)
    await town.arm("too_many", method="sendMessage", chat_id=reader.id, retry_after_s=4)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    return reader, question


async def test_push_is_paused_and_goes_on(own_town: Town) -> None:
    editor = await own_town.add_editor()
    reader, question = await held_up(own_town, editor, "Pause for thought")
    shown = await own_town.wait_for_message(editor.id, lambda each: labels(each) == ["Pause", "Cancel"])
    assert shown["id"] == question["id"]
    await editor.tap("Pause")
    paused = await became(own_town, editor.id, question, "Paused; nothing is sent until you resume it.")
    assert labels(paused) == ["Resume", "Cancel"]
    assert not any("Pause for thought" in each["text"] for each in await reader.read())
    await editor.tap("Resume")
    await reader.wait_for("Pause for thought")
    assert "2 of 2 delivered in" in (await report_on(editor, question))["text"]


async def test_push_is_cancelled_and_says_how_many_have_it(own_town: Town) -> None:
    editor = await own_town.add_editor()
    reader, question = await held_up(own_town, editor, "Better not after all")
    await own_town.wait_for_message(editor.id, lambda each: "Cancel" in labels(each) and each["id"] == question["id"])
    await editor.wait_for("Better not after all", after=question["id"])
    await editor.tap("Cancel")
    await became(own_town, editor.id, question, "1 delivered, 1 not sent.")
    assert not any("Better not" in each["text"] for each in await reader.read())
    listed = await editor.ask("/pushes", "Better not after all", "1 of 2")
    assert labels(listed) == ["1"]
    await editor.tap("1")
    await editor.wait_for("1 delivered, 1 not sent.", after=listed["id"])


async def test_report_opens_reasons_and_unknown(own_town: Town) -> None:
    editor = await own_town.add_editor()
    gone, silent = await greet(own_town, "Ada"), await greet(own_town, "Ben")
    _, panel = await draft(editor, "Not for everybody\nAs it turns out.")
    question = await editor.review_push(panel)
    # Her chat has just had a message, so that the push waits a second; she blocks the bot before, which is deaf.
    await gone.ask("/id", str(gone.id))
    await own_town.arm("server_error", method="getUpdates", times=2)
    await own_town.arm("drop", method="sendMessage", chat_id=silent.id)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    await gone.block()
    report = await report_on(editor, question)
    assert labels(report) == ["Reasons", "Unknown"]
    await editor.tap("Reasons")
    await became(own_town, editor.id, question, "1 · bot was blocked by the user")
    await editor.tap("Back")
    await became(own_town, editor.id, question, "delivered in")
    await editor.tap("Unknown")
    asked = await became(own_town, editor.id, question, "1 chat: no answer from Telegram. Resending may repeat it.")
    assert labels(asked) == ["Send again", "Leave", "Back"]
    assert await editor.tap("Send again") == "1 delivery is sent again."


async def test_same_push_again_says_which_was_sent_and_when(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, _, paper = await town.add_editor(), await greet(town), new_paper()
    report = paper.publish("Once is enough for this one")
    _, panel = await draft(editor, report.url)
    await report_on(editor, await confirm(editor, panel))
    twin = await editor.ask(f"/push {report.url}", " sent this on ")
    number = twin["text"].split()[1]
    assert labels(twin) == [f"Open {number}", "Send anyway"]
    await editor.tap("Open")
    await editor.wait_for("delivered in", after=twin["id"])
    await editor.tap("Send anyway")
    await editor.wait_for(", draft.", after=twin["id"])


async def test_reader_opens_more_of_a_push_and_keeps_it(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, reader, paper = await town.add_editor(), await greet(town), new_paper()
    report = paper.publish("Pilots bring the last ship in")
    _, panel = await draft(editor, report.url)
    await editor.tap("Shorter")
    await confirm(editor, panel)
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


async def test_push_goes_to_nobody_else_than_the_question_named(town: Town) -> None:
    editor, other, reader = await town.add_editor(), await town.add_editor("Otto"), await greet(town)
    for each in (editor, other):
        await each.say("/start")
    own = await other.wait_for("Paste a news site")
    _, panel = await draft(editor, "Only for the test group\nAs it was asked.")
    await editor.tap("Audience")
    await editor.tap("Test group")
    await town.wait_for_message(editor.id, lambda each: "✓ Test group" in labels(each))
    await editor.tap("Review")
    question = await editor.wait_for("Send push", after=panel["id"] - 1)
    send = find_button(question, "Send to") or ""
    push = send.split(":")[2]
    await other.tap_data(own["id"], f"1:pu.aud:{push}:all", forged=True)
    assert await editor.tap_data(question["id"], send) == "This button has expired. Send /help."
    await other.tap_data(own["id"], f"1:pu.aud:{push}:feed.999999", forged=True)
    await other.tap_data(own["id"], f"1:pu.aud:{push}:team", forged=True)
    await editor.tap_data(question["id"], send)
    await report_on(editor, question)
    assert not any("Only for the test group" in message["text"] for message in await reader.read())
