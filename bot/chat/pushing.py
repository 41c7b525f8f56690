"""A push: what an editor sends is previewed byte for byte, confirmed once, and followed to its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.chat import questions
from bot.chat.limits import LONGEST_TEXT_CHARS
from bot.chat.reading import is_mostly_an_address
from bot.chat.requests import find_address
from bot.chat.troubles import TextTooLong, host_of, say_trouble
from bot.chat.turns import Action, Rewrite, Say, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import escape
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.push import render_progress, render_push
from bot.news.errors import NewsError
from storage.model import DeliveryKind, FanoutKind, NewDelivery, Priority, PushState, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turns import Reply, Turn
    from bot.errors import BotError
    from bot.news.prepare import Prepared
    from storage import Work
    from storage.model import Push

_WHOLE_TEXT_CHARS: Final = 800
"""An editor's own text is sent whole up to here, and in short beyond."""
_NEARLY_WHOLE: Final = 0.95
"""Sentences without the blanks between them are a little less than their text."""
_LONGEST_TITLE_CHARS: Final = 200
_CHECK_CHARS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an editor gave to be pushed.

    Attributes:
        url: The article's address; empty for a text.
        title: Its title.
        sentences: What readers will get of it.
        prepared: What was read from the address or the text.
        trouble: Why it could not be read.
    """

    url: str = ""
    title: str = ""
    sentences: tuple[str, ...] = ()
    prepared: Prepared | None = None
    trouble: BotError | None = None


async def draft(turn: Turn) -> Draft:
    """Read what is to be pushed: an address, a text, or the message that the command replies to."""
    argument = turn.argument.strip()
    given = argument or turn.request.replied_text.strip()
    url = find_address(given)
    if url and not is_mostly_an_address(given, url):
        url = ""
    url = url or ("" if given else turn.request.replied_url)
    if len(given) > LONGEST_TEXT_CHARS:
        return Draft(trouble=TextTooLong(len(given)))
    reader = turn.house.reader
    try:
        if url:
            page = await reader.read_article(url, max_chars=turn.subscriber.summary_chars, timeout_s=8.0)
            return Draft(
                url=page.url or url,
                title=page.title,
                sentences=tuple(sentence.text for sentence in page.sentences),
                prepared=page,
            )
        if not given:
            return Draft()
        title, body = _split(given)
        text = await reader.prepare_text(body or title, title=title, max_chars=_WHOLE_TEXT_CHARS)
        chosen = (body,) if len(body) <= _WHOLE_TEXT_CHARS else tuple(sentence.text for sentence in text.sentences)
        return Draft(title=title, sentences=tuple(part for part in chosen if part), prepared=text)
    except NewsError as error:
        return Draft(url=url, trouble=error)


def _split(text: str) -> tuple[str, str]:
    """Take the first line as the title, where it can be one."""
    head, _, rest = text.partition("\n")
    if len(head) <= _LONGEST_TITLE_CHARS:
        return head.strip(), rest.strip()
    return "", text


async def prepare(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show the message exactly as it will be sent, and under it the question whether to."""
    found: Draft = turn.found
    speech = turn.speech
    await questions.end(turn, work)
    if found.trouble is not None:
        return [Say(message=OutgoingMessage(say_trouble(speech, found.trouble, url=found.url)))]
    if found.prepared is None:
        cancel_ = Button(speech.label("push.button", "Cancel"), data=Callback("pu", "cancel", 0).encode())
        words = speech.say("Send a link, or a text with its title first.")
        return [await questions.ask(turn, work, "push", words, ((cancel_,),))]
    if not found.title and not found.sentences:
        text = speech.say("{host} has no article there that I can read. Try another page.", host=host_of(found.url))
        return [Say(message=OutgoingMessage(text))]
    message, push = await _keep_draft(turn, work, found, found.prepared)
    question = await _question(turn, work, push)
    lines = [line for line in (_say_shortened(turn, found, found.prepared), question.text) if line]
    return [Say(message=message), Say(message=OutgoingMessage("\n".join(lines), question.keyboard))]


def _say_shortened(turn: Turn, found: Draft, prepared: Prepared) -> str:
    """Say how much of an editor's own text is in the message, where it is not all of it."""
    speech = turn.speech
    kept = sum(len(sentence) for sentence in found.sentences)
    whole = len(prepared.text)
    if found.url or not found.sentences or kept >= whole * _NEARLY_WHOLE:
        return ""
    return speech.say(
        "Shortened: {n} of {total} characters. The rest is not sent.", n=speech.number(kept), total=speech.number(whole)
    )


async def _keep_draft(turn: Turn, work: Work, found: Draft, prepared: Prepared) -> tuple[OutgoingMessage, Push]:
    source = prepared.site or (host_of(found.url) if found.url else "")
    message = render_push(
        title=found.title,
        sentences=found.sentences,
        url=found.url or None,
        source=source,
        lang=turn.subscriber.lang,
        tz=turn.subscriber.tz,
        now=turn.now,
    )
    article = await work.articles.add_push(
        url=found.url,
        title=found.title,
        text=prepared.text,
        lang=prepared.lang,
        site=source,
        author=prepared.author,
        editor_id=turn.request.user_id,
        now=turn.now,
    )
    push = await work.pushes.create(
        editor_id=turn.request.user_id,
        subscriber_id=turn.subscriber.id,
        article_id=article.id,
        content=message.parameters(),
        now=turn.now,
    )
    return message, push


async def _question(turn: Turn, work: Work, push: Push) -> OutgoingMessage:
    speech = turn.speech
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    if not count:
        return OutgoingMessage(speech.say("Nobody would get it: there is no chat yet."))
    text = speech.say_n("Send push {id} to {n} chat now?", "Send push {id} to {n} chats now?", count, id=push.id)
    check = push.content.digest[:_CHECK_CHARS]
    buttons = (
        Button(
            speech.label("push.button", "Send to {n}", n=speech.number(count)),
            data=Callback("pu", "send", push.id, check).encode(),
        ),
        Button(speech.label("push.button", "Discard"), data=Callback("pu", "drop", push.id, check).encode()),
    )
    return OutgoingMessage(text, (buttons,))


async def send(turn: Turn, work: Work) -> Sequence[Reply]:
    """Start the broadcast that was previewed: ten taps are one."""
    speech = turn.speech
    push = await work.pushes.find(turn.subject_id)
    if push is None or not turn.argument or not push.content.digest.startswith(turn.argument):
        return [Toast(text=speech.plain("This button has expired. Send /help."))]
    confirmed = await work.pushes.confirm(push.id, push.content.digest, now=turn.now)
    if confirmed is None:
        # The tap that acted has rewritten the message; ten edits more would only hold up the chat.
        return [Toast(text=_state_words(turn, push))]
    await work.fanouts.open(FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=turn.now)
    await work.newsroom.record(turn.request.user_id, "push", f"p:{push.id}", {}, now=turn.now)
    return [Rewrite(message=await _open_progress(turn, work, push))]


async def _open_progress(turn: Turn, work: Work, push: Push) -> OutgoingMessage:
    """Make the tapped message the one that shows how far the broadcast has come; where it is lost, plan another."""
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    tally = Tally(planned=count, queued=count)
    text = render_progress(turn.speech, tally, push_id=push.id, started_at=turn.now, now=turn.now)
    question = await work.outbox.find_sent(turn.subscriber.id, turn.request.message_id)
    if question is not None:
        await work.pushes.set_progress(push.id, question.id)
        return OutgoingMessage(text)
    row = NewDelivery(
        subscriber_id=turn.subscriber.id,
        thread_id=turn.request.thread_id,
        kind=DeliveryKind.REPLY,
        subject=f"p:{push.id}:progress",
        priority=Priority.REPLY,
        due_at=turn.now,
        payload=OutgoingMessage(text).parameters(),
    )
    delivery_ids = await work.outbox.enqueue([row], now=turn.now)
    await work.pushes.set_progress(push.id, delivery_ids[0])
    return OutgoingMessage(turn.speech.say("Push {id} is on its way.", id=push.id))


async def discard(turn: Turn, work: Work) -> Sequence[Reply]:
    """Throw a draft away."""
    push = await work.pushes.find(turn.subject_id)
    if push is not None and turn.argument and push.content.digest.startswith(turn.argument):
        if await work.pushes.discard(push.id):
            await work.newsroom.record(turn.request.user_id, "discard", f"p:{push.id}", {}, now=turn.now)
        push = await work.pushes.find(turn.subject_id)
    else:
        push = None
    if push is None:
        return [Toast(text=turn.speech.plain("This button has expired. Send /help."))]
    return [Rewrite(message=_state_message(turn, push))]


async def cancel(turn: Turn, work: Work) -> Sequence[Reply]:
    """Stop waiting for something to push."""
    await questions.end(turn, work)
    return [Rewrite(message=OutgoingMessage(turn.speech.say("Nothing is pushed.")))]


def _state_words(turn: Turn, push: Push) -> str:
    match push.state:
        case PushState.DISCARDED:
            return turn.speech.plain("Push {id} is discarded.", id=push.id)
        case PushState.DONE:
            return turn.speech.plain("Push {id} has been sent.", id=push.id)
        case PushState.SENDING:
            return turn.speech.plain("Push {id} is on its way.", id=push.id)
        case PushState.DRAFT:
            return turn.speech.plain("Push {id} is a draft.", id=push.id)


def _state_message(turn: Turn, push: Push) -> OutgoingMessage:
    return OutgoingMessage(escape(_state_words(turn, push)))


def say_reading(turn: Turn) -> str:
    """Say which page is being read, where one is."""
    url = find_address(turn.argument) or ("" if turn.argument else turn.request.replied_url)
    return turn.speech.say("Reading {host}…", host=host_of(url)) if url else ""


PUSH: Final = Action(
    handler=prepare, research=draft, progress=say_reading, newsroom=True, fetches=True, private_only=True
)
