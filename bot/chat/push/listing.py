"""What an editor has in hand and what was sent: open drafts, and the newest pushes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.push.desk import push_button, stale
from bot.chat.push.drafts import draft_of
from bot.chat.turn import questions
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.messages.html import link, one_line
from bot.messages.outgoing import OutgoingMessage
from storage.model import DeliveryKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Button
    from storage import Work
    from storage.model import Push

_RECENT: Final = 8
_LONGEST_TITLE_CHARS: Final = 100


async def list_pushes(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the editor's drafts, to go on with or to throw away, and the newest pushes; each opens its report."""
    return [Say(message=await _screen(turn, work))]


async def _screen(turn: Turn, work: Work) -> OutgoingMessage:
    speech = turn.speech
    recent = [each for each in await work.pushes.list_recent(_RECENT * 3) if each.confirmed_at is not None][:_RECENT]
    drafts = await work.pushes.list_drafts(turn.request.user_id, _RECENT)
    if not recent and not drafts:
        return OutgoingMessage(speech.say("Nothing pushed yet. /push sends the first."))
    lines: list[str] = []
    rows: list[tuple[Button, ...]] = []
    if drafts:
        lines += [f"<b>{speech.say('Your drafts')}</b>", ""]
    for push in drafts:
        lines.append(f"{push.id}. {_title(push)} · {speech.moment(push.created_at, now=turn.now)}")
        go_on = push_button(speech.label("push.button", "Go on with {number}", number=push.id), "anyway", push.id)
        drop = push_button(speech.label("push.button", "Discard {number}", number=push.id), "toss", push.id)
        rows.append((go_on, drop))
    if recent:
        lines += [*([""] if lines else []), f"<b>{speech.say('Newest pushes')}</b>", ""]
    for push in recent:
        tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
        told = speech.say(
            "{sent} of {total}",
            sent=speech.number(tally.sent),
            total=speech.number(max(push.reach or 0, tally.planned)),
        )
        when = speech.moment(push.confirmed_at or push.created_at, now=turn.now)
        lines.append(f"{push.id}. {_title(push)} · {when} · {told}")
    numbers = [push_button(str(push.id), "open", push.id) for push in recent]
    rows += [tuple(numbers[start : start + 4]) for start in range(0, len(numbers), 4)]
    return OutgoingMessage("\n".join(lines), tuple(rows))


def _title(push: Push) -> str:
    draft = draft_of(push)
    return link(draft.url, one_line(draft.title or next(iter(draft.texts()), ""))[:_LONGEST_TITLE_CHARS])


async def toss(turn: Turn, work: Work) -> Sequence[Reply]:
    """Throw a draft of the list away, and show what is left."""
    push = await work.pushes.find(turn.subject_id)
    if push is None or not await work.pushes.discard(push.id):
        return stale(turn, push)
    await questions.end(turn, work)
    await work.newsroom.record(turn.request.user_id, "discard", f"p:{push.id}", {}, now=turn.now)
    toast = Toast(text=turn.speech.toast("Push {id} is discarded.", id=push.id))
    return [toast, Rewrite(message=await _screen(turn, work))]


PUSHES: Final = Action(handler=list_pushes, newsroom=True, private_only=True)
LISTING_TAPS: Final[Mapping[str, Action]] = {"pu.toss": Action(handler=toss, newsroom=True, private_only=True)}
