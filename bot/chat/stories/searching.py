"""Stories by words: ``/search``, and ``/alerts``, the words of which a chat is told at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.turn import questions
from bot.chat.turn.invitation import say_what_to_try
from bot.chat.turn.turns import Action, Alert, Rewrite, Say, SendStory, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import escape, link, one_line, without_summons
from bot.messages.keywords import search_keys
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.outlets import outlet_name
from bot.messages.story import told_at
from storage.model import HiddenWord
from storage.news.searching import title_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work

_PAGE: Final = 5
_DAYS: Final = 30
_MOST_PAGES: Final = 100
_MOST_ALERTS: Final = 20
_MOST_BYTES: Final = 40
"""Of the words in a button; whatever is beyond is not searched for, and the answer shows by which words it was."""


async def search(turn: Turn, work: Work) -> Sequence[Reply]:
    """Find stories by the words behind the command; without any, ask for them."""
    await questions.end(turn, work)
    words = _fitting(turn.argument)
    if not search_keys(words, turn.subscriber.lang):
        return [await questions.ask(turn, work, "search", turn.speech.say("Send the words to look for."))]
    return [Say(message=await _found_screen(turn, work, words, page=0))]


async def turn_page(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the list's page; the button names it and the words."""
    return [Rewrite(message=await _found_screen(turn, work, turn.argument, page=min(turn.subject_id, _MOST_PAGES)))]


async def open_found(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send one story of the list."""
    if not await work.searching.may_read(turn.subscriber.id, turn.subject_id):
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    return [SendStory(story_id=turn.subject_id, again=True, is_found=True)]


def _fitting(words: str) -> str:
    kept = ""
    for word in words.split():
        longer = f"{kept} {word}".strip()
        if len(longer.encode()) > _MOST_BYTES:
            break
        kept = longer
    return kept


async def _found_screen(turn: Turn, work: Work, words: str, *, page: int) -> OutgoingMessage:
    speech, chat = turn.speech, turn.subscriber
    keys = search_keys(words, chat.lang)
    since = turn.now - timedelta(days=_DAYS)
    total = await work.searching.count(chat.id, keys, since=since) if keys else 0
    alert = _button(speech.label("search.button", "Alert me"), "al", "add", 0, words)
    if not total:
        text = speech.say_n(
            "Nothing about “{words}” in {n} day.", "Nothing about “{words}” in {n} days.", _DAYS, words=words
        )
        return OutgoingMessage(f"{text} {say_what_to_try(speech, words)}", ((alert,),))
    page = min(page, (total - 1) // _PAGE)
    views = await work.searching.find(chat.id, keys, since=since, limit=_PAGE, offset=page * _PAGE)
    first = page * _PAGE + 1
    head = speech.say_n("{n} story about “{words}”", "{n} stories about “{words}”", total, words=words)
    shown_here = [f"{first}–{first + len(views) - 1}"] if total > _PAGE else []
    lines = [speech.joined([f"<b>{head}</b>", *shown_here]), ""]
    numbers = []
    for number, view in enumerate(views, first):
        article = view.articles[0] if view.articles else None
        title = without_summons(one_line(view.story.title)[:150])
        shown = link(article.url, title) if article is not None else escape(title)
        outlet = f" · {escape(outlet_name(article.site, article.url))}" if article is not None else ""
        day = speech.day(speech.local_date(told_at(view)), today=speech.local_date(turn.now))
        lines.append(speech.joined([f"{number}. {shown}{outlet}", day]))
        numbers.append(_button(str(number), "se", "show", view.story.id))
    turns = []
    if page:
        turns.append(_button(speech.label("page.button", "Back"), "se", "page", page - 1, words))
    if total > (page + 1) * _PAGE:
        turns.append(_button(speech.label("page.button", "Next"), "se", "page", page + 1, words))
    return OutgoingMessage("\n".join(lines), (tuple(numbers), (*turns, alert)))


async def list_alerts(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the words of which the chat is told at once, and wait for one more."""
    if turn.argument.strip():
        return await hear_alert(turn, work)
    return [Say(message=await _alert_screen(turn, work))]


async def hear_alert(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take the words that were sent."""
    trouble = await _add(turn, work, _fitting(turn.argument))
    if trouble:
        return [Say(message=OutgoingMessage(escape(trouble)))]
    await questions.end(turn, work)
    return [Say(message=await _alert_screen(turn, work))]


async def add_alert(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take the words that were searched for."""
    trouble = await _add(turn, work, turn.argument)
    if trouble:
        return [Alert(text=trouble)]
    toast = Toast(text=turn.speech.toast("Alert set. /alerts lists it."))
    undo = _button(turn.speech.label("subscription.button", "Undo"), "al", "drop", 0, _key(turn, turn.argument))
    text = turn.speech.say("Stories about “{words}” come at once.", words=turn.argument)
    return [toast, Say(message=OutgoingMessage(text, ((undo,),)))]


async def _add(turn: Turn, work: Work, words: str) -> str:
    """Keep an alert; say why not, where it cannot be."""
    key = _key(turn, words)
    if not key:
        return turn.speech.plain("Send one or two words, such as ferry.")
    if len(await work.searching.list_alerts(turn.subscriber.id)) >= _MOST_ALERTS:
        return turn.speech.plain("{n} of {n} alerts used. Remove one: /alerts.", n=_MOST_ALERTS)
    await work.searching.add_alert(turn.subscriber.id, HiddenWord(key=key, word=words))
    return ""


def _key(turn: Turn, words: str) -> str:
    return " ".join(sorted(search_keys(words, turn.subscriber.lang)))


async def drop_alert(turn: Turn, work: Work) -> Sequence[Reply]:
    """Tell of the words no more."""
    await work.searching.drop_alert(turn.subscriber.id, turn.argument)
    toast = Toast(text=turn.speech.toast("Alert removed."))
    return [toast, Rewrite(message=await _alert_screen(turn, work))]


async def _alert_screen(turn: Turn, work: Work) -> OutgoingMessage:
    speech, chat = turn.speech, turn.subscriber
    if turn.request.is_private:
        await questions.expect(turn, work, "alert")
        how = speech.say("Send a word, and stories with it in their titles come at once, day and night.")
    else:
        how = speech.say("Send /alerts and a word: stories with it in their titles come at once, day and night.")
    kept = await work.searching.list_alerts(chat.id)
    if not kept:
        return OutgoingMessage(f"{speech.say('No alerts yet.')} {how}")
    since = turn.now - timedelta(days=_DAYS)
    lines, buttons = [], []
    for alert in kept:
        count = await work.searching.count(chat.id, list(map(title_key, alert.key.split())), since=since)
        lines.append(
            speech.say_n(
                "{word}: {n} story in 30 days", "{word}: {n} stories in 30 days", count, word=one_line(alert.word)
            )
        )
        label = speech.label("alert.button", "Drop {name}", name=alert.word)
        buttons.append(_button(label, "al", "drop", 0, alert.key))
    rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return OutgoingMessage("\n".join([*lines, "", how]), rows)


def _button(label: str, area: str, verb: str, number: int, arg: str = "") -> Button:
    return Button(label, data=Callback(area, verb, number, arg).encode())


SEARCH: Final = Action(handler=search)
ALERTS: Final = Action(handler=list_alerts, manages=True)
SEARCH_TAPS: Final[Mapping[str, Action]] = {
    "se.page": Action(handler=turn_page),
    "se.show": Action(handler=open_found),
    "al.add": Action(handler=add_alert, manages=True),
    "al.drop": Action(handler=drop_alert, manages=True),
}
