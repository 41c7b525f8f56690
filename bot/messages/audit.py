"""What was done in the newsroom, as sentences: without a subject, since who did it stands before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.messages.html import Html, escape
from bot.messages.people import render_person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.messages.speech import Speech
    from storage.model import AuditEntry


def render_deed(words: Speech, entry: AuditEntry, *, name: str, people: Mapping[int, str]) -> Html:
    """Tell what somebody did.

    Args:
        words: The reader's voice.
        entry: The deed as it was recorded.
        name: The feed that it was done to, where it was one and is still there.
        people: The names of the newsroom's people, by user id, as far as they are known.
    """
    kind, _, number = entry.subject.partition(":")
    subject = _person(words, number, people) if kind == "u" else Html(escape(number))
    if entry.action in _DEEDS:
        return _DEEDS[entry.action](words, subject)
    count = int(entry.detail.get("count", 0))
    match entry.action:
        case "push":
            deed = _sent(words, entry, number)
        case "unknown.resend":
            again = words.say_n("{n} delivery is sent again.", "{n} deliveries are sent again.", count)
            deed = words.say("Push {id}: {deed}", id=number, deed=again) if number else again
        case "unknown.leave":
            left = words.say_n("{n} delivery is left as it is.", "{n} deliveries are left as they are.", count)
            deed = words.say("Push {id}: {deed}", id=number, deed=left) if number else left
        case "feed.take":
            taken = words.say_n("{n} entry goes to its readers.", "{n} entries go to their readers.", count)
            deed = words.say("{name}: {deed}", name=name or number, deed=taken)
        case "feed.skip":
            skipped = words.say_n("{n} entry is skipped.", "{n} entries are skipped.", count)
            deed = words.say("{name}: {deed}", name=name or number, deed=skipped)
        case "invite":
            is_reader = entry.detail.get("role") == "reader"
            deed = words.say("One new reader invited.") if is_reader else words.say("One new editor invited.")
        case "editor.join":
            inviter = _person(words, str(entry.detail.get("invited_by", "")), people)
            deed = words.say("Joined the newsroom, invited by {id}.", id=inviter)
        case other:  # of a later version
            deed = Html(escape(f"{other} {entry.subject}"))
    return deed


def _sent(words: Speech, entry: AuditEntry, number: str) -> Html:
    chats = int(entry.detail.get("chats", 0))
    if entry.detail.get("paid"):
        return words.say_n(
            "Push {id} sent to {n} chat, faster, for Stars.",
            "Push {id} sent to {n} chats, faster, for Stars.",
            chats,
            id=number,
        )
    return words.say_n("Push {id} sent to {n} chat.", "Push {id} sent to {n} chats.", chats, id=number)


def _person(words: Speech, number: str, people: Mapping[int, str]) -> Html:
    if not number.removeprefix("-").isdecimal():
        return Html(f"<code>{escape(number)}</code>")
    return render_person(words, int(number), people)


_DEEDS: Final[Mapping[str, Callable[[Speech, Html], Html]]] = {
    "push.pause": lambda words, subject: words.say("Push {id} paused.", id=subject),
    "push.resume": lambda words, subject: words.say("Push {id} resumed.", id=subject),
    "push.cancel": lambda words, subject: words.say("Push {id} cancelled.", id=subject),
    "discard": lambda words, subject: words.say("Push {id} discarded.", id=subject),
    "editor.remove": lambda words, subject: words.say("{id} removed from the newsroom.", id=subject),
    "editor.leave": lambda words, _: words.say("Left the newsroom."),
    "ban": lambda words, subject: words.say("{id} shut out.", id=subject),
    "unban": lambda words, subject: words.say("{id} let in again.", id=subject),
}
"""Deeds of which nothing more is to be told than what they were done to."""
