"""Who may not: strangers to the newsroom, members of a group, whoever forges a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.shown import find_button

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Town


pytestmark = pytest.mark.asyncio(loop_scope="session")


KEY = "k=3f9a71c2d85e4b06a1c7"


async def test_push_is_refused_to_a_stranger_naming_the_id_that_an_owner_needs(town: Town) -> None:
    stranger = await town.add_person()
    await stranger.ask("/push Free crowns for all\nCome and get them.", "for the newsroom", str(stranger.id))
    shown = await stranger.read()
    assert not any("Free crowns" in message["text"] for message in shown)


async def test_push_by_a_member_of_a_group_is_passed_over_in_silence(town: Town) -> None:
    admin, member = await town.add_person("Hanne"), await town.add_person("Ivo")
    group = await town.add_group("Quiet Wall", {admin: "creator", member: "member"}, added_by=admin.id)
    await town.wait_for_message(group, lambda message: "I post the news" in message["text"])
    await member.say("/push Free crowns for all", chat=group)
    await member.ask("/help", "/summarize")
    await town.all_is_told(group, member.id)
    assert not any("newsroom" in message["text"] for message in await town.from_bot(group))


async def test_same_username_under_another_id_has_no_rights(town: Town) -> None:
    stranger = await town.add_person("Edwin", username="edwin_edits")
    await stranger.ask("/feeds", "for the newsroom", str(stranger.id))


async def test_send_button_forged_by_a_stranger_sends_nothing(town: Town) -> None:
    editor, stranger = await town.add_editor(), await town.add_person()
    sent = await editor.say("/push Only for editors to send\nSays the house.")
    question = await editor.review_push(await editor.wait_for(", draft.", after=sent))
    send = find_button(question, "Send to") or ""

    own = await stranger.ask("/start", "Paste a news site")
    assert "for the newsroom" in await stranger.tap_data(own["id"], send, forged=True)
    assert "for the newsroom" in await stranger.tap_data(question["id"], send, chat=editor.id, forged=True)
    await town.all_is_told(stranger.id)
    assert not any("Only for editors" in message["text"] for message in await stranger.read())


async def test_private_feed_is_shown_to_nobody_else_and_cannot_be_followed_by_its_number(
    own_town: Town, new_paper: Callable[..., Paper]
) -> None:
    owner, thief = await own_town.add_person("Olga"), await own_town.add_person("Theo")
    editor = await own_town.add_editor()
    paper = new_paper("Subscribers Only", feed_query=KEY)
    paper.publish("Behind the wall")
    mine = await owner.ask(paper.front, "Subscribers Only added")
    await owner.wait_for("Behind the wall", after=mine["id"])

    listed = await editor.ask("/feeds", "in trouble", "a private feed of 127.0.0.1")
    assert "Subscribers Only" not in listed["text"]
    assert KEY not in listed["text"]

    open_paper = new_paper("Open House")
    report = open_paper.publish("Doors are open")
    summary = await thief.ask(report.url, "Doors are open")
    area, number, word = (find_button(summary, "+") or "").rsplit(":", 2)
    private, unheard_of, beyond_any = "1", "zzz", "zzzzzzzzzzz"
    assert number != private
    for forged in (private, unheard_of, beyond_any):
        toast = await thief.tap_data(summary["id"], f"{area}:{forged}:{word}", forged=True)
        assert toast == "This button has expired. Send /help."
    assert not any("Subscribers Only" in message["text"] for message in await thief.read())
    await thief.ask("/subscriptions", "You follow nothing yet.")


async def test_member_of_a_group_cannot_rewrite_what_stands_there_by_a_forged_button(town: Town) -> None:
    admin, member = await town.add_person("Hanne"), await town.add_person("Ivo")
    group = await town.add_group("Written Wall", {admin: "creator", member: "member"}, added_by=admin.id)
    post = await town.wait_for_message(group, lambda message: "I post the news" in message["text"])
    for data in ("1:se.page:0:Buy at evil.example", "1:rd.latest:0", "1:sb.list:0", "1:me.show:0"):
        answer = await member.tap_data(post["id"], data, chat=group, forged=True)
        assert answer == "This button has expired. Send /help.", data
    await town.all_is_told(group)
    assert [message["text"] for message in await town.from_bot(group)] == [post["text"]]


async def test_page_that_no_list_has_is_answered_with_the_first(town: Town) -> None:
    reader = await town.add_person()
    own = await reader.ask("/start", "Paste a news site")
    for page in ("7Cp", "aZl8N0y58M7"):  # 30,033 and 2**63 - 1
        await reader.tap_data(own["id"], f"1:sv.list:{page}", forged=True)
        await reader.wait_for("Nothing saved yet.")


async def test_files_count_as_fetches(town: Town) -> None:
    reader = await town.add_person()
    await reader.ask("/start", "Paste a news site")
    for _ in range(11):
        await reader.send_file("feeds.opml", b"<opml/>")
    await reader.wait_for("10 links a minute; continue at")
