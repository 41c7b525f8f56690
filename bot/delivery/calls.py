"""A delivery as the request that fulfils it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telegram import InputFile

from storage.model import DeliveryKind, Verb

if TYPE_CHECKING:
    from storage.model import Delivery, Json

_LINK = re.compile(r"<a\s[^>]*href=\"([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_MAX_UNITS = 4096
_NEWS = frozenset({DeliveryKind.STORY, DeliveryKind.PUSH, DeliveryKind.DIGEST})
_PAID = "allow_paid_broadcast"
_NOT_FOR_EDITS = frozenset({_PAID, "disable_notification", "protect_content", "reply_parameters", "message_effect_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a delivery without a payload says.

    Attributes:
        parameters: Bot API parameters without the chat, the thread and the message.
        revision: The story's revision that they show; None where it is not a story.
    """

    parameters: Json
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the Bot API.

    Attributes:
        method: As Telegram spells it.
        parameters: All of them.
        repeatable: Whether a second one changes nothing, so that it may be tried again after no answer came.
    """

    method: str
    parameters: Json
    repeatable: bool


def compose(delivery: Delivery, parameters: Json) -> Call | None:
    """Return the request that does what ``delivery`` asks for; None where there is no message to do it to."""
    match delivery.verb:
        case Verb.SEND:
            return compose_new(delivery, parameters)
        case Verb.REPLACE if delivery.message_id is None:
            return compose_new(delivery, parameters)
        case _ if delivery.message_id is None:
            return None
        case Verb.DELETE:
            method, changes = "deleteMessage", {}
        case _:
            method = "editMessageText" if "text" in parameters else "editMessageReplyMarkup"
            changes = {name: value for name, value in parameters.items() if name not in _NOT_FOR_EDITS}
    where = {"chat_id": delivery.chat_id, "message_id": delivery.message_id}
    return Call(method=method, parameters=where | changes, repeatable=True)


def compose_new(delivery: Delivery, parameters: Json) -> Call:
    """Return the request that sends ``parameters`` as a new message."""
    where: dict[str, Any] = {"chat_id": delivery.chat_id}
    if delivery.thread_id:
        where["message_thread_id"] = delivery.thread_id
    if delivery.silent and delivery.kind in _NEWS:
        where["disable_notification"] = True
    document = parameters.get("document")
    if isinstance(document, Mapping):
        file = InputFile(str(document["content"]).encode(), filename=str(document["name"]))
        return Call(method="sendDocument", parameters={**where, **parameters, "document": file}, repeatable=False)
    return Call(method="sendMessage", parameters={**where, **parameters}, repeatable=False)


def without_markup(call: Call) -> Call | None:
    """Return the same request with its text plain; None where there was no markup to blame."""
    parameters = dict(call.parameters)
    if parameters.pop("parse_mode", None) is None or "text" not in parameters:
        return None
    parameters["text"] = _plain(str(parameters["text"]))
    return Call(method=call.method, parameters=parameters, repeatable=call.repeatable)


def without_payment(call: Call) -> Call | None:
    """Return the same request at the pace that is free; None where nothing was to be paid."""
    if _PAID not in call.parameters:
        return None
    parameters = {name: value for name, value in call.parameters.items() if name != _PAID}
    return Call(method=call.method, parameters=parameters, repeatable=call.repeatable)


def _plain(markup: str) -> str:
    with_links = html.unescape(_TAG.sub("", _LINK.sub(r"\2 (\1)", markup)))
    if _units(with_links) <= _MAX_UNITS:
        return with_links
    return html.unescape(_TAG.sub("", markup))


def _units(text: str) -> int:
    """Count UTF-16 units, as Telegram does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
