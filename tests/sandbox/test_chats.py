"""Groups, forums and channels: who is what there, what the bot is told, and what it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telegram import Bot, Update

from bot.sandbox import ANONYMOUS_ADMIN_ID, CHANNEL_ID, EDITOR_ID, FORUM_ID, GROUP_ID, READER_ID, MemberStatus
from bot.sandbox.state import dump, restore
from bot.sandbox.world.world import World

if TYPE_CHECKING:
    from tests.sandbox.conftest import Wire

FORUM = f"/sandbox/chats/{FORUM_ID}"
ADMIN = MemberStatus.ADMINISTRATOR


async def updates_of(wire: Wire) -> list[dict[str, Any]]:
    """Fetch the updates that wait and confirm them; each must be one that the real client understands."""
    updates: list[dict[str, Any]] = await wire.result("getUpdates")
    if updates:
        await wire.result("getUpdates", offset=updates[-1]["update_id"] + 1)
    for update in updates:
        Update.de_json(update, Bot(wire.sandbox.token))
    return updates


async def test_the_bot_is_told_when_it_is_added_promoted_and_removed(wire: Wire) -> None:
    people = {str(EDITOR_ID): "creator", str(READER_ID): "member"}
    group = await wire.act("POST", "/sandbox/groups", {"title": "Pier", "members": people, "added_by": EDITOR_ID})
    member, joined = await updates_of(wire)
    assert member["my_chat_member"]["old_chat_member"]["status"] == "left"
    assert member["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert member["my_chat_member"]["from"]["id"] == EDITOR_ID
    assert joined["message"]["new_chat_members"][0]["id"] == wire.sandbox.world.bot.id
    promote = {"status": "administrator", "denied": ["can_delete_messages"], "person": EDITOR_ID}
    await wire.act("POST", f"/sandbox/chats/{group['id']}/bot", promote)
    (update,) = await updates_of(wire)
    now = update["my_chat_member"]["new_chat_member"]
    assert (now["status"], now["can_delete_messages"], now["can_pin_messages"]) == ("administrator", False, True)
    await wire.act("POST", f"/sandbox/chats/{group['id']}/bot", {"status": "kicked", "person": EDITOR_ID})
    (update,) = await updates_of(wire)
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_a_channel_needs_an_admin_with_the_right_to_post(wire: Wire) -> None:
    people = wire.sandbox.people
    answer = await wire.call("sendMessage", chat_id=CHANNEL_ID, text="x")
    assert answer["description"] == "Forbidden: bot is not a member of the channel chat"
    people.set_bot_status(CHANNEL_ID, MemberStatus.MEMBER, by=EDITOR_ID)
    answer = await wire.call("sendMessage", chat_id=CHANNEL_ID, text="x")
    assert answer["description"] == "Bad Request: need administrator rights in the channel chat"
    answer = await wire.call("getChatMember", chat_id=CHANNEL_ID, user_id=READER_ID)
    assert answer["description"] == "Bad Request: member list is inaccessible"
    people.set_bot_status(CHANNEL_ID, ADMIN, by=EDITOR_ID, denied=frozenset({"can_post_messages"}))
    answer = await wire.call("sendMessage", chat_id=CHANNEL_ID, text="x")
    assert answer["description"] == "Bad Request: not enough rights to send text messages to the chat"
    people.set_bot_status(CHANNEL_ID, ADMIN, by=EDITOR_ID)
    sent = await wire.result("sendMessage", chat_id=CHANNEL_ID, text="x")
    assert (sent["sender_chat"]["id"], "from" in sent) == (CHANNEL_ID, False)
    assert (await wire.result("getChatMember", chat_id=CHANNEL_ID, user_id=READER_ID))["status"] == "member"
    rights = [update["my_chat_member"]["new_chat_member"].get("can_post_messages") for update in await updates_of(wire)]
    assert rights == [None, False, True]


async def test_only_admins_write_in_a_channel_and_their_posts_name_nobody(wire: Wire) -> None:
    wire.sandbox.people.set_bot_status(CHANNEL_ID, ADMIN, by=EDITOR_ID)
    await updates_of(wire)
    path = f"/sandbox/chats/{CHANNEL_ID}/messages"
    await wire.act("POST", path, {"person": READER_ID, "text": "/start"})
    assert wire.status == 400
    shown = await wire.act("POST", path, {"person": EDITOR_ID, "text": "/start"})
    assert (shown["from_bot"], shown["from_name"]) == (False, "Aldmoor Today")
    (update,) = await updates_of(wire)
    assert "from" not in update["channel_post"]
    assert update["channel_post"]["sender_chat"]["id"] == CHANNEL_ID
    await wire.act("PATCH", f"{path}/{shown['id']}", {"person": EDITOR_ID, "text": "/help"})
    (update,) = await updates_of(wire)
    assert update["edited_channel_post"]["text"] == "/help"


async def test_an_anonymous_admin_is_seen_only_by_their_taps(wire: Wire) -> None:
    hide = {"member": EDITOR_ID, "status": "creator", "anonymous": True}
    await wire.act("POST", f"/sandbox/chats/{GROUP_ID}/members", hide)
    message = wire.sandbox.people.say(EDITOR_ID, "/subscribe", chat_id=GROUP_ID)
    (update,) = await updates_of(wire)
    assert update["message"]["from"]["id"] == ANONYMOUS_ADMIN_ID
    assert update["message"]["sender_chat"]["id"] == GROUP_ID
    keyboard = {"inline_keyboard": [[{"text": "Confirm", "callback_data": "c"}]]}
    reply = {"message_id": message.id}
    sent = await wire.result("sendMessage", chat_id=GROUP_ID, text="x", reply_markup=keyboard, reply_parameters=reply)
    wire.sandbox.people.tap(EDITOR_ID, sent["message_id"], "c", chat_id=GROUP_ID)
    (update,) = await updates_of(wire)
    assert update["callback_query"]["from"]["id"] == EDITOR_ID
    (creator,) = await wire.result("getChatAdministrators", chat_id=GROUP_ID)
    assert (creator["status"], creator["is_anonymous"]) == ("creator", True)


async def test_members_come_and_go_and_only_an_admin_bot_hears_of_their_rank(wire: Wire) -> None:
    path = f"/sandbox/chats/{GROUP_ID}/members"
    await wire.result("getUpdates", allowed_updates=["message", "chat_member", "my_chat_member"])
    ada = wire.sandbox.world.add_person("Ada")
    await wire.act("POST", path, {"member": ada.id, "person": EDITOR_ID})
    (update,) = await updates_of(wire)
    assert update["message"]["new_chat_members"][0]["first_name"] == "Ada"
    wire.sandbox.people.set_bot_status(GROUP_ID, ADMIN, by=EDITOR_ID)
    await wire.act("POST", path, {"member": ada.id, "status": "administrator", "person": EDITOR_ID})
    *_, update = await updates_of(wire)
    assert update["chat_member"]["new_chat_member"]["status"] == "administrator"
    assert len(await wire.result("getChatAdministrators", chat_id=GROUP_ID)) == 3
    await wire.act("POST", path, {"member": ada.id, "status": "left"})
    assert (await wire.result("getChatMember", chat_id=GROUP_ID, user_id=ada.id))["status"] == "left"
    assert await wire.result("getChatMemberCount", chat_id=GROUP_ID) == 3


async def test_a_group_may_silence_its_members_and_so_the_bot(wire: Wire) -> None:
    path = f"/sandbox/chats/{GROUP_ID}/permissions"
    await wire.act("POST", path, {"can_send_messages": False})
    answer = await wire.call("sendMessage", chat_id=GROUP_ID, text="x")
    assert answer["description"] == "Bad Request: not enough rights to send text messages to the chat"
    assert not (await wire.result("getChat", chat_id=GROUP_ID))["permissions"]["can_send_messages"]
    wire.sandbox.people.set_bot_status(GROUP_ID, ADMIN, by=EDITOR_ID)
    await wire.result("sendMessage", chat_id=GROUP_ID, text="x")
    wire.sandbox.people.set_bot_status(GROUP_ID, MemberStatus.RESTRICTED, by=EDITOR_ID)
    await wire.act("POST", path, {"can_send_messages": True})
    assert not (await wire.call("sendMessage", chat_id=GROUP_ID, text="x"))["ok"]
    assert (await updates_of(wire))[-1]["my_chat_member"]["new_chat_member"]["can_send_messages"] is False


async def test_topics_of_a_forum_are_written_to_closed_and_deleted(wire: Wire) -> None:
    (news, *_) = [topic for topic in wire.sandbox.world.chats[FORUM_ID].topics.values() if topic.name == "News"]
    sent = await wire.result("sendMessage", chat_id=FORUM_ID, text="x", message_thread_id=news.id)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (news.id, True)
    assert "forum_topic_created" in sent["reply_to_message"]
    await wire.act("POST", f"{FORUM}/messages", {"person": READER_ID, "text": "/start", "thread_id": news.id})
    await wire.act("PATCH", f"{FORUM}/topics/{news.id}", {"person": EDITOR_ID, "closed": True})
    said, closed = await updates_of(wire)
    assert said["message"]["message_thread_id"] == news.id
    assert closed["message"]["forum_topic_closed"] == {}
    answer = await wire.call("sendMessage", chat_id=FORUM_ID, text="x", message_thread_id=news.id)
    assert answer["description"] == "Bad Request: TOPIC_CLOSED"
    await wire.act("POST", f"{FORUM}/messages", {"person": READER_ID, "text": "x", "thread_id": news.id})
    assert wire.status == 400
    wire.sandbox.people.set_bot_status(FORUM_ID, ADMIN, by=EDITOR_ID)
    await wire.result("sendMessage", chat_id=FORUM_ID, text="x", message_thread_id=news.id)
    await wire.act("DELETE", f"{FORUM}/topics/{news.id}")
    answer = await wire.call("sendMessage", chat_id=FORUM_ID, text="x", message_thread_id=news.id)
    assert answer["description"] == "Bad Request: message thread not found"
    await wire.act("PATCH", f"{FORUM}/topics/1", {"person": EDITOR_ID, "closed": True})
    wire.sandbox.people.set_bot_status(FORUM_ID, MemberStatus.MEMBER, by=EDITOR_ID)
    answer = await wire.call("sendMessage", chat_id=FORUM_ID, text="x")
    assert answer["description"] == "Bad Request: TOPIC_CLOSED"


async def test_a_bot_opens_topics_where_it_may(wire: Wire) -> None:
    async def refusal(method: str, **parameters: Any) -> str:
        return str((await wire.call(method, **parameters))["description"])

    assert await refusal("createForumTopic", chat_id=GROUP_ID, name="x") == "Bad Request: the chat is not a forum"
    create = {"chat_id": FORUM_ID, "name": "Tides"}
    assert await refusal("createForumTopic", **create) == "Bad Request: not enough rights to create a topic"
    wire.sandbox.people.set_bot_status(FORUM_ID, ADMIN, by=EDITOR_ID)
    topic = await wire.result("createForumTopic", **create)
    assert topic["name"] == "Tides"
    named = {"chat_id": FORUM_ID, "message_thread_id": topic["message_thread_id"]}
    await wire.result("closeForumTopic", **named)
    assert await refusal("closeForumTopic", **named) == "Bad Request: TOPIC_NOT_MODIFIED"
    await wire.result("reopenForumTopic", **named)
    await wire.result("editForumTopic", **named, name="High tides")
    await wire.result("deleteForumTopic", **named)
    assert await refusal("editForumTopic", **named, name="x") == "Bad Request: TOPIC_ID_INVALID"


async def test_answers_in_a_supergroup_form_threads_that_are_no_topics(wire: Wire) -> None:
    group = wire.sandbox.people.migrate(GROUP_ID, announce=False)
    first = wire.sandbox.people.say(READER_ID, "/start", chat_id=group.id)
    wire.sandbox.people.say(EDITOR_ID, "/help", chat_id=group.id, reply_to=first.id)
    *_, update = await updates_of(wire)
    assert update["message"]["message_thread_id"] == first.id
    assert "is_topic_message" not in update["message"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param(f"/sandbox/people/{READER_ID}/deactivate", "Forbidden: user is deactivated", id="deactivated"),
        pytest.param(f"/sandbox/people/{READER_ID}/block", "Forbidden: bot was blocked by the user", id="blocked"),
    ],
)
async def test_a_person_who_is_gone_is_out_of_reach(wire: Wire, path: str, words: str) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    await wire.act("POST", path, {})
    assert (await wire.call("sendMessage", chat_id=READER_ID, text="x"))["description"] == words


async def test_a_deleted_group_is_named_as_such(wire: Wire) -> None:
    await wire.act("DELETE", f"/sandbox/chats/{GROUP_ID}", {"person": EDITOR_ID})
    answer = await wire.call("sendMessage", chat_id=GROUP_ID, text="x")
    assert (wire.status, answer["description"]) == (403, "Forbidden: the group chat was deleted")


async def test_leaving_is_told_and_final(wire: Wire) -> None:
    await wire.result("leaveChat", chat_id=GROUP_ID)
    (update,) = await updates_of(wire)
    assert update["my_chat_member"]["new_chat_member"]["status"] == "left"
    answer = await wire.call("getChat", chat_id=GROUP_ID)
    assert answer["description"] == "Forbidden: bot is not a member of the group chat"


async def test_forwarded_messages_name_their_origin(wire: Wire) -> None:
    wire.sandbox.people.set_bot_status(CHANNEL_ID, ADMIN, by=EDITOR_ID)
    post = await wire.result("sendMessage", chat_id=CHANNEL_ID, text="<b>Tide</b> tables", parse_mode="HTML")
    forward = {"chat_id": CHANNEL_ID, "message_id": post["message_id"]}
    shown = await wire.act("POST", f"/sandbox/chats/{READER_ID}/messages", {"forward": forward})
    assert shown["forwarded_from"] == "Aldmoor Today"
    *_, update = await updates_of(wire)
    assert update["message"]["forward_origin"]["type"] == "channel"
    assert update["message"]["entities"][0]["type"] == "bold"


async def test_the_menu_is_the_narrowest_in_the_persons_language(wire: Wire) -> None:
    async def offered(chat: int, person: int) -> list[str]:
        menu = await wire.act("GET", f"/sandbox/chats/{chat}/commands?person={person}")
        return [entry["command"] for entry in menu]

    async def register(name: str, scope: dict[str, Any] | None = None, lang: str = "") -> None:
        commands = [{"command": name, "description": "x"}]
        await wire.result("setMyCommands", commands=commands, scope=scope, language_code=lang)

    await register("all")
    await register("deutsch", lang="de")
    await register("group", {"type": "all_group_chats"})
    await register("admins", {"type": "all_chat_administrators"})
    await register("mine", {"type": "chat", "chat_id": EDITOR_ID})
    await register("here", {"type": "chat_member", "chat_id": FORUM_ID, "user_id": READER_ID})
    assert await offered(READER_ID, READER_ID) == ["all"]
    await wire.act("PATCH", f"/sandbox/people/{READER_ID}", {"language_code": "de-AT"})
    assert await offered(READER_ID, READER_ID) == ["deutsch"]
    assert await offered(GROUP_ID, READER_ID) == ["group"]
    assert await offered(GROUP_ID, EDITOR_ID) == ["admins"]
    assert await offered(FORUM_ID, READER_ID) == ["here"]
    assert await offered(EDITOR_ID, EDITOR_ID) == ["mine"]
    await wire.result("deleteMyCommands", scope={"type": "chat", "chat_id": EDITOR_ID})
    assert await offered(EDITOR_ID, EDITOR_ID) == ["all"]
    answer = await wire.call("setMyCommands", commands=[], scope={"type": "planet"})
    assert answer["description"].startswith("Bad Request: can't parse BotCommandScope")


async def test_whoever_has_a_menu_of_their_own_is_shown_as_an_editor_as_long_as_it_is_theirs(wire: Wire) -> None:
    async def role(chat: int) -> str:
        chats = await wire.act("GET", "/sandbox/chats")
        return str(next(each["role"] for each in chats if each["id"] == chat))

    assert [await role(each) for each in (READER_ID, EDITOR_ID, GROUP_ID)] == ["reader", "editor", ""]
    scope = {"type": "chat", "chat_id": READER_ID}
    before = await wire.act("GET", "/sandbox/changes")
    commands = [{"command": "push", "description": "x"}]
    await wire.result("setMyCommands", commands=commands, scope=scope, language_code="de")
    changes = await wire.act("GET", f"/sandbox/changes?since={before['revision']}")
    assert [(chat["id"], chat["role"]) for chat in changes["chats"]] == [(READER_ID, "editor")]
    await wire.result("deleteMyCommands", scope=scope, language_code="de")
    assert await role(READER_ID) == "reader"
    await wire.result("setMyCommands", commands=commands, scope={"type": "chat", "chat_id": GROUP_ID})
    assert await role(GROUP_ID) == ""


async def test_many_messages_are_deleted_at_once_and_a_file_is_sent_again_by_its_id(wire: Wire) -> None:
    document = wire.sandbox.people.upload(READER_ID, b"<opml/>", file_name="feeds.opml").document
    assert document is not None
    sent = await wire.result("sendDocument", chat_id=READER_ID, document=document.file_id, caption="yours")
    assert sent["document"]["file_name"] == "feeds.opml"
    edited = await wire.result(
        "editMessageCaption", chat_id=READER_ID, message_id=sent["message_id"], caption="<i>mine</i>", parse_mode="HTML"
    )
    assert edited["caption"] == "mine"
    assert await wire.result("deleteMessages", chat_id=READER_ID, message_ids=[sent["message_id"], 999])
    assert sent["message_id"] not in wire.sandbox.world.chats[READER_ID].messages


async def test_topics_ranks_and_rights_outlive_a_restart(wire: Wire) -> None:

    wire.sandbox.people.set_bot_status(FORUM_ID, ADMIN, by=EDITOR_ID, denied=frozenset({"can_pin_messages"}))
    topic = await wire.result("createForumTopic", chat_id=FORUM_ID, name="Tides")
    await wire.act("POST", f"{FORUM}/members", {"member": EDITOR_ID, "status": "creator", "anonymous": True})
    state = dump(wire.sandbox.world, wire.sandbox.newsdesk, clean=True)
    world = World(token=wire.sandbox.token)
    restore(world, wire.sandbox.newsdesk, state)
    chat = world.chats[FORUM_ID]
    assert chat.topics[topic["message_thread_id"]].name == "Tides"
    assert chat.bot_denied == frozenset({"can_pin_messages"})
    assert chat.anonymous == frozenset({EDITOR_ID})
    assert list(chat.messages.values())[-1].service is not None
