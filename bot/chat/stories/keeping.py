"""What a chat has kept and hidden: ``/saved``, ``/filters``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.turn import questions
from bot.chat.turn.requests import Deed
from bot.chat.turn.turns import Action, Rewrite, Say, SendStory, Toast
from bot.messages.callbacks import Callback
from bot.messages.html import escape, link, one_line, without_summons
from bot.messages.keywords import hidden_word
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.outlets import outlet_name
from bot.messages.story import told_at
from storage.news.searching import title_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from storage import Work

_PAGE: Final = 5
_MOST_PAGES: Final = 1000
_MOST_WORDS: Final = 30
_LONGEST_WORD_CHARS: Final = 40
_COMMAS: Final = re.compile(r"[,،、;\n]")
_DAYS: Final = 30


async def list_saved(turn: Turn, work: Work) -> Sequence[Reply]:
    """List what the chat keeps."""
    return [Say(message=await _saved_screen(turn, work, page=0))]


async def turn_saved(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the list's page; the button names it."""
    return [Rewrite(message=await _saved_screen(turn, work, page=min(turn.subject_id, _MOST_PAGES)))]


async def open_saved(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send one story of the list."""
    if not await work.choices.is_saved(turn.subscriber.id, turn.subject_id):
        return [Rewrite(message=await _saved_screen(turn, work, page=0))]
    return [SendStory(story_id=turn.subject_id, again=True)]


async def _saved_screen(turn: Turn, work: Work, *, page: int) -> OutgoingMessage:
    speech = turn.speech
    views = await work.choices.list_saved(turn.subscriber.id, limit=_PAGE + 1, offset=page * _PAGE)
    if not views and page:  # the last story of the page was let go, or there never was such a page
        return await _saved_screen(turn, work, page=0)
    if not views:
        latest = Button(speech.label("menu.button", "Latest"), data=Callback("rd", "latest", 0).encode())
        return OutgoingMessage(speech.say("Nothing saved yet. Save stands under each story."), ((latest,),))
    lines = [f"<b>{speech.say('Saved stories')}</b>", ""]
    numbers = []
    for number, view in enumerate(views[:_PAGE], page * _PAGE + 1):
        first = view.articles[0] if view.articles else None
        title = without_summons(one_line(view.story.title)[:150])
        shown = link(first.url, title) if first is not None else escape(title)
        outlet = f" · {escape(outlet_name(first.site, first.url))}" if first is not None else ""
        day = speech.day(speech.local_date(told_at(view)), today=speech.local_date(turn.now))
        lines.append(f"{number}. {shown}{outlet}, {day}")
        numbers.append(Button(str(number), data=Callback("sv", "show", view.story.id).encode()))
    turns = []
    if page:
        turns.append(Button(speech.label("page.button", "Back"), data=Callback("sv", "list", page - 1).encode()))
    if len(views) > _PAGE:
        turns.append(Button(speech.label("page.button", "Next"), data=Callback("sv", "list", page + 1).encode()))
    return OutgoingMessage("\n".join(lines), (tuple(numbers), *((tuple(turns),) if turns else ())))


async def list_filters(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the words that the chat hides, and wait for one more; a word behind the command is hidden at once."""
    if turn.argument.strip():
        return await hear_word(turn, work)
    return [Say(message=await _filter_screen(turn, work))]


async def show_filters(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the message into the list of hidden words."""
    return [Rewrite(message=await _filter_screen(turn, work))]


async def hear_word(turn: Turn, work: Work) -> Sequence[Reply]:
    """Hide the word that was sent."""
    named = [part for part in _COMMAS.split(turn.argument) if part.strip()]
    words = [hidden_word(part) for part in named if len(part) <= _LONGEST_WORD_CHARS]
    wanted = [word for word in words if word is not None]
    if not wanted or len(wanted) < len(named):
        return [Say(message=OutgoingMessage(turn.speech.say("Send one word, such as football.")))]
    if len(await work.choices.list_hidden_words(turn.subscriber.id)) + len(wanted) > _MOST_WORDS:
        return [Say(message=OutgoingMessage(turn.speech.say("{n} words are hidden. Remove one first.", n=_MOST_WORDS)))]
    await questions.end(turn, work)
    for word in wanted:
        await work.choices.hide_word(turn.subscriber.id, word)
    return [Say(message=await _filter_screen(turn, work))]


async def remove_word(turn: Turn, work: Work) -> Sequence[Reply]:
    """Hide a word no longer."""
    await work.choices.show_word(turn.subscriber.id, turn.argument)
    return [Toast(text=turn.speech.toast("No longer hidden.")), Rewrite(message=await _filter_screen(turn, work))]


async def _filter_screen(turn: Turn, work: Work) -> OutgoingMessage:
    speech = turn.speech
    if turn.request.is_private:
        await questions.expect(turn, work, "word")
        how = speech.say("Send a word to hide stories with it in their titles.")
    else:
        how = speech.say("Send /filters and a word to hide stories with it in their titles.")
    back: Keyboard = ()
    if turn.request.deed is Deed.TAP and turn.subject_id:
        data = Callback("fw", "back", turn.subject_id).encode()
        back = ((Button(speech.label("page.button", "Back"), data=data),),)
    hidden = await work.choices.list_hidden_words(turn.subscriber.id)
    if not hidden:
        return OutgoingMessage(f"{speech.say('No word is hidden.')} {how}", back)
    buttons = [
        Button(
            speech.label("filter.button", "Show {name}", name=word.word),
            data=Callback("fw", "show", turn.subject_id if back else 0, word.key).encode(),
        )
        for word in hidden
    ]
    rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    since = turn.now - timedelta(days=_DAYS)
    lines = [speech.say("Hidden: {words}.", words=speech.listing([word.word for word in hidden]))]
    for word in hidden:
        count = await work.searching.count(turn.subscriber.id, [title_key(word.key)], since=since)
        shown = one_line(word.word)
        lines.append(speech.say_n("{word}: {n} story in 30 days", "{word}: {n} stories in 30 days", count, word=shown))
    return OutgoingMessage("\n".join([*lines, "", how]), (*rows, *back))


SAVED: Final = Action(handler=list_saved, private_only=True)
FILTERS: Final = Action(handler=list_filters, manages=True)
KEEPING_TAPS: Final[Mapping[str, Action]] = {
    "sv.list": Action(handler=turn_saved, private_only=True),
    "sv.show": Action(handler=open_saved, private_only=True),
    "fw.list": Action(handler=show_filters, manages=True),
    "fw.show": Action(handler=remove_word, manages=True),
}
