"""What a delivery says where its row does not hold it: stories are put into words as they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.delivery.calls import Rendered
from bot.messages.speech import speech
from bot.messages.story import render_story
from bot.messages.story_buttons import story_keyboard
from storage.model import ChatKind, Priority, StoryChoices, Verb

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
        if view is None and await _is_alert(delivery, work, story_id):
            view = await work.stories.view(story_id, delivery.summary_chars)
        if view is None:
            return None
        choices = StoryChoices()
        if delivery.verb is not Verb.SEND:
            choices = await work.choices.of(delivery.subscriber_id, story_id, delivery.thread_id)
        message = render_story(
            view,
            lang=delivery.lang,
            tz=delivery.tz,
            now=clock(),
            edited=delivery.verb is not Verb.SEND,
            pictures=delivery.pictures,
            is_long=choices.is_long or delivery.chat_kind is not ChatKind.PRIVATE,
            keyboard=story_keyboard(view, speech(delivery.lang, delivery.tz), kind=delivery.chat_kind, choices=choices),
        )
        return Rendered(parameters=message.parameters(), revision=view.story.revision)

    return render


async def _is_alert(delivery: Delivery, work: Work, story_id: int) -> bool:
    """Tell a story of which a chat asked to be told, from whatever public feed, from one that it follows no more."""
    asked = delivery.priority is Priority.BREAKING and delivery.subscriber_id is not None
    return asked and await work.searching.may_read(delivery.subscriber_id or 0, story_id)


def _story_id(subject: str) -> int | None:
    kind, _, number = subject.partition(":")
    return int(number) if kind == "s" and number.isdecimal() else None
