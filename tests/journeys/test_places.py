"""Groups, forums and channels: who may set them up, from where, and what their admin is told when a door closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.shown import find_button

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Town


pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_button_of_a_channel_does_nothing_for_somebody_else(town: Town) -> None:
    admin, stranger = await town.greet("Ada"), await town.greet("Theo")
    await town.add_group(
        "Locked Channel", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    connected = await admin.wait_for("Locked Channel is connected.")
    own = (await stranger.read())[-1]
    for label in ("Topics", "Add a feed", "Not now"):
        data = find_button(connected, label) or ""
        assert await stranger.tap_data(own["id"], data, forged=True) == "Only admins change this."


async def test_stories_come_to_the_topic_in_which_the_feed_was_chosen(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await town.greet("Ada"), new_paper()
    paper.publish("Stalls open at six")
    forum = await town.add_group("Aldmoor Forum", {admin: "creator"}, type="supergroup", is_forum=True)
    topic = await town.add_topic(forum, "News", by=admin)
    await admin.say(f"/subscribe {paper.feed}", chat=forum, topic=topic)
    await town.hear(forum, f"{paper.name} added")
    assert (await town.hear(forum, "Stalls open at six"))["thread_id"] == topic


async def test_reopened_topic_gets_what_waited_for_it(town: Town, new_paper: Callable[..., Paper]) -> None:
    admin, paper = await town.greet("Ada"), new_paper()
    paper.publish("Kiosk is painted")
    forum = await town.add_group("Kiosk", {admin: "creator"}, type="supergroup", is_forum=True)
    topic = await town.add_topic(forum, "News", by=admin)
    await admin.say(f"/subscribe {paper.feed}", chat=forum, topic=topic)
    await town.hear(forum, "Kiosk is painted")
    await town.close_topic(forum, topic, by=admin)
    paper.publish("Kiosk is green now")
    await admin.wait_for("Topic News is closed; 1 story waits.")
    await town.close_topic(forum, topic, by=admin, closed=False)
    assert (await town.hear(forum, "Kiosk is green now"))["thread_id"] == topic


async def test_channel_that_takes_the_right_away_is_told_and_stopped(town: Town) -> None:
    admin = await town.greet("Ada")
    channel = await town.add_group(
        "Aldmoor Wire", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    await admin.wait_for("Aldmoor Wire is connected.")
    await town.set_bot_status(channel, "administrator", by=admin, denied=["can_post_messages"])
    await admin.wait_for("Aldmoor Wire blocks my messages. Allow them.")
    await admin.tap("Stop")
    await admin.wait_for("I post no more in Aldmoor Wire.")


async def test_removal_by_somebody_else_is_told_to_whoever_connected_the_group(town: Town) -> None:
    admin, other = await town.greet("Ada"), await town.add_person("Otto")
    group = await town.add_group(
        "Short Stay", {admin: "creator", other: "administrator"}, type="supergroup", added_by=admin.id
    )
    await town.hear(group, "I post the news your admins choose.")
    await town.set_bot_status(group, "kicked", by=other)
    await admin.wait_for("I was removed from Short Stay. Its feeds wait for my return.")


async def test_group_that_is_shut_out_stays_so_whatever_its_admin_taps(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    editor, admin, paper = await town.add_editor(), await town.greet("Ada"), new_paper()
    paper.publish("Gate stands wide open")
    group = await town.add_group("Shut Gate", {admin: "creator"}, type="supergroup", added_by=admin.id)
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    await town.hear(group, "Gate stands wide open")
    await town.set_bot_status(group, "restricted", by=admin, denied=["can_send_messages"])
    told = await admin.wait_for("Shut Gate blocks my messages. Allow them.")
    await editor.ask(f"/ban {group}", f"{group} is shut out.")
    await town.set_bot_status(group, "member", by=admin)
    check = find_button(told, "Check") or ""
    assert "expired" in await admin.tap_data(told["id"], check)
    inner = f"1:at.do:{check.split(':')[2]}:me.resume:0"
    assert "expired" in await admin.tap_data(told["id"], inner, forged=True)
    follower = await town.greet("Ada")
    await follower.ask(paper.feed, f"{paper.name} added")
    paper.publish("Gate is shut for good")
    await follower.wait_for("Gate is shut for good")
    assert not any("shut for good" in message["text"] for message in await town.from_bot(group))
