"""A push on its way: whom it goes to, the one question before it leaves, and what stops it."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.feeds.topics import topic_name
from bot.chat.push.desk import cancel as cancel_asking
from bot.chat.push.desk import show_anyway, stale, state_words
from bot.chat.push.drafts import draft_of
from bot.chat.settings.screens import language_name
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import link, one_line
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.push_screens import progress_message, reasons_message, report_message, unknown_message
from bot.news.feeds.addresses import canonical_url
from bot.news.finding.catalogue import TOPICS
from storage.errors import NotFoundError
from storage.model import (
    DeliveryKind,
    FanoutKind,
    NewDelivery,
    Priority,
    PushState,
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
    from storage.model import Json, Push

_CHECK_CHARS: Final = 8
_WORTH_PAYING_FOR: Final = 30
"""Chats that get a push within a second anyway."""
_ACTIVE: Final = timedelta(days=30)
_PAGE: Final = 8
_MOST_UNKNOWN: Final = 100_000
_RECENT: Final = 8


# ---- whom it goes to


async def show_audience(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask whom it goes to."""
    push = await draft_to_send(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    return [Rewrite(message=await _audience_screen(turn, work, push))]


async def set_audience(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose whom it goes to, as the button says."""
    wanted = await _wanted(turn, work)
    push = await work.pushes.find(turn.subject_id)
    if wanted is None or push is None:
        return stale(turn, None)
    changed = await work.pushes.set_audience(push.id, wanted or None)
    return [Rewrite(message=await _audience_screen(turn, work, changed))] if changed else stale(turn, push)


async def _wanted(turn: Turn, work: Work) -> Json | None:
    """Read an audience off a button; ``None`` where it names none."""
    kind, _, value = turn.argument.partition(".")
    match kind:
        case "all":
            wanted: Json | None = {}
        case "active":
            wanted = {"kind": "active", "since": (turn.now - _ACTIVE).date().isoformat()}
        case "team":
            editors = {editor.user_id for editor in await work.newsroom.list_editors()}
            wanted = {"kind": "team", "chat_ids": sorted(turn.house.owners | editors)}
        case "feed" if value.isdecimal() and len(value) < 19 and await _is_open_feed(work, int(value)):
            wanted = {"kind": "feed", "feed_id": int(value)}
        case "topic" if value in TOPICS:
            wanted = {"kind": "topic", "topic": value}
        case "lang" if value in await work.offers.list_languages():
            wanted = {"kind": "lang", "lang": value}
        case _:
            wanted = None
    return wanted


async def _is_open_feed(work: Work, feed_id: int) -> bool:
    """Tell whether there is such a feed whose readers a push may go to: a private one is nobody's to choose."""
    try:
        return not (await work.feeds.get(feed_id)).private
    except NotFoundError:
        return False


async def _audience_screen(turn: Turn, work: Work, push: Push) -> OutgoingMessage:
    speech, audience = turn.speech, push.audience or {}
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    left_out = await work.fanouts.count_left_out(push.id)
    if left_out:
        chats = speech.say_n("{n} chat", "{n} chats", count)
        paused = speech.say_n("{n} paused left out", "{n} paused left out", left_out)
        text: str = speech.say("{chats}; {paused}.", chats=chats, paused=paused)
    else:
        text = speech.say_n("{n} chat.", "{n} chats.", count)
    kind = audience.get("kind", "all")
    kinds = (
        ("all", "aud", "all", speech.label("audience.button", "Everyone")),
        ("feed", "feeds", "0", await _feed_label(turn, work, audience)),
        ("topic", "topics", "", _topic_label(turn, audience)),
        ("lang", "langs", "", _language_label(turn, audience)),
        ("active", "aud", "active", speech.label("audience.button", "Active 30 days")),
        ("team", "aud", "team", speech.label("audience.button", "Test group")),
    )
    buttons = [
        push_button(speech.label("topic.button", "✓ {name}", name=label) if each == kind else label, verb, push.id, arg)
        for each, verb, arg, label in kinds
    ]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    back = push_button(speech.label("page.button", "Back"), "panel", push.id)
    review = push_button(speech.label("push.button", "Review"), "review", push.id)
    return OutgoingMessage(text, (*rows, (back, review)))


async def _feed_label(turn: Turn, work: Work, audience: Json) -> str:
    if audience.get("kind") != "feed":
        return turn.speech.label("audience.button", "Feed")
    return (await work.feeds.get(int(audience["feed_id"]))).title


def _topic_label(turn: Turn, audience: Json) -> str:
    if audience.get("kind") != "topic":
        return turn.speech.label("audience.button", "Topic")
    return topic_name(turn.speech, str(audience["topic"]))


def _language_label(turn: Turn, audience: Json) -> str:
    if audience.get("kind") != "lang":
        return turn.speech.label("audience.button", "Language")
    return language_name(str(audience["lang"]))


async def list_feeds(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the feeds whose readers a push may go to; a private one is nobody's to choose."""
    push = await draft_to_send(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    page = int(turn.argument) if turn.argument.isdecimal() and len(turn.argument) < 6 else 0
    healths = [each for each in await work.feeds.list_health() if each.subscribers and not each.feed.private]
    healths.sort(key=lambda health: (-health.subscribers, health.feed.title))
    here = healths[page * _PAGE : (page + 1) * _PAGE]
    buttons = [push_button(_named(turn, each.feed.title), "aud", push.id, f"feed.{each.feed.id}") for each in here]
    turns = []
    if page:
        turns.append(push_button(turn.speech.label("page.button", "Back"), "feeds", push.id, str(page - 1)))
    if len(healths) > (page + 1) * _PAGE:
        turns.append(push_button(turn.speech.label("page.button", "Next"), "feeds", push.id, str(page + 1)))
    text = turn.speech.say("To the readers of which feed?") if here else turn.speech.say("Nobody follows a feed yet.")
    return [Rewrite(message=_choices(turn, push, text, buttons, turns))]


async def list_topics(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the topics whose followers a push may go to."""
    push = await draft_to_send(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    buttons = [push_button(topic_name(turn.speech, topic), "aud", push.id, f"topic.{topic}") for topic in TOPICS]
    text = turn.speech.say("To the followers of which topic?")
    return [Rewrite(message=_choices(turn, push, text, buttons))]


async def list_languages(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the languages that the chats speak."""
    push = await draft_to_send(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    spoken = await work.offers.list_languages()
    buttons = [push_button(language_name(lang), "aud", push.id, f"lang.{lang}") for lang in spoken]
    text = turn.speech.say("To the chats of which language?")
    return [Rewrite(message=_choices(turn, push, text, buttons))]


def _named(turn: Turn, title: str) -> str:
    return turn.speech.label("subscription.button", "{name}", name=title)


def _choices(
    turn: Turn, push: Push, text: str, buttons: Sequence[Button], turns: Sequence[Button] = ()
) -> OutgoingMessage:
    rows: Keyboard = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    back = push_button(turn.speech.label("push.button", "Audience"), "who", push.id)
    return OutgoingMessage(text, (*rows, *((tuple(turns),) if turns else ()), (back,)))


# ---- the one question


async def review(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask once, naming the number, before it leaves."""
    push = await draft_to_send(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    speech = turn.speech
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    back = push_button(speech.label("page.button", "Back"), "who", push.id)
    if not count:
        return [
            Rewrite(message=OutgoingMessage(speech.say("Nobody would get it. Choose another audience."), ((back,),)))
        ]
    text = speech.say_n("Send push {id} to {n} chat now?", "Send push {id} to {n} chats now?", count, id=push.id)
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
    longest = sorted({*draft.chosen, *(draft.levels[-1] if draft.levels else ())})
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


# ---- on its way, and afterwards


async def pause(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let what has not left wait."""
    if await work.pushes.pause(turn.subject_id, turn.now):
        await work.newsroom.record(turn.request.user_id, "push.pause", f"p:{turn.subject_id}", {}, now=turn.now)
    return await _show_state(turn, work)


async def resume(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let a paused push go on."""
    if await work.pushes.resume(turn.subject_id, turn.now):
        await work.newsroom.record(turn.request.user_id, "push.resume", f"p:{turn.subject_id}", {}, now=turn.now)
    return await _show_state(turn, work)


async def stop(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send nothing more of a push."""
    if await work.pushes.cancel(turn.subject_id, turn.now):
        await work.newsroom.record(turn.request.user_id, "push.cancel", f"p:{turn.subject_id}", {}, now=turn.now)
    return await _show_state(turn, work)


async def show_report(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show how a push goes or went."""
    return await _show_state(turn, work)


async def open_report(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show how another push went, in a message of its own."""
    push = await work.pushes.find(turn.subject_id)
    if push is None or push.state is PushState.DRAFT:
        return stale(turn, push)
    return [Say(message=await _state_message(turn, work, push))]


async def _show_state(turn: Turn, work: Work) -> Sequence[Reply]:
    push = await work.pushes.find(turn.subject_id)
    if push is None or push.state in {PushState.DRAFT, PushState.DISCARDED}:
        return stale(turn, push)
    return [Rewrite(message=await _state_message(turn, work, push))]


async def _state_message(turn: Turn, work: Work, push: Push) -> OutgoingMessage:
    if push.state is PushState.DISCARDED:
        return OutgoingMessage(turn.speech.say("Push {id} is discarded.", id=push.id))
    tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
    if push.state is PushState.DONE or push.cancelled_at is not None:
        return report_message(turn.speech, push, tally, now=turn.now)
    return progress_message(turn.speech, push, tally, now=turn.now)


async def show_reasons(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show why some did not get a push."""
    push = await work.pushes.find(turn.subject_id)
    if push is None:
        return stale(turn, None)
    tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
    return [Rewrite(message=reasons_message(turn.speech, push, tally))]


async def show_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show how many chats nobody answered for."""
    push = await work.pushes.find(turn.subject_id)
    if push is None:
        return stale(turn, None)
    tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
    return [Rewrite(message=unknown_message(turn.speech, push, tally.unknown))]


async def resend_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send again what may have arrived."""
    return await _resolve(turn, work, resend=True)


async def leave_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let rest what may have arrived."""
    return await _resolve(turn, work, resend=False)


async def _resolve(turn: Turn, work: Work, *, resend: bool) -> Sequence[Reply]:
    push = await work.pushes.find(turn.subject_id)
    if push is None:
        return stale(turn, None)
    unknown = await work.outbox.list_unknown(_MOST_UNKNOWN, subject=f"p:{push.id}")
    count = await work.outbox.resolve_unknown([each.id for each in unknown], resend=resend, now=turn.now)
    action = "unknown.resend" if resend else "unknown.leave"
    await work.newsroom.record(turn.request.user_id, action, f"p:{push.id}", {"count": count}, now=turn.now)
    words = (
        turn.speech.toast_n("{n} delivery is sent again.", "{n} deliveries are sent again.", count)
        if resend
        else turn.speech.toast_n("{n} delivery is left as it is.", "{n} deliveries are left as they are.", count)
    )
    return [Toast(text=words), Rewrite(message=await _state_message(turn, work, push))]


async def list_pushes(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the newest pushes; each opens its report."""
    recent = [each for each in await work.pushes.list_recent(_RECENT * 3) if each.confirmed_at is not None][:_RECENT]
    if not recent:
        return [Say(message=OutgoingMessage(turn.speech.say("Nothing has been pushed yet. /push begins.")))]
    lines = [f"<b>{turn.speech.say('Newest pushes')}</b>", ""]
    numbers = []
    for push in recent:
        draft, when = draft_of(push), push.confirmed_at or push.created_at
        tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
        title = link(draft.url, one_line(draft.title or next(iter(draft.texts()), ""))[:100])
        told = turn.speech.say(
            "{sent} of {total}",
            sent=turn.speech.number(tally.sent),
            total=turn.speech.number(max(push.reach or 0, tally.planned)),
        )
        lines.append(f"{push.id}. {title} · {turn.speech.moment(when, now=turn.now)} · {told}")
        numbers.append(push_button(str(push.id), "open", push.id))
    rows: Keyboard = tuple(tuple(numbers[start : start + 4]) for start in range(0, len(numbers), 4))
    return [Say(message=OutgoingMessage("\n".join(lines), rows))]


async def draft_to_send(turn: Turn, work: Work) -> Push | None:
    """Find the push that a button names, where it is a draft still."""
    push = await work.pushes.find(turn.subject_id)
    return push if push is not None and push.state is PushState.DRAFT else None


def push_button(label: str, verb: str, push_id: int, arg: str = "") -> Button:
    """Make a button that does something with a push."""
    return Button(label, data=Callback("pu", verb, push_id, arg).encode())


PUSHES: Final = Action(handler=list_pushes, newsroom=True, private_only=True)
SENDING_TAPS: Final[Mapping[str, Action]] = {
    f"pu.{verb}": Action(handler=handler, newsroom=True, private_only=True)
    for verb, handler in {
        "cancel": cancel_asking,
        "anyway": show_anyway,
        "open": open_report,
        "who": show_audience,
        "aud": set_audience,
        "feeds": list_feeds,
        "topics": list_topics,
        "langs": list_languages,
        "review": review,
        "send": send,
        "pause": pause,
        "resume": resume,
        "stop": stop,
        "report": show_report,
        "why": show_reasons,
        "unk": show_unknown,
        "resend": resend_unknown,
        "leave": leave_unknown,
    }.items()
}
