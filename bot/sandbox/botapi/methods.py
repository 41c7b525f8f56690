"""The Bot API's methods on the world: parameters in, result out, or Telegram's refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.botapi.access import thread_for_writing, writable
from bot.sandbox.botapi.chat_methods import ChatMethods
from bot.sandbox.botapi.menus import MenuMethods
from bot.sandbox.telegram.errors import ApiError, bad_request
from bot.sandbox.telegram.rules import (
    MAX_TOAST_CHARS,
    check_keyboard,
    format_caption,
    format_message,
    not_modified,
    same_content,
)
from bot.sandbox.world.model import Chat, ChatKind, Document, Json, Message
from bot.sandbox.world.people import People, TapAnswer
from bot.sandbox.world.wire import message_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.botapi.parameters import Parameters
    from bot.sandbox.telegram.entities import Formatted
    from bot.sandbox.world.world import World

_DELETABLE_S = 48 * 3600
_MAX_DELETED_AT_ONCE = 100
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
            "editMessageCaption": self._edit_message_caption,
            "deleteMessage": self._delete_message,
            "deleteMessages": self._delete_messages,
            "answerCallbackQuery": self._answer_callback_query,
            "sendChatAction": self._send_chat_action,
            "getFile": self._get_file,
            **ChatMethods(world, people).table,
            **MenuMethods(world).table,
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

    # ---- messages

    def _send_message(self, parameters: Parameters) -> Json:
        chat = writable(self._world, parameters.chat_id())
        content = format_message(
            parameters.text("text"),
            parse_mode=parameters.text("parse_mode"),
            entities=parameters.sequence("entities"),
        )
        return self._post(chat, content, parameters)

    def _send_document(self, parameters: Parameters) -> Json:
        chat = writable(self._world, parameters.chat_id(), what="documents")
        caption = format_caption(
            parameters.text("caption"),
            parse_mode=parameters.text("parse_mode"),
            entities=parameters.sequence("caption_entities"),
        )
        return self._post(chat, caption, parameters, document=self._document(parameters))

    def _document(self, parameters: Parameters) -> Document:
        upload = parameters.upload("document")
        if upload is not None:
            if not upload.data:
                raise bad_request("file must be non-empty")
            return self._world.store_file(upload.data, file_name=upload.file_name, mime_type=upload.mime_type)
        file_id = parameters.text("document")
        if not file_id:
            raise bad_request("there is no document in the request")
        known = self._world.find_document(file_id)
        if known is None:
            raise bad_request("wrong remote file identifier specified: Wrong string length")
        return known

    def _post(
        self, chat: Chat, content: Formatted, parameters: Parameters, *, document: Document | None = None
    ) -> Json:
        markup = check_keyboard(parameters.mapping("reply_markup"))
        message = self._world.add_message(
            chat,
            sender_id=None if chat.kind is ChatKind.CHANNEL else self._world.bot.id,
            author_id=self._world.bot.id,
            content=content,
            markup=markup,
            reply_to=self._replied(chat, parameters),
            thread_id=thread_for_writing(chat, parameters.optional_integer("message_thread_id")),
            link_preview=parameters.mapping("link_preview_options"),
            silent=parameters.boolean("disable_notification"),
            document=document,
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

    def _own_message(self, parameters: Parameters, missing: str) -> tuple[Chat, Message]:
        if parameters.has("inline_message_id"):
            raise bad_request("MESSAGE_ID_INVALID")
        chat = writable(self._world, parameters.chat_id())
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

    def _edit_message_caption(self, parameters: Parameters) -> Json:
        content = format_caption(
            parameters.text("caption"),
            parse_mode=parameters.text("parse_mode"),
            entities=parameters.sequence("caption_entities"),
        )
        markup = check_keyboard(parameters.mapping("reply_markup"))
        _, message = self._own_message(parameters, "message to edit not found")
        if message.document is None:
            raise bad_request("there is no caption in the message to edit")
        if same_content(message.content, message.markup, content, markup):
            raise not_modified()
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
        chat = writable(self._world, parameters.chat_id())
        message = chat.messages.get(parameters.integer("message_id"))
        if message is None:
            raise bad_request("message to delete not found")
        if (refusal := self._undeletable(chat, message)) is not None:
            raise bad_request(refusal)
        self._world.delete_message(chat, message.id)
        return True

    def _delete_messages(self, parameters: Parameters) -> bool:
        """Delete what can be deleted; the rest is passed over, as Telegram does."""
        chat = writable(self._world, parameters.chat_id())
        wanted = parameters.sequence("message_ids") or []
        if not 1 <= len(wanted) <= _MAX_DELETED_AT_ONCE:
            raise bad_request(
                "too many message identifiers specified" if wanted else "message identifiers are not specified"
            )
        for message_id in map(int, wanted):
            message = chat.messages.get(message_id)
            if message is not None and self._undeletable(chat, message) is None:
                self._world.delete_message(chat, message_id)
        return True

    def _undeletable(self, chat: Chat, message: Message) -> str | None:
        """Say why the bot may not delete a message; ``None`` where it may."""
        if chat.bot_may("can_delete_messages"):
            return None
        if self._world.clock.time() - message.sent_at > _DELETABLE_S:
            return "message can't be deleted for everyone"
        own = message.sender_id == self._world.bot.id or chat.kind in {ChatKind.PRIVATE, ChatKind.CHANNEL}
        return None if own else "message can't be deleted"

    def _answer_callback_query(self, parameters: Parameters) -> bool:
        text = parameters.text("text")
        if len(text) > MAX_TOAST_CHARS:
            raise bad_request("MESSAGE_TOO_LONG")
        answer = TapAnswer(text=text, alert=parameters.boolean("show_alert"), url=parameters.text("url"))
        self._people.answer_tap(parameters.text("callback_query_id"), answer)
        return True

    def _send_chat_action(self, parameters: Parameters) -> bool:
        chat = writable(self._world, parameters.chat_id())
        if parameters.text("action") not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._world.show_typing(chat)
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
