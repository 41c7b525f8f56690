"""The Bot API's methods on the world: parameters in, result out, or Telegram's refusal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.sandbox.api_error import ApiError, bad_request
from bot.sandbox.model import Chat, ChatKind, Json, MemberStatus, Message
from bot.sandbox.people import People, TapAnswer
from bot.sandbox.rules import (
    MAX_TOAST_CHARS,
    check_keyboard,
    format_caption,
    format_message,
    not_modified,
    same_content,
)
from bot.sandbox.wire import full_chat_json, member_json, message_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.entities import Formatted
    from bot.sandbox.parameters import Parameters
    from bot.sandbox.world import World

_DELETABLE_S = 48 * 3600
_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024


class Methods:
    """All methods but ``getUpdates`` and the webhook's, which wait or go out.

    Args:
        world: what they act on.
        people: whose taps they answer.
    """

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        table: dict[str, Callable[[Parameters], Any]] = {
            "getMe": self._get_me,
            "sendMessage": self._send_message,
            "sendDocument": self._send_document,
            "editMessageText": self._edit_message_text,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "deleteMessage": self._delete_message,
            "answerCallbackQuery": self._answer_callback_query,
            "sendChatAction": self._send_chat_action,
            "setMyCommands": self._set_my_commands,
            "getMyCommands": self._get_my_commands,
            "deleteMyCommands": self._delete_my_commands,
            "getChat": self._get_chat,
            "getChatMember": self._get_chat_member,
            "getChatMemberCount": self._get_chat_member_count,
            "getChatAdministrators": self._get_chat_administrators,
            "leaveChat": self._leave_chat,
            "getFile": self._get_file,
        }
        self.table = {name.lower(): (name, call) for name, call in table.items()}

    # ---- the bot itself

    def _get_me(self, _parameters: Parameters) -> Json:
        return self._world.bot.as_json() | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def _set_my_commands(self, parameters: Parameters) -> bool:
        commands = parameters.sequence("commands") or []
        for command in commands:
            name = str(command.get("command", "")).removeprefix("/")
            if not (
                1 <= len(name) <= 32 and name.replace("_", "").isalnum() and name.isascii() and name == name.lower()
            ):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        if len(commands) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        self._world.commands[self._scope(parameters)] = commands
        self._world.touch()
        return True

    def _get_my_commands(self, parameters: Parameters) -> list[Json]:
        return self._world.commands.get(self._scope(parameters), [])

    def _delete_my_commands(self, parameters: Parameters) -> bool:
        self._world.commands.pop(self._scope(parameters), None)
        self._world.touch()
        return True

    @staticmethod
    def _scope(parameters: Parameters) -> str:
        scope = parameters.mapping("scope") or {"type": "default"}
        return json.dumps([scope, parameters.text("language_code")], sort_keys=True)

    # ---- messages

    def _send_message(self, parameters: Parameters) -> Json:
        chat = self._world.writable(parameters.chat_id())
        content = format_message(
            parameters.text("text"),
            parse_mode=parameters.text("parse_mode"),
            entities=parameters.sequence("entities"),
        )
        return self._post(chat, content, parameters)

    def _send_document(self, parameters: Parameters) -> Json:
        chat = self._world.writable(parameters.chat_id())
        upload = parameters.upload("document")
        if upload is None:
            raise bad_request("there is no document in the request")
        if not upload.data:
            raise bad_request("file must be non-empty")
        caption = format_caption(
            parameters.text("caption"),
            parse_mode=parameters.text("parse_mode"),
            entities=parameters.sequence("caption_entities"),
        )
        document = self._world.store_file(upload.data, file_name=upload.file_name, mime_type=upload.mime_type)
        return self._post(chat, caption, parameters, document=document)

    def _post(self, chat: Chat, content: Formatted, parameters: Parameters, **more: Any) -> Json:  # noqa: ANN401  passed on
        markup = check_keyboard(parameters.mapping("reply_markup"))
        message = self._world.add_message(
            chat,
            sender_id=None if chat.kind is ChatKind.CHANNEL else self._world.bot.id,
            content=content,
            markup=markup,
            reply_to=self._replied(chat, parameters),
            thread_id=self._thread(chat, parameters),
            link_preview=parameters.mapping("link_preview_options"),
            silent=parameters.boolean("disable_notification"),
            **more,
        )
        return message_json(self._world, message)

    @staticmethod
    def _replied(chat: Chat, parameters: Parameters) -> int | None:
        reply = parameters.mapping("reply_parameters") or {
            "message_id": parameters.integer("reply_to_message_id"),
            "allow_sending_without_reply": parameters.boolean("allow_sending_without_reply"),
        }
        replied = int(reply.get("message_id") or 0)
        if not replied or replied in chat.messages:
            return replied or None
        if reply.get("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")

    @staticmethod
    def _thread(chat: Chat, parameters: Parameters) -> int | None:
        thread_id = parameters.optional_integer("message_thread_id")
        if thread_id is not None and not chat.is_forum:
            raise bad_request("message thread not found")
        return thread_id

    def _own_message(self, parameters: Parameters, missing: str) -> tuple[Chat, Message]:
        if parameters.has("inline_message_id"):
            raise bad_request("MESSAGE_ID_INVALID")
        chat = self._world.writable(parameters.chat_id())
        message = chat.messages.get(parameters.integer("message_id"))
        if message is None:
            raise bad_request(missing)
        own = chat.kind is ChatKind.CHANNEL or message.sender_id == self._world.bot.id
        if not own:
            raise bad_request("message can't be edited")
        return chat, message

    def _edit_message_text(self, parameters: Parameters) -> Json:
        content = format_message(
            parameters.text("text"),
            parse_mode=parameters.text("parse_mode"),
            entities=parameters.sequence("entities"),
        )
        markup = check_keyboard(parameters.mapping("reply_markup"))
        _, message = self._own_message(parameters, "message to edit not found")
        if message.document is not None:
            raise bad_request("there is no text in the message to edit")
        if same_content(message.content, message.markup, content, markup):
            raise not_modified()
        message.link_preview = parameters.mapping("link_preview_options") or message.link_preview
        self._world.change_message(message, content=content, markup=markup)
        return message_json(self._world, message)

    def _edit_message_reply_markup(self, parameters: Parameters) -> Json:
        markup = check_keyboard(parameters.mapping("reply_markup"))
        _, message = self._own_message(parameters, "message to edit not found")
        if same_content(message.content, message.markup, message.content, markup):
            raise not_modified()
        self._world.change_message(message, markup=markup)
        return message_json(self._world, message)

    def _delete_message(self, parameters: Parameters) -> bool:
        chat = self._world.writable(parameters.chat_id())
        message = chat.messages.get(parameters.integer("message_id"))
        if message is None:
            raise bad_request("message to delete not found")
        if self._world.clock.time() - message.sent_at > _DELETABLE_S and chat.bot_status is MemberStatus.MEMBER:
            raise bad_request("message can't be deleted for everyone")
        group = chat.kind in {ChatKind.GROUP, ChatKind.SUPERGROUP}
        if group and message.sender_id != self._world.bot.id and chat.bot_status is MemberStatus.MEMBER:
            raise bad_request("message can't be deleted")
        self._world.delete_message(chat, message.id)
        return True

    def _answer_callback_query(self, parameters: Parameters) -> bool:
        text = parameters.text("text")
        if len(text) > MAX_TOAST_CHARS:
            raise bad_request("MESSAGE_TOO_LONG")
        answer = TapAnswer(text=text, alert=parameters.boolean("show_alert"), url=parameters.text("url"))
        self._people.answer_tap(parameters.text("callback_query_id"), answer)
        return True

    def _send_chat_action(self, parameters: Parameters) -> bool:
        chat = self._world.writable(parameters.chat_id())
        if parameters.text("action") not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._world.show_typing(chat)
        return True

    # ---- chats

    def _get_chat(self, parameters: Parameters) -> Json:
        return full_chat_json(self._world, self._world.chat(parameters.chat_id()))

    def _get_chat_member(self, parameters: Parameters) -> Json:
        chat = self._world.chat(parameters.chat_id())
        person = self._world.person(parameters.integer("user_id"))
        if person.is_bot:
            return member_json(person, chat.bot_status)
        return member_json(person, chat.members.get(person.id, MemberStatus.LEFT))

    def _get_chat_member_count(self, parameters: Parameters) -> int:
        return len(self._world.chat(parameters.chat_id()).members) + 1

    def _get_chat_administrators(self, parameters: Parameters) -> list[Json]:
        chat = self._world.chat(parameters.chat_id())
        if chat.kind is ChatKind.PRIVATE:
            raise bad_request("there are no administrators in the private chat")
        leaders = {MemberStatus.CREATOR, MemberStatus.ADMINISTRATOR}
        found = [
            member_json(self._world.people[person_id], status)
            for person_id, status in chat.members.items()
            if status in leaders
        ]
        if chat.bot_status is MemberStatus.ADMINISTRATOR:
            found.append(member_json(self._world.bot, chat.bot_status))
        return found

    def _leave_chat(self, parameters: Parameters) -> bool:
        chat = self._world.writable(parameters.chat_id())
        if chat.kind is ChatKind.PRIVATE:
            raise bad_request("chat member status can't be changed in private chats")
        chat.bot_status = MemberStatus.LEFT
        self._world.touch(chat)
        return True

    # ---- files

    def _get_file(self, parameters: Parameters) -> Json:
        file_id = parameters.text("file_id")
        data = self._world.files.get(file_id)
        if data is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(data) > _MAX_DOWNLOAD_BYTES:
            raise ApiError(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": len(data),
            "file_path": f"documents/{file_id}",
        }
