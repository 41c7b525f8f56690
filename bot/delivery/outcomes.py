"""What an answer of the Bot API, or its absence, means for a delivery: decisions without I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, TelegramError

from bot.delivery.calls import Call, without_markup, without_payment
from bot.delivery.errors import NeverLeftError, NoAnswerError, RateLimitedError, TokenRejectedError, WrongServerError
from storage.chats.threads import THREAD_CLOSED
from storage.model import DeliveryKind, DeliveryState, Settlement, Verb

if TYPE_CHECKING:
    from datetime import datetime

    from bot.delivery.hand import Held
    from storage.model import Delivery

MAX_ATTEMPTS = 5
"""Requests of one delivery without an answer before it is given up, where they may be repeated."""
_MAX_WAIT_S = 60.0
_MARKUP = "can't parse entities"
_UNCHANGED = "message is not modified"
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_ALREADY_DELETED = "message to delete not found"
_SHUT = (
    "chat not found",
    "chat_write_forbidden",
    "group chat was deactivated",
    "have no rights to send a message",
    "need administrator rights in the channel chat",
    "not enough rights to send text messages",
    "peer_id_invalid",
    "user is deactivated",
)
"""Ways in which a 400 says that the chat, not the message, is at fault."""
_THREAD_SHUT = ("topic_closed", "topic_deleted", "message thread not found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What follows from one request.

    Attributes:
        delivery: Whose request it was.
        settlement: What the outbox is to record; None while another request is to try (``again``).
        again: The other request.
        wait_s: How long Telegram wants the chat to wait.
        moved_to: The chat's new id.
        unreachable: Why nothing more should be sent to the chat.
        offline: There is no way to the server; nobody need try for a while.
        rejected: The token is worth nothing any more; nobody need try at all.
        thread_shut: The forum's topic takes no messages.
        anew: The message that was to be replaced is gone: this one is to be sent as a new one, which a kill must not
            repeat as it may repeat an edit.
        left_at: When the request left; ``None`` where none did.
    """

    delivery: Delivery
    settlement: Settlement | None = None
    again: Call | None = None
    wait_s: float | None = None
    moved_to: int | None = None
    unreachable: str | None = None
    offline: bool = False
    rejected: bool = False
    thread_shut: bool = False
    anew: bool = False
    left_at: datetime | None = None


def succeeded(held: Held, message_id: int | None) -> Outcome:
    """Return what follows from a 200."""
    return _sent(held, message_id)


def failed(  # noqa: PLR0911 - one for each kind of answer
    held: Held, error: Exception, *, now: datetime, resend: bool = False
) -> Outcome:
    """Return what follows from a request that brought an error instead of a message.

    Args:
        held: Whose request it was.
        error: What came instead.
        now: The present instant.
        resend: Whether a message that may have arrived is rather sent twice than not at all.
    """
    delivery = held.delivery
    match error:
        case RateLimitedError():
            due_at = now + timedelta(seconds=error.retry_after_s)
            # It was refused unread; that is not the message's fault, so it does not count as an attempt.
            return requeue(delivery, due_at=due_at, wait_s=error.retry_after_s)
        case TokenRejectedError():
            return requeue(delivery, due_at=now, rejected=True)
        case NeverLeftError() | WrongServerError():
            return requeue(delivery, due_at=now, offline=True)
        case ChatMigrated() if delivery.subscriber_id is not None:
            return requeue(delivery, due_at=now, moved_to=error.new_chat_id)
        case Forbidden():
            return _dead(delivery, _reason(error), unreachable=True)
        case BadRequest():
            return _refused(held, error, now=now)
        case TelegramError() if not _is_uncertain(error):
            return _dead(delivery, _reason(error))
        case _:
            return _unanswered(held, error, now=now, resend=resend)


def requeue(
    delivery: Delivery,
    *,
    due_at: datetime,
    wait_s: float | None = None,
    moved_to: int | None = None,
    offline: bool = False,
    rejected: bool = False,
) -> Outcome:
    """Return a delivery to the queue as one that Telegram has not acted on."""
    settlement = Settlement(delivery_id=delivery.id, state=DeliveryState.QUEUED, due_at=due_at, attempted=False)
    return Outcome(
        delivery=delivery,
        settlement=settlement,
        wait_s=wait_s,
        moved_to=moved_to,
        offline=offline,
        rejected=rejected,
    )


def unwritten(delivery: Delivery, error: Exception, *, now: datetime) -> Outcome:
    """Return what follows from a message that could not be put into words: a few more tries, then the end."""
    reason = f"could not be rendered ({type(error).__name__})"
    return _retry(delivery, reason, now=now)


def without_words(delivery: Delivery) -> Outcome:
    """Return what follows where nothing is left to say, such as a story that is gone."""
    settlement = Settlement(
        delivery_id=delivery.id, state=DeliveryState.CANCELLED, reason="nothing to say", attempted=False
    )
    return Outcome(delivery=delivery, settlement=settlement)


def without_target(delivery: Delivery) -> Outcome:
    """Return what follows for an edit or a deletion of a message that was never sent."""
    state = DeliveryState.CANCELLED if delivery.verb is Verb.DELETE else DeliveryState.DEAD
    settlement = Settlement(delivery_id=delivery.id, state=state, reason="its message was not sent", attempted=False)
    return Outcome(delivery=delivery, settlement=settlement)


def abandoned(held: Held, *, now: datetime, resend: bool = False) -> Outcome:
    """Return what follows when we stop before the answer has come."""
    return _unanswered(held, NoAnswerError("stopped before an answer came"), now=now, resend=resend)


def _refused(held: Held, error: BadRequest, *, now: datetime) -> Outcome:
    delivery, reason = held.delivery, _reason(error)
    words = reason.lower()
    if _UNCHANGED in words or (delivery.verb is Verb.DELETE and _ALREADY_DELETED in words):
        return _sent(held, delivery.message_id)
    if (free := without_payment(held.call)) is not None:
        # Whatever it is that Telegram does not like, too few Stars among them, it has not acted.
        return Outcome(delivery=delivery, again=free)
    if _MARKUP in words and (plain := without_markup(held.call)) is not None:
        return Outcome(delivery=delivery, again=plain)
    if delivery.verb is Verb.REPLACE and held.call.repeatable and any(gone in words for gone in _GONE):
        return replace(requeue(delivery, due_at=now), anew=True)
    if delivery.thread_id and any(shut in words for shut in _THREAD_SHUT):
        return _set_aside(delivery)
    return _dead(delivery, reason, unreachable=any(shut in words for shut in _SHUT))


def _set_aside(delivery: Delivery) -> Outcome:
    """Let a story wait until its topic is opened or another is chosen; what waits holds up nothing else."""
    waits = delivery.kind is DeliveryKind.STORY
    settlement = Settlement(
        delivery_id=delivery.id,
        state=DeliveryState.CANCELLED if waits else DeliveryState.DEAD,
        reason=THREAD_CLOSED,
        attempted=False,
    )
    return Outcome(delivery=delivery, settlement=settlement, thread_shut=waits)


def _unanswered(held: Held, error: Exception, *, now: datetime, resend: bool) -> Outcome:
    reason = str(error) if isinstance(error, TelegramError) else type(error).__name__
    if held.call.repeatable or resend:
        return _retry(held.delivery, reason, now=now)
    return _unknown(held, reason)


def _retry(delivery: Delivery, reason: str, *, now: datetime) -> Outcome:
    if delivery.attempts + 1 >= MAX_ATTEMPTS:
        return _dead(delivery, reason)
    due_at = now + timedelta(seconds=min(_MAX_WAIT_S, 2.0**delivery.attempts))
    settlement = Settlement(delivery_id=delivery.id, state=DeliveryState.QUEUED, due_at=due_at, reason=reason)
    return Outcome(delivery=delivery, settlement=settlement)


def _sent(held: Held, message_id: int | None) -> Outcome:
    delivery = held.delivery
    settlement = Settlement(
        delivery_id=delivery.id,
        state=DeliveryState.SENT,
        message_id=delivery.message_id if message_id is None else message_id,
        revision=held.revision,
    )
    return Outcome(delivery=delivery, settlement=settlement)


def _unknown(held: Held, reason: str) -> Outcome:
    settlement = Settlement(
        delivery_id=held.delivery.id, state=DeliveryState.UNKNOWN, reason=reason, revision=held.revision
    )
    return Outcome(delivery=held.delivery, settlement=settlement)


def _dead(delivery: Delivery, reason: str, *, unreachable: bool = False) -> Outcome:
    settlement = Settlement(delivery_id=delivery.id, state=DeliveryState.DEAD, reason=reason)
    return Outcome(delivery=delivery, settlement=settlement, unreachable=reason if unreachable else None)


def _reason(error: TelegramError) -> str:
    return str(error).removeprefix("Forbidden: ")


def _is_uncertain(error: TelegramError) -> bool:
    """Tell whether Telegram may have acted: every network error that is not a plain refusal."""
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)
