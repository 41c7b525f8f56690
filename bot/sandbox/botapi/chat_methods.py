"""The Bot API's methods about chats: who is in them, their topics, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.botapi.access import readable, with_members
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.world.model import GENERAL_TOPIC_ID, Chat, ChatKind, Json, MemberStatus
from bot.sandbox.world.topics import (
    ICON_COLORS,
    add_topic,
    check_forum,
    close_topic,
    delete_topic,
    find_topic,
    rename_topic,
)
from bot.sandbox.world.wire import bot_member_json, full_chat_json, member_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.botapi.parameters import Parameters
    from bot.sandbox.world.model import Topic
    from bot.sandbox.world.people import People
    from bot.sandbox.world.world import World


class ChatMethods:
    """What a bot asks and does about chats.

    Args:
        world: where they are.
        people: who tell the bot what became of its membership.
    """

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        self.table: dict[str, Callable[[Parameters], Any]] = {
            "getChat": self._get_chat,
            "getChatMember": self._get_chat_member,
            "getChatMemberCount": self._get_chat_member_count,
            "getChatAdministrators": self._get_chat_administrators,
            "leaveChat": self._leave_chat,
            "createForumTopic": self._create_topic,
            "editForumTopic": self._edit_topic,
            "closeForumTopic": lambda given: self._set_closed(given, closed=True),
            "reopenForumTopic": lambda given: self._set_closed(given, closed=False),
            "deleteForumTopic": self._delete_topic,
            "closeGeneralForumTopic": lambda given: self._set_closed(given, closed=True, topic_id=GENERAL_TOPIC_ID),
            "reopenGeneralForumTopic": lambda given: self._set_closed(given, closed=False, topic_id=GENERAL_TOPIC_ID),
        }

    # ---- members

    def _get_chat(self, parameters: Parameters) -> Json:
        return full_chat_json(self._world, readable(self._world, parameters.chat_id()))

    def _get_chat_member(self, parameters: Parameters) -> Json:
        chat = with_members(self._world, parameters.chat_id())
        person_id = parameters.integer("user_id")
        if person_id <= 0:
            raise bad_request("invalid user_id specified")
        if person_id == self._world.bot.id:
            return bot_member_json(self._world, chat)
        person = self._world.person(person_id)
        return member_json(person, chat.members.get(person.id, MemberStatus.LEFT), chat)

    def _get_chat_member_count(self, parameters: Parameters) -> int:
        chat = readable(self._world, parameters.chat_id())
        return sum(status.is_in for status in chat.members.values()) + int(chat.bot_status.is_in)

    def _get_chat_administrators(self, parameters: Parameters) -> list[Json]:
        chat = with_members(self._world, parameters.chat_id())
        if chat.kind is ChatKind.PRIVATE:
            raise bad_request("there are no administrators in the private chat")
        found = [
            member_json(self._world.people[person_id], status, chat)
            for person_id, status in chat.members.items()
            if status.leads
        ]
        if chat.bot_status is MemberStatus.ADMINISTRATOR:
            found.append(bot_member_json(self._world, chat))
        return found

    def _leave_chat(self, parameters: Parameters) -> bool:
        chat = readable(self._world, parameters.chat_id())
        if chat.kind is ChatKind.PRIVATE:
            raise bad_request("chat member status can't be changed in private chats")
        if chat.bot_status.is_in:
            self._people.set_bot_status(chat.id, MemberStatus.LEFT, by=self._world.bot.id)
        return True

    # ---- topics

    def _create_topic(self, parameters: Parameters) -> Json:
        chat = self._forum(parameters)
        if not chat.bot_may("can_manage_topics"):
            raise bad_request("not enough rights to create a topic")
        topic, _ = add_topic(
            self._world,
            chat,
            parameters.text("name"),
            creator_id=self._world.bot.id,
            icon_color=parameters.integer("icon_color", ICON_COLORS[0]),
        )
        return topic.as_json()

    def _edit_topic(self, parameters: Parameters) -> bool:
        chat, topic = self._manageable(parameters, "edit")
        rename_topic(self._world, chat, topic, parameters.text("name"), by=self._world.bot.id)
        return True

    def _set_closed(self, parameters: Parameters, *, closed: bool, topic_id: int | None = None) -> bool:
        chat, topic = self._manageable(parameters, "edit", topic_id)
        close_topic(self._world, chat, topic, closed=closed, by=self._world.bot.id)
        return True

    def _delete_topic(self, parameters: Parameters) -> bool:
        chat, topic = self._manageable(parameters, "delete")
        delete_topic(self._world, chat, topic)
        return True

    def _forum(self, parameters: Parameters) -> Chat:
        chat = readable(self._world, parameters.chat_id())
        check_forum(chat)
        return chat

    def _manageable(self, parameters: Parameters, deed: str, topic_id: int | None = None) -> tuple[Chat, Topic]:
        chat = self._forum(parameters)
        topic = find_topic(chat, topic_id or parameters.integer("message_thread_id"))
        own = topic.creator_id == self._world.bot.id and deed == "edit"
        if not own and not chat.bot_may("can_manage_topics"):
            raise bad_request(f"not enough rights to {deed} the topic")
        return chat, topic
