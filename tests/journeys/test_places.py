"""Groups, forums and channels: who may set them up, from where, and what their admin is told when a door closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.town import buttons_of, find_button

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Message, Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons_of(message)]


async def seen(town: Town, chat: int, *words: str) -> Message:
    return await town.wait_for_message(chat, lambda message: all(word in message["text"] for word in words))


async def at_home(town: Town, name: str = "Ada") -> Person:
    """Let somebody come to town who has begun a chat with the bot."""
    person = await town.add_person(name)
    await person.ask("/start", "Paste a news site")
    return person


async def test_channel_is_set_up_in_private_by_whoever_added_the_bot(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await at_home(town), new_paper()
    paper.publish("Barges wait below the weir")
    channel = await town.add_group(
        "Aldmoor Today", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    connected = await admin.wait_for("Aldmoor Today is connected. What shall I post there?")
    assert labels(connected) == ["Topics", "Add a feed", "Not now"]
    await admin.tap("Add a feed")
    await admin.wait_for("Send the address of a site or feed for Aldmoor Today.")
    added = await admin.ask(paper.feed, f"{paper.name} added")
    story = await seen(town, channel, "Barges wait below the weir")
    assert labels(story) == []
    paper.publish("Barges go on their way")
    await seen(town, channel, "Barges go on their way")
    assert not any("Barges" in message["text"] for message in await admin.read())

    await admin.tap_data(added["id"], find_button(added, "Undo") or "")
    await admin.wait_for(f"{paper.name} removed.")


async def test_channel_whose_admin_has_not_begun_a_chat_asks_there_and_its_post_goes(town: Town) -> None:
    admin = await town.add_person("Bo")
    channel = await town.add_group(
        "Weir Watch", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    post = await seen(town, channel, "An admin can set me up here.")
    assert "Start me first" in await admin.tap_data(post["id"], find_button(post, "Set up") or "", chat=channel)
    await admin.ask("/start", "Paste a news site")
    await admin.tap_data(post["id"], find_button(post, "Set up") or "", chat=channel)
    await admin.wait_for("Weir Watch is connected.")

    async def is_gone() -> bool:
        return not await town.from_bot(channel)

    await town.wait_until(is_gone)
    await admin.tap("Not now")
    await admin.wait_for("Weir Watch is connected. Send /subscribe there")


async def test_button_of_a_channel_does_nothing_for_somebody_else(town: Town) -> None:
    admin, stranger = await at_home(town), await at_home(town, "Theo")
    await town.add_group(
        "Locked Channel", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    connected = await admin.wait_for("Locked Channel is connected.")
    own = (await stranger.read())[-1]
    for label in ("Topics", "Add a feed", "Not now"):
        data = find_button(connected, label) or ""
        assert await stranger.tap_data(own["id"], data, forged=True) == "Only admins change this."


async def test_anonymous_admin_confirms_with_a_tap_that_shows_who_they_are(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, member, paper = await town.add_person("Hanne"), await town.add_person("Ivo"), new_paper()
    paper.publish("Band tunes up")
    group = await town.add_group(
        "Masked Ball", {admin: "creator", member: "member"}, type="supergroup", anonymous=[admin.id]
    )
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    question = await seen(town, group, "I can't see who you are. Confirm it's you, and I go on.")
    assert labels(question) == ["Confirm it's you"]
    assert await member.tap("Confirm it's you", chat=group) == "Only admins change this."
    await admin.tap("Confirm it's you", chat=group)
    answer = await seen(town, group, f"{paper.name} added")
    assert answer["id"] == question["id"], "the answer stands where the question stood"
    await seen(town, group, "Band tunes up")


async def test_channels_post_is_a_command_once_an_admin_confirms_it(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await town.add_person("Hanne"), new_paper()
    paper.publish("Ferry bell rings")
    channel = await town.add_group("Ferry Bell", {admin: "creator"}, type="channel", bot_status="administrator")
    await admin.say(f"/subscribe {paper.feed}", chat=channel)
    await admin.tap("Confirm it's you", chat=channel)
    await seen(town, channel, f"{paper.name} added")
    await seen(town, channel, "Ferry bell rings")


async def test_stories_come_to_the_topic_in_which_the_feed_was_chosen(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await at_home(town), new_paper()
    paper.publish("Stalls open at six")
    forum = await town.add_group("Aldmoor Forum", {admin: "creator"}, type="supergroup", is_forum=True)
    topic = await town.add_topic(forum, "News", by=admin)
    await admin.say(f"/subscribe {paper.feed}", chat=forum, topic=topic)
    await seen(town, forum, f"{paper.name} added")
    assert (await seen(town, forum, "Stalls open at six"))["thread_id"] == topic


async def test_closed_topic_is_told_to_its_admin_and_its_stories_wait(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await at_home(town), new_paper()
    paper.publish("Stalls close at noon")
    forum = await town.add_group(
        "Stallholders", {admin: "creator"}, type="supergroup", is_forum=True, added_by=admin.id
    )
    topic, other = await town.add_topic(forum, "News", by=admin), await town.add_topic(forum, "Plaza", by=admin)
    await admin.say(f"/subscribe {paper.feed}", chat=forum, topic=topic)
    await seen(town, forum, "Stalls close at noon")
    await town.close_topic(forum, topic, by=admin)
    paper.publish("Stalls stay shut")
    told = await admin.wait_for("Topic News is closed; 1 story waits.")
    assert labels(told) == ["Check", "Choose topic"]
    await admin.tap("Choose topic")
    await admin.tap("Plaza")
    await admin.wait_for("1 story follows there.")
    assert (await seen(town, forum, "Stalls stay shut"))["thread_id"] == other
    paper.publish("Stalls open again")
    assert (await seen(town, forum, "Stalls open again"))["thread_id"] == other


async def test_reopened_topic_gets_what_waited_for_it(town: Town, new_paper: Callable[..., Paper]) -> None:
    admin, paper = await at_home(town), new_paper()
    paper.publish("Kiosk is painted")
    forum = await town.add_group("Kiosk", {admin: "creator"}, type="supergroup", is_forum=True)
    topic = await town.add_topic(forum, "News", by=admin)
    await admin.say(f"/subscribe {paper.feed}", chat=forum, topic=topic)
    await seen(town, forum, "Kiosk is painted")
    await town.close_topic(forum, topic, by=admin)
    paper.publish("Kiosk is green now")
    await admin.wait_for("Topic News is closed; 1 story waits.")
    await town.close_topic(forum, topic, by=admin, closed=False)
    assert (await seen(town, forum, "Kiosk is green now"))["thread_id"] == topic


async def test_group_that_blocks_messages_is_told_to_the_admin_who_checks_and_goes_on(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    admin, paper = await at_home(town), new_paper()
    paper.publish("Gate is locked")
    group = await town.add_group("Gatekeepers", {admin: "creator"}, type="supergroup", added_by=admin.id)
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    await seen(town, group, "Gate is locked")
    await town.set_bot_status(group, "restricted", by=admin, denied=["can_send_messages"])
    told = await admin.wait_for("Gatekeepers blocks my messages. Allow them.")
    assert labels(told) == ["Check", "Stop"]
    assert await admin.tap("Check") == "Gatekeepers still blocks my messages."
    await town.set_bot_status(group, "member", by=admin)
    await admin.tap("Check")
    await admin.wait_for("Gatekeepers takes my messages again.")
    paper.publish("Gate is open")
    await seen(town, group, "Gate is open")


async def test_channel_that_takes_the_right_away_is_told_and_stopped(town: Town) -> None:
    admin = await at_home(town)
    channel = await town.add_group(
        "Aldmoor Wire", {admin: "creator"}, type="channel", bot_status="administrator", added_by=admin.id
    )
    await admin.wait_for("Aldmoor Wire is connected.")
    await town.set_bot_status(channel, "administrator", by=admin, denied=["can_post_messages"])
    await admin.wait_for("Aldmoor Wire blocks my messages. Allow them.")
    await admin.tap("Stop")
    await admin.wait_for("I post no more in Aldmoor Wire.")


async def test_removal_by_somebody_else_is_told_to_whoever_connected_the_group(town: Town) -> None:
    admin, other = await at_home(town), await town.add_person("Otto")
    group = await town.add_group(
        "Short Stay", {admin: "creator", other: "administrator"}, type="supergroup", added_by=admin.id
    )
    await seen(town, group, "I post the news your admins choose.")
    await town.set_bot_status(group, "kicked", by=other)
    await admin.wait_for("I was removed from Short Stay. Its feeds wait for my return.")


async def test_group_that_is_shut_out_stays_so_whatever_its_admin_taps(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    editor, admin, paper = await town.add_editor(), await at_home(town), new_paper()
    paper.publish("Gate stands wide open")
    group = await town.add_group("Shut Gate", {admin: "creator"}, type="supergroup", added_by=admin.id)
    await admin.say(f"/subscribe {paper.feed}", chat=group)
    await seen(town, group, "Gate stands wide open")
    await town.set_bot_status(group, "restricted", by=admin, denied=["can_send_messages"])
    told = await admin.wait_for("Shut Gate blocks my messages. Allow them.")
    await editor.ask(f"/ban {group}", f"{group} is shut out.")
    await town.set_bot_status(group, "member", by=admin)
    check = find_button(told, "Check") or ""
    assert "expired" in await admin.tap_data(told["id"], check)
    inner = f"1:at.do:{check.split(':')[2]}:me.resume:0"
    assert "expired" in await admin.tap_data(told["id"], inner, forged=True)
    follower = await at_home(town)
    await follower.ask(paper.feed, f"{paper.name} added")
    paper.publish("Gate is shut for good")
    await follower.wait_for("Gate is shut for good")
    assert not any("shut for good" in message["text"] for message in await town.from_bot(group))
