"""Topics to tap: each brings a few feeds of the catalogue, and the first of all a sample."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.chat.feeds.offers import FIRST_TOPICS, offer
from bot.chat.feeds.samples import begin_with_sample
from bot.chat.settings.screens import language_name
from bot.chat.turn.access import is_editor, newsroom_menu
from bot.chat.turn.turns import Action, Rekey, Rewrite, SendStory, Toast
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.speech import SUPPORTED, speech
from bot.news.finding.catalogue import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech
    from storage import Work
    from storage.model import Feed

_MORE: Final = 1
_CLOSED: Final = 2
"""Pages of the keyboard: the first topics are page 0; in a group they may be put away again."""
_A_ROW: Final = 3
_NARROW_CHARS: Final = 10

_NAMES: Final[Mapping[str, Callable[[Speech], str]]] = {
    "world": lambda s: s.label("topic.button", "World"),
    "politics": lambda s: s.label("topic.button", "Politics"),
    "science": lambda s: s.label("topic.button", "Science"),
    "business": lambda s: s.label("topic.button", "Business"),
    "sport": lambda s: s.label("topic.button", "Sport"),
    "local": lambda s: s.label("topic.button", "Local"),
    "technology": lambda s: s.label("topic.button", "Technology"),
    "health": lambda s: s.label("topic.button", "Health"),
    "culture": lambda s: s.label("topic.button", "Culture"),
    "climate": lambda s: s.label("topic.button", "Climate"),
    "space": lambda s: s.label("topic.button", "Space"),
}


def topic_name(words: Speech, topic: str) -> str:
    """Name a topic of the catalogue."""
    return _NAMES[topic](words)


def say_pick(turn: Turn) -> str:
    """Say what the bot does and what to do first."""
    hello = turn.speech.say("I send short news: sentences from articles, linked to them.")
    pick = turn.speech.say("Pick a topic or paste a site's address.")
    return f"{hello} {pick}"


async def keyboard(turn: Turn, work: Work, *, page: int = 0) -> Keyboard:
    """Lay out the topics of the chat's language, those it follows with a tick; empty where there are none."""
    words, lang = turn.speech, turn.speech.lang
    known = turn.house.catalogue.topics(lang)
    followed = await work.offers.list_followed(turn.subscriber.id, turn.request.thread_id)
    here = [topic for topic in known if (topic in FIRST_TOPICS) != (page == _MORE)]
    rows = _rows([_topic_button(words, topic, page=page, followed=topic in followed) for topic in here])
    last = []
    if page == _MORE:
        last.append(_turn_button(words.label("page.button", "Back"), 0))
    elif any(topic not in FIRST_TOPICS for topic in known):
        last.append(_turn_button(words.label("topic.button", "More topics"), _MORE))
    if page != _MORE and turn.request.is_private:
        last.append(language_button(words))
    if page != _MORE and not turn.request.is_private:
        last.append(_turn_button(words.label("page.button", "Back"), _CLOSED))
    return (*rows, tuple(last)) if here or page == _MORE else ()


def language_button(words: Speech) -> Button:
    """Make the button that opens the list of languages."""
    return Button(words.label("settings.button", "Language"), data=Callback("tp", "langs", 0).encode())


def group_keyboard(words: Speech) -> Keyboard:
    """Make what stands under a group's welcome."""
    settings = Button(words.label("menu.button", "Settings"), data=Callback("set", "show", 0, "home").encode())
    return ((_turn_button(words.label("topic.button", "Topics"), 0), settings),)


def _rows(buttons: Sequence[Button]) -> Keyboard:
    width = _A_ROW if all(len(button.label) <= _NARROW_CHARS for button in buttons) else 2
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def _topic_button(words: Speech, topic: str, *, page: int, followed: bool) -> Button:
    name = _NAMES[topic](words)
    label = words.label("topic.button", "✓ {name}", name=name) if followed else name
    return Button(label, data=Callback("tp", "set", page, f"{topic}.{0 if followed else 1}").encode())


def _turn_button(label: str, page: int) -> Button:
    return Button(label, data=Callback("tp", "show", page).encode())


async def show(turn: Turn, work: Work) -> Sequence[Reply]:
    """Put the topics of the page that the button names under its message."""
    if turn.subject_id == _CLOSED and not turn.request.is_private:
        return [Rekey(keyboard=group_keyboard(turn.speech))]
    page = _MORE if turn.subject_id == _MORE else 0
    known = turn.house.catalogue.topics(turn.speech.lang)
    shown = [topic for topic in known if (topic in FIRST_TOPICS) != (page == _MORE)]
    await offer(work, turn.house.catalogue, turn.speech.lang, shown, now=turn.now)
    keys = await keyboard(turn, work, page=page)
    if not keys:
        return [Toast(text=turn.speech.toast("I know no topics in this language. Paste a site's address."))]
    return [Rekey(keyboard=keys)]


async def choose(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow a topic or leave it, as the button says."""
    topic, _, wanted = turn.argument.partition(".")
    if topic not in TOPICS or wanted not in {"0", "1"}:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    page = _MORE if turn.subject_id == _MORE else 0
    if wanted == "0":
        return [*await _leave(turn, work, topic), Rekey(keyboard=await keyboard(turn, work, page=page))]
    return [*await _follow(turn, work, topic, page=page)]


async def _follow(turn: Turn, work: Work, topic: str, *, page: int) -> Sequence[Reply]:
    await offer(work, turn.house.catalogue, turn.speech.lang, [topic], now=turn.now)
    offered = await work.offers.list_feeds(topic, turn.speech.lang)
    feeds = [feed for feed in offered if feed.checked_at is not None and not feed.failures] or offered
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    room = turn.most_feeds - len(mine)
    followed = {feed.id for mark, feed in mine if mark.thread_id == turn.request.thread_id}
    taken: list[Feed] = []
    for feed in feeds:
        if feed.id not in followed and room <= 0:
            continue
        room -= feed.id not in followed
        mark, is_new = await work.subscribers.subscribe(
            turn.subscriber.id, feed.id, thread_id=turn.request.thread_id, now=turn.now
        )
        await work.offers.follow(topic, mark.id, is_new=is_new)
        taken.append(feed)
    if not taken:
        words = turn.speech.toast("{n} of {n} feeds used. Remove one.", n=turn.most_feeds)
        return [Toast(text=words)]
    name = _NAMES[topic](turn.speech)
    replies: list[Reply] = [
        Toast(text=turn.speech.toast("{name} added", name=name)),
        Rekey(keyboard=await keyboard(turn, work, page=page)),
    ]
    if not mine:
        replies += await _sample(turn, work, taken)
    return replies


async def _sample(turn: Turn, work: Work, feeds: Sequence[Feed]) -> Sequence[Reply]:
    """Send the newest story that any of the feeds has told, or owe the newest that is not read yet."""
    story_id = await work.offers.find_sample([feed.id for feed in feeds])
    if story_id is not None:
        return [SendStory(story_id=story_id)]
    for feed in feeds:
        mark = await work.subscribers.find_subscription_to(turn.subscriber.id, feed.id, turn.request.thread_id)
        if mark is not None and await begin_with_sample(work, mark, feed) is not None:
            break
    return []


async def _leave(turn: Turn, work: Work, topic: str) -> Sequence[Reply]:
    for subscription_id in await work.offers.leave(topic, turn.subscriber.id, turn.request.thread_id):
        await work.subscribers.unsubscribe(subscription_id)
    return [Toast(text=turn.speech.toast("{name} removed", name=_NAMES[topic](turn.speech)))]


async def show_languages(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the welcome into the list of languages."""
    mine = turn.speech.lang
    buttons = [
        Button(
            f"✓ {language_name(lang)}" if lang == mine else language_name(lang),
            data=Callback("tp", "lang", 0, lang).encode(),
        )
        for lang in SUPPORTED
    ]
    text = turn.speech.say("Which language shall I speak? News keeps its own.")
    # The way back chooses what is in force.
    back = Button(turn.speech.label("page.button", "Back"), data=Callback("tp", "lang", 0, mine).encode())
    return [Rewrite(message=OutgoingMessage(text, (*_rows(buttons), (back,))))]


async def choose_language(turn: Turn, work: Work) -> Sequence[Reply]:
    """Speak another language, and welcome in it with its own topics."""
    if turn.argument not in SUPPORTED:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    if turn.argument == turn.subscriber.lang:
        return [Toast(), Rewrite(message=await first_screen(turn, work))]
    chat = await work.subscribers.update(turn.subscriber.id, lang=turn.argument)
    turn = replace(turn, subscriber=chat, speech=speech(chat.lang, chat.tz))
    await offer(work, turn.house.catalogue, chat.lang, FIRST_TOPICS, now=turn.now)
    saved: list[Reply] = [
        Toast(text=turn.speech.toast("Saved.")),
        Rewrite(message=await first_screen(turn, work)),
    ]
    return [*saved, newsroom_menu(turn)] if turn.request.is_private and await is_editor(turn, work) else saved


async def first_screen(turn: Turn, work: Work) -> OutgoingMessage:
    """Say what to try first: topics, or where there are none, an address."""
    keys = await keyboard(turn, work)
    if keys:
        return OutgoingMessage(say_pick(turn), keys)
    text = turn.speech.say("Paste a news site's address, such as {address}.", address=turn.house.sample_address)
    return OutgoingMessage(text, ((language_button(turn.speech),),))


TOPIC_TAPS: Final[Mapping[str, Action]] = {
    "tp.show": Action(handler=show, manages=True),
    "tp.set": Action(handler=choose, manages=True),
    "tp.langs": Action(handler=show_languages, manages=True),
    "tp.lang": Action(handler=choose_language, manages=True),
}
