"""A list of feeds from another reader: what it would bring, the confirmation, the work, the report and the way back."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from bot.news.feeds.opml import read_list
from bot.news.web.guard import Guard, parse_allow
from tests.support.shown import find_button, labels
from tests.support.town import Town

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.forking import ForkServer
    from tests.support.paper import Paper
    from tests.support.people import Person
    from tests.support.shown import Message

pytestmark = pytest.mark.asyncio(loop_scope="session")


def opml(*feeds: tuple[str, str], folder: str = "") -> bytes:
    body = "".join(f'<outline type="rss" text="{name}" xmlUrl="{url}"/>' for name, url in feeds)
    body = f'<outline text="{folder}">{body}</outline>' if folder else body
    return f'<?xml version="1.0"?><opml version="1.0"><body>{body}</body></opml>'.encode()


async def test_a_list_is_shown_first_added_on_confirmation_and_can_be_undone(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, one, two, known = await town.add_person(), new_paper(), new_paper(), new_paper()
    one.publish("Old news of the lock")
    await reader.ask(known.feed, f"{known.name} added")
    sent = await reader.send_file(
        "mine.opml",
        opml(("My one", one.feed), ("Two", two.feed), (known.name, known.feed), ("Router", "http://192.168.1.1/f")),
    )
    shown = await reader.wait_for(
        "mine.opml: 3 feeds.", "2 new", "1 in your list already", "1 I can't read", after=sent
    )
    assert "Not readable: Router" in shown["text"]
    assert not find_button(await reader.ask("/subscriptions", "1 feed."), "My one"), "it is shown before it is done"
    await reader.tap("Add 2")
    await reader.wait_for("2 feeds added. 1 was in your list.", after=sent)

    async def was_read() -> bool:
        return sum(asked.path.startswith(f"/{one.key}/feed.xml") for asked in one.site.asked) > 1

    await town.wait_until(was_read)  # who asks again has kept the first answer
    report = one.publish("Lock opens again")
    await reader.wait_for(report.title)
    await town.all_is_told(reader.id)
    assert not any("Old news of the lock" in message["text"] for message in await reader.read())
    await reader.say("/subscriptions")
    listing = await reader.wait_for("3 feeds. Tap one")
    assert find_button(listing, "My one"), "a feed goes by the name that its reader gave it"
    await reader.tap("Undo")
    await reader.wait_for("2 feeds removed.")


async def test_what_is_exported_brings_the_same_back(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, other = await town.add_person(), await town.add_person()
    papers = [new_paper(), new_paper(feed_query="key=4fK2x91QpLmZ77")]
    await reader.send_file("mine.opml", opml(*((f"My {each.name}", each.feed) for each in papers), folder="Coast & Co"))
    await reader.tap("Add 2")
    await reader.wait_for("2 feeds added.")
    sent, exported = await _export_with_sites(town, reader, 2)
    assert sent["document"]["file_name"] == f"newsgist-{reader.id}.opml"
    listed = read_list(exported, Guard(parse_allow(papers[0].site.origin.removeprefix("http://")))).entries
    assert {(each.url, each.title, each.folder) for each in listed} == {
        (paper.feed, f"My {paper.name}", "Coast & Co") for paper in papers
    }
    await other.send_file("theirs.opml", exported)
    await other.wait_for("theirs.opml: 2 feeds. 2 new.")
    await other.tap("Add 2")
    await other.wait_for("2 feeds added.")
    _, again = await _export_with_sites(town, other, 2)
    assert _body(again) == _body(exported)
    removed = await other.ask(f"/unsubscribe my {papers[0].name}", f"My {papers[0].name} removed.")
    await other.tap("Undo")
    shown = await other.wait_for("Its stories come at once.", after=removed["id"] - 1)
    assert shown["text"].startswith(f"My {papers[0].name}\n"), "removed and followed again by its reader's own name"
    _, restored = await _export_with_sites(town, other, 2)
    assert _body(restored) == _body(exported)


async def _export_with_sites(town: Town, person: Person, feeds: int) -> tuple[Message, bytes]:
    """Export until every feed has been read once, for a feed itself says where its site is."""
    while True:
        sent = await person.ask("/export", "What you follow, for any feed reader.")
        exported = await town.download(sent["document"]["address"])
        if exported.count(b"htmlUrl=") == feeds:
            return sent, exported
        await asyncio.sleep(0.5)


def _body(exported: bytes) -> bytes:
    return exported[exported.index(b"<body>") :]


async def test_pasted_addresses_and_the_address_of_a_list_are_lists_too(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, one, two = await town.add_person(), new_paper(), new_paper()
    await reader.ask(f"{one.feed}\n{two.feed}", "Your list: 2 feeds. 2 new.")
    await reader.tap("Cancel")
    await reader.wait_for("Nothing is added.")
    link = one.site.serve(f"/{one.key}/subscriptions.opml", opml(("One", one.feed), ("Two", two.feed)))
    await reader.ask(link, "127.0.0.1: 2 feeds. 2 new.")


async def test_limit_takes_a_list_as_far_as_there_is_room_and_no_feed_beyond(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    """FAULTS 51: input without bounds meets a limit with a message."""
    reader = await town.add_person()
    many = opml(*((f"P{n}", f"http://192.0.2.{n % 250}:80/{n}") for n in range(10)))
    await reader.send_file("private.opml", many)
    await reader.wait_for("private.opml has no feed in it.")
    await reader.send_file("many.opml", opml(*((f"P{n}", f"http://paper{n}.example/feed") for n in range(60))))
    await reader.wait_for("many.opml: 60 feeds. 60 new.", "There is room for 50 of them.")
    await reader.tap("Add 50")
    await reader.wait_for("50 feeds added. No room for 10.")
    told = await reader.ask(new_paper().feed, "50 of 50 feeds used. Remove one.")
    assert labels(told) == ["Subscriptions"]


@pytest.mark.timeout(300)
async def test_the_chat_answers_while_ten_thousand_feeds_are_added(forks: ForkServer, tmp_path: Path) -> None:
    """FAULTS 51: ten thousand entries at once hold nobody up."""
    # Each is asked for once, as in a house of that size; not again and again, as in the other towns.
    async with Town(forks, tmp_path, settings={"NEWSGIST_POLL_MIN_S": "3600"}) as town:
        editor, reader = await town.add_editor(), await town.add_person()
        await reader.ask("/id", str(reader.id))
        many = opml(*((f"Paper {n}", f"http://paper{n}.example/feed?edition={n}") for n in range(10_000)))
        await editor.send_file("everything.opml", many)
        await editor.wait_for("everything.opml: 10,000 feeds. 10,000 new.", timeout_s=60)
        await editor.tap("Add 10,000")
        waits = []
        while not any("10,000 feeds added." in each["text"] for each in await editor.read()):
            started = time.monotonic()
            await reader.ask("/id", str(reader.id))
            waits.append(time.monotonic() - started)
            await asyncio.sleep(0.3)
            assert sum(waits) < 90
        assert waits
        assert max(waits) < 10, "bound ten times as wide as the goal"
