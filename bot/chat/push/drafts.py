"""What an editor gives to be pushed: read, cut into sentences, and what has been chosen of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.chat.stories.summarizing import is_mostly_an_address
from bot.chat.turn.files import FileUnreadable
from bot.chat.turn.limits import LONGEST_TEXT_CHARS
from bot.chat.turn.requests import find_address
from bot.chat.turn.troubles import TextTooLong, host_of
from bot.delivery.contents import TOLD_AT
from bot.errors import BotError
from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button
from bot.messages.push import render_push
from bot.news.errors import NewsError, WorkerError
from bot.news.pages.prepare import PagePart

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.chat.turn.requests import SentFile
    from bot.chat.turn.turns import Turn
    from bot.messages.outgoing import Keyboard, OutgoingMessage
    from bot.messages.speech import Speech
    from bot.news.pages.prepare import Prepared
    from storage import Work
    from storage.model import Json, Push
    from summarizer import Sentence

_log = structlog.get_logger(__name__)

LENGTHS: Final = (200, 400, 800)
"""Characters of a push at each of its lengths; an editor's own text is whole where the last holds it."""
_LONGEST_TITLE_CHARS: Final = 200
_TEXT_KINDS: Final = frozenset({"", ".txt", ".text", ".md"})
_PAGE_KINDS: Final = frozenset({".html", ".htm", ".xhtml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A push as its editor has it.

    Attributes:
        sentences: All of the text, each with where it starts.
        chosen: Places in ``sentences`` of what is sent.
        levels: Places of what would be sent at each length, shortest first.
        dropped: Places of what the editor took out by hand: no length brings it back, and no reader gets it.
        text_chars: Length of the whole text.
        picture: Whether the small picture of its page is shown.
        sound: Whether it arrives with a sound.
    """

    url: str = ""
    title: str = ""
    source: str = ""
    lang: str = ""
    sentences: tuple[tuple[int, str], ...] = ()
    chosen: tuple[int, ...] = ()
    levels: tuple[tuple[int, ...], ...] = ()
    dropped: tuple[int, ...] = ()
    text_chars: int = 0
    picture: bool = False
    sound: bool = True

    def texts(self) -> list[str]:
        """Give what is sent, word for word."""
        return [self.sentences[place][1] for place in self.chosen]

    def left_out(self) -> list[str]:
        """Give what More shows beyond what is sent."""
        return [self.sentences[place][1] for place in self.further()]

    def further(self) -> list[int]:
        """List the places of what the greatest length has beyond what is sent; none where it was chosen by hand."""
        lengths = self._lengths()
        return [place for place in lengths[-1] if place not in self.chosen] if self.chosen in lengths else []

    def choose(self, place: int, *, wanted: bool) -> Draft:
        """Take a sentence in, or out, by hand."""
        chosen, dropped = (set(self.chosen) - {place}, set(self.dropped) - {place})
        (chosen if wanted else dropped).add(place)
        return replace(self, chosen=tuple(sorted(chosen)), dropped=tuple(sorted(dropped)))

    def step(self, by: int) -> Draft | None:
        """Give the next shorter or longer one; ``None`` where there is none."""
        lengths = self._lengths()
        sizes = [sum(len(self.sentences[place][1]) for place in length) for length in lengths]
        mine = sum(len(text) for text in self.texts())
        fitting = [place for place, size in enumerate(sizes) if (size < mine if by < 0 else size > mine)]
        if not fitting:
            return None
        return replace(self, chosen=lengths[fitting[-1 if by < 0 else 0]])

    def _lengths(self) -> list[tuple[int, ...]]:
        """List what would be sent at each length, shortest first, without what the editor took out."""
        kept = (tuple(place for place in level if place not in self.dropped) for level in self.levels)
        return sorted({each for each in kept if each}, key=lambda each: sum(len(self.sentences[i][1]) for i in each))

    def as_json(self) -> Json:
        """Give what is kept of it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def digest(self) -> str:
        """Give what two pushes of the same thing have in common: their address, or else their words."""
        words = self.url or "\n".join((self.title, *(text for _, text in self.sentences)))
        return hashlib.sha256(words.encode(errors="replace")).hexdigest()


def draft_of(push: Push) -> Draft:
    """Read what was kept of a draft."""
    kept: dict[str, Any] = dict(push.draft or {})
    kept["sentences"] = tuple((int(start), str(text)) for start, text in kept.get("sentences", ()))
    kept["chosen"] = tuple(kept.get("chosen", ()))
    kept["levels"] = tuple(tuple(level) for level in kept.get("levels", ()))
    kept["dropped"] = tuple(kept.get("dropped", ()))
    return Draft(**kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an editor's message brought.

    Attributes:
        draft: ``None`` where nothing was given, or it could not be read.
        prepared: What was read.
        url: Which address was tried.
        text: What was given, where reading it is worth another try.
        trouble: Why it could not be read.
    """

    draft: Draft | None = None
    prepared: Prepared | None = None
    url: str = ""
    text: str = ""
    trouble: BotError | None = None


async def find_draft(turn: Turn) -> Found:
    """Read what is to be pushed: an address, a text, a file, or the message that the command replies to."""
    given = turn.argument.strip() or turn.request.replied_text.strip()
    url = find_address(given)
    if url and not is_mostly_an_address(given, url):
        url = ""
    url = url or ("" if given else turn.request.replied_url)
    try:
        if turn.request.file is not None:
            return await _of_file(turn, turn.request.file)
        if len(given) > LONGEST_TEXT_CHARS:
            return Found(trouble=TextTooLong(len(given)))
        if url:
            return await _of_page(turn, url)
        return await _of_text(turn, given) if given else Found()
    except WorkerError as error:
        _log.warning("push not read", error=str(error), chars=len(given), is_file=turn.request.file is not None)
        return Found(url=url, text=given if turn.request.file is None else "", trouble=error)
    except (NewsError, BotError) as error:
        return Found(url=url, trouble=error)


async def _of_page(turn: Turn, url: str) -> Found:
    page = await turn.house.reader.read_article(url, max_chars=LENGTHS[1], also=LENGTHS, timeout_s=8.0)
    source = page.site or host_of(page.url or url)
    levels = [page.at_length[chars] for chars in LENGTHS]
    every = await turn.house.reader.split(page.text, lang=page.lang)
    return _found(page, levels, every, url=page.url or url, source=source)


async def _of_text(turn: Turn, text: str) -> Found:
    title, body = _split(text)
    reader = turn.house.reader
    read, every = await reader.prepare_own_text(body or title, title=title, lengths=LENGTHS)
    if not body:
        return _found(replace(read, title=title), (), ())
    levels = [read.at_length[chars] for chars in LENGTHS]
    if len(body) <= LENGTHS[-1]:
        levels.append(every)
    return _found(read, levels, every, title=title)


async def _of_file(turn: Turn, sent: SentFile) -> Found:
    kind = PurePosixPath(sent.name.lower()).suffix
    content = await turn.house.files.fetch(sent)
    if kind in _PAGE_KINDS or sent.mime_type == "text/html":
        page = await turn.house.reader.prepare(
            PagePart(html=content, url="", charset=None), max_chars=LENGTHS[1], also=LENGTHS
        )
        every = await turn.house.reader.split(page.text, lang=page.lang)
        return _found(page, [page.at_length[chars] for chars in LENGTHS], every, source=page.site)
    if kind not in _TEXT_KINDS and not sent.mime_type.startswith("text/"):
        raise FileUnreadable("no text")
    try:
        text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise FileUnreadable("no text") from error
    if len(text) > LONGEST_TEXT_CHARS:
        raise TextTooLong(len(text))
    return await _of_text(turn, text) if text else Found()


def _found(
    prepared: Prepared,
    levels: Sequence[Sequence[Sentence]],
    whole: Sequence[Sentence],
    *,
    title: str | None = None,
    url: str = "",
    source: str = "",
) -> Found:
    every = {each.start: each.text for each in whole}
    for level in levels:
        every |= {each.start: each.text for each in level}
    order = sorted(every)
    places = {start: place for place, start in enumerate(order)}
    cut = [tuple(places[each.start] for each in level) for level in levels if level]
    sizes = {level: sum(len(every[order[place]]) for place in level) for level in cut}
    distinct = tuple(sorted(sizes, key=lambda level: sizes[level]))
    # Of an article as much as readers usually get; of an editor's own text all that fits.
    chosen = cut[1] if url and len(cut) > 1 else max(distinct, default=(), key=lambda level: sizes[level])
    draft = Draft(
        url=url,
        title=prepared.title if title is None else title,
        source=source,
        lang=prepared.lang,
        sentences=tuple((start, every[start]) for start in order),
        chosen=chosen,
        levels=distinct,
        text_chars=len(prepared.text),
    )
    return Found(draft=draft, prepared=prepared, url=url)


def _split(text: str) -> tuple[str, str]:
    """Take the first line as the title, where it can be one."""
    head, _, rest = text.partition("\n")
    if len(head) <= _LONGEST_TITLE_CHARS:
        return head.strip(), rest.strip()
    return "", text


def message_of(
    turn: Turn, draft: Draft, push_id: int, *, at: datetime | None, is_long: bool = False
) -> OutgoingMessage:
    """Write the message exactly as readers get it.

    Args:
        turn: Whose language and clock it has.
        draft: The push.
        push_id: Its number.
        at: The time that it tells; ``None`` where each reader's clock tells it as the message leaves.
        is_long: Whether all that there is of it stands in it.
    """
    return render_push(
        title=draft.title,
        sentences=draft.texts(),
        more=draft.left_out() if is_long else (),
        url=draft.url or None,
        source=draft.source,
        lang=turn.subscriber.lang,
        clock="" if at is None else turn.speech.clock(at),
        silent=not draft.sound,
        picture=draft.picture,
        keyboard=reader_keyboard(turn.speech, draft, push_id, is_long=is_long),
    )


def reader_keyboard(
    words: Speech, draft: Draft, push_id: int, *, is_long: bool = False, is_saved: bool = False
) -> Keyboard:
    """Lay out what stands under a push: more of it, keep it."""
    row = []
    if draft.left_out():
        label = words.label("story.button", "Shorter") if is_long else words.label("story.button", "More")
        row.append(Button(label, data=Callback("pn", "more", push_id, "0" if is_long else "1").encode()))
    label = words.label("story.button", "Saved") if is_saved else words.label("story.button", "Save")
    row.append(Button(label, data=Callback("pn", "save", push_id, "0" if is_saved else "1").encode()))
    return (tuple(row),)


async def keep(turn: Turn, work: Work, found: Found, draft: Draft, *, push: Push | None = None) -> Push:
    """Keep a draft with its article: a new push, or another text of one that is there."""
    prepared = found.prepared
    assert prepared is not None  # noqa: S101 -- whoever has a draft has read it
    article = await work.articles.add_push(
        url=draft.url,
        title=draft.title,
        text=prepared.text,
        lang=prepared.lang,
        site=draft.source,
        author=prepared.author,
        editor_id=turn.request.user_id,
        now=turn.now,
    )
    if push is None:
        push = await work.pushes.create(
            editor_id=turn.request.user_id,
            subscriber_id=turn.subscriber.id,
            article_id=article.id,
            content=message_of(turn, draft, 0, at=None).parameters(),
            now=turn.now,
        )
    return await store(turn, work, push, draft, article_id=article.id)


async def store(turn: Turn, work: Work, push: Push, draft: Draft, *, article_id: int | None = None) -> Push:
    """Keep what the editor has chosen, and the message that it makes."""
    # Every change shows the time at which it was begun: what is sent is what was previewed, to the minute.
    content = {**message_of(turn, draft, push.id, at=None).parameters(), TOLD_AT: int(push.created_at.timestamp())}
    kept = await work.pushes.revise(
        push.id, content=content, draft=draft.as_json(), text_digest=draft.digest(), article_id=article_id
    )
    return kept if kept is not None else push
