"""The first minute: every visit of the table, in two taps and a few seconds to the first summary."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.paper import Paper
from tests.support.town import Town, buttons_of, find_button, links_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.support.town import Message, Person
    from tests.support.web import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

GOAL_S, BOUND = 20.0, 10
"""The goal, and how many times as long a loaded machine may take."""
FIRST = ["World", "Politics", "Science", "Business", "Sport", "Local", "More topics", "Language"]
NARROW = ("world", "politics", "science", "business", "sport", "local", "climate")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def offering(site: Site, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Paper]]:
    """Papers that the bot offers: one a topic in English, one in Ukrainian."""
    papers = {}
    for topic in NARROW:
        papers[topic] = Paper(site=site, key=f"offered-{topic}", name=f"{topic.title()} Courier")
        papers[topic].publish(f"{topic.title()} has its day")
    papers["наука"] = Paper(site=site, key="offered-uk", name="Береговість")
    papers["наука"].publish("Міст зачинено")
    yield papers


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def newstown(
    site: Site, offering: dict[str, Paper], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    lines = [f"{topic}\ten\t{offering[topic].feed}\t{offering[topic].name}" for topic in NARROW]
    lines.append(f"science\tuk\t{offering['наука'].feed}\tБереговість")
    folder = tmp_path_factory.mktemp("newstown")
    async with Town(folder, allow=[f"127.0.0.1:{site.port}"], offers=lines) as town:
        yield town


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def wait_for_labels(town: Town, chat: int, *wanted: str) -> Message:
    """Wait until a message of the bot has all these buttons."""
    return await town.wait_for_message(chat, lambda message: set(wanted) <= set(labels(message)))


async def test_first_visit_gives_a_summary_in_two_taps(newstown: Town, offering: dict[str, Paper]) -> None:
    reader = await newstown.add_person()
    started, taps = time.monotonic(), 1
    welcome = await reader.ask("/start", "I send short news: sentences from articles, linked to them.")
    assert welcome["text"].endswith("Pick a topic or paste a site's address.")
    assert labels(welcome) == FIRST
    assert [len(row) for row in welcome["keyboard"]] == [3, 3, 2]
    taps += 1
    assert await reader.tap("Science") == "Science added"
    sample = await reader.wait_for("Science has its day", after=welcome["id"])
    took_s = time.monotonic() - started
    assert taps == 2
    assert took_s < GOAL_S * BOUND
    assert links_of(sample)[0].startswith(offering["science"].reports[0].url)
    await wait_for_labels(newstown, reader.id, "✓ Science", "World")


async def test_only_the_first_topic_sends_a_sample_and_a_second_tap_takes_it_back(newstown: Town) -> None:
    reader = await newstown.add_person()
    await reader.ask("/start", "Pick a topic")
    await reader.tap("Sport")
    await reader.wait_for("Sport has its day")
    assert await reader.tap("World") == "World added"
    await wait_for_labels(newstown, reader.id, "✓ Sport", "✓ World")
    assert await reader.tap("✓ Sport") == "Sport removed"
    await wait_for_labels(newstown, reader.id, "Sport", "✓ World")
    await reader.ask("/subscriptions", "1 feed.")
    assert not any("World has its day" in message["text"] for message in await reader.read())


async def test_more_topics_and_back(newstown: Town) -> None:
    reader = await newstown.add_person()
    await reader.ask("/start", "Pick a topic")
    await reader.tap("More topics")
    assert labels(await wait_for_labels(newstown, reader.id, "Climate")) == ["Climate", "Back"]
    assert await reader.tap("Climate") == "Climate added"
    await wait_for_labels(newstown, reader.id, "✓ Climate")
    await reader.wait_for("Climate has its day")
    await reader.tap("Back")
    assert labels(await wait_for_labels(newstown, reader.id, "World")) == FIRST


async def test_topics_are_offered_in_the_persons_language_and_another_may_be_chosen(newstown: Town) -> None:
    reader = await newstown.add_person(lang="uk")
    welcome = await reader.ask("/start", "Надсилаю новини стисло")
    assert len(labels(welcome)) == 2
    await newstown.wait_until(lambda: _tapped(reader, "Мова"))
    languages = await reader.wait_for("Якою мовою", after=0)
    assert {"English", "✓ Українська"} <= set(labels(languages))
    await reader.tap("English")
    assert labels(await wait_for_labels(newstown, reader.id, "World")) == FIRST


async def _tapped(reader: Person, label: str) -> bool:
    await reader.tap(label)
    return True


async def test_nothing_to_offer_asks_for_an_address(town: Town) -> None:
    reader = await town.add_person()
    welcome = await reader.ask("/start", "Paste a news site's address, such as tidewatch.example.")
    assert labels(welcome) == ["Language"]


async def test_return_tells_how_many_feeds_and_new_stories(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Pilots go home")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.wait_for("Pilots go home")
    back = await reader.ask("/start", "Welcome back. 1 feed, nothing new.")
    assert labels(back) == ["Latest", "Subscriptions", "Settings"]
    await reader.ask("/pause 3", "Paused until")
    await reader.ask("/latest", "Paused until")
    back = await reader.ask("/start", "Welcome back. 1 feed, nothing new.", "Paused until")
    assert labels(back)[-1] == "Resume"
    await reader.tap("Resume")
    await reader.wait_for("News comes again.")


async def test_link_to_a_feed_follows_it_and_undo_takes_it_back(newstown: Town) -> None:
    first, second = await newstown.add_person(), await newstown.add_person("Otto")
    await first.ask("/start", "Pick a topic")
    await first.tap("Local")
    await first.wait_for("Local has its day")
    opened = await first.ask("/subscriptions", "1 feed.")
    feed_id = await _feed_id(newstown, first, opened)
    added = await second.ask(f"/start f_{feed_id}", "Local Courier added. Its newest story follows.")
    await second.wait_for("Local has its day", after=added["id"])
    assert labels(added) == ["Undo"]
    await second.tap("Undo")
    await second.wait_for("Local Courier removed.")
    again = await first.ask(f"/start f_{feed_id}", "Local Courier is in your list.")
    assert labels(again) == ["Latest", "Manage"]


async def _feed_id(town: Town, reader: Person, listed: Message) -> int:
    """Find the feed's id in the buttons: removed, a feed's way back carries it."""
    await reader.tap("Local")
    await reader.wait_for("Its stories come at once.")
    await reader.tap("Remove")
    removed = await reader.wait_for("Local Courier removed.")
    data = find_button(removed, "Undo") or ""
    await reader.tap("Undo")
    await reader.wait_for("Its stories come at once.", after=0)
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number = 0
    for digit in data.split(":")[2]:
        number = number * 62 + digits.index(digit)
    return number


@pytest.mark.parametrize("code", ["f_999999", "f_x", "f_", "nonsense", "f_99999999999999999999"])
async def test_link_to_nothing_is_a_plain_welcome(town: Town, code: str) -> None:
    reader = await town.add_person()
    await reader.ask(f"/start {code}", "Paste a news site's address")


async def test_group_is_told_what_the_bot_posts_and_only_admins_pick(newstown: Town) -> None:
    admin, member = await newstown.add_person("Ada"), await newstown.add_person("Mel")
    group = await newstown.add_group("Aldmoor Chat", {admin: "creator", member: "member"})
    await admin.say("/start@newsgist_sandbox_bot", chat=group)
    await admin.say("/start", chat=group)
    welcome = await newstown.wait_for_message(
        group, lambda message: "I post the news your admins choose. Pick a topic" in message["text"]
    )
    assert labels(welcome) == ["Topics", "Settings"]
    assert await member.tap("Topics", chat=group) == "Only admins change this."
    await admin.tap("Topics", chat=group)
    await wait_for_labels(newstown, group, "Science", "Back")
    assert await admin.tap("Science", chat=group) == "Science added"
    await newstown.wait_for_message(group, lambda message: "Science has its day" in message["text"])
