"""What a chat follows: the list, and what each of its buttons does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.settings.screens import length_name, quiet_now
from bot.chat.turn import questions
from bot.chat.turn.invitation import nothing_followed
from bot.chat.turn.passes import find_passed, pass_to
from bot.chat.turn.turns import Rekey, Rewrite, Say, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import link, without_summons
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.shortening import cut
from storage.model import SUMMARY_LENGTHS, FeedState, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.speech import Speech
    from storage import Work
    from storage.model import Feed, Subscription

_PAGE_ROWS: Final = 8
_UNDO_MIN: Final = 10
_LONGEST_SHOWN_CHARS: Final = 60


async def list_subscriptions(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show what the chat follows, a button for each."""
    return [Say(message=await _list_screen(turn, work, page=0))]


async def show_list(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the message into the list; the button names the page."""
    return [Rewrite(message=await _list_screen(turn, work, page=turn.subject_id))]


async def unsubscribe(turn: Turn, work: Work) -> Sequence[Reply]:
    """Remove the one feed that the words name; otherwise show the list to choose from."""
    wanted = turn.argument.strip().casefold()
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    named = [
        (mark, feed)
        for mark, feed in mine
        if wanted and (wanted in feed.title.casefold() or wanted.rstrip("/") == feed.url.casefold().rstrip("/"))
    ]
    if len(named) == 1:
        return [Say(message=await _remove(turn, work, named[0][0].id))]
    listed = await _list_screen(turn, work, page=0)
    if wanted and mine and not named:
        asked = cut(turn.argument.strip(), _LONGEST_SHOWN_CHARS)
        nothing = turn.speech.say("You follow nothing called “{name}”.", name=asked)
        listed = replace(listed, text=f"{nothing} {listed.text}")
    return [Say(message=listed)]


async def _list_screen(turn: Turn, work: Work, *, page: int) -> OutgoingMessage:
    speech = turn.speech
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    if not mine:
        return nothing_followed(turn)
    pages = (len(mine) + _PAGE_ROWS - 1) // _PAGE_ROWS
    page = min(page, pages - 1)
    rows: list[tuple[Button, ...]] = []
    for mark, feed in mine[page * _PAGE_ROWS : (page + 1) * _PAGE_ROWS]:
        paused = mark.state is SubscriptionState.PAUSED
        label = (
            speech.label("subscription.button", "{name} (paused)", name=feed.title)
            if paused
            else speech.label("subscription.button", "{name}", name=feed.title)
        )
        rows.append((Button(label, data=Callback("sb", "show", mark.id).encode()),))
    if pages > 1:
        rows.append(_pager(speech, page=page, pages=pages))
    text = speech.say_n("{n} feed. Tap it to change it.", "{n} feeds. Tap one to change it.", len(mine))
    return OutgoingMessage(text, tuple(rows))


def _pager(speech: Speech, *, page: int, pages: int) -> tuple[Button, ...]:
    buttons = []
    if page > 0:
        buttons.append(Button(speech.label("page.button", "Back"), data=Callback("sb", "list", page - 1).encode()))
    if page + 1 < pages:
        buttons.append(Button(speech.label("page.button", "Next"), data=Callback("sb", "list", page + 1).encode()))
    return tuple(buttons)


async def show(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show one subscription and what can be done with it."""
    mark = await _mine(turn, work)
    if mark is None:
        return [Rewrite(message=await _list_screen(turn, work, page=0))]
    return [Rewrite(message=await _subscription_screen(turn, work, mark))]


async def leave_filters(turn: Turn, work: Work) -> Sequence[Reply]:
    """Go back from the hidden words, for one more of which nobody waits any longer."""
    await questions.end_passing(turn, work)
    return await show(turn, work)


async def pause(turn: Turn, work: Work) -> Sequence[Reply]:
    """Stop sending a feed's stories until it is resumed."""
    return await _set_state(turn, work, SubscriptionState.PAUSED)


async def resume(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send a feed's stories again, from now on."""
    return await _set_state(turn, work, SubscriptionState.ACTIVE)


async def _set_state(turn: Turn, work: Work, state: SubscriptionState) -> Sequence[Reply]:
    if await _mine(turn, work) is None:
        return [Rewrite(message=await _list_screen(turn, work, page=0))]
    mark = await work.subscribers.set_subscription_state(turn.subject_id, state)
    if mark is None:
        return [Rewrite(message=await _list_screen(turn, work, page=0))]
    return [Rewrite(message=await _subscription_screen(turn, work, mark))]


async def remove(turn: Turn, work: Work) -> Sequence[Reply]:
    """Stop following a feed, with a way back."""
    if await _mine(turn, work) is None:
        return [Toast(text=turn.speech.toast("Removed already."))]
    return [Rewrite(message=await _remove(turn, work, turn.subject_id))]


async def restore(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow a removed feed again, within ten minutes."""
    word, _, minute = turn.argument.partition(".")
    age_min = int(turn.now.timestamp()) // 60 - (int(minute) if minute.isdecimal() and len(minute) < 12 else 0)
    feed = await find_passed(replace(turn, argument=word), work) if 0 <= age_min <= _UNDO_MIN else None
    if feed is None:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help.")), Rekey(keyboard=())]
    if len(await work.subscribers.list_subscriptions(turn.subscriber.id)) >= turn.most_feeds:
        return [Toast(text=turn.speech.toast("{n} of {n} feeds used. Remove one.", n=turn.most_feeds))]
    mark = await work.subscribers.restore(turn.subscriber.id, feed.id, thread_id=turn.request.thread_id, now=turn.now)
    return [Rewrite(message=await _subscription_screen(turn, work, mark))]


async def _remove(turn: Turn, work: Work, subscription_id: int) -> OutgoingMessage:
    gone = await work.subscribers.unsubscribe(subscription_id)
    if gone is None:
        return await _list_screen(turn, work, page=0)
    feed = await work.feeds.get(gone.feed_id)
    minute = int(turn.now.timestamp()) // 60
    back = Callback("sb", "restore", feed.id, f"{pass_to(feed, turn.subscriber.id)}.{minute}")
    label = turn.speech.label("subscription.button", "Undo")
    text = turn.speech.say("{name} removed.", name=gone.name or feed.title)
    return OutgoingMessage(text, ((Button(label, data=back.encode()),),))


async def _mine(turn: Turn, work: Work) -> Subscription | None:
    """Find the subscription that the button names, if it is this chat's."""
    mark = await work.subscribers.find_subscription(turn.subject_id)
    return mark if mark is not None and mark.subscriber_id == turn.subscriber.id else None


async def _subscription_screen(turn: Turn, work: Work, mark: Subscription) -> OutgoingMessage:
    speech = turn.speech
    feed = await work.feeds.get(mark.feed_id)
    paused = mark.state is SubscriptionState.PAUSED
    name = without_summons(mark.name or feed.title)
    lines = [f"<b>{link(feed.site_url, name)}</b>", _state_line(turn, feed, paused=paused)]
    switch = (
        Button(speech.label("subscription.button", "Resume"), data=Callback("sb", "resume", mark.id).encode())
        if paused
        else Button(speech.label("subscription.button", "Pause"), data=Callback("sb", "pause", mark.id).encode())
    )
    length = Button(speech.label("subscription.button", "Length"), data=Callback("sb", "length", mark.id).encode())
    filters = Button(speech.label("subscription.button", "Filters"), data=Callback("fw", "list", mark.id).encode())
    remove_ = Button(speech.label("subscription.button", "Remove"), data=Callback("sb", "remove", mark.id).encode())
    back = Button(speech.label("page.button", "Back"), data=Callback("sb", "list", 0).encode())
    return OutgoingMessage("\n".join(lines), ((switch, length), (filters, remove_), (back,)))


async def show_lengths(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask how long a feed's stories shall be."""
    mark = await _mine(turn, work)
    if mark is None:
        return [Rewrite(message=await _list_screen(turn, work, page=0))]
    return [Rewrite(message=await _length_screen(turn, work, mark))]


async def set_length(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose how long a feed's stories are."""
    mark = await _mine(turn, work)
    if mark is None or turn.argument not in {"0", *(str(length) for length in SUMMARY_LENGTHS)}:
        return [Rewrite(message=await _list_screen(turn, work, page=0))]
    changed = await work.subscribers.set_length(mark.id, int(turn.argument) or None)
    toast = Toast(text=turn.speech.toast("Saved."))
    return [toast, Rewrite(message=await _length_screen(turn, work, changed or mark))]


async def _length_screen(turn: Turn, work: Work, mark: Subscription) -> OutgoingMessage:
    speech = turn.speech
    feed = await work.feeds.get(mark.feed_id)
    options = [(0, speech.label("settings.button", "As elsewhere"))]
    options += [(length, length_name(speech, length)) for length in SUMMARY_LENGTHS]
    buttons = [
        Button(
            speech.label("topic.button", "✓ {name}", name=label) if length == (mark.summary_chars or 0) else label,
            data=Callback("sb", "chars", mark.id, str(length)).encode(),
        )
        for length, label in options
    ]
    text = speech.say("How long shall stories of {name} be?", name=mark.name or feed.title)
    back = Button(speech.label("page.button", "Back"), data=Callback("sb", "show", mark.id).encode())
    return OutgoingMessage(text, ((buttons[0],), tuple(buttons[1:]), (back,)))


def _state_line(turn: Turn, feed: Feed, *, paused: bool) -> str:
    speech = turn.speech
    if paused:
        return speech.say("Paused: nothing is sent until you resume it.")
    if feed.state is FeedState.GONE:
        return speech.say("The site has closed this feed.")
    if feed.failures > 1:
        return speech.say("It has not answered for a while; I keep trying.")
    until = quiet_now(turn.subscriber, now=turn.now)
    if until is not None:
        return speech.say("Quiet until {time}; its stories come then.", time=speech.clock(until))
    return speech.say("Its stories come at once.")
