"""An editor's way: from /push to the report."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.paper import Paper, harbour_report
from tests.support.shown import find_button, labels, links_of
from tests.support.town import TOKEN, Town

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.forking import ForkServer
    from tests.support.people import Person
    from tests.support.shown import Message

pytestmark = pytest.mark.asyncio(loop_scope="session")


def looks(message: Message) -> tuple[str, list[dict[str, object]]]:
    """Give all that a person sees of a message."""
    return message["text"], message["entities"]


async def preview_of(editor: Person, *, after: int) -> tuple[Message, Message]:
    """Wait for a preview and what stands under it."""
    panel = await editor.wait_for(", draft.", after=after, timeout_s=60)  # the first waits for the workers to start
    shown = [message for message in await editor.read() if message["id"] < panel["id"]]
    return shown[-1], panel


async def push(editor: Person, what: str, *, reply_to: int | None = None) -> tuple[Message, Message]:
    """Send /push and wait for the preview and what stands under it."""
    return await preview_of(editor, after=await editor.say(f"/push {what}".strip(), reply_to=reply_to))


async def confirm(editor: Person, panel: Message) -> str:
    """Go on to the question and tap Send under it; give the toast."""
    question = await editor.review_push(panel)
    return await editor.tap_data(question["id"], find_button(question, "Send to") or "")


async def report_on(editor: Person, question: Message) -> Message:
    """Wait until the question, or a message below it, has become the report of its push."""
    return await editor.town.wait_for_message(
        editor.id, lambda message: message["id"] >= question["id"] and "delivered in" in message["text"]
    )


async def test_pushed_text_reaches_every_reader_exactly_as_previewed(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    editor, reader = await town.add_editor(), await town.greet()
    preview, question = await push(editor, "Water off in Old Aldmoor\nTankers <will> stand at Mill Square & Orsa.")
    assert preview["text"].startswith("Water off in Old Aldmoor\n\nTankers <will> stand at Mill Square & Orsa.\n\n")
    assert "From the newsroom" in preview["text"]

    await confirm(editor, question)
    received = await reader.wait_for("Water off in Old Aldmoor")
    assert looks(received) == looks(preview)
    report = await report_on(editor, question)
    assert report["edited"], "one message goes from the question or the progress to the report"
    number = report["text"].split()[0]
    assert report["text"].startswith(f"{number} of {number} delivered in")


async def test_pushed_address_sends_what_was_previewed_though_its_page_has_changed_and_the_bot_was_killed(
    own_town: Town, new_paper: Callable[..., Paper]
) -> None:
    paper = new_paper()
    editor, reader = await own_town.add_editor(), await own_town.greet()
    article = paper.publish("Deck is lifted by four centimetres")
    preview, question = await push(editor, article.url)
    assert links_of(preview)[0].startswith(f"{article.url}#:~:text=")

    paper.reprint(article.url, "Everything was a mistake", harbour_report("Nowhere", 9))
    await own_town.bot.restart()
    await confirm(editor, question)
    received = await reader.wait_for("From the newsroom")
    assert looks(received) == looks(preview)
    await own_town.wait_until(lambda: _sees_push(editor))


async def _sees_push(editor: Person) -> bool:
    """Tell whether the newsroom's commands stand in an editor's menu, as they do from the start on."""
    scope = {"type": "chat", "chat_id": editor.id}
    answer = await editor.town.post(f"/bot{TOKEN}/getMyCommands", {"scope": scope})
    return {"push", "feeds", "subscribe"} <= {command["command"] for command in answer["result"]}


async def test_message_replied_to_is_pushed(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, _ = await town.add_editor(), await town.greet()
    hint = await editor.say("School stays shut on Thursday\nThe boiler waits for a valve.")
    preview, _ = await push(editor, "", reply_to=hint)
    assert preview["text"].startswith("School stays shut on Thursday\n\nThe boiler waits for a valve.\n\n")


async def test_discarded_push_is_sent_to_nobody(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, reader = await town.add_editor(), await town.greet()
    _, panel = await push(editor, "Better not\nOn second thoughts.")
    question = await editor.review_push(panel)
    await editor.tap("Back")
    await editor.town.wait_for_message(editor.id, lambda each: find_button(each, "Review") is not None)
    await editor.tap("Back")
    await editor.tap("Discard")
    await editor.wait_for("is discarded.")
    await editor.tap_data(question["id"], find_button(question, "Send to") or "", forged=True)
    await editor.ask("/id", str(editor.id))
    assert not any("Better not" in message["text"] for message in await reader.read())


async def test_edited_push_does_not_run_again(town: Town, new_paper: Callable[..., Paper]) -> None:
    """FAULTS 46."""
    editor, _ = await town.add_editor(), await town.greet()
    sent = await editor.say("/push First wording\nOf the text.")
    await preview_of(editor, after=sent)
    before = len(await editor.read())
    await editor.edit(sent, "/push Second wording\nOf the text.")
    await editor.ask("/id", str(editor.id))
    shown = await editor.read()
    assert len(shown) == before + 1
    assert not any("Second wording" in message["text"] for message in shown)


async def test_feeds_shows_each_feed_with_its_readers(town: Town, new_paper: Callable[..., Paper]) -> None:
    editor, paper = await town.add_editor(), new_paper("Estuary Examiner")
    paper.publish("Estuary is measured")
    reader = await town.add_person()
    await reader.ask(paper.feed, "Estuary Examiner added")
    listed = await editor.ask("/feeds", "in trouble", "Estuary Examiner")
    (line,) = [line for line in listed["text"].splitlines() if line.startswith("Estuary Examiner")]
    assert "1 reader · read " in line


async def test_long_text_says_how_much_of_it_is_sent_and_a_short_one_says_nothing(town: Town) -> None:
    editor = await town.add_editor()
    await town.greet()
    _, question = await push(editor, "Harbour\n" + harbour_report("Orsa", 5) + "\n" + harbour_report("Lowmark", 6))
    assert re.search(r"Shortened to \d\d? % of the text\. The rest is not sent\.$", question["text"])
    _, question = await push(editor, "Harbour\nThe mole is mended.")
    assert "Shortened" not in question["text"]


async def test_sentence_that_the_editor_took_out_reaches_nobody_not_even_below_more(town: Town) -> None:
    editor = await town.add_editor()
    told = "The water is off in Weir Lane on Wednesday. The waterworks replaces an old valve. "
    preview, question = await push(editor, f"Water off\n{told}A tank wagon stands at the church. Boil it for an hour.")
    await editor.tap_data(question["id"], find_button(question, "Sentences") or "")
    chosen = await editor.wait_for("4 of 4 chosen.")
    await editor.tap_data(chosen["id"], find_button(chosen, "✓ 3") or "")
    chosen = await editor.wait_for("3 of 4 chosen.")
    await editor.tap_data(chosen["id"], find_button(chosen, "Done") or "")
    question = await editor.wait_for("% of the text. The rest is not sent.")
    shown = next(each for each in await editor.read() if each["id"] == preview["id"])
    assert labels(shown) == ["Save"]
    await editor.tap_data(question["id"], find_button(question, "Shorter") or "")
    await editor.wait_for("% of the text; More shows")
    await editor.tap_data(preview["id"], "1:pn.more:" + (find_button(question, "Sentences") or "").split(":")[2] + ":1")
    opened = await editor.wait_for("Water off", after=preview["id"] - 1)
    assert "tank wagon" not in opened["text"]


async def test_push_is_paid_for_only_where_it_is_allowed_and_its_price_was_shown(
    forks: ForkServer, town: Town, tmp_path: Path
) -> None:
    readers = 31
    async with Town(forks, tmp_path, settings={"NEWSGIST_PAID_BROADCAST": "true"}) as rich:
        editor = await rich.add_editor()
        await asyncio.gather(*(rich.greet(f"Reader {number}") for number in range(readers)))
        _, panel = await push(editor, "Ferry sails again\nFrom six in the morning, every hour.")
        question = await editor.review_push(panel)
        await editor.tap_data(question["id"], find_button(question, "Faster") or "")
        price = await rich.wait_for_message(editor.id, lambda each: "Stars from the bot's balance" in each["text"])
        assert "up to 4 Stars" in price["text"], f"{readers} readers and the editor, a tenth of a Star each"
        pay = find_button(price, "Pay up to 4") or ""
        await asyncio.gather(*(editor.tap_data(price["id"], pay) for _ in range(5)))
        await report_on(editor, price)
        lines = await rich.ledger(method="sendMessage")
        sent = [line["chat_id"] for line in lines if line["outcome"] == "accepted" and "every hour" in line["text"]]
        assert len([chat for chat in sent if chat != editor.id]) == len(set(sent) - {editor.id}) == readers
        # A button of one installation says nothing to another that did not allow it.
        poor = await town.add_editor()
        _, panel = await push(poor, "Ferry sails again tomorrow\nFrom six in the morning, every hour.")
        assert find_button(await poor.review_push(panel), "Faster") is None
