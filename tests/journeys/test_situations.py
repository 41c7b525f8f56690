"""The situations in which something is not as hoped, in the order of their table: each with its words and its buttons.

Some stand where their like is: the limit of feeds in ``test_lists.py``, a wrong zone and quiet hours in
``test_settings.py``, a push sent before and one cancelled in ``test_push.py``, too many links in ``test_errors.py``.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.messages.speech import SUPPORTED
from tests.support.paper import Paper, harbour_report
from tests.support.shown import buttons_of, find_button, labels
from tests.support.town import TOKEN, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.support.forking import ForkServer
    from tests.support.people import Person
    from tests.support.shown import Message
    from tests.support.web import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A town a week later: a reader, a paper that has told nothing since, and one that has not answered since."""

    town: Town
    reader: Person
    quiet: Paper
    dead: Paper


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def later(forks: ForkServer, site: Site, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Later]:
    async with Town(forks, tmp_path_factory.mktemp("later"), allow=[f"127.0.0.1:{site.port}"]) as town:
        reader = await town.add_person()
        quiet = Paper(site=site, key="quiet-post", name="Quiet Post")
        dead = Paper(site=site, key="silent-sun", name="Silent Sun")
        for paper, title in ((quiet, "Ferry returns"), (dead, "Sun rises")):
            paper.publish(title)
            await reader.ask(paper.feed, f"{paper.name} added")
            await reader.wait_for(title)
        await town.bot.stop()
        site.serve("/silent-sun/feed.xml", status=503)
        week_us = 7 * 24 * 3600 * 1_000_000
        with closing(sqlite3.connect(town.bot.data / "newsgist.db")) as database:
            database.execute("UPDATE stories SET last_at = last_at - ?", (week_us,))
            database.execute(
                "UPDATE feeds SET checked_at = checked_at - ?, due_at = 0 WHERE url = ?", (week_us, dead.feed)
            )
            database.commit()
        await town.bot.start()
        yield Later(town=town, reader=reader, quiet=quiet, dead=dead)


async def test_no_feed_offers_the_front_page_and_a_summary(town: Town, site: Site) -> None:
    reader = await town.add_person()
    body = harbour_report("Orsa", 8).replace("\n", "</p><p>")
    url = site.serve("/plain/harbour", f"<html><body><h1>Harbour</h1><p>{body}</p></body></html>", headers=HTML)
    told = await reader.ask(url, "127.0.0.1 offers no feed here.")
    assert labels(told) == ["Front page", "Summarise"]
    await reader.tap("Summarise")
    summary = await reader.wait_for("The harbour of Orsa counted 48 ships")
    assert summary["id"] == told["id"]


async def test_no_feed_on_the_front_page_without_a_feed_is_said_to_be_one(town: Town, site: Site) -> None:
    reader = await town.add_person()
    site.serve("/", "<html><body><h1>Mill Square Bakery</h1></body></html>", headers=HTML)
    url = site.serve("/bakery/bread", "<html><body><h1>Bread</h1></body></html>", headers=HTML)
    await reader.ask(url, "127.0.0.1 offers no feed here.")
    await reader.tap("Front page")
    told = await reader.wait_for("127.0.0.1 offers no feed, not even on its front page.")
    assert labels(told) == []


async def test_dead_host_may_be_tried_again(town: Town, site: Site) -> None:
    reader, paper = await town.add_person(), Paper(site=site, key="late-riser", name="Late Riser")
    site.serve("/asleep", "", status=503)
    told = await reader.ask(site.url("/asleep"), "127.0.0.1 won't show it to me (503).")
    assert labels(told) == ["Try again"]
    paper.publish("Late Riser is up")
    feed = f'<html><head><link rel="alternate" type="application/rss+xml" href="{paper.feed}"></head></html>'
    site.serve("/asleep", feed, headers=HTML)
    await reader.tap("Try again")
    added = await reader.wait_for("Late Riser added")
    assert added["id"] == told["id"]
    await reader.wait_for("Late Riser is up", after=added["id"])


async def test_private_address_is_refused(town: Town) -> None:
    reader = await town.add_person()
    told = await reader.ask("http://10.11.12.13/feed", "That address is private; I read the public web.")
    assert labels(told) == []


async def test_paywall_says_that_only_the_opening_was_used(town: Town, site: Site) -> None:
    reader = await town.add_person()
    body = harbour_report("Orsa", 9).splitlines()[0]
    declared = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": "Harbour behind a wall",
            "isAccessibleForFree": False,
        }
    )
    head = (
        f'<title>Harbour behind a wall</title><script type="application/ld+json">{declared}</script>'
        '<meta property="og:type" content="article"><meta property="og:site_name" content="Walled Gazette">'
    )
    page = (
        f"<html><head>{head}</head><body><article><h1>Harbour behind a wall</h1><p>{body}</p></article></body></html>"
    )
    url = site.serve("/walled/harbour", page, headers=HTML)
    told = await reader.ask(url, "Harbour behind a wall", "Walled Gazette shows only its opening, used here.")
    (button,) = buttons_of(told)
    assert (button["text"], button["url"]) == ("Open article", url)


async def test_too_long_a_text_is_told_its_length(town: Town) -> None:
    editor = await town.add_editor()
    await editor.ask("/push", "Send a link, text, file or forward.")
    await editor.send_file("long.txt", b"The bridge is shut. " * 60_000)
    await editor.wait_for("1.2 million characters; I take 200,000.")


async def test_already_subscribed_shows_latest_and_manage(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Gulls come back")
    await reader.ask(paper.feed, f"{paper.name} added")
    told = await reader.ask(paper.feed, f"{paper.name} is in your list.")
    assert labels(told) == ["Latest", "Manage"]
    await reader.tap("Manage")
    await reader.wait_for("Its stories come at once.")


async def test_already_subscribed_offer_that_is_followed_gets_a_tick_and_loses_it_again(town: Town) -> None:
    reader = await town.add_person()
    offered = await reader.ask(town.site, "several feeds")
    assert await reader.tap("+ Kestrel") == "Kestrel added"
    await reader.wait_for("Kestrel added", after=offered["id"])
    ticked = await town.wait_for_message(reader.id, lambda message: "✓ Kestrel" in labels(message))
    assert ticked["id"] == offered["id"]
    assert "+ Tidewatch" in labels(ticked)
    assert await reader.tap("✓ Kestrel") == "Kestrel removed."
    await town.wait_for_message(reader.id, lambda message: "+ Kestrel" in labels(message))
    await reader.ask("/subscriptions", "You follow nothing yet.")


async def test_not_admin_only_admins_of_a_group_choose_its_feeds_and_their_stories_arrive_there(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, member, paper = await town.add_person("Hanne"), await town.add_person("Ivo"), new_paper()
    paper.publish("Band plays on the mole")
    group = await town.add_group("Aldmoor Talk", {admin: "creator", member: "member"})

    async def answer(*words: str) -> Message:
        return await town.wait_for_message(group, lambda message: all(word in message["text"] for word in words))

    await member.say(f"/subscribe {paper.feed}", chat=group)
    await answer("Only admins change this.")
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    await answer(f"{paper.name} added")
    await answer("Band plays on the mole", f"{paper.name} ·")
    paper.publish("Band plays an encore")
    await answer("Band plays an encore", f"{paper.name} ·")

    undo = await answer(f"{paper.name} added")
    assert await member.tap_data(undo["id"], find_button(undo, "Undo") or "", chat=group) == "Only admins change this."


async def test_stale_button_expires_with_the_next_address(town: Town, closed_port: int) -> None:
    reader = await town.add_person()
    first = await reader.ask(f"http://127.0.0.1:{closed_port}/one", "127.0.0.1 does not answer.")
    assert labels(first) == ["Try again"]
    second = await reader.ask(f"http://127.0.0.1:{closed_port}/two", "127.0.0.1 does not answer.")
    data = first["keyboard"][0][0]["callback_data"]
    assert await reader.tap_data(first["id"], data) == "This button has expired. Send /help."
    assert second["id"] > first["id"]


async def test_nothing_new_says_since_when_and_shows_what_was_before(later: Later) -> None:
    told = await later.reader.ask("/latest", "Nothing new since")
    assert labels(told) == ["Earlier"]
    await later.reader.tap("Earlier")
    await later.reader.wait_for("Newest stories", "Ferry returns")


async def test_feed_died_is_told_and_checked_at_a_tap(later: Later, site: Site) -> None:
    told = await later.reader.wait_for("Silent Sun: silent 7 days. I check daily.")
    assert labels(told) == ["Check now", "Remove"]
    awake = Paper(site=site, key="silent-sun", name="Silent Sun")  # its feed answers again
    for title in ("Sun rises", "Sun is back"):
        awake.publish(title)
    checked = await later.reader.tap_data(told["id"], find_button(told, "Check now") or "")
    assert checked == "I check it now. If it answers, its news follows."
    await later.reader.wait_for("Sun is back", after=told["id"])


async def test_feed_moved_is_followed_and_told(town: Town, site: Site, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Presses are packed")
    await reader.ask(paper.feed, f"{paper.name} added")
    new = new_paper(paper.name)
    new.publish("Presses run elsewhere")
    site.redirect(f"/{paper.key}/feed.xml", new.feed.replace("127.0.0.1", "localhost"), status=301)
    told = await reader.wait_for(f"{paper.name} moved to localhost. I followed.", timeout_s=40)
    assert labels(told) == ["Remove"]
    await reader.wait_for("Presses run elsewhere")


async def test_no_results_says_what_to_try(town: Town) -> None:
    reader = await town.add_person()
    nothing = await reader.ask("/search fery", "Nothing about “fery” in 30 days. Try another word.")
    assert labels(nothing) == ["Alert me"]
    asked = await reader.ask("/search", "Send the words to look for.")
    await reader.ask("zzyzx", "Nothing about “zzyzx”")
    assert labels(asked) == []


async def test_no_results_of_the_catalogue_that_finds_nothing_says_so(town: Town) -> None:
    reader = await town.add_person()
    await reader.ask("/subscribe fery boats", "Nothing about “fery boats”. Try fewer words.")
    told = await reader.ask("/subscribe fery", "Nothing about “fery”. Try another word.")
    assert labels(told) == []


async def test_blocked_in_group_that_blocks_messages_is_told_to_the_admin_who_checks_and_goes_on(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await town.greet("Ada"), new_paper()
    paper.publish("Gate is locked")
    group = await town.add_group("Gatekeepers", {admin: "creator"}, type="supergroup", added_by=admin.id)
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    await town.hear(group, "Gate is locked")
    await town.set_bot_status(group, "restricted", by=admin, denied=["can_send_messages"])
    told = await admin.wait_for("Gatekeepers blocks my messages. Allow them.")
    assert labels(told) == ["Check", "Stop"]
    assert await admin.tap("Check") == "Gatekeepers still blocks my messages."
    await town.set_bot_status(group, "member", by=admin)
    await admin.tap("Check")
    await admin.wait_for("Gatekeepers takes my messages again.")
    paper.publish("Gate is open")
    await town.hear(group, "Gate is open")


async def test_topic_closed_is_told_to_its_admin_and_its_stories_wait(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await town.greet("Ada"), new_paper()
    paper.publish("Stalls close at noon")
    forum = await town.add_group(
        "Stallholders", {admin: "creator"}, type="supergroup", is_forum=True, added_by=admin.id
    )
    topic, other = await town.add_topic(forum, "News", by=admin), await town.add_topic(forum, "Plaza", by=admin)
    await admin.say(f"/subscribe {paper.feed}", chat=forum, topic=topic)
    await town.hear(forum, "Stalls close at noon")
    await town.close_topic(forum, topic, by=admin)
    paper.publish("Stalls stay shut")
    told = await admin.wait_for("Topic News is closed; 1 story waits.")
    assert labels(told) == ["Check", "Choose topic"]
    await admin.tap("Choose topic")
    await admin.tap("Plaza")
    await admin.wait_for("1 story follows there.")
    assert (await town.hear(forum, "Stalls stay shut"))["thread_id"] == other
    paper.publish("Stalls open again")
    assert (await town.hear(forum, "Stalls open again"))["thread_id"] == other


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("feeds.txt", b"just words", "feeds.txt is no OPML. Paste addresses."),
        ("empty.opml", b'<opml version="1.0"><body/></opml>', "empty.opml has no feed in it. Paste addresses."),
        ("large.opml", b"<opml>" + b" " * (21 * 1024 * 1024), "21 MB; I take 20. Send its link."),
    ],
    ids=["text", "empty", "large"],
)
async def test_file_too_large_or_not_opml_is_said_to_be_so(town: Town, name: str, data: bytes, words: str) -> None:
    reader = await town.add_person()
    await reader.send_file(name, data)
    await reader.wait_for(words)


async def test_paused_for_some_days_says_its_end_and_ends_by_a_tap(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.ask("/pause soon", "How many days?")
    until = datetime.now(tz=UTC) + timedelta(days=7)
    await reader.ask("/pause 7", f"Paused until {until.day} {until:%B}")
    paper.publish("Missed while away")
    assert await reader.tap("Resume") == "Resumed."
    paper.publish("Back from holiday")
    await reader.wait_for("Back from holiday")
    assert not any(message["text"].startswith("Missed while away") for message in await reader.read())
    await reader.ask("/pause", "Paused until you send /resume.")
    await reader.ask("/resume", "News comes again.")


async def test_unknown_command_leads_to_help(town: Town) -> None:
    reader = await town.add_person()
    told = await reader.ask("/sumary", "I don't know /sumary. Try /summarize.")
    assert labels(told) == ["Help"]
    await reader.tap("Help")
    await reader.wait_for("/subscribe", "/delete_me", after=told["id"])


async def test_help_in_a_group_is_short_and_for_its_members(town: Town) -> None:
    admin, member = await town.add_person("Ada"), await town.add_person("Mel")
    group = await town.add_group("Orsa Chat", {admin: "creator", member: "member"})
    await member.say("/help", chat=group)
    told = await town.wait_for_message(group, lambda message: "/summarize" in message["text"])
    assert "/subscribe" not in told["text"].partition("\n")[2]
    assert "/push" not in told["text"]
    assert "An admin sends /subscribe" in told["text"]


async def test_commands_are_registered_in_each_language_and_scope(town: Town) -> None:
    async def menu(scope: dict[str, str | int], lang: str = "") -> list[str]:
        answer = await town.post(f"/bot{TOKEN}/getMyCommands", {"scope": scope, "language_code": lang})
        assert all(1 <= len(command["description"]) <= 256 for command in answer["result"])
        return [command["command"] for command in answer["result"]]

    async def are_set() -> bool:
        return bool(await menu({"type": "all_chat_administrators"}, SUPPORTED[-1]))

    await town.wait_until(are_set)  # they are set once the bot serves, language by language
    for lang in ("", "uk"):
        everyone = await menu({"type": "default"}, lang)
        assert {"start", "subscribe", "delete_me"} <= set(everyone)
        assert "push" not in everyone
        members = await menu({"type": "all_group_chats"}, lang)
        admins = await menu({"type": "all_chat_administrators"}, lang)
        assert "subscribe" in admins
        assert "summarize" in members
        assert set(members) < set(admins) < set(everyone)


async def test_maintenance_keeps_what_is_written_and_says_when_it_goes_on(later: Later) -> None:
    town = later.town
    reader = await town.greet()
    settings = await reader.ask("/settings", "English, UTC, medium.")
    back_at = datetime.now(UTC).astimezone().replace(hour=14, minute=30).astimezone(UTC).strftime("%H:%M")
    await town.bot.stop()
    await town.bot.start(back_at="14:30")
    told = await reader.ask("/id", f"Back about {back_at}. Your message is kept.")
    done = await reader.tap_data(settings["id"], find_button(settings, "Done") or "")
    assert done == f"Back about {back_at}. Tap again then."
    await reader.say("/saved")
    await town.bot.stop()
    await town.bot.start()
    await reader.wait_for(f"Your id: {reader.id}", after=told["id"])
    await reader.wait_for("Nothing saved yet.", after=told["id"])
    said = [message["text"] for message in await reader.read()]
    assert sum(text.startswith("Back about") for text in said) == 1
