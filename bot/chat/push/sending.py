"""The one question before a push leaves, and its start."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from bot.chat.push.audience import audience_name
from bot.chat.push.desk import open_draft, push_button, stale, state_words
from bot.chat.push.drafts import draft_of
from bot.chat.turn.turns import Action, Rewrite, Toast
from bot.messages.outgoing import OutgoingMessage
from bot.messages.push_screens import progress_message
from bot.news.feeds.addresses import canonical_url
from storage.model import (
    DeliveryKind,
    FanoutKind,
    NewDelivery,
    Priority,
    StorySummary,
    SummarySentence,
    Tally,
)
from summarizer.story.clustering import normalised_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.push.drafts import Draft
    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from storage import Work
    from storage.model import Push

_CHECK_CHARS: Final = 8
_WORTH_PAYING_FOR: Final = 30
"""Chats that get a push within a second anyway."""


async def review(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask once, naming the number, before it leaves."""
    push = await open_draft(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    speech = turn.speech
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    back = push_button(speech.label("page.button", "Back"), "who", push.id)
    if not count:
        return [
            Rewrite(message=OutgoingMessage(speech.say("Nobody would get it. Choose another audience."), ((back,),)))
        ]
    ask = speech.say_n("Send push {id} to {n} chat now?", "Send push {id} to {n} chats now?", count, id=push.id)
    text = f"{ask}\n{speech.say('Audience: {name}', name=await audience_name(turn, work, push))}"
    go = push_button(
        speech.label("push.button", "Send to {n}", n=speech.number(count)), "send", push.id, check_of(push)
    )
    rows: Keyboard = ((go, back),)
    if turn.house.paid_broadcast and count > _WORTH_PAYING_FOR:
        rows = (*rows, (push_button(speech.label("push.button", "Faster, for Stars"), "pay", push.id),))
    return [Rewrite(message=OutgoingMessage(text, rows))]


def check_of(push: Push) -> str:
    """Make what a button that sends must carry: the message that was previewed, and whom it was shown to go to.

    An audience chosen meanwhile, in another message or by another editor, makes the button stale.
    """
    return f"{push.content.digest[:_CHECK_CHARS]}{_audience_mark(push)}"


def _audience_mark(push: Push) -> str:
    if not push.audience:
        return ""  # everyone
    told = json.dumps(dict(push.audience), sort_keys=True)
    return f".{hashlib.sha256(told.encode()).hexdigest()[:_CHECK_CHARS]}"


async def send(turn: Turn, work: Work) -> Sequence[Reply]:
    """Start the broadcast that was previewed: ten taps are one."""
    return await start(turn, work)


async def start(turn: Turn, work: Work, *, paid: bool = False) -> Sequence[Reply]:
    """Start a broadcast, at the pace that is free or at the one that Telegram is paid for."""
    push = await work.pushes.find(turn.subject_id)
    digest, dot, mark = turn.argument.partition(".")
    if push is None or not digest or not push.content.digest.startswith(digest) or dot + mark != _audience_mark(push):
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    if await work.pushes.confirm(push.id, push.content.digest, now=turn.now) is None:
        # The tap that acted has rewritten the message; ten edits more would only hold up the chat.
        return [Toast(text=state_words(turn, push))]
    await _make_story(turn, work, push, draft_of(push))
    content = push.content
    if paid:
        content = await work.contents.put({**content.payload, "allow_paid_broadcast": True})
    await work.fanouts.open(FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=content.id, now=turn.now)
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    await work.pushes.set_reach(push.id, count)
    detail = {"audience": dict(push.audience or {"kind": "all"}), "chats": count} | ({"paid": True} if paid else {})
    await work.newsroom.record(turn.request.user_id, "push", f"p:{push.id}", detail, now=turn.now)
    return [Rewrite(message=await _open_progress(turn, work, await work.pushes.get(push.id)))]


async def _make_story(turn: Turn, work: Work, push: Push, draft: Draft) -> None:
    """Make the push a story: readers can keep it, and what feeds tell of it later is not sent to them again."""
    article = await work.articles.get(push.article_id)
    if article.story_id is not None:
        return
    title = draft.title or next(iter(draft.texts()), "")
    story = await work.stories.create(lang=draft.lang, title=title, title_key=normalised_title(title), now=turn.now)
    await work.stories.attach(story.id, article.id, url_key=canonical_url(draft.url) if draft.url else "", now=turn.now)
    longest = sorted({*draft.chosen, *draft.further()})
    for chars, places in ((400, draft.chosen), (800, longest)):
        sentences = tuple(
            SummarySentence(
                text=draft.sentences[place][1],
                start=draft.sentences[place][0],
                end=draft.sentences[place][0] + len(draft.sentences[place][1]),
                article_id=article.id,
            )
            for place in places
        )
        await work.stories.save_summary(
            StorySummary(story_id=story.id, revision=story.revision, max_chars=chars, sentences=sentences)
        )


async def _open_progress(turn: Turn, work: Work, push: Push) -> OutgoingMessage:
    """Make the tapped message the one that shows how far the broadcast has come; where it is lost, plan another."""
    message = progress_message(turn.speech, push, Tally(), now=turn.now)
    question = await work.outbox.find_sent(turn.subscriber.id, turn.request.message_id)
    if question is not None:
        await work.pushes.set_progress(push.id, question.id)
        return message
    row = NewDelivery(
        subscriber_id=turn.subscriber.id,
        thread_id=turn.request.thread_id,
        kind=DeliveryKind.REPLY,
        subject=f"p:{push.id}:progress",
        priority=Priority.REPLY,
        due_at=turn.now,
        payload=message.parameters(),
    )
    delivery_ids = await work.outbox.enqueue([row], now=turn.now)
    await work.pushes.set_progress(push.id, delivery_ids[0])
    return OutgoingMessage(turn.speech.say("Push {id} is on its way.", id=push.id))


SENDING_TAPS: Final[Mapping[str, Action]] = {
    f"pu.{verb}": Action(handler=handler, newsroom=True, private_only=True)
    for verb, handler in {
        "review": review,
        "send": send,
    }.items()
}
