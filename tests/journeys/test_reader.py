"""A reader's way: from the first word to a list of feeds that is theirs to change."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.paper import Paper, harbour_report
from tests.support.shown import buttons_of, find_button, links_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.people import Person
    from tests.support.shown import Message
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


def body_of(message: Message) -> str:
    """Give what stands between a story's title and its sources."""
    return str(message["text"]).split("\n\n", 1)[1].rsplit("\n\n", 1)[0]


async def follow(reader: Person, paper: Paper) -> Message:
    """Subscribe to a paper by pasting its feed; give the sample that follows."""
    sent = await reader.say(paper.feed)
    await reader.wait_for(f"{paper.name} added. Its newest story follows.", after=sent)
    return await reader.wait_for(paper.reports[-1].title, after=sent)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "Paste a news site's address, such as"), ("uk", "Вставте адресу")],
    ids=["English", "Ukrainian"],
)
async def test_newcomer_is_told_in_their_language_what_to_paste(town: Town, lang: str, words: str) -> None:
    reader = await town.add_person(lang=lang)
    await reader.ask("/start", words, "tidewatch.example")
    helped = await reader.ask("/help", "/subscribe", "/delete_me")
    assert "/push" not in helped["text"]


async def test_pasted_site_gives_a_linked_summary_within_twenty_seconds_and_then_what_is_new(town: Town) -> None:
    reader = await town.add_person()
    started = time.monotonic()
    offer = await reader.ask(town.site, "several feeds")
    assert [button["text"] for button in buttons_of(offer)][:4] == [
        "+ Tidewatch",
        "+ The Weirpost",
        "+ Kestrel",
        "+ Береговість",
    ]
    await reader.tap("+ Tidewatch")
    added = await reader.wait_for("Tidewatch added. Its newest story follows.")
    sample = await reader.wait_for("Tidewatch ·", after=added["id"])
    assert time.monotonic() - started < 20 * 10, "ten times the goal"

    (source,) = links_of(sample)
    assert source.startswith(f"{town.site}tidewatch/news/")
    assert "#:~:text=" in source
    head = sample["entities"][0]
    assert (head["type"], head["offset"]) == ("bold", 0)

    article = await town.publish("tidewatch")
    news = await reader.wait_for(article["title"], after=sample["id"])
    assert links_of(news)[0].startswith(f"{town.url}{article['path']}#:~:text=")


async def test_front_page_with_one_feed_is_subscribed_at_once(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Mole is mended")
    await reader.ask(paper.front, f"{paper.name} added")
    await reader.wait_for("Mole is mended", paper.name)


async def test_article_gives_its_summary_and_a_button_for_its_feed(town: Town) -> None:
    reader = await town.add_person()
    article = await town.publish("weirpost")
    summary = await reader.ask(town.url + article["path"], article["title"])
    assert links_of(summary)[0].startswith(f"{town.url}{article['path']}#:~:text=")
    await reader.tap("+ The Weirpost")
    await reader.wait_for("The Weirpost added", after=summary["id"])


async def test_nothing_comes_from_a_feed_while_it_is_paused_or_removed(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    pausing, removing, witness = [await town.add_person(name) for name in ("Pam", "Rhys", "Wim")]
    paper = new_paper()
    paper.publish("Cranes work through the night")
    await asyncio.gather(*(follow(reader, paper) for reader in (pausing, removing, witness)))

    async def open_subscription(reader: Person) -> None:
        await reader.ask("/subscriptions", "1 feed. Tap it to change it.")
        await reader.tap(paper.name[:10])

    async def pause() -> None:
        await open_subscription(pausing)
        await pausing.tap("Pause")
        await pausing.wait_for("Paused: nothing is sent until you resume it.")

    async def remove() -> None:
        await open_subscription(removing)
        await removing.tap("Remove")
        await removing.wait_for(f"{paper.name} removed.")

    await asyncio.gather(pause(), remove())
    paper.publish("Pilots ask for a longer mole")
    await witness.wait_for("Pilots ask for a longer mole")
    await town.all_is_told(pausing.id, removing.id)
    for reader in (pausing, removing):
        assert not any("Pilots ask" in message["text"] for message in await reader.read())

    await asyncio.gather(pausing.tap("Resume"), removing.tap("Undo"))
    await asyncio.gather(*(reader.wait_for("Its stories come at once.") for reader in (pausing, removing)))
    paper.publish("Dockers get a warm meal")
    await asyncio.gather(*(reader.wait_for("Dockers get a warm meal") for reader in (pausing, removing, witness)))


async def test_unsubscribe_by_name_ends_a_subscription(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper("Lowmark Lantern")
    paper.publish("Lanterns are lit again")
    await follow(reader, paper)
    await reader.ask("/unsubscribe nosuch", "You follow nothing called “nosuch”.", "Tap")
    await reader.ask("/unsubscribe lowmark", "Lowmark Lantern removed.")
    await reader.ask("/subscriptions", "You follow nothing yet.")


async def test_latest_lists_stories_and_sends_the_one_whose_number_is_tapped(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Shipyard lends a crane")
    paper.reports[0] = replace(paper.reports[0], published_at=paper.reports[0].published_at - 86_400)
    await follow(reader, paper)
    paper.publish("Council looks at the fee")
    await reader.wait_for("Council looks at the fee")
    listed = await reader.ask("/latest", "Newest stories", "1. Council looks at the fee", "2. Shipyard lends a crane")
    dated = re.search(r"^2\. Shipyard lends a crane · .+, (\d+ \w+), \d\d:\d\d$", listed["text"], re.M)
    assert dated is not None, "what came out on another day has its day"
    found = await reader.ask("/search crane", f"Shipyard lends a crane · {paper.name}, {dated[1]}")
    await reader.tap_data(listed["id"], find_button(listed, "2") or "")
    again = await reader.wait_for("Shipyard lends a crane", after=found["id"])
    assert links_of(again)[0].startswith(paper.reports[0].url)


async def test_summarize_takes_an_address_a_text_or_the_message_replied_to(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    paper, text = new_paper(), harbour_report("Orsa", 3)
    report = paper.publish("Wind keeps pilots busy")
    by_address, by_text, by_reply, by_link = [await town.add_person(name) for name in ("Ada", "Ben", "Cleo", "Dan")]

    async def read_address() -> None:
        summary = await by_address.ask(f"/summarize {report.url}", "Wind keeps pilots busy")
        assert links_of(summary)[0].startswith(f"{report.url}#:~:text=")

    async def read_text() -> None:
        summary = await by_text.ask(f"/summarize {text}", "")
        await by_text.ask("/summarize Too short.", "Too short.\n\nThat is all of it: it is short already.")
        assert len(summary["text"]) <= len(text) / 2
        assert summary["text"].split(". ")[0] in text

    async def read_reply() -> None:
        await by_reply.ask("hello", "Paste a news site's address")
        pasted = await by_reply.say(text)
        first = await by_reply.wait_for("harbour of Orsa", after=pasted)
        await by_reply.ask("/summarize", first["text"][:40], reply_to=pasted)

    async def read_replied_link() -> None:
        pasted = await by_link.say(f"Worth a look: {report.url}")
        first = await by_link.wait_for("Wind keeps pilots busy", after=pasted)
        again = await by_link.ask("/summarize", "Wind keeps pilots busy", reply_to=pasted)
        assert again["id"] > first["id"]

    await asyncio.gather(read_address(), read_text(), read_reply(), read_replied_link())


async def test_privacy_says_what_is_stored_and_how_to_be_rid_of_it(town: Town) -> None:
    reader = await town.add_person()
    await reader.ask("/alerts ferry", "ferry")
    await reader.ask("/filters football", "football")
    await reader.ask("/filters tennis", "tennis")
    said = await reader.ask("/privacy", "two days", "/delete_me")
    assert "quiet hours, daily cap, pause; 0 feeds, 0 saved stories, 2 hidden words, 1 alert word;" in said["text"]
    kinds = [line.split()[0] for line in said["text"].splitlines() if "tored" in line.split(":")[0]]
    assert kinds == ["Stored", "Also", "Not"]
    await reader.ask("/delete_me", "Delete for good: 2 hidden words, 1 alert word, and all settings?")
