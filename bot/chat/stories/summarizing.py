"""A summary of anything: of a link, of a pasted text, of the message that is replied to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.chat.turn import questions
from bot.chat.turn.limits import LONGEST_TEXT_CHARS
from bot.chat.turn.requests import find_address
from bot.chat.turn.retries import after_trouble, find_remembered, in_place, remember
from bot.chat.turn.troubles import TextTooLong, host_of, say_no_article, say_trouble
from bot.chat.turn.turns import Action, Say, Toast
from bot.messages.html import is_web_address, one_line
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.story import render_excerpt
from bot.news.errors import NewsError
from bot.news.pages.obstacles import Obstacle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.errors import BotError
    from bot.news.pages.prepare import Prepared
    from storage import Work

_WORTH_WORDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What a person asked to have summarised.

    Attributes:
        url: The address, where it was one.
        prepared: The text and its sentences.
        trouble: Why it could not be read.
    """

    url: str = ""
    prepared: Prepared | None = None
    trouble: BotError | None = None


def is_mostly_an_address(text: str, url: str) -> bool:
    """Tell a pasted link, maybe with a few words around it, from a text that happens to hold one."""
    return len(text) <= max(2 * len(url), len(url) + 80)


def is_worth_summarising(text: str) -> bool:
    """Tell a pasted article from chatter: sixty words and some punctuation."""
    return len(text.split()) >= _WORTH_WORDS and sum(text.count(mark) for mark in ".!?。؟") >= 3


async def excerpt(turn: Turn) -> Excerpt:
    """Read the page or text that the command names, or the message that it replies to."""
    url, text = _wanted(turn)
    if len(text) > LONGEST_TEXT_CHARS:
        return Excerpt(trouble=TextTooLong(len(text)))
    reader, max_chars = turn.house.reader, turn.subscriber.summary_chars
    try:
        if url:
            return Excerpt(url=url, prepared=await reader.read_article(url, max_chars=max_chars, timeout_s=8.0))
        return Excerpt(prepared=await reader.prepare_text(text, max_chars=max_chars) if text else None)
    except NewsError as error:
        return Excerpt(url=url, trouble=error)


def _wanted(turn: Turn) -> tuple[str, str]:
    """Tell whether an address or a text is to be read, and which."""
    argument = turn.argument.strip()
    url = find_address(argument)
    if url and is_mostly_an_address(argument, url):
        return url, ""
    if argument:
        return "", argument
    if turn.request.replied_url:
        return turn.request.replied_url, ""
    return "", turn.request.replied_text


async def summarize_(turn: Turn, work: Work) -> Sequence[Reply]:
    """Answer with the summary."""
    found: Excerpt = turn.found
    speech = turn.speech
    await questions.end(turn, work)
    if found.trouble is not None:
        keyboard = after_trouble(turn, found.trouble, url=found.url, verb="sum")
        if keyboard:
            await remember(turn, work, found.url)
        return [Say(message=OutgoingMessage(say_trouble(speech, found.trouble, url=found.url), keyboard))]
    if found.prepared is None:
        return [
            await questions.ask(turn, work, "summarize", speech.say("Send a link or a text, and I send a summary."))
        ]
    if not _says_something(found.prepared):
        if found.url:
            text = say_no_article(speech, found.prepared.obstacle, url=found.url)
        else:
            text = speech.say("I find no sentence there to quote. Send a longer text.")
        return [Say(message=OutgoingMessage(text))]
    message = summary_message(turn, found.prepared, url=found.url)
    if not found.url and _is_whole(found.prepared):
        message = replace(message, text=f"{message.text}\n\n{speech.say('That is all of it: it is short already.')}")
    return [Say(message=message)]


async def excerpt_of_remembered(turn: Turn) -> Excerpt:
    """Read the page that the button is about."""
    async with turn.house.storage.read() as work:
        url = await find_remembered(turn, work)
    return await excerpt(replace(turn, argument=url)) if url else Excerpt()


async def summarize_in_place(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the message that said what was wrong into the summary."""
    found: Excerpt = turn.found
    if found.prepared is None and found.trouble is None:
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    return in_place(await summarize_(turn, work))


def _is_whole(prepared: Prepared) -> bool:
    """Tell whether a summary left nothing out of a text."""
    told = "".join(sentence.text for sentence in prepared.sentences)
    return "".join(told.split()) == "".join(prepared.text.split())


def _says_something(prepared: Prepared) -> bool:
    """Tell sentences with a word in them from none, or from mere dots and dashes."""
    return any(character.isalnum() for sentence in prepared.sentences for character in sentence.text)


def summary_message(turn: Turn, prepared: Prepared, *, url: str) -> OutgoingMessage:
    """Show a summary as an article's message is shown; where only its opening could be read, say so."""
    message = render_excerpt(
        title=prepared.title,
        sentences=[sentence.text for sentence in prepared.sentences],
        url=prepared.url or url or None,
        source=prepared.site or (host_of(url) if url else ""),
        article_lang=prepared.lang,
        published_at=prepared.published_at,
        lang=turn.subscriber.lang,
        tz=turn.subscriber.tz,
        now=turn.now,
    )
    address = prepared.url or url
    if prepared.obstacle is not Obstacle.PAYWALL or not is_web_address(address):
        return message
    outlet = prepared.site or host_of(address)
    note = turn.speech.say("{outlet} shows only its opening, used here.", outlet=one_line(outlet)[:40])
    button = Button(turn.speech.label("address.button", "Open article"), url=address)
    return replace(message, text=f"{message.text}\n\n{note}", keyboard=((button,),))


def say_reading(turn: Turn) -> str:
    """Say what is being read."""
    url, text = _wanted(turn)
    if url:
        return turn.speech.say("Reading {host}…", host=host_of(url))
    return turn.speech.say("Reading…") if len(text) > 20_000 else ""


SUMMARIZE: Final = Action(handler=summarize_, research=excerpt, progress=say_reading, fetches=True)
SUMMARIZE_AGAIN: Final = Action(handler=summarize_in_place, research=excerpt_of_remembered, fetches=True)
SUMMARIZE_PASTED: Final = SUMMARIZE
