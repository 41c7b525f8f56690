"""What is stored about a person, and how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.settings.buttons import screen
from bot.chat.turn.turns import Menu, Rewrite, Say
from bot.messages.callbacks import Callback
from bot.messages.html import Html
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
    lines = [
        await say_stored(turn, work),
        speech.say("Also stored: the day on which this chat last wrote or tapped, without the hour."),
        speech.say(
            "Of a group or channel: its name, the names of its threads, and the id of the admin who connected me."
        ),
        speech.say("A feed that you remove is remembered for an hour, with what you chose for it, so that Undo works."),
        speech.say(
            "Your messages are deleted after two days, my answers once they are sent, delivery records after 30 days."
        ),
        speech.say("Not stored: names, phone numbers, what you open or read."),
        speech.say("Feed addresses that look personal are shown to nobody else."),
        speech.say("What editors do is kept in the newsroom's audit, with their id."),
        speech.say("/export sends all of it as a file. /delete_me deletes all of this chat's data."),
    ]
    return OutgoingMessage("\n".join(lines))


async def say_stored(turn: Turn, work: Work) -> str:
    """Say what is stored about a chat: all its settings by name, and how many there are of what it has gathered."""
    return turn.speech.say(
        "Stored about this chat: its id; language, time zone, length, sound, pictures, quiet hours, daily cap, pause; "
        "{gathered}; which stories were sent.",
        gathered=Html(turn.speech.joined(await _gathered(turn, work))),
    )


async def _gathered(turn: Turn, work: Work, *, all_kinds: bool = True) -> list[str]:
    """Count what a chat follows, keeps, hides and waits for; only what there is of it, if not all kinds are wanted."""
    speech, chat_id = turn.speech, turn.subscriber.id
    feeds = len(await work.subscribers.list_subscriptions(chat_id))
    hidden = len(await work.choices.list_hidden_words(chat_id))
    awaited = len(await work.searching.list_alerts(chat_id))
    kept = await work.choices.count_saved(chat_id)
    told = {
        speech.say_n("{n} feed", "{n} feeds", feeds): feeds,
        speech.say_n("{n} saved story", "{n} saved stories", kept): kept,
        speech.say_n("{n} hidden word", "{n} hidden words", hidden): hidden,
        speech.say_n("{n} alert word", "{n} alert words", awaited): awaited,
    }
    return [words for words, count in told.items() if count or all_kinds]


async def ask_deletion(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask once, with the numbers, before everything goes."""
    return [Say(message=await _deletion(turn, work))]


async def tap_deletion(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask the same in the settings' message."""
    return [Rewrite(message=await _deletion(turn, work))]


async def _deletion(turn: Turn, work: Work) -> OutgoingMessage:
    speech = turn.speech
    seen = await work.subscribers.count_seen(turn.subscriber.id)
    deliveries = speech.say_n("{n} delivery", "{n} deliveries", seen)
    things = [*await _gathered(turn, work, all_kinds=False), *([deliveries] if seen else ())]
    lines = [
        speech.say("Delete for good: {things}, and all settings?", things=Html(speech.joined(things)))
        if things
        else speech.say("Delete all settings of this chat for good?")
    ]
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
