"""Situations in which something is not as hoped: each with its words and its buttons."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.paper import Paper, harbour_report
from tests.support.town import TOKEN, buttons_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.town import Message, Town
    from tests.support.web import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML = {"Content-Type": "text/html"}


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def test_no_feed_offers_the_front_page_and_a_summary(town: Town, site: Site) -> None:
    reader = await town.add_person()
    body = harbour_report("Orsa", 8).replace("\n", "</p><p>")
    url = site.serve("/plain/harbour", f"<html><body><h1>Harbour</h1><p>{body}</p></body></html>", headers=HTML)
    told = await reader.ask(url, "127.0.0.1 offers no feed here.")
    assert labels(told) == ["Front page", "Summarise"]
    await reader.tap("Summarise")
    summary = await reader.wait_for("The harbour of Orsa counted 48 ships")
    assert summary["id"] == told["id"]


async def test_front_page_without_a_feed_is_said_to_be_one(town: Town, site: Site) -> None:
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


async def test_host_that_does_not_answer_has_a_button_that_expires_with_the_next_address(
    town: Town, closed_port: int
) -> None:
    reader = await town.add_person()
    first = await reader.ask(f"http://127.0.0.1:{closed_port}/one", "127.0.0.1 does not answer.")
    assert labels(first) == ["Try again"]
    second = await reader.ask(f"http://127.0.0.1:{closed_port}/two", "127.0.0.1 does not answer.")
    data = first["keyboard"][0][0]["callback_data"]
    assert await reader.tap_data(first["id"], data) == "This button has expired. Send /help."
    assert second["id"] > first["id"]


async def test_pasted_link_is_answered_within_a_second_and_edited_later(town: Town) -> None:
    reader = await town.add_person()
    started = time.monotonic()
    sent = await reader.say(f"{town.site}slow?s=4")
    reading = await reader.wait_for("Reading 127.0.0.1…", after=sent)
    assert time.monotonic() - started < 10  # the goal is one second
    told = await reader.wait_for("127.0.0.1 offers no feed here.", after=sent)
    assert told["id"] == reading["id"]


async def test_already_subscribed_shows_latest_and_manage(town: Town, new_paper: Callable[..., Paper]) -> None:
    reader, paper = await town.add_person(), new_paper()
    paper.publish("Gulls come back")
    await reader.ask(paper.feed, f"{paper.name} added")
    told = await reader.ask(paper.feed, f"{paper.name} is in your list.")
    assert labels(told) == ["Latest", "Manage"]
    await reader.tap("Manage")
    await reader.wait_for("Its stories come at once.")


async def test_offer_that_is_followed_gets_a_tick_and_loses_it_again(town: Town) -> None:
    reader = await town.add_person()
    offered = await reader.ask(town.site, "several feeds")
    await reader.tap("+ Kestrel")
    await reader.wait_for("Kestrel added", after=offered["id"])
    ticked = await town.wait_for_message(reader.id, lambda message: "✓ Kestrel" in labels(message))
    assert ticked["id"] == offered["id"]
    assert "+ Tidewatch" in labels(ticked)
    assert await reader.tap("✓ Kestrel") == "Kestrel removed."
    await town.wait_for_message(reader.id, lambda message: "+ Kestrel" in labels(message))
    await reader.ask("/subscriptions", "You follow nothing yet.")


async def test_nothing_new_says_since_when_and_shows_what_was_before(
    own_town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, paper = await own_town.add_person(), new_paper()
    paper.publish("Ferry returns")
    await reader.ask(paper.feed, f"{paper.name} added")
    await reader.wait_for("Ferry returns")
    await reader.ask("/latest", "Newest stories", "Ferry returns")
    await own_town.stop_bot()
    with closing(sqlite3.connect(own_town.data / "newsgist.db")) as database:
        database.execute("UPDATE stories SET last_at = last_at - 9 * 3600 * 1000000")
        database.commit()
    await own_town.start_bot()
    told = await reader.ask("/latest", "Nothing new since")
    assert labels(told) == ["Earlier"]
    await reader.tap("Earlier")
    await reader.wait_for("Newest stories", "Ferry returns")


async def test_unknown_command_leads_to_help(town: Town) -> None:
    reader = await town.add_person()
    told = await reader.ask("/sumary", "I don't know /sumary. Try /summarize.")
    assert labels(told) == ["Help"]
    await reader.tap("Help")
    await reader.wait_for("/subscribe", "/delete_me", after=told["id"])


async def test_search_of_the_catalogue_that_finds_nothing_says_so(town: Town) -> None:
    reader = await town.add_person()
    told = await reader.ask("/subscribe fery", "Nothing about “fery”. Try fewer words.")
    assert labels(told) == []


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

    for lang in ("", "uk"):
        everyone = await menu({"type": "default"}, lang)
        assert {"start", "subscribe", "delete_me"} <= set(everyone)
        assert "push" not in everyone
        members = await menu({"type": "all_group_chats"}, lang)
        admins = await menu({"type": "all_chat_administrators"}, lang)
        assert "subscribe" in admins
        assert "summarize" in members
        assert set(members) < set(admins) < set(everyone)
