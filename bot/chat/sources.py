"""Following feeds: from a pasted address to a subscription, and what to do with it afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.chat import questions, reading
from bot.chat.invitation import say_how_to_begin, say_nothing_followed
from bot.chat.requests import find_address
from bot.chat.samples import begin_with_sample, is_story
from bot.chat.troubles import host_of, say_trouble
from bot.chat.turns import Action, Rewrite, Say, SendStory, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import link
from bot.messages.outgoing import Button, OutgoingMessage
from bot.news.errors import NewsError
from bot.news.intake import take_in
from bot.news.reader import FeedReading
from bot.news.secrecy import looks_secret
from storage.errors import NotFoundError
from storage.model import FeedState, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turns import Reply, Turn
    from bot.errors import BotError
    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech
    from bot.news.prepare import Prepared
    from bot.news.reader import Look
    from storage import Work
    from storage.model import Feed, Subscription

_MOST_OFFERED: Final = 8
_PAGE_ROWS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What looking at an address brought.

    Attributes:
        url: The address as given; empty where none was.
        look: What it is; ``None`` where it could not be read.
        reading: The one feed that it is or offers.
        summary: The article's summary, where the page is an article.
        error: Why it could not be read.
    """

    url: str
    look: Look | None = None
    reading: FeedReading | None = None
    summary: Prepared | None = None
    error: BotError | None = None


async def look(turn: Turn) -> Looked:
    """Read the address; where it is a page with one feed, read that feed too; where an article, summarise it."""
    url = find_address(turn.argument) or turn.request.replied_url
    if not url:
        return Looked(url="")
    reader = turn.house.reader
    try:
        found = await reader.look_at(url)
        if found.feed is not None:
            return Looked(url=url, look=found, reading=found.feed)
        if found.is_article and found.page is not None:
            summary = await reader.prepare(found.page, max_chars=turn.subscriber.summary_chars)
            return Looked(url=url, look=found, summary=summary)
        if len(found.feeds) == 1:
            return Looked(url=url, look=found, reading=await _read(turn, found.feeds[0].url))
        return Looked(url=url, look=found)
    except NewsError as error:
        return Looked(url=url, error=error)


async def look_at_offer(turn: Turn) -> Looked:
    """Read the feed whose button was tapped."""
    async with turn.house.storage.read() as work:
        feed = await _find_passed(turn, work)
    if feed is None:
        return Looked(url="")
    try:
        return Looked(url=feed.url, reading=await _read(turn, feed.url))
    except NewsError as error:
        return Looked(url=feed.url, error=error)


async def _read(turn: Turn, url: str) -> FeedReading | None:
    answer = await turn.house.reader.read_feed(url, timeout_s=8.0)
    return answer if isinstance(answer, FeedReading) else None


def say_reading(turn: Turn) -> str:
    """Say which site is being read."""
    return turn.speech.say("Reading {host}…", host=host_of(find_address(turn.argument) or turn.request.replied_url))


async def subscribe(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow the feed at the address, or offer what the page has."""
    found: Looked = turn.found
    await questions.end(turn, work)
    if not found.url:
        return [await questions.ask(turn, work, "subscribe", say_how_to_begin(turn))]
    if found.error is not None:
        return [Say(message=OutgoingMessage(say_trouble(turn.speech, found.error, url=found.url)))]
    if found.reading is not None:
        return await _follow(turn, work, found.reading)
    offers = await _offers(turn, work, found)
    if found.summary is not None:
        message = reading.summary_message(turn, found.summary, url=found.url)
        return [Say(message=OutgoingMessage(message.text, keyboard=offers))]
    if offers:
        text = turn.speech.say("{host} offers several feeds. Which one?", host=host_of(found.url))
        return [Say(message=OutgoingMessage(text, keyboard=offers))]
    text = turn.speech.say("{host} offers no feed here. Try its front page.", host=host_of(found.url))
    return [Say(message=OutgoingMessage(text))]


async def follow_offer(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow the feed whose button was tapped, where the button is this chat's own."""
    if not turn.found.url:
        return [Toast(text=turn.speech.plain("This button has expired. Send /help."))]
    return await subscribe(turn, work)


async def _offers(turn: Turn, work: Work, found: Looked) -> Keyboard:
    """Keep the page's feeds and make a button of each."""
    rows = []
    for offer in found.look.feeds[:_MOST_OFFERED] if found.look is not None else ():
        feed, _ = await work.feeds.add(
            offer.url,
            title=offer.title or host_of(offer.url),
            site_url=found.look.url if found.look is not None else "",
            private=looks_secret(offer.url),
            now=turn.now,
        )
        label = turn.speech.label("offer.button", "+ {name}", name=feed.title)
        rows.append(
            (Button(label, data=Callback("fd", "follow", feed.id, _pass_to(feed, turn.subscriber.id)).encode()),)
        )
    return tuple(rows)


async def _follow(turn: Turn, work: Work, reading_: FeedReading) -> Sequence[Reply]:
    feed, _ = await work.feeds.add(
        reading_.url,
        title=reading_.feed.title or host_of(reading_.url),
        site_url=reading_.feed.site_url or "",
        lang=reading_.feed.lang,
        private=looks_secret(reading_.url),
        now=turn.now,
    )
    refusal = await _refuse(turn, work, feed)
    if refusal is not None:
        return refusal
    subscription, _ = await work.subscribers.subscribe(
        turn.subscriber.id, feed.id, thread_id=turn.request.thread_id, now=turn.now
    )
    await take_in(work, feed, reading_, now=turn.now, min_s=turn.house.poll_min_s)
    return await _welcome_to(turn, work, feed, subscription)


async def _welcome_to(turn: Turn, work: Work, feed: Feed, subscription: Subscription) -> Sequence[Reply]:
    """Say that a feed is followed now, and send its newest story."""
    speech = turn.speech
    newest = await begin_with_sample(work, subscription, feed)
    if newest is None:
        text = speech.say("{name} added. It is empty yet; its next story comes to you.", name=feed.title)
        return [Say(message=OutgoingMessage(text, _undo(turn, subscription)))]
    text = speech.say("{name} added. Its newest story follows.", name=feed.title)
    said = Say(message=OutgoingMessage(text, _undo(turn, subscription)))
    return [said, SendStory(story_id=newest.story_id)] if is_story(newest) and newest.story_id is not None else [said]


async def follow_known(turn: Turn, work: Work, feed_id: int) -> Sequence[Reply] | None:
    """Follow a feed that a link names by its id; ``None`` where there is none, or its address may be a secret."""
    try:
        feed = await work.feeds.get(feed_id)
    except NotFoundError:
        return None
    if feed.private:
        return None
    refusal = await _refuse(turn, work, feed)
    if refusal is not None:
        return refusal
    subscription, _ = await work.subscribers.subscribe(
        turn.subscriber.id, feed.id, thread_id=turn.request.thread_id, now=turn.now
    )
    return await _welcome_to(turn, work, feed, subscription)


async def _refuse(turn: Turn, work: Work, feed: Feed) -> Sequence[Reply] | None:
    """Say that a feed is followed already or that there is no room; ``None`` where neither is so."""
    speech = turn.speech
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    for mark, other in mine:
        if other.id == feed.id and mark.thread_id == turn.request.thread_id:
            text = speech.say("{name} is in your list.", name=feed.title)
            manage = Button(speech.label("menu.button", "Manage"), data=Callback("sb", "show", mark.id).encode())
            return [Say(message=OutgoingMessage(text, ((_latest_button(speech), manage),)))]
    if len(mine) >= turn.house.max_feeds:
        text = speech.say("{n} of {n} feeds used. Remove one.", n=speech.number(len(mine)))
        return [Say(message=OutgoingMessage(text, ((_list_button(speech),),)))]
    return None


def _pass_to(feed: Feed, subscriber_id: int) -> str:
    """Give the word that a button to follow a feed must carry.

    A feed's address may be a secret (a paid newsletter's), and a client can send any data for a button: without the
    address nobody can make the word for another chat or feed.
    """
    return hashlib.sha256(f"{subscriber_id} {feed.url}".encode()).hexdigest()[:12]


async def _find_passed(turn: Turn, work: Work) -> Feed | None:
    """Find the feed that a button names; ``None`` where there is none or the button is not this chat's."""
    try:
        feed = await work.feeds.get(turn.subject_id)
    except NotFoundError:
        return None
    return feed if turn.argument == _pass_to(feed, turn.subscriber.id) else None


def _undo(turn: Turn, subscription: Subscription) -> Keyboard:
    label = turn.speech.label("subscription.button", "Undo")
    return ((Button(label, data=Callback("sb", "remove", subscription.id).encode()),),)


def _latest_button(speech: Speech) -> Button:
    return Button(speech.label("menu.button", "Latest"), data=Callback("rd", "latest", 0).encode())


def _list_button(speech: Speech) -> Button:
    return Button(speech.label("menu.button", "Subscriptions"), data=Callback("sb", "list", 0).encode())


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
    return [Say(message=await _list_screen(turn, work, page=0))]


async def _list_screen(turn: Turn, work: Work, *, page: int) -> OutgoingMessage:
    speech = turn.speech
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    if not mine:
        return OutgoingMessage(say_nothing_followed(turn))
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
        return [Toast(text=turn.speech.plain("It is removed already."))]
    return [Rewrite(message=await _remove(turn, work, turn.subject_id))]


async def restore(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow a removed feed again."""
    feed = await _find_passed(turn, work)
    if feed is None:
        return [Toast(text=turn.speech.plain("This button has expired. Send /help."))]
    if len(await work.subscribers.list_subscriptions(turn.subscriber.id)) >= turn.house.max_feeds:
        return [Toast(text=turn.speech.plain("{n} of {n} feeds used. Remove one.", n=turn.house.max_feeds))]
    mark, _ = await work.subscribers.subscribe(
        turn.subscriber.id, feed.id, thread_id=turn.request.thread_id, now=turn.now
    )
    return [Rewrite(message=await _subscription_screen(turn, work, mark))]


async def _remove(turn: Turn, work: Work, subscription_id: int) -> OutgoingMessage:
    gone = await work.subscribers.unsubscribe(subscription_id)
    if gone is None:
        return await _list_screen(turn, work, page=0)
    feed = await work.feeds.get(gone.feed_id)
    back = Callback("sb", "restore", feed.id, _pass_to(feed, turn.subscriber.id))
    label = turn.speech.label("subscription.button", "Undo")
    text = turn.speech.say("{name} removed.", name=feed.title)
    return OutgoingMessage(text, ((Button(label, data=back.encode()),),))


async def _mine(turn: Turn, work: Work) -> Subscription | None:
    """Find the subscription that the button names, if it is this chat's."""
    mark = await work.subscribers.find_subscription(turn.subject_id)
    return mark if mark is not None and mark.subscriber_id == turn.subscriber.id else None


async def _subscription_screen(turn: Turn, work: Work, mark: Subscription) -> OutgoingMessage:
    speech = turn.speech
    feed = await work.feeds.get(mark.feed_id)
    paused = mark.state is SubscriptionState.PAUSED
    lines = [f"<b>{link(feed.site_url, feed.title)}</b>", _state_line(speech, feed, paused=paused)]
    switch = (
        Button(speech.label("subscription.button", "Resume"), data=Callback("sb", "resume", mark.id).encode())
        if paused
        else Button(speech.label("subscription.button", "Pause"), data=Callback("sb", "pause", mark.id).encode())
    )
    remove_ = Button(speech.label("subscription.button", "Remove"), data=Callback("sb", "remove", mark.id).encode())
    back = Button(speech.label("page.button", "Back"), data=Callback("sb", "list", 0).encode())
    return OutgoingMessage("\n".join(lines), ((switch, remove_), (back,)))


def _state_line(speech: Speech, feed: Feed, *, paused: bool) -> str:
    if paused:
        return speech.say("Paused: nothing is sent until you resume it.")
    if feed.state is FeedState.GONE:
        return speech.say("The site has closed this feed.")
    if feed.failures > 1:
        return speech.say("It has not answered for a while; I keep trying.")
    return speech.say("Its stories come at once.")


SUBSCRIBE: Final = Action(
    handler=subscribe,
    research=look,
    progress=lambda turn: say_reading(turn) if find_address(turn.argument) or turn.request.replied_url else "",
    manages=True,
    fetches=True,
)
PASTED_LINK: Final = Action(handler=subscribe, research=look, progress=say_reading, fetches=True)
FOLLOW_OFFER: Final = Action(handler=follow_offer, research=look_at_offer, manages=True, fetches=True)
