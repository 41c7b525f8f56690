"""A push: what an editor sends is collected, read, and previewed byte for byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.push.drafts import Draft, Found, draft_of, find_draft, keep, message_of
from bot.chat.settings.screens import language_name
from bot.chat.turn import questions
from bot.chat.turn.files import MOST_FILE_BYTES, FileTooLarge, FileUnreadable
from bot.chat.turn.limits import LONGEST_TEXT_CHARS
from bot.chat.turn.requests import find_address
from bot.chat.turn.troubles import host_of, say_no_article, say_trouble
from bot.chat.turn.turns import Action, Rewrite, Say, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import visible_units
from bot.messages.outgoing import Button, OutgoingMessage
from bot.news.pages.obstacles import Obstacle
from storage.model import PushState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Brief
    from storage import Work
    from storage.model import Push

_LONG_PART_CHARS: Final = 3000
"""A message this long may be the first of several that a client made of one text."""
_TWIN_DAYS: Final = timedelta(days=30)
_WHOLE: Final = 0.95
"""Of a text; spaces between its sentences count as sent."""
_MEGABYTE: Final = 1024 * 1024
_SENTENCE_ENDS: Final = (".", "!", "?", "…", "»", "”", '"', ":")


async def begin(turn: Turn, work: Work) -> Sequence[Reply]:
    """Push what came with the command; where nothing did, wait for it."""
    found: Found = turn.found
    if found.draft is None and found.trouble is None:
        ask = turn.speech.say("Send a link, text, file or forward. /done ends long texts.")
        return [await questions.ask(turn, work, "push", ask, ((_button(turn, "cancel"),),))]
    return await _show_found(turn, work, found)


async def hear(turn: Turn) -> Found | None:
    """Read an answer; a long part is only collected, and read once ``/done`` says that it is whole."""
    if is_part(turn):
        return None
    return await find_draft(turn)


def is_part(turn: Turn) -> bool:
    """Tell whether a message is a part of a text that goes on."""
    collected = turn.data.get("text", "") if turn.data else ""
    return turn.request.file is None and bool(collected or len(turn.argument) >= _LONG_PART_CHARS)


async def take(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take what an editor sends after ``/push``."""
    if turn.found is not None:
        return await begin(turn, work)
    text = _joined(turn.data.get("text", "") if turn.data else "", turn.argument)
    if len(text) > LONGEST_TEXT_CHARS:
        await questions.end(turn, work)
        words: str = turn.speech.say(
            "{n} characters; I take {most}.",
            n=turn.speech.rounded(len(text)),
            most=turn.speech.number(LONGEST_TEXT_CHARS),
        )
        return [Say(message=OutgoingMessage(words))]
    await questions.expect(turn, work, "push", {"text": text})
    count = turn.speech.say_n("{n} character so far.", "{n} characters so far.", len(text))
    words = f"{count} {turn.speech.say('Send the next part, or /done.')}"
    return [Say(message=OutgoingMessage(words, ((_button(turn, "cancel"),),)))]


def _joined(before: str, part: str) -> str:
    """Put the parts together into which a client cut a text: after a sentence it was a line's end, else a space."""
    if not before:
        return part
    return f"{before}\n{part}" if before.rstrip().endswith(_SENTENCE_ENDS) else f"{before} {part}"


async def find_collected(turn: Turn) -> Found:
    """Read what was collected."""
    async with turn.house.storage.read() as work:
        dialogue = await work.subscribers.find_dialogue(turn.subscriber.id, turn.request.user_id, turn.now)
    if dialogue is None or dialogue.expects != "push" or not dialogue.data.get("text"):
        return Found()
    return await find_draft(replace(turn, argument=str(dialogue.data["text"])))


async def finish(turn: Turn, work: Work) -> Sequence[Reply]:
    """Preview the text that ``/done`` ends."""
    found: Found = turn.found
    if found.draft is None and found.trouble is None:
        text = turn.speech.say("There is nothing to finish. /push begins a text.")
        return [Say(message=OutgoingMessage(text))]
    return await _show_found(turn, work, found)


async def _show_found(turn: Turn, work: Work, found: Found) -> Sequence[Reply]:
    await questions.end(turn, work)
    if found.text:
        return [Say(message=await _offer_again(turn, work, found.text))]
    trouble = say_found_trouble(turn, found)
    if trouble or found.draft is None:
        return [Say(message=OutgoingMessage(trouble))]
    push = await keep(turn, work, found, found.draft)
    twin = await work.pushes.find_twin(push.id, since=turn.now - _TWIN_DAYS)
    if twin is not None and twin.confirmed_at is not None:
        day = turn.speech.day(turn.speech.local_date(twin.confirmed_at))
        text = turn.speech.say("Push {id} sent this on {day}.", id=twin.id, day=day)
        label = turn.speech.label("push.button", "Open {number}", number=twin.id)
        opened = Button(label, data=Callback("pu", "open", twin.id).encode())
        anyway = Button(
            turn.speech.label("push.button", "Send anyway"), data=Callback("pu", "anyway", push.id).encode()
        )
        return [Say(message=OutgoingMessage(text, ((opened, anyway),)))]
    return preview(turn, push, found.draft)


async def _offer_again(turn: Turn, work: Work, text: str) -> OutgoingMessage:
    """Keep what could not be read this time, for a button that tries again."""
    await questions.expect(turn, work, "push", {"text": text})
    again = Button(turn.speech.label("address.button", "Try again"), data=Callback("pu", "again", 0).encode())
    words = turn.speech.say("That took me too long just now. Your text is kept.")
    return OutgoingMessage(words, ((again,),))


async def try_again(turn: Turn, work: Work) -> Sequence[Reply]:
    """Preview what could not be read before."""
    found: Found = turn.found
    if found.draft is None and found.trouble is None:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    return [Toast(), *await _show_found(turn, work, found)]


def say_found_trouble(turn: Turn, found: Found) -> str:
    """Say why nothing can be pushed; empty where something can."""
    speech, draft = turn.speech, found.draft
    match found.trouble:
        case None:
            obstacle = found.prepared.obstacle if found.prepared else None
            is_page = obstacle not in {Obstacle.CONSENT, Obstacle.MISSING, Obstacle.FRONT}
            if draft is not None and (draft.title or draft.chosen) and is_page:
                return ""
            if found.url:
                return say_no_article(speech, obstacle, url=found.url)
            return speech.say("I find no sentence there to quote. Send a longer text.")
        case FileTooLarge(size=size):
            return speech.say(
                "{size} MB; I take {most}. Send its link.",
                size=speech.number(size // _MEGABYTE),
                most=speech.number(MOST_FILE_BYTES // _MEGABYTE),
            )
        case FileUnreadable():
            return speech.say("I can't read that file. Send a .txt or .html one, or paste its text.")
        case error:
            return say_trouble(speech, error, url=found.url)


def preview(turn: Turn, push: Push, draft: Draft) -> list[Reply]:
    """Show the message exactly as it will be sent, and under it what can be changed."""
    message = message_of(turn, draft, push.id, at=push.created_at)
    return [Say(message=message, previews=push.id), Say(message=panel(turn, push, draft))]


def panel(turn: Turn, push: Push, draft: Draft) -> OutgoingMessage:
    """Make the message under a preview."""
    speech = turn.speech
    count = visible_units(str(push.content.payload["text"]))
    language = language_name_in(turn, draft.lang)
    lines: list[str] = [
        speech.say_n(
            "Push {id}, draft. {language}, {n} character.",
            "Push {id}, draft. {language}, {n} characters.",
            count,
            id=push.id,
            language=language,
        )
    ]
    if shortened := _say_shortened(turn, draft):
        lines.append(shortened)
    rows: Keyboard = (
        (_button(turn, "short", push.id), _button(turn, "long", push.id)),
        (_button(turn, "pick", push.id, "0"), _button(turn, "title", push.id)),
        (
            _button(turn, "text", push.id),
            Button(
                speech.label("push.button", "Picture: on")
                if draft.picture
                else speech.label("push.button", "Picture: off"),
                data=Callback("pu", "pic", push.id, "0" if draft.picture else "1").encode(),
            ),
        ),
        (
            Button(
                speech.label("push.button", "Sound: on") if draft.sound else speech.label("push.button", "Sound: off"),
                data=Callback("pu", "sound", push.id, "0" if draft.sound else "1").encode(),
            ),
            _button(turn, "test", push.id),
        ),
        (_button(turn, "drop", push.id), _button(turn, "who", push.id)),
    )
    return OutgoingMessage("\n".join(lines), rows)


def _say_shortened(turn: Turn, draft: Draft) -> str:
    """Say how much of an editor's own text is sent, and what becomes of the rest; empty where all of it is."""
    speech, total = turn.speech, draft.text_chars
    shown, further = (sum(map(len, texts)) for texts in (draft.texts(), draft.left_out()))
    if draft.url or not draft.sentences or shown >= _WHOLE * total:
        return ""
    part, more = speech.percent(shown / total), speech.label("story.button", "More")
    if not further:
        return speech.say("Shortened to {percent} of the text. The rest is not sent.", percent=part)
    if shown + further >= _WHOLE * total:
        return speech.say("Shortened to {percent} of the text. {button} shows the rest.", percent=part, button=more)
    return speech.say(
        "Shortened to {percent} of the text; {button} shows {larger}. The rest is not sent.",
        percent=part,
        button=more,
        larger=speech.percent((shown + further) / total),
    )


def language_name_in(turn: Turn, lang: str) -> str:
    """Name a language as it names itself; where none is known, say so."""
    return language_name(lang) if lang else turn.speech.plain("unknown language")


def _button(turn: Turn, verb: str, push_id: int = 0, arg: str = "") -> Button:
    words = turn.speech
    labels = {
        "cancel": lambda: words.label("push.button", "Cancel"),
        "short": lambda: words.label("push.button", "Shorter"),
        "long": lambda: words.label("push.button", "Longer"),
        "pick": lambda: words.label("push.button", "Sentences"),
        "title": lambda: words.label("push.button", "Title"),
        "text": lambda: words.label("push.button", "Edit text"),
        "test": lambda: words.label("push.button", "Test"),
        "drop": lambda: words.label("push.button", "Discard"),
        "who": lambda: words.label("push.button", "Audience"),
    }
    return Button(labels[verb](), data=Callback("pu", verb, push_id, arg).encode())


async def show_anyway(turn: Turn, work: Work) -> Sequence[Reply]:
    """Preview a draft although its like was sent before."""
    push = await work.pushes.find(turn.subject_id)
    if push is None or push.state is not PushState.DRAFT:
        return stale(turn, push)
    return [Toast(), *preview(turn, push, draft_of(push))]


async def cancel(turn: Turn, work: Work) -> Sequence[Reply]:
    """Stop waiting for something to push."""
    await questions.end(turn, work)
    return [Rewrite(message=OutgoingMessage(turn.speech.say("Cancelled. Nothing was sent.")))]


def state_words(turn: Turn, push: Push) -> Brief:
    """Say how far a push has come."""
    match push.state:
        case PushState.DISCARDED:
            return turn.speech.toast("Push {id} is discarded.", id=push.id)
        case PushState.DONE:
            return turn.speech.toast("Push {id} has been sent.", id=push.id)
        case PushState.SENDING:
            return turn.speech.toast("Push {id} is on its way.", id=push.id)
        case PushState.DRAFT:
            return turn.speech.toast("Push {id} is a draft.", id=push.id)


def stale(turn: Turn, push: Push | None) -> Sequence[Reply]:
    """Say that a draft's button does nothing any more, and why."""
    if push is None:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    return [Toast(text=state_words(turn, push))]


async def open_draft(turn: Turn, work: Work) -> Push | None:
    """Find the push that a button names, where it is a draft still."""
    push = await work.pushes.find(turn.subject_id)
    return push if push is not None and push.state is PushState.DRAFT else None


def push_button(label: str, verb: str, push_id: int, arg: str = "") -> Button:
    """Make a button that does something with a push."""
    return Button(label, data=Callback("pu", verb, push_id, arg).encode())


def say_reading(turn: Turn) -> str:
    """Say which page is being read, where one is."""
    url = find_address(turn.argument) or ("" if turn.argument else turn.request.replied_url)
    return turn.speech.say("Reading {host}…", host=host_of(url)) if url else ""


PUSH: Final = Action(
    handler=begin, research=find_draft, progress=say_reading, newsroom=True, fetches=True, private_only=True
)
PUSH_ANSWER: Final = replace(
    PUSH, handler=take, research=hear, progress=lambda turn: "" if is_part(turn) else say_reading(turn)
)
DONE: Final = Action(handler=finish, research=find_collected, newsroom=True, private_only=True)
AGAIN: Final = Action(handler=try_again, research=find_collected, newsroom=True, fetches=True, private_only=True)
DESK_TAPS: Final[Mapping[str, Action]] = {
    "pu.again": AGAIN,
    "pu.cancel": Action(handler=cancel, newsroom=True, private_only=True),
    "pu.anyway": Action(handler=show_anyway, newsroom=True, private_only=True),
}
