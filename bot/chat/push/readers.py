"""What readers do with a push: more of it, keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.push.drafts import draft_of, message_of, reader_keyboard
from bot.chat.stories.choosing import keep_story
from bot.chat.turn.turns import Action, Rekey, Rewrite, Toast
from storage.model import DeliveryKind, PushState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work
    from storage.model import Push


async def show_more(turn: Turn, work: Work) -> Sequence[Reply]:
    """Show all that there is of a push, or what was sent."""
    push = await _read(turn, work)
    if push is None:
        return _gone(turn)
    is_long = turn.argument == "1"
    return [Rewrite(message=message_of(turn, draft_of(push), push.id, at=push.created_at, is_long=is_long))]


async def save(turn: Turn, work: Work) -> Sequence[Reply]:
    """Keep a push, or let it go."""
    push = await _read(turn, work)
    if push is None:
        return _gone(turn)
    story_id = (await work.articles.get(push.article_id)).story_id
    if story_id is None:
        return [Toast(text=turn.speech.toast("It can be saved once it is sent."))]
    is_saved = turn.argument == "1"
    toast = await keep_story(turn, work, story_id, wanted=is_saved)
    if not turn.request.is_private:
        return [toast]
    return [toast, Rekey(keyboard=reader_keyboard(turn.speech, draft_of(push), push.id, is_saved=is_saved))]


async def _read(turn: Turn, work: Work) -> Push | None:
    """Find the push that a button names, where this chat has it: a client can send any data for a button."""
    push = await work.pushes.find(turn.subject_id)
    if push is None or push.state is PushState.DISCARDED:
        return None
    if turn.subscriber.id == push.subscriber_id:
        return push
    story_id = (await work.articles.get(push.article_id)).story_id
    reader_id = turn.subscriber.id
    if story_id is not None and await work.subscribers.has_seen(reader_id, story_id):
        return push
    # Whoever is quick taps it before Telegram's answer is noted.
    return push if await work.outbox.is_leaving(reader_id, DeliveryKind.PUSH, f"p:{push.id}") else None


def _gone(turn: Turn) -> Sequence[Reply]:
    return [Toast(text=turn.speech.toast("This button has expired. Send /help.")), Rekey(keyboard=())]


PUSH_READING_TAPS: Final[Mapping[str, Action]] = {
    "pn.more": Action(handler=show_more, manages=True),
    "pn.save": Action(handler=save),
}
