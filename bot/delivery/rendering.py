"""What a delivery says where its row does not hold it: stories are put into words as they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.delivery.calls import Rendered
from bot.messages.story import render_story
from storage.model import Verb

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.delivery.contents import Render
    from storage import Work
    from storage.model import Delivery


def render_stories(clock: Callable[[], datetime]) -> Render:
    """Make a renderer that shows each story as it stands when its message leaves, in its chat's zone and language.

    It shows what the feeds tell that the chat follows in that thread, and nothing of what others make of the story.
    """

    async def render(delivery: Delivery, work: Work) -> Rendered | None:
        story_id = _story_id(delivery.subject)
        if story_id is None or delivery.subscriber_id is None:
            return None
        view = await work.stories.view(
            story_id, delivery.summary_chars, reader_id=delivery.subscriber_id, thread_id=delivery.thread_id
        )
        if view is None:
            return None
        message = render_story(
            view,
            lang=delivery.lang,
            tz=delivery.tz,
            now=clock(),
            edited=delivery.verb is not Verb.SEND,
            pictures=delivery.pictures,
        )
        return Rendered(parameters=message.parameters(), revision=view.story.revision)

    return render


def _story_id(subject: str) -> int | None:
    kind, _, number = subject.partition(":")
    return int(number) if kind == "s" and number.isdecimal() else None
