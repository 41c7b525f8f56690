"""A list of feeds from another reader: what it would bring, then the confirmation, then the work in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.chat.turn import questions
from bot.chat.turn.files import MOST_FILE_BYTES, FileTooLarge, FileUnreadable
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.messages.feed_lists import render_adding, render_draft, render_undone
from bot.messages.html import without_summons
from bot.messages.outgoing import OutgoingMessage
from bot.news.errors import WorkerError
from bot.news.feeds.opml import MOST_ENTRIES, ListTooLongError, NotAListError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.html import Html
    from bot.messages.speech import Speech
    from bot.news.feeds.opml import FeedList
    from storage import Work
    from storage.model import Import

_LONGEST_NAME_CHARS: Final = 60
_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A list as it was read.

    Attributes:
        name: Of its file; empty where it came as text.
        feeds: What is in it; ``None`` where it could not be read.
        too_large: Its size in bytes, where it is more than we take.
        too_many: How many feeds it has, where those are more than we take.
    """

    name: str = ""
    feeds: FeedList | None = None
    too_large: int = 0
    too_many: int = 0


async def read_file(turn: Turn) -> Given:
    """Download and read the file that was sent."""
    file = turn.request.file
    if file is None:
        return Given()
    name = file.name[:_LONGEST_NAME_CHARS]
    try:
        body = await turn.house.files.fetch(file)
        return Given(name=name, feeds=await turn.house.reader.read_list(body))
    except FileTooLarge as error:
        return Given(name=name, too_large=error.size)
    except (FileUnreadable, NotAListError, WorkerError):
        return Given(name=name)
    except ListTooLongError as error:
        return Given(name=name, too_many=error.count)


async def read_text(turn: Turn) -> Given:
    """Read a list of addresses that was pasted."""
    try:
        return Given(feeds=await turn.house.reader.read_addresses(turn.argument))
    except WorkerError:
        return Given()
    except ListTooLongError as error:
        return Given(too_many=error.count)


async def preview(turn: Turn, work: Work) -> Sequence[Reply]:
    """Say what the list would bring; nothing is done until it is confirmed."""
    given: Given = turn.found
    await questions.end(turn, work)
    feeds = given.feeds
    if feeds is None or not feeds.entries:
        return [Say(message=OutgoingMessage(_say_trouble(turn.speech, given)))]
    return [await offer_list(turn, work, feeds, name=given.name)]


async def offer_list(turn: Turn, work: Work, feeds: FeedList, *, name: str) -> Say:
    """Keep a list, and say what it would bring."""
    chat, thread_id = turn.subscriber, turn.request.thread_id
    draft = await work.imports.draft(
        subscriber_id=chat.id,
        thread_id=thread_id,
        user_id=turn.request.user_id,
        file_name=name,
        entries=feeds.entries,
        invalid=feeds.invalid,
        invalid_count=feeds.invalid_count,
        now=turn.now,
    )
    known = await work.imports.count_known(chat.id, thread_id, [entry.url for entry in feeds.entries])
    followed = await work.subscribers.list_subscriptions(chat.id)
    return Say(message=render_draft(turn.speech, draft, known=known, room=max(turn.most_feeds - len(followed), 0)))


def _say_trouble(speech: Speech, given: Given) -> Html:
    if given.too_large:
        size, most = speech.number(given.too_large // _MEGABYTE), speech.number(MOST_FILE_BYTES // _MEGABYTE)
        return speech.say("{size} MB; I take {most}. Send its link.", size=size, most=most)
    if given.too_many:
        count, most = speech.number(given.too_many), speech.number(MOST_ENTRIES)
        return speech.say("{n} feeds; I take {most} in one file. Split it.", n=count, most=most)
    if given.feeds is not None:
        name = given.name or speech.plain("Your list")
        return speech.say("{name} has no feed in it. Paste addresses.", name=name)
    return speech.say("{name} is no OPML. Paste addresses.", name=given.name or speech.plain("Your list"))


def say_reading(turn: Turn) -> str:
    """Say which file is being read."""
    file = turn.request.file
    name = file.name if file is not None else turn.speech.plain("Your list")
    return turn.speech.say("Reading {host}…", host=without_summons(name))


async def confirm(turn: Turn, work: Work) -> Sequence[Reply]:
    """Begin to add the feeds; ten taps are one."""
    draft = await _find(turn, work)
    if draft is None:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    started = await work.imports.start(draft.id, message_id=turn.request.message_id, most_feeds=turn.most_feeds)
    if not started:
        return [Toast(text=turn.speech.toast("That is under way."))]
    return [Rewrite(message=render_adding(turn.speech, draft))]


async def discard(turn: Turn, work: Work) -> Sequence[Reply]:
    """Add nothing."""
    draft = await _find(turn, work)
    if draft is None or not await work.imports.discard(draft.id):
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    return [Rewrite(message=OutgoingMessage(turn.speech.say("Nothing is added.")))]


async def undo(turn: Turn, work: Work) -> Sequence[Reply]:
    """Follow no longer what the list brought."""
    done = await _find(turn, work)
    brought = await work.imports.list_brought(done.id) if done is not None else []
    if done is None or not brought:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    count = await work.subscribers.unsubscribe_all(turn.subscriber.id, brought)
    await work.imports.forget_brought(done.id)
    return [Rewrite(message=render_undone(turn.speech, count))]


async def _find(turn: Turn, work: Work) -> Import | None:
    """Find the list that the button names, if it is this chat's."""
    found = await work.imports.find(turn.subject_id)
    return found if found is not None and found.subscriber_id == turn.subscriber.id else None


IMPORT_FILE: Final = Action(handler=preview, research=read_file, progress=say_reading, manages=True, fetches=True)
IMPORT_TEXT: Final = Action(handler=preview, research=read_text, manages=True, fetches=True)
IMPORT_TAPS: Final[Mapping[str, Action]] = {
    "im.add": Action(handler=confirm, manages=True),
    "im.drop": Action(handler=discard, manages=True),
    "im.undo": Action(handler=undo, manages=True),
}
