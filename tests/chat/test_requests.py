import time
from typing import Any

import pytest
import telegram

from bot.chat.turn.requests import Deed, Request, find_address, read_call, read_update
from storage.model import ChatKind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("https://tidewatch.example/feed", "https://tidewatch.example/feed", id="whole"),
        pytest.param("look at http://a.example/b?c=1, please", "http://a.example/b?c=1", id="comma behind it"),
        pytest.param("(see https://a.example/b)", "https://a.example/b", id="bracket behind it"),
        pytest.param("tidewatch.example", "https://tidewatch.example", id="bare host"),
        pytest.param("try weirpost.example/politics now", "https://weirpost.example/politics", id="bare host, path"),
        pytest.param("http://127.0.0.1:8081/site/", "http://127.0.0.1:8081/site/", id="port"),
        pytest.param("новини.укр", "https://новини.укр", id="international name"),
        pytest.param("«https://a.example/»", "https://a.example/", id="guillemets"),
        pytest.param("ftp://a.example/", "ftp://a.example/", id="scheme that the guard will refuse"),
        pytest.param("nothing here. Really", "", id="sentence"),
        pytest.param("version 2.5 is out", "", id="number"),
        pytest.param("", "", id="empty"),
    ],
)
def test_an_address_is_found_in_a_text(text: str, found: str) -> None:
    assert find_address(text) == found


@pytest.mark.parametrize(
    ("text", "name", "argument", "addressee"),
    [
        pytest.param("/start", "start", "", "", id="bare"),
        pytest.param("/Start f_12", "start", "f_12", "", id="capital and argument"),
        pytest.param(
            "/push@Newsgist_Bot A title\nand text", "push", "A title\nand text", "newsgist_bot", id="addressed"
        ),
    ],
)
def test_a_command_is_read(text: str, name: str, argument: str, addressee: str) -> None:
    call = read_call(text)
    assert call is not None
    assert (call.name, call.argument, call.addressee) == (name, argument, addressee)


@pytest.mark.parametrize("text", ["hello", "a /start", "/", "/über", "/" + "x" * 40])
def test_other_texts_are_no_commands(text: str) -> None:
    assert read_call(text) is None


def message(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": 5,
        "date": 1,
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "R", "language_code": "uk"},
        "text": "hello",
    } | changes


def update(**parts: Any) -> telegram.Update:
    return telegram.Update.de_json({"update_id": 1, **parts}, None)


def test_a_message_keeps_person_chat_and_language() -> None:
    request = read_update(update(message=message()))
    assert request is not None
    assert (request.deed, request.chat_id, request.user_id, request.language_code) == (Deed.MESSAGE, 7, 7, "uk")
    assert request.is_private


def test_an_edited_message_is_nothing_to_act_on() -> None:
    assert read_update(update(edited_message=message(text="/push again", edit_date=2))) is None


def test_an_address_behind_a_word_is_seen() -> None:
    entity = {"type": "text_link", "offset": 0, "length": 4, "url": "https://a.example/x"}
    request = read_update(update(message=message(text="here", entities=[entity])))
    assert request is not None
    assert request.url == "https://a.example/x"


def test_a_reply_brings_text_and_address_of_what_it_answers() -> None:
    replied = message(message_id=4, text="read https://a.example/y")
    request = read_update(update(message=message(text="/summarize", reply_to_message=replied)))
    assert request is not None
    assert request.replied_text == "read https://a.example/y"
    assert request.replied_url == "https://a.example/y"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}}, id="anonymous admin"),
        pytest.param({"sender_chat": {"id": -100, "type": "channel", "title": "C"}}, id="channel"),
    ],
)
def test_who_hides_has_no_id_to_check(changes: dict[str, Any]) -> None:
    request = read_update(update(message=message(chat={"id": -5, "type": "group", "title": "G"}, **changes)))
    assert request is not None
    assert request.is_anonymous
    assert request.user_id == 0
    assert request.chat_kind is ChatKind.GROUP


def member(status: str) -> dict[str, Any]:
    user = {"id": 99, "is_bot": True, "first_name": "Newsgist"}
    return {"status": status, "user": user} | ({"until_date": 0} if status == "kicked" else {})


@pytest.mark.parametrize(
    ("old", "new", "deed"),
    [
        pytest.param("left", "member", Deed.JOINED, id="added"),
        pytest.param("member", "kicked", Deed.LEFT, id="blocked"),
    ],
)
def test_coming_and_going_are_told_apart(old: str, new: str, deed: Deed) -> None:
    change = {
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "R"},
        "date": 1,
        "old_chat_member": member(old),
        "new_chat_member": member(new),
    }
    request = read_update(update(my_chat_member=change))
    assert request is not None
    assert request.deed is deed


def membership(kind: str, before: dict[str, Any], after: dict[str, Any]) -> Request | None:
    bot = {"id": 5, "is_bot": True, "first_name": "Newsgist"}
    change = {
        "chat": {"id": -100, "type": kind, "title": "Aldmoor"},
        "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
        "date": 1,
        "old_chat_member": {"user": bot, **before},
        "new_chat_member": {"user": bot, **after},
    }
    return read_update(telegram.Update.de_json({"update_id": 1, "my_chat_member": change}, None))


ADMIN = {
    "status": "administrator",
    "can_be_edited": False,
    "is_anonymous": False,
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": True,
    "can_restrict_members": True,
    "can_promote_members": True,
    "can_change_info": True,
    "can_invite_users": True,
    "can_post_stories": True,
    "can_edit_stories": True,
    "can_delete_stories": True,
}
MEMBER, LEFT, KICKED = {"status": "member"}, {"status": "left"}, {"status": "kicked", "until_date": 0}


@pytest.mark.parametrize(
    ("kind", "before", "after", "deed", "can_post"),
    [
        ("supergroup", LEFT, MEMBER, Deed.JOINED, True),
        ("supergroup", MEMBER, KICKED, Deed.LEFT, True),
        ("supergroup", MEMBER, ADMIN, None, True),
        ("channel", LEFT, ADMIN | {"can_post_messages": True}, Deed.JOINED, True),
        ("channel", LEFT, ADMIN | {"can_post_messages": False}, Deed.JOINED, False),
        ("channel", ADMIN | {"can_post_messages": True}, ADMIN | {"can_post_messages": False}, Deed.RIGHTS, False),
        ("channel", ADMIN | {"can_post_messages": False}, ADMIN | {"can_post_messages": True}, Deed.RIGHTS, True),
        ("channel", ADMIN | {"can_post_messages": True}, KICKED, Deed.LEFT, False),
    ],
    ids=["in", "out", "promoted", "channel", "channel without right", "right lost", "right back", "channel out"],
)
def test_membership_is_read_with_what_the_bot_may_do(
    kind: str, before: dict[str, Any], after: dict[str, Any], deed: Deed | None, can_post: bool
) -> None:
    request = membership(kind, before, after)
    assert (request.deed if request is not None else None) == deed
    if request is not None:
        assert request.chat_title == "Aldmoor"
        assert request.user_id == 7
        assert deed is Deed.LEFT or request.can_post is can_post


@pytest.mark.parametrize(
    ("service", "title", "closed"),
    [
        ({"forum_topic_created": {"name": "News", "icon_color": 7322096}}, "News", False),
        ({"forum_topic_edited": {"name": "Older news"}}, "Older news", False),
        ({"forum_topic_closed": {}}, None, True),
        ({"forum_topic_reopened": {}}, None, False),
    ],
    ids=["created", "renamed", "closed", "reopened"],
)
def test_threads_are_noted_as_they_come_and_go(service: dict[str, Any], title: str | None, closed: bool) -> None:
    message = {
        "message_id": 9,
        "date": 1,
        "chat": {"id": -100, "type": "supergroup", "title": "Aldmoor", "is_forum": True},
        "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
        "message_thread_id": 4,
        "is_topic_message": True,
        **service,
    }
    request = read_update(telegram.Update.de_json({"update_id": 1, "message": message}, None))
    assert request is not None
    assert (request.deed, request.thread_id, request.thread_title, request.thread_closed) == (
        Deed.THREAD,
        4,
        title,
        closed,
    )


def test_a_long_word_of_hyphens_is_looked_through_in_no_time() -> None:
    started = time.perf_counter()
    assert find_address("a-" * 50_000) == ""
    assert time.perf_counter() - started < 2, "square time would be minutes, and stand in the way of everybody's news"


@pytest.mark.parametrize(
    ("shown", "stands"),
    [
        pytest.param({"reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "x"}]]}}, True, id="it"),
        pytest.param({"reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "y"}]]}}, False, id="no"),
        pytest.param({}, False, id="no buttons at all"),
        pytest.param({"date": 0}, True, id="no longer shown by Telegram"),
    ],
)
def test_a_tap_tells_whether_its_button_stands_there(shown: dict[str, Any], stands: bool) -> None:
    tap = {
        "id": "t1",
        "from": {"id": 7, "is_bot": False, "first_name": "R"},
        "chat_instance": "c",
        "message": message() | shown,
        "data": "x",
    }
    request = read_update(update(callback_query=tap))
    assert request is not None
    assert request.tap_stands is stands
