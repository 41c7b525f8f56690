"""What is stored about a person, and how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.settings.buttons import screen
from bot.chat.turn.turns import Menu, Rewrite, Say
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work


async def privacy(turn: Turn, work: Work) -> Sequence[Reply]:
    """Say what is stored here, for how long, and how to be rid of it."""
    return [Say(message=await _privacy(turn, work))]


async def show_privacy(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the settings' message into the same, with a way back."""
    message = await _privacy(turn, work)
    return [Rewrite(message=screen(turn, message.text, (), back=turn.speech, back_to="data"))]


async def _privacy(turn: Turn, work: Work) -> OutgoingMessage:
    speech = turn.speech
    count = len(await work.subscribers.list_subscriptions(turn.subscriber.id))
    lines = [
        speech.say_n(
            "Stored about this chat: its id, language and time zone, {n} feed, which stories were sent.",
            "Stored about this chat: its id, language and time zone, {n} feeds, which stories were sent.",
            count,
        ),
        speech.say(
            "Not stored: names, phone numbers, what you open or read. Your messages are deleted after two days."
        ),
        speech.say("Also stored: the day on which this chat last wrote or tapped, without the hour."),
        speech.say("A feed that you remove is remembered for an hour, with what you chose for it, so that Undo works."),
        speech.say("Feed addresses that look personal are shown to nobody else."),
        speech.say("What editors do is kept in the newsroom's audit, with their id."),
        speech.say("/delete_me deletes all of this chat's data."),
    ]
    return OutgoingMessage("\n".join(lines))


async def ask_deletion(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask once, with the numbers, before everything goes."""
    return [Say(message=await _deletion(turn, work))]


async def tap_deletion(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask the same in the settings' message."""
    return [Rewrite(message=await _deletion(turn, work))]


async def _deletion(turn: Turn, work: Work) -> OutgoingMessage:
    speech = turn.speech
    count = len(await work.subscribers.list_subscriptions(turn.subscriber.id))
    feeds = speech.say_n("{n} feed", "{n} feeds", count)
    seen = await work.subscribers.count_seen(turn.subscriber.id)
    deliveries = speech.say_n("{n} delivery", "{n} deliveries", seen)
    lines = [speech.say("Delete {feeds} and {deliveries} for good?", feeds=feeds, deliveries=deliveries)]
    if turn.request.is_private and turn.is_owner:
        lines.append(speech.say("You stay an owner: whoever runs me has set that."))
    elif turn.request.is_private and await work.newsroom.find_editor(turn.request.user_id) is not None:
        lines.append(speech.say("Your place in the newsroom goes too."))
    buttons = (
        Button(speech.label("deletion.button", "Delete all"), data=Callback("me", "delete", 0).encode()),
        Button(speech.label("deletion.button", "Keep"), data=Callback("me", "keep", 0).encode()),
    )
    return OutgoingMessage("\n".join(lines), (buttons,))


async def delete(turn: Turn, work: Work) -> Sequence[Reply]:
    """Delete everything about the chat, a place in the newsroom too; the farewell is the last message."""
    farewell = Say(message=OutgoingMessage(turn.speech.say("Deleted. /start begins anew.")), is_farewell=True)
    person = turn.request.user_id
    was_editor = turn.request.is_private and await work.newsroom.find_editor(person) is not None
    await work.subscribers.erase(turn.subscriber.id)
    if not was_editor:
        return [farewell]
    await work.newsroom.record(person, "editor.leave", "newsroom", {}, now=turn.now)
    return [farewell, Menu(user_id=person, lang=turn.speech.lang, newsroom=turn.is_owner)]


async def keep(turn: Turn, work: Work) -> Sequence[Reply]:
    """Leave everything as it is."""
    count = len(await work.subscribers.list_subscriptions(turn.subscriber.id))
    text = turn.speech.say_n("Kept: {n} feed.", "Kept: {n} feeds.", count)
    return [Rewrite(message=OutgoingMessage(text))]
