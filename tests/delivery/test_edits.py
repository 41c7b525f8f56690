"""Edits and deletions, and what becomes of them where their message is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.world.model import Outcome
from storage.model import DeliveryState, Verb

if TYPE_CHECKING:
    from tests.delivery.post import Post


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REPLACE])
async def test_an_edit_changes_the_message_of_its_target(post: Post, verb: Verb) -> None:
    reader = await post.reader()
    target = await post.sent(reader)
    planned = await post.plan(reader, "Second words", verb=verb, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert edit.state is DeliveryState.SENT
    assert post.shown(reader) == {target.message_id: "Second words"}


async def test_an_edit_of_the_keyboard_alone_leaves_the_words(post: Post) -> None:
    reader = await post.reader()
    target = await post.sent(reader)
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "1:x"}]]}
    planned = await post.plan(reader, payload={"reply_markup": keyboard}, verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        await post.settled(planned)
    assert post.shown(reader) == {target.message_id: "First words"}
    assert post.world.lines(method="editMessageReplyMarkup")[0].outcome is Outcome.ACCEPTED


async def test_an_edit_that_changes_nothing_counts_as_sent(post: Post) -> None:
    reader = await post.reader()
    target = await post.sent(reader)
    planned = await post.plan(reader, "First words", verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert (edit.state, edit.message_id) == (DeliveryState.SENT, target.message_id)
    assert "message is not modified" in post.world.lines(method="editMessageText")[0].description


async def test_an_edit_of_a_message_that_is_gone_is_dead(post: Post) -> None:
    reader = await post.reader()
    target = await post.sent(reader)
    post.world.delete_message(post.world.chats[reader.chat_id], target.message_id or 0)
    planned = await post.plan(reader, "Too late", verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert edit.state is DeliveryState.DEAD
    assert "message to edit not found" in (edit.reason or "").lower()


async def test_an_edit_of_a_message_that_was_never_sent_is_dead(post: Post) -> None:
    reader = await post.reader()
    poison = await post.plan(reader, "")
    async with post.sending():
        await post.settled(poison)
        planned = await post.plan(reader, "Too late", verb=Verb.EDIT, target_id=poison)
        (edit,) = await post.settled(planned)
    assert (edit.state, edit.reason) == (DeliveryState.DEAD, "its message was not sent")


async def test_a_replacement_is_sent_anew_where_its_target_is_gone(post: Post) -> None:
    reader = await post.reader()
    target = await post.sent(reader)
    post.world.delete_message(post.world.chats[reader.chat_id], target.message_id or 0)
    planned = await post.plan(reader, "Anew", verb=Verb.REPLACE, target_id=target.id)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert delivery.state is DeliveryState.SENT
    assert post.shown(reader) == {delivery.message_id: "Anew"}


async def test_a_replacement_is_sent_anew_where_its_target_was_never_sent(post: Post) -> None:
    reader = await post.reader()
    poison = await post.plan(reader, "")
    planned = await post.plan(reader, "Anew", verb=Verb.REPLACE, target_id=poison)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert delivery.state is DeliveryState.SENT
    assert post.shown(reader) == {delivery.message_id: "Anew"}


async def test_a_deletion_takes_the_message_away_and_a_second_one_is_content(post: Post) -> None:
    reader = await post.reader()
    target = await post.sent(reader)
    first = await post.plan(reader, None, verb=Verb.DELETE, target_id=target.id)
    second = await post.plan(reader, None, verb=Verb.DELETE, target_id=target.id)
    async with post.sending():
        both = await post.settled(first, second)
    assert [delivery.state for delivery in both] == [DeliveryState.SENT, DeliveryState.SENT]
    assert post.shown(reader) == {}
