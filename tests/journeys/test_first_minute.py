"""The first minute: every visit of the table, row by row, then the rules under it.

An invitation's visit (``?start=e_TOKEN``) is in ``test_access.py``, with what becomes of it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.paper import Paper
from tests.support.shown import find_button, labels, links_of
from tests.support.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.support.forking import ForkServer
    from tests.support.people import Person
    from tests.support.shown import Message
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
    forks: ForkServer, site: Site, offering: dict[str, Paper], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    lines = [f"{topic}\ten\t{offering[topic].feed}\t{offering[topic].name}" for topic in NARROW]
    lines.append(f"science\tuk\t{offering['наука'].feed}\tБереговість")
    folder = tmp_path_factory.mktemp("newstown")
    async with Town(forks, folder, allow=[f"127.0.0.1:{site.port}"], offers=lines) as town:
        yield town


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


async def test_first_visit_with_nothing_to_offer_asks_for_an_address(town: Town) -> None:
    reader = await town.add_person()
    welcome = await reader.ask("/start", "Paste a news site's address, such as tidewatch.example.")
    assert labels(welcome) == ["Language"]
    await reader.tap("Language")
    await town.became(reader.id, welcome, "Which language shall I speak?")
    assert await reader.tap("Back") == "", "nothing was changed"
    await town.became(reader.id, welcome, "Paste a news site's address")


async def test_return_tells_how_many_feeds_and_new_stories(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, witness, paper = await town.add_person(), await town.add_person("Wim"), new_paper()
    paper.publish("Pilots go home")
    for each in (reader, witness):
        await each.ask(paper.feed, f"{paper.name} added")
        await each.wait_for("Pilots go home")
    await town.all_is_told(reader.id)  # what has come counts as known once Telegram's answer is noted
    back = await reader.ask("/start", "Welcome back. 1 feed, nothing new.")
    assert labels(back) == ["Latest", "Subscriptions", "Settings"]
    await reader.ask("/pause 3", "Paused until")
    await reader.ask("/latest", "Paused until")
    paper.publish("Pilots come back")
    await witness.wait_for("Pilots come back")
    back = await reader.ask("/start", "Welcome back. 1 feed, 1 new story.", "Paused until")
    assert labels(back) == ["Latest", "Subscriptions", "Settings", "Resume"]
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


async def test_channel_is_set_up_in_private_by_whoever_added_the_bot(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await town.greet("Ada"), new_paper()
    paper.publish("Barges wait below the weir")
    channel = await town.add_group(
        "Aldmoor Today", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    connected = await admin.wait_for("Aldmoor Today is connected. What shall I post there?")
    assert labels(connected) == ["Topics", "Add a feed", "Not now"]
    await admin.tap("Add a feed")
    await admin.wait_for("Send the address of a site or feed for Aldmoor Today.")
    added = await admin.ask(paper.feed, f"{paper.name} added")
    story = await town.hear(channel, "Barges wait below the weir")
    assert labels(story) == []
    paper.publish("Barges go on their way")
    await town.hear(channel, "Barges go on their way")
    assert not any("Barges" in message["text"] for message in await admin.read())

    await admin.tap_data(added["id"], find_button(added, "Undo") or "")
    await admin.wait_for(f"{paper.name} removed.")


async def test_channel_otherwise_asks_for_an_admin_there_and_its_post_goes(town: Town) -> None:
    admin = await town.add_person("Bo")
    channel = await town.add_group(
        "Weir Watch", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    post = await town.hear(channel, "An admin can set me up here.")
    assert "Start me first" in await admin.tap_data(post["id"], find_button(post, "Set up") or "", chat=channel)
    await admin.ask("/start", "Paste a news site")
    await admin.tap_data(post["id"], find_button(post, "Set up") or "", chat=channel)
    await admin.wait_for("Weir Watch is connected.")

    async def is_gone() -> bool:
        return not await town.from_bot(channel)

    await town.wait_until(is_gone)
    await admin.tap("Not now")
    await admin.wait_for("Weir Watch is connected. Send /subscribe there")


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


@pytest.mark.parametrize("command", ["/subscriptions", "/latest", "/subscribe"])
async def test_whoever_follows_nothing_is_led_to_the_topics(newstown: Town, command: str) -> None:
    reader = await newstown.add_person()
    empty = await reader.ask(command, "Paste a news site's address")
    assert labels(empty) == ["Topics"]
    await reader.tap("Topics")
    assert labels(await wait_for_labels(newstown, reader.id, "World")) == FIRST
    assert await reader.tap("Science") == "Science added"
    await reader.wait_for("Science has its day", after=empty["id"])


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


@pytest.mark.parametrize("code", ["f_999999", "f_x", "f_", "nonsense", "f_99999999999999999999"])
async def test_link_to_nothing_is_a_plain_welcome(town: Town, code: str) -> None:
    reader = await town.add_person()
    await reader.ask(f"/start {code}", "Paste a news site's address")


async def test_anonymous_admin_confirms_with_a_tap_that_shows_who_they_are(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, member, paper = await town.add_person("Hanne"), await town.add_person("Ivo"), new_paper()
    paper.publish("Band tunes up")
    group = await town.add_group(
        "Masked Ball", {admin: "creator", member: "member"}, type="supergroup", anonymous=[admin.id]
    )
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    question = await town.hear(group, "I can't see who you are. Confirm it's you, and I go on.")
    assert labels(question) == ["Confirm it's you"]
    assert await member.tap("Confirm it's you", chat=group) == "Only admins change this."
    await admin.tap("Confirm it's you", chat=group)
    answer = await town.hear(group, f"{paper.name} added")
    assert answer["id"] == question["id"], "the answer stands where the question stood"
    await town.hear(group, "Band tunes up")


async def test_channels_post_is_a_command_once_an_admin_confirms_it(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await town.add_person("Hanne"), new_paper()
    paper.publish("Ferry bell rings")
    channel = await town.add_group("Ferry Bell", {admin: "creator"}, type="channel", bot_status="administrator")
    await admin.say(f"/subscribe {paper.feed}", chat=channel)
    await admin.tap("Confirm it's you", chat=channel)
    await town.hear(channel, f"{paper.name} added")
    await town.hear(channel, "Ferry bell rings")


async def test_pasted_link_is_answered_within_a_second_and_edited_later(town: Town) -> None:
    reader = await town.add_person()
    started = time.monotonic()
    sent = await reader.say(f"{town.site}slow?s=4")
    reading = await reader.wait_for("Reading 127.0.0.1…", after=sent)
    assert time.monotonic() - started < 10  # the goal is one second
    told = await reader.wait_for("127.0.0.1 offers no feed here.", after=sent)
    assert told["id"] == reading["id"]


async def test_chatter_and_links_in_a_group_are_left_unanswered(town: Town, new_paper: Callable[..., Paper]) -> None:
    member, paper = await town.add_person("Ivo"), new_paper()
    report = paper.publish("Quiet please")
    group = await town.add_group("Quiet Corner", {member: "member"})
    for words in ("Good morning all", report.url, "@newsgist_sandbox_bot what do you say?", "/nosuchcommand"):
        await member.say(words, chat=group)
    await member.say("/id", chat=group)
    await town.wait_for_message(group, lambda message: str(group) in message["text"])
    assert len(await town.from_bot(group)) == 1
