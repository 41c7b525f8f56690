from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter

from bot.sandbox import READER_ID, Fault, FaultKind, Limits, Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(port=0, every_s=0, limits=Limits(enforced=False)) as running:
        yield running


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(sandbox.token, base_url=f"{sandbox.url}/bot", base_file_url=f"{sandbox.url}/file/bot") as running:
        yield running


async def test_a_conversation_by_the_real_client(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.people.say(READER_ID, "/subscribe https://tidewatch.example.org/feed")
    (update,) = await bot.get_updates(timeout=1)
    assert update.message is not None
    assert [entity.type for entity in update.message.entities] == ["bot_command", "url"]
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="1:st.more:1")]])
    sent = await bot.send_message(
        READER_ID,
        "<b>Sable Bridge</b> shut & closed",
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_to_message_id=update.message.message_id,
    )
    assert sent.text == "Sable Bridge shut & closed"
    assert sent.reply_to_message is not None
    query_id = sandbox.people.tap(READER_ID, sent.message_id, "1:st.more:1")
    (tapped,) = await bot.get_updates(offset=update.update_id + 1, timeout=1)
    assert tapped.callback_query is not None
    assert tapped.callback_query.id == query_id
    assert await tapped.callback_query.answer("Saved. /saved lists it.")
    answer = await sandbox.people.tap_answer(query_id, timeout_s=1)
    assert answer is not None
    assert answer.text == "Saved. /saved lists it."
    edited = await bot.edit_message_text("Longer", READER_ID, sent.message_id)
    assert not isinstance(edited, bool)
    assert edited.reply_markup is None
    with pytest.raises(BadRequest, match="essage is not modified"):
        await bot.edit_message_text("Longer", READER_ID, sent.message_id)
    assert await bot.delete_message(READER_ID, sent.message_id)
    with pytest.raises(BadRequest, match="essage to delete not found"):
        await bot.delete_message(READER_ID, sent.message_id)


async def test_files_go_both_ways(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.people.upload(READER_ID, b"<opml/>", file_name="feeds.opml", mime_type="text/x-opml", caption="mine")
    (update,) = await bot.get_updates(timeout=1)
    assert update.message is not None
    assert update.message.document is not None
    file = await update.message.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"<opml/>"
    sent = await bot.send_document(
        READER_ID, b"{}", filename="ваші дані.json", caption="<i>All of it</i>", parse_mode="HTML"
    )
    assert sent.document is not None
    assert sent.document.file_name == "ваші дані.json"
    assert sent.caption == "All of it"


async def test_chats_members_and_commands_are_what_the_client_expects(sandbox: Sandbox, bot: Bot) -> None:
    chat = await bot.get_chat(READER_ID)
    assert chat.first_name == "Rhea"
    group = next(chat for chat in sandbox.world.chats.values() if chat.title == "Aldmoor Chat")
    assert (await bot.get_chat_member(group.id, READER_ID)).status == "member"
    (creator,) = await bot.get_chat_administrators(group.id)
    assert creator.status == "creator"
    await bot.set_my_commands([("start", "Begin")], language_code="uk")
    assert [command.command for command in await bot.get_my_commands(language_code="uk")] == ["start"]
    assert await bot.get_my_commands() == ()
    assert await bot.delete_webhook()


# The client announces that a later version will give the wait another type.
@pytest.mark.filterwarnings("ignore:.*retry_after:telegram.warnings.PTBDeprecationWarning")
async def test_refusals_arrive_as_the_clients_errors(sandbox: Sandbox, bot: Bot) -> None:
    with pytest.raises(Forbidden, match="can't initiate"):
        await bot.send_message(READER_ID, "hello")
    sandbox.people.say(READER_ID, "/start")
    sandbox.people.block(READER_ID)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(READER_ID, "hello")
    sandbox.people.unblock(READER_ID)
    sandbox.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, retry_after_s=7, method="sendMessage"))
    with pytest.raises(RetryAfter, match="7 seconds"):
        await bot.send_message(READER_ID, "hello")
    stranger = Bot("1:wrong", base_url=f"{sandbox.url}/bot")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
