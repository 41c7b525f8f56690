"""Following feeds: from a pasted address to a subscription, and what to do with it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.chat.feeds import importing
from bot.chat.feeds.offered import describe_feeds
from bot.chat.feeds.samples import begin_with_sample, is_story
from bot.chat.settings.screens import quiet_now
from bot.chat.stories import summarizing
from bot.chat.turn import questions
from bot.chat.turn.invitation import say_how_to_begin, say_what_to_try, topics_to_tap
from bot.chat.turn.passes import find_passed, pass_to
from bot.chat.turn.requests import find_address
from bot.chat.turn.retries import (
    after_trouble,
    find_remembered,
    front_button,
    front_page_of,
    in_place,
    remember,
    summarise_button,
)
from bot.chat.turn.troubles import host_of, say_trouble
from bot.chat.turn.turns import Action, Rekey, Say, SendStory, Toast
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage
from bot.news.errors import NewsError
from bot.news.feeds.reading import FeedReading
from bot.news.polling.intake import take_in
from bot.news.web.secrecy import looks_secret
from storage.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.errors import BotError
    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech
    from bot.news.pages.prepare import Prepared
    from bot.news.reader import Look
    from storage import Work
    from storage.model import Feed, Subscription

_MOST_OFFERED: Final = 12
_MOST_FOUND: Final = 8
_LONGEST_SEARCH_CHARS: Final = 60


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
        feed = await find_passed(turn, work)
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


def say_reading_any(turn: Turn) -> str:
    """Say which site is being read, where an address is named."""
    return say_reading(turn) if find_address(turn.argument) or turn.request.replied_url else ""


async def subscribe(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow the feed at the address, or offer what the page has."""
    found: Looked = turn.found
    await questions.end(turn, work)
    await _note_place(turn, work)
    if not found.url:
        return [await _search(turn, work)]
    if found.error is not None:
        return [await _say_trouble(turn, work, found.error, url=found.url)]
    if found.reading is not None:
        return await _follow(turn, work, found.reading)
    return [await _offer(turn, work, found)]


async def _say_trouble(turn: Turn, work: Work, error: BotError, *, url: str) -> Say:
    keyboard = after_trouble(turn, error, url=url, verb="again")
    if keyboard:
        await remember(turn, work, url)
    return Say(message=OutgoingMessage(say_trouble(turn.speech, error, url=url), keyboard))


async def _offer(turn: Turn, work: Work, found: Looked) -> Say:
    """Offer what a page has: a list of feeds, an article with its site's feeds, or feeds alone."""
    if found.look is not None and found.look.feed_list is not None:
        return await importing.offer_list(turn, work, found.look.feed_list, name=host_of(found.url))
    offers = await _offers(turn, work, found)
    if found.summary is not None:
        message = summarizing.summary_message(turn, found.summary, url=found.url)
        return Say(message=OutgoingMessage(message.text, keyboard=(*message.keyboard, *offers)))
    if offers and found.look is not None:
        text = turn.speech.say("{host} offers several feeds. Which one?", host=host_of(found.url))
        described = describe_feeds(turn.speech, found.look.feeds[:_MOST_OFFERED], now=turn.now)
        return Say(message=OutgoingMessage("\n".join([text, "", *described]), keyboard=offers))
    return await _say_no_feed(turn, work, found)


async def _note_place(turn: Turn, work: Work) -> None:
    """Keep a group's name and its topic's, and whoever first sets it up: it is they who hear when it is closed."""
    request = turn.request
    if request.is_private or not request.user_id:
        return
    first = request.user_id if turn.subscriber.connected_by is None else None
    await work.subscribers.update(turn.subscriber.id, title=request.chat_title or None, connected_by=first)
    if request.thread_id and request.thread_title is not None:
        await work.threads.note(turn.subscriber.id, request.thread_id, title=request.thread_title)


async def _say_no_feed(turn: Turn, work: Work, found: Looked) -> Say:
    """Say that a page offers no feed, and what else it is good for."""
    host = host_of(found.url)
    buttons = []
    if front_page_of(found.url):
        text = turn.speech.say("{host} offers no feed here.", host=host)
        buttons.append(front_button(turn, found.url))
    else:
        text = turn.speech.say("{host} offers no feed, not even on its front page.", host=host)
    if found.look is not None and found.look.page is not None and front_page_of(found.url):
        buttons.append(summarise_button(turn, found.url))
    if buttons:
        await remember(turn, work, found.url)
    return Say(message=OutgoingMessage(text, (tuple(buttons),) if buttons else ()))


async def _search(turn: Turn, work: Work) -> Say:
    """Look words up in the catalogue; without any, ask for an address."""
    words = " ".join(turn.argument.split())
    if not words or len(words) > _LONGEST_SEARCH_CHARS:
        return await questions.ask(turn, work, "subscribe", say_how_to_begin(turn), topics_to_tap(turn))
    listed = turn.house.catalogue.search(words, turn.speech.lang, limit=_MOST_FOUND)
    if not listed:
        nothing = turn.speech.say("Nothing about “{words}”.", words=words)
        return Say(message=OutgoingMessage(f"{nothing} {say_what_to_try(turn.speech, words)}"))
    links = [(each.url, each.title) for each in listed]
    text = turn.speech.say("Feeds about “{words}”. Tap one to add it.", words=words)
    return Say(message=OutgoingMessage(text, await _offer_rows(turn, work, links, site_url="")))


async def look_again(turn: Turn) -> Looked:
    """Look at the address that the button is about once more."""
    return await _look_at_remembered(turn, front=False)


async def look_at_front(turn: Turn) -> Looked:
    """Look at the front page of the address that the button is about."""
    return await _look_at_remembered(turn, front=True)


async def _look_at_remembered(turn: Turn, *, front: bool) -> Looked:
    async with turn.house.storage.read() as work:
        url = await find_remembered(turn, work)
    url = front_page_of(url) if front else url
    return await look(replace(turn, argument=url)) if url else Looked(url="")


async def subscribe_in_place(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow or offer what the address has now, in the message that said what was wrong."""
    if not turn.found.url:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    return in_place(await subscribe(turn, work))


async def follow_offer(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow the feed whose button was tapped, where the button is this chat's own; the button gets a tick."""
    if not turn.found.url:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    feed = await find_passed(turn, work)
    was_followed = feed is not None and await _is_followed(turn, work, feed)
    replies = await subscribe(turn, work)
    if feed is None or not await _is_followed(turn, work, feed):
        return replies
    # The toast comes at once; what is sent may have to wait its turn.
    toast = Toast() if was_followed else Toast(text=turn.speech.toast("{name} added", name=feed.title))
    return [toast, *replies, *_relabel(turn, _offer_button(turn, feed, followed=True))]


async def _is_followed(turn: Turn, work: Work, feed: Feed) -> bool:
    return await work.subscribers.find_subscription_to(turn.subscriber.id, feed.id, turn.request.thread_id) is not None


async def leave_offer(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow the feed no longer whose ticked button was tapped."""
    feed = await find_passed(turn, work)
    if feed is None:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    mark = await work.subscribers.find_subscription_to(turn.subscriber.id, feed.id, turn.request.thread_id)
    if mark is not None:
        await work.subscribers.unsubscribe(mark.id)
    name = (mark.name if mark is not None else None) or feed.title
    toast = Toast(text=turn.speech.toast("{name} removed.", name=name))
    return [toast, *_relabel(turn, _offer_button(turn, feed, followed=False))]


def _offer_button(turn: Turn, feed: Feed, *, followed: bool) -> Button:
    speech, word = turn.speech, pass_to(feed, turn.subscriber.id)
    if followed:
        label = speech.label("topic.button", "✓ {name}", name=feed.title)
        return Button(label, data=Callback("fd", "leave", feed.id, word).encode())
    label = speech.label("offer.button", "+ {name}", name=feed.title)
    return Button(label, data=Callback("fd", "follow", feed.id, word).encode())


def _relabel(turn: Turn, button: Button) -> Sequence[Reply]:
    """Put a button in the place of the tapped one; the others stay as they are."""
    rows = tuple(
        tuple(button if data == turn.request.tap_data else Button(label, data=data) for label, data in row)
        for row in turn.request.tap_keyboard
    )
    return [Rekey(keyboard=rows)] if rows else []


async def _offers(turn: Turn, work: Work, found: Looked) -> Keyboard:
    """Keep the page's feeds and make a button of each."""
    if found.look is None:
        return ()
    links = [(each.url, each.title) for each in found.look.feeds[:_MOST_OFFERED]]
    return await _offer_rows(turn, work, links, site_url=found.look.url)


async def _offer_rows(turn: Turn, work: Work, links: Sequence[tuple[str, str]], *, site_url: str) -> Keyboard:
    rows = []
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id, turn.request.thread_id)
    followed = {feed.id: feed for _, feed in mine}  # by the names that their reader gave them
    for url, title in links:
        feed, _ = await work.feeds.add(
            url,
            title=title or host_of(url),
            site_url=site_url,
            private=looks_secret(url),
            now=turn.now,
        )
        rows.append((_offer_button(turn, followed.get(feed.id, feed), followed=feed.id in followed),))
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
    # By the name that the feed gives itself, not the one by which a stranger's page first linked it.
    return await _welcome_to(turn, work, await work.feeds.get(feed.id), subscription)


async def _welcome_to(turn: Turn, work: Work, feed: Feed, subscription: Subscription) -> Sequence[Reply]:
    """Say that a feed is followed now, and send its newest story."""
    speech = turn.speech
    newest = await begin_with_sample(work, subscription, feed)
    if newest is None:
        text = speech.say("{name} added. It is empty yet; its next story comes to you.", name=feed.title)
        return [Say(message=OutgoingMessage(text, _undo(turn, subscription)))]
    until = quiet_now(turn.subscriber, now=turn.now)
    text = (
        speech.say("{name} added. Its newest story follows.", name=feed.title)
        if until is None
        else speech.say(
            "{name} added. Quiet until {time}; its newest story comes then.", name=feed.title, time=speech.clock(until)
        )
    )
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
    if len(mine) >= turn.most_feeds:
        text = speech.say("{n} of {n} feeds used. Remove one.", n=speech.number(len(mine)))
        return [Say(message=OutgoingMessage(text, ((_list_button(speech),),)))]
    return None


def _undo(turn: Turn, subscription: Subscription) -> Keyboard:
    label = turn.speech.label("subscription.button", "Undo")
    return ((Button(label, data=Callback("sb", "remove", subscription.id).encode()),),)


def _latest_button(speech: Speech) -> Button:
    return Button(speech.label("menu.button", "Latest"), data=Callback("rd", "latest", 0).encode())


def _list_button(speech: Speech) -> Button:
    return Button(speech.label("menu.button", "Subscriptions"), data=Callback("sb", "list", 0).encode())


SUBSCRIBE: Final = Action(
    handler=subscribe,
    research=look,
    progress=say_reading_any,
    manages=True,
    fetches=True,
)
PASTED_LINK: Final = Action(handler=subscribe, research=look, progress=say_reading, fetches=True)
TRY_AGAIN: Final = Action(handler=subscribe_in_place, research=look_again, manages=True, fetches=True)
TRY_FRONT: Final = Action(handler=subscribe_in_place, research=look_at_front, manages=True, fetches=True)
LEAVE_OFFER: Final = Action(handler=leave_offer, manages=True)
FOLLOW_OFFER: Final = Action(handler=follow_offer, research=look_at_offer, manages=True, fetches=True)
