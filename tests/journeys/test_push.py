"""The push desk, screen by screen: the table's rows in their order.

Its time, recall and correction come with the newsroom's schedule. What an editor pushes, and that it arrives as it was
previewed, is in ``test_editor.py``.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.paper import Paper, harbour_report
from tests.support.shown import find_button, labels
from tests.support.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.support.forking import ForkServer
    from tests.support.people import Person
    from tests.support.shown import Message

pytestmark = pytest.mark.asyncio(loop_scope="session")


PANEL = [
    ["Shorter", "Longer"],
    ["Sentences", "Title"],
    ["Edit text", "Picture: off"],
    ["Sound: on", "Test"],
    ["Discard", "Audience"],
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """A town for pushes that are held up: who is there has its number on every report."""

    town: Town
    editor: Person
    people: list[Person]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(forks: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    async with Town(forks, tmp_path_factory.mktemp("hall")) as town:
        yield Hall(town=town, editor=await town.add_editor(), people=[])


async def draft(editor: Person, what: str) -> tuple[Message, Message]:
    """Send /push and wait for the preview and what stands under it."""
    # The first text of a new town waits for its workers to start.
    panel = await editor.wait_for(", draft.", after=await editor.say(f"/push {what}"), timeout_s=60)
    shown = [message for message in await editor.read() if message["id"] < panel["id"]]
    return shown[-1], panel


async def confirm(editor: Person, panel: Message) -> Message:
    """Send what was previewed; give the message that shows how it goes."""
    question = await editor.review_push(panel)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    return question


async def report_on(editor: Person, question: Message) -> Message:
    return await editor.town.became(editor.id, question, " delivered")


async def held_up(hall: Hall, title: str) -> tuple[Person, Message, int]:
    """Start a push of which one new reader's message must wait until Telegram is mended; everybody else has theirs.

    Gives the reader, the message that shows how it goes, and how many chats it goes to.
    """
    town, editor = hall.town, hall.editor
    reader = await town.greet()
    _, panel = await draft(editor, f"{title}\nFor everybody.")
    question = await editor.review_push(panel)
    number = int((question["text"].partition(" to ")[2]).split()[0])
    assert labels(question) == [f"Send to {number}", "Back"]
    await town.arm("too_many", method="sendMessage", chat_id=reader.id, retry_after_s=1, times=None)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    for each in (editor, *hall.people):
        await each.wait_for(title, after=question["id"] if each is editor else 0)
    hall.people.append(reader)
    return reader, question, number


async def test_push_alone_asks_for_a_text_and_takes_the_next_message(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    editor, _ = await town.add_editor(), await town.greet()
    asked = await editor.ask("/push", "Send a link, text, file or forward. /done ends long texts.")
    assert labels(asked) == ["Cancel"]
    panel = await editor.ask("Market moves to the quay\nFrom Saturday.", ", draft.")
    preview = [message for message in await editor.read() if message["id"] < panel["id"]][-1]
    assert preview["text"].startswith("Market moves to the quay\n\nFrom Saturday.\n\n")


async def test_push_long_text_is_collected_until_done(town: Town) -> None:
    editor = await town.add_editor()
    report = "\n".join(harbour_report(f"Port {number}", number) for number in range(8))
    parts = ["Eight ports\n" + report[:3500], report[3500:]]
    await editor.ask("/push", "/done ends long texts.")
    await editor.ask(parts[0], "3,512 characters so far. Send the next part, or /done.")
    await editor.ask(parts[1], "characters so far.")
    panel = await editor.ask("/done", ", draft.")
    shown = [message for message in await editor.read() if message["id"] < panel["id"]]
    assert shown[-1]["text"].startswith("Eight ports\n\n")
    assert "Shortened to " in panel["text"]
    await editor.ask("/done", "There is nothing to finish. /push begins a text.")


async def test_push_file_and_forward_are_pushed_and_another_kind_is_refused(town: Town) -> None:
    editor = await town.add_editor()
    await editor.ask("/push", "Send a link, text, file or forward.")
    await editor.send_file("news.txt", b"From a file\nThe bridge is open.")
    await editor.wait_for("From a file\n\nThe bridge is open.")
    await editor.ask("/push", "Send a link, text, file or forward.")
    await editor.send_file("bridge.png", b"\x89PNG\r\n\x1a\n\xff\xff")
    await editor.wait_for("I can't read that file.")


async def test_preview_length_changes_at_a_tap_and_the_preview_with_it(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
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


async def test_preview_title_and_text_are_replaced_by_what_the_editor_sends(town: Town) -> None:
    editor = await town.add_editor()
    await draft(editor, "Wrong title\nA text that stays.")
    await editor.tap("Title")
    await editor.wait_for("Send the title.")
    await editor.ask("Right title", "Right title\n\nA text that stays.")
    await editor.tap("Edit text")
    await editor.wait_for("Send the new text")
    await editor.ask("Last title\nAnother text.", "Last title\n\nAnother text.")


async def test_preview_sound_picture_and_test(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, reader, paper = await town.add_editor(), await town.greet(), new_paper()
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


async def test_preview_of_own_text_has_no_picture(town: Town) -> None:
    editor = await town.add_editor()
    await draft(editor, "No page\nBehind this one.")
    assert await editor.tap("Picture: off") == "A text has no picture. A link brings one."


async def test_sentences_are_chosen_one_by_one(town: Town) -> None:
    editor = await town.add_editor()
    lines = [
        f"Crane {number} is mended."
        for number in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    ]
    preview, panel = await draft(editor, "Harbour\n" + " ".join(lines))
    await editor.tap("Sentences")
    screen = await town.became(editor.id, panel, "9 of 9 chosen.", "1 Crane one is mended.", "8 Crane eight is mended.")
    assert labels(screen) == [*(f"✓ {number}" for number in range(1, 9)), "Next", "Done"]
    await editor.tap("✓ 2")
    screen = await town.became(editor.id, panel, "8 of 9 chosen.")
    assert labels(screen)[:3] == ["✓ 1", "2", "✓ 3"]
    await town.became(editor.id, preview, "Crane one is mended. Crane three is mended.", without="two")
    await editor.tap("Next")
    screen = await town.became(editor.id, panel, "9 Crane nine is mended.")
    assert labels(screen) == ["✓ 9", "Back", "Done"]
    await editor.tap("Done")
    await town.became(editor.id, panel, ", draft.")


async def test_audience_by_feed_topic_activity_and_language(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, paper = await town.add_editor(), new_paper("Audience Gazette")
    paper.publish("Gazette of one reader")
    follower, other = await town.add_person("Fay"), await town.greet("Olena", lang="uk")
    await follower.ask(paper.feed, "Audience Gazette added")
    _, panel = await draft(editor, "Only for readers of the Gazette\nAnd nobody else.")
    await editor.tap("Audience")
    await town.became(editor.id, panel, " chats")
    await editor.tap("Feed")
    await town.became(editor.id, panel, "To the readers of which feed?")
    await editor.tap("Audience Gazette")
    screen = await town.became(editor.id, panel, "1 chat.")
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
    await editor.tap("Topic")
    await town.became(editor.id, panel, "To the followers of which topic?")
    await editor.tap("Science")
    await town.wait_for_message(editor.id, lambda each: "✓ Science" in labels(each))
    await editor.tap("Review")
    await town.became(editor.id, panel, "Nobody would get it. Choose another audience.")
    await editor.tap("Back")
    await town.wait_for_message(editor.id, lambda each: "✓ Science" in labels(each))
    await editor.tap("Active 30 days")
    await town.wait_for_message(editor.id, lambda each: "✓ Active 30 days" in labels(each))
    await editor.tap("Feed")
    await town.became(editor.id, panel, "To the readers of which feed?")
    await editor.tap("Audience Gazette")
    await town.wait_for_message(editor.id, lambda each: "✓ Audience Gazette" in labels(each))
    await editor.tap("Review")
    question = await town.became(editor.id, panel, "to 1 chat now?\nAudience: Audience Gazette")
    assert labels(question) == ["Send to 1", "Back"]
    await editor.tap("Send to 1")
    await follower.wait_for("Only for readers of the Gazette")
    assert not any("Gazette" in each["text"] for each in await other.read())

    _, panel = await draft(editor, "Лише українською\nДля своїх.")
    await editor.tap("Audience")
    await town.became(editor.id, panel, " chats")
    await editor.tap("Language")
    await town.became(editor.id, panel, "To the chats of which language?")
    await editor.tap("Українська")
    await town.became(editor.id, panel, "chat", without="which")
    await editor.tap("Review")
    await editor.tap("Send to")
    await other.wait_for("Лише українською")
    assert not any("Лише українською" in each["text"] for each in await follower.read())


async def test_confirm_ten_taps_on_send_at_once_make_one_broadcast(town: Town, new_paper: Callable[..., Paper]) -> None:
    """FAULTS 45."""
    editor, reader = await town.add_editor(), await town.greet()
    _, panel = await draft(editor, "Ten taps are one\nSays the house.")
    question = await editor.review_push(panel)
    send = find_button(question, "Send to") or ""
    await asyncio.gather(*(editor.tap_data(question["id"], send, forged=True) for _ in range(10)))
    await report_on(editor, question)
    assert "has been sent." in await editor.tap_data(question["id"], send, forged=True)
    copies = [message for message in await reader.read() if message["text"].startswith("Ten taps are one")]
    assert len(copies) == 1
    reports = [message for message in await editor.read() if "delivered in" in message["text"]]
    assert len(reports) == 1


async def test_confirm_a_push_goes_to_nobody_else_than_the_question_named(town: Town) -> None:
    editor, other, reader = await town.add_editor(), await town.add_editor("Otto"), await town.greet()
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


async def test_progress_is_paused_and_goes_on(hall: Hall) -> None:
    town, editor = hall.town, hall.editor
    reader, question, number = await held_up(hall, "Pause for thought")
    shown = await town.wait_for_message(editor.id, lambda each: labels(each) == ["Pause", "Cancel"])
    assert shown["id"] == question["id"]
    assert re.match(rf"\d+ %: \d+ of {number}\b", shown["text"])
    assert re.search("[█░]{10}", shown["text"])
    listed = await editor.ask("/pushes", "Pause for thought")
    await editor.tap_data(listed["id"], find_button(listed, question["text"].split()[2]) or "")
    opened = await town.wait_for_message(
        editor.id, lambda each: "Refresh" in labels(each) and each["id"] > listed["id"]
    )
    await editor.tap_data(question["id"], find_button(shown, "Pause") or "")
    paused = await town.became(editor.id, question, "Paused; nothing is sent until you resume it.")
    assert labels(paused) == ["Resume", "Cancel"]
    assert not any("Pause for thought" in each["text"] for each in await reader.read())
    await editor.tap_data(question["id"], find_button(paused, "Resume") or "")
    await town.mend()
    await reader.wait_for("Pause for thought")
    assert f"{number} of {number} delivered in" in (await report_on(editor, question))["text"]
    await editor.tap_data(opened["id"], find_button(opened, "Refresh") or "")
    await town.became(editor.id, opened, f"{number} of {number} delivered in")


async def test_push_cancelled_says_how_many_have_it(hall: Hall) -> None:
    town, editor = hall.town, hall.editor
    reader, question, number = await held_up(hall, "Better not after all")
    await town.wait_for_message(editor.id, lambda each: "Cancel" in labels(each) and each["id"] == question["id"])
    await editor.tap("Cancel")
    await town.became(editor.id, question, f"{number - 1} delivered, 1 not sent.")
    await town.mend()
    await town.all_is_told(reader.id)
    assert not any("Better not" in each["text"] for each in await reader.read())
    listed = await editor.ask("/pushes", "Better not after all", f"{number - 1} of {number}")
    await editor.tap_data(listed["id"], find_button(listed, question["text"].split()[2]) or "")
    await editor.wait_for(f"{number - 1} delivered, 1 not sent.", after=listed["id"])


async def test_open_draft_is_listed_to_go_on_with_or_to_discard(hall: Hall) -> None:
    editor = hall.editor
    _, panel = await draft(editor, "Half a thought\nTo be gone on with.")
    number = panel["text"].split()[1].rstrip(",")
    listed = await editor.ask("/pushes", "Your drafts", f"{number}. Half a thought")
    await editor.tap_data(listed["id"], find_button(listed, f"Go on with {number}") or "")
    again = await editor.wait_for(f"Push {number}, draft.", after=listed["id"])
    assert find_button(again, "Audience") is not None
    discard = find_button(listed, f"Discard {number}") or ""
    assert await editor.tap_data(listed["id"], discard) == f"Push {number} is discarded."

    def is_gone(each: Message) -> bool:
        return each["id"] == listed["id"] and "Half a thought" not in each["text"]

    await hall.town.wait_for_message(editor.id, is_gone)


async def test_report_opens_reasons_and_unknown_is_settled_by_an_editor(hall: Hall) -> None:
    town, editor = hall.town, hall.editor
    await editor.ask("/unknown", "No uncertain deliveries")
    gone, silent = await town.greet("Ada"), await town.greet("Ben")
    _, panel = await draft(editor, "Not for everybody\nAs it turns out.")
    question = await editor.review_push(panel)
    number = int((question["text"].partition(" to ")[2]).split()[0])
    # She blocks the bot just before the push reaches her, so that the bot learns of it only by sending.
    await town.arm("blocked", method="sendMessage", chat_id=gone.id, times=1)
    await town.arm("drop", method="sendMessage", chat_id=silent.id)
    await editor.tap_data(question["id"], find_button(question, "Send to") or "")
    report = await report_on(editor, question)
    assert report["text"].startswith(f"{number - 2} of {number} delivered in")
    assert "1 blocked the bot" in report["text"]
    assert "1 unknown" in report["text"]
    assert labels(report) == ["Reasons", "Unknown"]
    await editor.tap("Reasons")
    await town.became(editor.id, question, "1 · bot was blocked by the user")
    await editor.tap("Back")
    await town.became(editor.id, question, "delivered in")
    await editor.ask("/unknown", "1 delivery: no answer from Telegram. Resending may repeat it.")
    await editor.tap_data(report["id"], find_button(report, "Unknown") or "")
    asked = await town.became(editor.id, question, "1 chat: no answer from Telegram. Resending may repeat it.")
    assert labels(asked) == ["Send again", "Leave", "Back"]
    again = await editor.tap_data(asked["id"], find_button(asked, "Send again") or "")
    assert again == "1 delivery is sent again."

    async def came_twice() -> bool:
        return sum("Not for everybody" in message["text"] for message in await silent.read()) == 2

    await town.wait_until(came_twice)
    await editor.ask("/unknown", "No uncertain deliveries")


async def test_duplicate_push_again_says_which_was_sent_and_when(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, _, paper = await town.add_editor(), await town.greet(), new_paper()
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
